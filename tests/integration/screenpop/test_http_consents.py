"""Consents by REST: noted once, all faults at once, shown with what was said before."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import a_contact
from integration.screenpop.house import House
from unit.screenpop.fakes import START

from crm_core.services import contacts

V1 = "/api/v1"
KEY = "00000000-0000-7000-8000-0000000000a1"
PATH = f"{V1}/contacts/{KEY}/consents"
GIVEN = {"purpose": "marketing", "channel": "call", "status": "given", "source": "web form"}


@pytest.fixture
async def home(house: House) -> House:
    who = a_contact(KEY, "Zoraida", "Quintanilla", numbers=["957212345"])
    await house.db.run(contacts.create, contact=who, region="ES", by=None, now=START)
    return house


async def test_what_was_said_is_noted_and_shown(home: House) -> None:
    ana = await home.person("ana")
    assert (await ana.get(PATH)).body == {"standing": [], "said": []}
    before = {"at": "2026-01-01T00:00:00Z", "proof": "form 7", "expires_at": "2030-01-01T00:00:00Z"}
    noted = await ana.post(PATH, GIVEN | before)
    assert (noted.status, noted.body["noted_by"], noted.body["basis"]) == (201, "u-ana", "consent")
    later = await ana.post(PATH, GIVEN | {"status": "withdrawn"})
    shown = (await ana.get(PATH)).body
    assert shown["said"] == [later.body, noted.body]
    assert [(one["purpose"], one["channel"], one["standing"]) for one in shown["standing"]] == [
        ("marketing", "call", "withdrawn")
    ]


async def test_asked_twice_it_is_noted_once(home: House) -> None:
    ana = await home.person("ana")
    for _ in range(2):
        assert (await ana.post(PATH, GIVEN, headers={"Idempotency-Key": "k"})).status == 201
    assert len((await ana.get(PATH)).body["said"]) == 1


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        (
            {"purpose": "fun", "source": "", "basis": "x"},
            {("purpose", "literal_error"), ("source", "string_too_short"), ("basis", "literal_error")},
        ),
        ({"status": "refused", "expires_at": "2030-01-01T00:00:00Z"}, {("expires_at", "never_given")}),
        (
            {"at": "2026-01-01T00:00:00Z", "expires_at": "2025-01-01T00:00:00Z"},
            {("expires_at", "too_early")},
        ),
        ({"at": "2999-01-01T00:00:00Z"}, {("at", "invalid")}),
        ({"at": "2026-01-01T00:00:00"}, {("at", "timezone_aware")}),
        ({"more": 1}, {("more", "extra_forbidden")}),
    ],
)
async def test_all_faults_are_told(home: House, wrong: dict[str, Any], faults: set[tuple[str, str]]) -> None:
    answer = await (await home.person("ana")).post(PATH, GIVEN | wrong)
    assert (answer.status, answer.faults) == (422, faults)


async def test_nobody_is_nobody(home: House) -> None:
    ana = await home.person("ana")
    for answer in (
        await ana.get(PATH.replace("a1/", "a2/")),
        await ana.post(PATH.replace("a1/", "a2/"), GIVEN),
    ):
        assert answer.status == 404
