"""Who is not shown numbers changes what customers have and said, and what he is not shown stays."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import a_contact
from integration.screenpop.house import House, Person
from integration.screenpop.test_http_equipment import ASSETS, CONTRACTS, KEY, PRODUCTS, REPAIRS
from integration.screenpop.test_http_interactions import INTERACTIONS
from integration.screenpop.test_http_masked_deeds import MASKED, changed, rule
from unit.screenpop.fakes import START

from crm_core.services import contacts

NOTE = "Ring +34611234678"


@pytest.fixture
async def admin(house: House) -> Person:
    await house.db.run(contacts.create, contact=a_contact(KEY, "Zoraida"), region="ES", by=None, now=START)
    return house.system("administrator")


async def piece(admin: Person) -> dict[str, Any]:
    product = (await admin.post(PRODUCTS, {"name_es": "Cámara", "name_en": "Chamber"})).body["id"]
    asked = {"product_id": product, "contact_id": KEY, "serial": "S-1", "note": NOTE}
    found: dict[str, Any] = (await admin.post(ASSETS, asked)).body
    return found


async def repair(admin: Person) -> dict[str, Any]:
    asked = {"asset_id": (await piece(admin))["id"], "fault": NOTE, "note": NOTE}
    found: dict[str, Any] = (await admin.post(REPAIRS, asked)).body
    return found


async def contract(admin: Person) -> dict[str, Any]:
    asked = {"name": "Gold", "kind": "support", "contact_id": KEY, "begins_on": "2026-01-01", "covers": NOTE}
    found: dict[str, Any] = (await admin.post(CONTRACTS, asked)).body
    return found


async def interaction(admin: Person) -> dict[str, Any]:
    asked = {"channel": "note", "contact_id": KEY, "subject": NOTE, "body": NOTE}
    found: dict[str, Any] = (await admin.post(INTERACTIONS, asked)).body
    return found


@pytest.mark.parametrize(
    ("stock", "path", "texts", "besides"),
    [
        (piece, "/assets", ("note",), {"site": "Dock 3"}),
        (repair, "/repairs", ("fault", "note"), {"state": "diagnosed"}),
        (contract, "/contracts", ("covers",), {"name": "Silver"}),
        (interaction, "/interactions", ("subject", "body"), {"at": "2026-01-01T09:00:00Z"}),
    ],
    ids=["a piece", "a repair", "a contract", "an interaction"],
)
async def test_what_he_is_not_shown_stays(
    house: House, admin: Person, stock: Any, path: str, texts: tuple[str, ...], besides: dict[str, str]
) -> None:
    made = await stock(admin)
    await rule(admin, **MASKED)
    ana, path = await house.person("ana"), f"{path}/{made['id']}"
    seen = (await ana.get(f"/api/v1{path}")).body
    shown = seen.get("asset", seen)
    echoed = {name: shown[name] for name in texts}
    assert all("•" in text for text in echoed.values())
    assert (await changed(ana, path, 1, **echoed, **besides)).status == 200
    kept = (await admin.get(f"/api/v1{path}")).body
    kept = kept.get("asset", kept)
    assert {name: kept[name] for name in (*texts, *besides)} == dict.fromkeys(texts, NOTE) | besides
