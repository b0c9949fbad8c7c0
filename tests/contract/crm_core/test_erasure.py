"""A person is erased: figures stay as they were, the file holds nothing of him, no list brings him back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from contract.crm_core.kit import NOW, REGION, House, a_call, a_contact, at
from contract.crm_core.planted import NUMBER, RAW, SECRETS, found_in, house_with_zoraida
from sqlalchemy import ForeignKeyConstraint

from crm_core.db import remnants
from crm_core.db.privacy import HIS, LEFT
from crm_core.db.schema import metadata
from crm_core.domain.calls import Work
from crm_core.domain.erasure import Erasure, LegalHoldError
from crm_core.domain.errors import CrmError, NotFoundError
from crm_core.domain.events import ContactErased
from crm_core.domain.list_rows import read_list
from crm_core.domain.sla import Target
from crm_core.services import audit, calls, campaigns, contacts, erasure, preview, reports

WHO = {"by": "u-eva", "address": "192.0.2.1"}


async def erase(house: House, contact_id: str = "zq", *, limit: int = 2) -> None:
    await house.db.run(erasure.ask, contact_id=contact_id, grace=timedelta(), now=at(60), **WHO)
    who = await house.db.read(erasure.person, contact_id=contact_id)
    for clean in (erasure.clean_events, erasure.clean_traces):
        place: Any = 0
        while place is not None:
            place = await house.db.run(clean, who=who, after=place, limit=limit)
    before: Any = None
    while before := await house.db.run(erasure.clean_calls, who=who, before=before, limit=limit):
        pass
    await house.db.run(erasure.finish, who=who, now=at(61))


async def figures(house: House) -> Any:
    return await house.db.read(reports.tallies, since=[at(-3600)], target=Target())


async def test_nothing_of_her_is_in_the_files(sqlite: House, tmp_path: Path) -> None:
    await house_with_zoraida(sqlite)
    planted = {secret for _, secret in found_in(tmp_path)}
    assert planted == set(SECRETS)

    await erase(sqlite)
    assert remnants.clear(f"sqlite:///{tmp_path / 'records.sqlite3'}")
    assert found_in(tmp_path) == []


async def test_figures_are_as_they_were(house: House) -> None:
    hers = await house_with_zoraida(house)
    before = await figures(house)
    was = await house.call(hers.id)

    await erase(house)
    assert await figures(house) == before
    now = await house.call(hers.id)
    assert now.work == [Work(agent="101", disposition="sold", saved_at=at(30))]
    assert (now.contact_id, now.customer, now.ani, now.talk_s) == ("zq", None, None, was.talk_s)
    assert await house.db.read(calls.history, agent="101", limit=9) != []


async def test_others_stay(house: House) -> None:
    await house_with_zoraida(house)
    await erase(house)
    ana = await house.db.read(contacts.get, contact_id="ana")
    assert ana.phones[0].e164 == "+34957212000"
    (called,) = await house.db.read(calls.history, contact_id="ana", limit=9)
    assert (called.customer, called.ani_name) == ("+34957212000", "ANA")
    with pytest.raises(NotFoundError):
        await house.db.read(contacts.get, contact_id="zq")


async def test_it_is_told_and_audited(house: House) -> None:
    await house_with_zoraida(house)
    await erase(house)
    assert [one for one in house.heard if isinstance(one, ContactErased)] == [
        ContactErased(at=at(61), by="u-eva", contact_id="zq")
    ]
    deeds = await house.db.read(audit.last, limit=2)
    assert [(one.what, one.kind, one.record_id) for one in deeds] == [
        ("erased", "contact", "zq"),
        ("erasure asked for", "contact", "zq"),
    ]
    with pytest.raises(erasure.AlreadyErasedError):
        await house.db.run(erasure.ask, contact_id="zq", grace=timedelta(), now=at(70), **WHO)


async def test_no_list_and_no_campaign_brings_her_back(house: House) -> None:
    await house_with_zoraida(house)
    await erase(house)
    (autumn,) = await house.db.read(campaigns.listed)
    again = read_list(b"name;phone\nZoraida;957212345\nEva;957212002\n", region=REGION)
    loaded = await house.db.run(
        campaigns.load, campaign_id=autumn.campaign.id, found=again, by="eva", now=at(90)
    )
    assert [(one.reason, one.line) for one in loaded.rejected] == [("do_not_call", 2)]
    names = set()
    for n in range(4):
        found = await house.db.run(preview.next_lead, agent=f"10{n}", campaign_id=None, now=at(90))
        names |= {found.lead.name} if found else set()
    assert names == {"Ana", "Eva"}


async def test_a_number_that_others_have_stays_theirs(house: House) -> None:
    await house.add(a_contact("zq", "Zoraida", "Quintanilla", numbers=[RAW]))
    await house.add(a_contact("son", "Teo", "Quintanilla", numbers=[RAW]))
    both = a_call(0, customer=NUMBER)
    await house.record(both)

    await erase(house)
    left = await house.call(both.id)
    assert left.customer == NUMBER
    assert {one.contact_id for one in left.match.candidates} == {"son"}
    assert (await house.card(NUMBER)).contact is not None
    assert await house.db.read(lambda uow: uow.privacy.suppressed([NUMBER])) == {}


async def test_a_call_that_nobody_was_known_for_is_hers_by_the_number(house: House) -> None:
    unknown = a_call(0, customer=NUMBER, ani_name="ZQ CALLERID")
    await house.record(unknown)
    await house.add(a_contact("zq", "Zoraida", "Quintanilla", numbers=[RAW]))
    await erase(house)
    left = await house.call(unknown.id)
    assert (left.customer, left.ani_name) == (None, None)


async def test_what_the_exchange_tells_again_does_not_bring_her_back(house: House) -> None:
    hers = await house_with_zoraida(house)
    await erase(house)
    told_again = msgspec.structs.replace(hers, version=99, source="backfill")
    elsewhen = a_call(50, customer=NUMBER, ani_name="ZQ CALLERID")
    later = a_call(120, customer=NUMBER)
    await house.record(told_again, elsewhen, later)
    assert (await house.call(hers.id)).customer is None
    left = await house.call(elsewhen.id)
    assert (left.customer, left.ani, left.ani_name) == (None, None, None)
    assert (await house.call(later.id)).customer == NUMBER


async def test_records_that_must_be_kept_are(house: House) -> None:
    await house_with_zoraida(house)
    await house.db.run(erasure.hold, contact_id="zq", reason=" lawsuit 7/26 ", now=NOW, **WHO)
    with pytest.raises(LegalHoldError, match="lawsuit 7/26"):
        await erase(house)
    await house.db.run(erasure.lift_hold, contact_id="zq", now=NOW, **WHO)
    await erase(house)
    with pytest.raises(NotFoundError):
        await house.db.run(erasure.lift_hold, contact_id="zq", now=NOW, **WHO)


async def test_an_erasure_can_be_taken_back_until_it_is_due(house: House) -> None:
    await house_with_zoraida(house)
    ask = {"contact_id": "zq", "grace": timedelta(minutes=10)}
    first = await house.db.run(erasure.ask, now=NOW, **ask, **WHO)
    assert first == Erasure(contact_id="zq", by="u-eva", asked_at=NOW, due_at=at(600))
    assert await house.db.run(erasure.ask, now=at(5), **ask, **WHO) == first
    assert await house.db.read(erasure.due, now=at(599)) == []
    assert await house.db.read(erasure.due, now=at(600)) == [first]
    await house.db.run(erasure.take_back, contact_id="zq", now=at(9), **WHO)
    assert await house.db.read(erasure.due, now=at(600)) == []
    with pytest.raises(NotFoundError):
        await house.db.read(erasure.asked, contact_id="zq")


@pytest.mark.parametrize("fn", [erasure.ask, erasure.hold], ids=["erase", "hold"])
async def test_who_is_not_there(house: House, fn: Any) -> None:
    more = {"grace": timedelta()} if fn is erasure.ask else {"reason": "x"}
    with pytest.raises(CrmError, match="no contact nobody"):
        await house.db.run(fn, contact_id="nobody", now=NOW, **more, **WHO)


def test_every_table_that_names_a_contact_says_what_becomes_of_it() -> None:
    naming = {
        table.name
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, ForeignKeyConstraint) and constraint.referred_table.name == "contact"
    }
    assert naming == {table.name for table in (*HIS, *LEFT)}
