"""All that is kept of people and companies goes out to a file, and comes in to an empty site as the same."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict, replace
from typer.testing import CliRunner

from centralita.cli import app
from centralita.store import open_database
from crm_core.db.database import Database
from crm_core.domain.accounts import WholeAccount
from crm_core.domain.contact_columns import COLUMNS
from crm_core.domain.contacts import (
    CallHours,
    Contact,
    ContactLimit,
    Email,
    Phone,
    PostalAddress,
)
from crm_core.domain.custom_fields import FieldDef
from crm_core.services import contacts, fields

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
OWN = (
    FieldDef(
        id="1",
        entity="contact",
        key="size",
        type="choice",
        label_es="Talla",
        label_en="Size",
        options=("S", "M"),
    ),
    FieldDef(id="2", entity="contact", key="debt", type="number", label_es="Deuda", label_en="Debt"),
    FieldDef(id="3", entity="contact", key="since", type="date", label_es="Desde", label_en="Since"),
    FieldDef(id="4", entity="contact", key="paper", type="boolean", label_es="Papel", label_en="Paper"),
    # called as a column of ours is: it goes out by its key
    FieldDef(
        id="5",
        entity="contact",
        key="boat",
        type="text",
        label_es="Origen",
        label_en="Source",
        is_required=True,
    ),
)
ZORAIDA = Contact(
    id="z",
    prefix="Dª",
    given="Zoraida",
    additional="María",
    family="Quintanilla",
    second_family="Ruiz",
    suffix="PhD",
    company="Ñu, S.L.",
    title="Jefa",
    role="decide",
    language="es-ES",
    time_zone="Europe/Madrid",
    birthday=date(1980, 2, 3),
    vip=True,
    lifecycle="prospect",
    preferred_channel="email",
    call_hours=(
        CallHours(days=("mon", "tue"), begin="09:00", end="14:00"),
        CallHours(days=("sat",), begin="10:30", end="12:00"),
    ),
    contact_limit=ContactLimit(times=2, days=7),
    subjects=("barcos", "velas"),
    source="feria",
    note="=uno\ndos",
    addresses=(
        PostalAddress(
            label="home",
            street="Mayor; 1",
            postal_code="14001",
            city="Córdoba",
            province="Córdoba",
            country="ES",
        ),
        PostalAddress(label="billing", street="Rúa \\ 2; b", city="Lugo", country="PT"),
        PostalAddress(label="other", postal_code="1"),
    ),
    tags=("VIP", "Año nuevo"),
    fields={"size": "M", "debt": 12.5, "since": "2020-01-31", "paper": False, "boat": "+velero"},
    phones=(
        Phone(id="1", raw="957212000", e164="+34957212000", ext="12", do_not_call=True),
        Phone(id="2", raw="600123456", e164="+34600123456", label="mobile", is_primary=True),
        Phone(id="3", raw="957212001", e164="+34957212001", label="fax", is_valid=False),
        Phone(id="4", raw="957212002", e164="+34957212002", label="home"),
        Phone(id="5", raw="957212003", e164="+34957212003", label="other"),
    ),
    emails=(
        Email(id="1", address="z@example.org", is_valid=False),
        Email(id="2", address="zora@example.org", label="home", is_primary=True),
        Email(id="3", address="q@example.org", label="other", do_not_write=True),
    ),
    created_at=NOW,
    updated_at=NOW,
)
NOT_IN_TABLES = {"id", "account_id", "created_at", "updated_at", "version"}
"""What a site gives a record itself."""


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def site(monkeypatch: pytest.MonkeyPatch, name: str) -> str:
    """Work with the database *name* from now on."""
    url = f"sqlite:///{Path(name).absolute()}.sqlite3"
    monkeypatch.setenv("CENTRALITA_DATABASE__URL", url)
    return url


def in_site(url: str, work: Any) -> Any:
    async def done() -> Any:
        db = await open_database(url)
        try:
            return await work(db)
        finally:
            await db.close()

    return asyncio.run(done())


async def define(db: Database) -> None:
    for one in OWN:
        await db.run(fields.define, field=one, by=None, now=NOW)


async def keep_zoraida(db: Database) -> None:
    await define(db)
    await db.run(contacts.create, contact=ZORAIDA, region="ES", by=None, now=NOW)


async def people(db: Database) -> list[Contact]:
    found: list[Contact] = await db.read(contacts.find, q="", limit=9, region="ES")
    return found


def typed(*words: str) -> list[str]:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def told(one: Contact) -> dict[str, Any]:
    """Return all of a person that no site gives itself: of numbers how they are read, not how written."""
    whole = {name: value for name, value in asdict(one).items() if name not in NOT_IN_TABLES}
    phones = {replace(phone, id="", raw="") for phone in one.phones} if one.phones else set()
    return whole | {"phones": phones, "emails": {replace(email, id="") for email in one.emails}}


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_all_of_a_person_goes_out_and_comes_in(
    name: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    in_site(site(monkeypatch, "first"), keep_zoraida)
    typed("contacts", "export", name)
    assert json.loads(typed("contacts", "import", name, "--json")[-1])["known"] == 1
    url = site(monkeypatch, "second")
    in_site(url, define)
    assert json.loads(typed("contacts", "import", name, "--json")[-1])["added"] == 1
    (again,) = in_site(url, people)
    assert told(again) == told(ZORAIDA)


def test_nothing_of_a_person_is_forgotten() -> None:
    """A field that a person has is in the round trip, so it cannot be left out of the tables unseen."""
    empty = Contact(id="", created_at=NOW, updated_at=NOW)
    same = {name for name in Contact.__struct_fields__ if getattr(ZORAIDA, name) == getattr(empty, name)}
    assert same <= NOT_IN_TABLES
    assert _differing(Phone(id="", raw=""), ZORAIDA.phones) == {*Phone.__struct_fields__}
    assert _differing(Email(id="", address=""), ZORAIDA.emails) == {*Email.__struct_fields__}
    assert _differing(PostalAddress(), ZORAIDA.addresses) == {*PostalAddress.__struct_fields__}


def _differing(empty: Any, given: Sequence[Any]) -> set[str]:
    return {
        name for one in given for name in one.__struct_fields__ if getattr(one, name) != getattr(empty, name)
    }


NOT_IN_CARDS = {
    *("vip", "lifecycle", "preferred_channel", "call_hours", "contact_limit", "subjects", "source", "fields")
}
"""What no property of a vCard holds."""


def on_card(one: Contact) -> dict[str, Any]:
    """Return what a card holds of a person; of what has no kind in vCard the kind is lost, and marks are."""
    kept = {name: value for name, value in told(one).items() if name not in NOT_IN_CARDS}
    phones = {_unmarked(phone) for phone in kept["phones"]}
    emails = {_unmarked(email) for email in kept["emails"]}
    return kept | {"phones": phones, "emails": emails}


def _unmarked(way: Any) -> Any:
    mark = "do_not_call" if isinstance(way, Phone) else "do_not_write"
    return replace(way, is_valid=True, label="work" if way.label == "other" else way.label, **{mark: False})


def test_what_a_card_holds_goes_out_and_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    url = site(monkeypatch, "first")
    in_site(url, keep_zoraida)
    typed("contacts", "export", "out.vcf")
    card = Path("out.vcf").read_text("utf-8")
    assert "UID:urn:uuid:z" in card.splitlines()
    assert json.loads(typed("contacts", "import", "out.vcf", "--json")[-1])["known"] == 1

    # he is known by his own card, though it has another name and another number by now
    Path("changed.vcf").write_text(
        "BEGIN:VCARD\nVERSION:3.0\nUID:urn:uuid:z\nFN:Zora Q.\nTEL:666777888\nPHOTO:AA\nEND:VCARD\n"
    )
    assert json.loads(typed("contacts", "import", "changed.vcf", "--json")[-1])["completed"] == 1
    (zora,) = in_site(url, people)
    assert (zora.name, len(zora.phones)) == (ZORAIDA.name, 6)

    second = site(monkeypatch, "second")
    assert json.loads(typed("contacts", "import", "out.vcf", "--json")[-1])["added"] == 1
    (again,) = in_site(second, people)
    assert on_card(again) == on_card(ZORAIDA)


def test_the_documentation_tells_of_every_field() -> None:
    text = Path(__file__).parents[3].joinpath("docs", "importing.md").read_text("utf-8")
    people, companies = text.split("| of a person |")[1].split("| of a company |")
    named = (set(re.findall(r"`([a-z_]+)`", line)) for line in people.splitlines())
    ways = {"is_primary", "is_valid", "do_not_call", "do_not_write"}
    assert {*Contact.__struct_fields__, *ways} <= set().union(*named)
    assert set(WholeAccount.__struct_fields__) <= set(re.findall(r"`([a-z_]+)`", companies))
    assert set(COLUMNS) - {"uid"} <= set(re.findall(r"`([a-z_]+)`", people))
