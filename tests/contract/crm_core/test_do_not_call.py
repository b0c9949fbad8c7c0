"""The list of those who must not be called: page after page, added and taken off, asked before dialling."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import NOW, House, a_contact
from msgspec.structs import replace

from crm_core.domain.contacts import Phone
from crm_core.domain.do_not_call import Excluded, WhyNot
from crm_core.domain.errors import InvalidError, NotFoundError
from crm_core.domain.events import NumberExcluded, NumberReadmitted
from crm_core.services import audit, do_not_call, handing_out

ANA, EVA, PARIS = "+34957212001", "+34957212002", "+33142685300"
WHO = {"by": "u-eva", "address": "192.0.2.1", "now": NOW}


async def add(house: House, number: str, why: str = "asked by telephone") -> Excluded:
    one: Excluded = await house.db.run(do_not_call.add, number=number, why=why, **WHO)
    return one


async def listed(house: House, begin: str = "", after: str | None = None, limit: int = 9) -> list[str]:
    found = await house.db.read(do_not_call.listed, begin=begin, after=after, limit=limit)
    return [one.number for one in found]


async def test_numbers_are_added_once_and_taken_off(house: House) -> None:
    kept = await add(house, ANA, " asked by letter ")
    assert kept == Excluded(number=ANA, since=NOW, by="u-eva", why="asked by letter")
    assert await add(house, ANA, "again") == kept
    assert await house.db.read(do_not_call.forbids, number=ANA)

    await house.db.run(do_not_call.remove, number=ANA, why="asked again", **WHO)
    assert not await house.db.read(do_not_call.forbids, number=ANA)
    with pytest.raises(NotFoundError):
        await house.db.run(do_not_call.remove, number=ANA, why="asked again", **WHO)
    told: list[Any] = [one for one in house.heard if isinstance(one, NumberExcluded | NumberReadmitted)]
    assert told == [
        NumberExcluded(at=NOW, by="u-eva", number=ANA),
        NumberReadmitted(at=NOW, by="u-eva", number=ANA),
    ]
    deeds = await house.db.read(audit.last, limit=9)
    assert [one.what for one in deeds] == ["number readmitted", "number excluded"]
    assert ANA not in repr(deeds)


async def test_pages(house: House) -> None:
    for number in (EVA, PARIS, ANA):
        await add(house, number)
    assert await listed(house) == [PARIS, ANA, EVA]
    assert await listed(house, limit=2) == [PARIS, ANA]
    assert await listed(house, after=ANA) == [EVA]
    assert await listed(house, begin="+34") == [ANA, EVA]


async def test_a_phone_that_is_marked_is_forbidden_too(house: House) -> None:
    who = a_contact("ana")
    phone = Phone(id="p", raw="957212001", do_not_call=True)
    await house.add(replace(who, phones=(phone,)))
    assert await house.db.read(do_not_call.forbids, number=ANA)
    assert await listed(house) == []


@pytest.mark.parametrize("why", ["", "  ", "x" * 201])
async def test_somebody_says_why(house: House, why: str) -> None:
    with pytest.raises(InvalidError):
        await add(house, ANA, why)


async def test_why_it_may_not_be_called_is_told(house: House) -> None:
    phone = Phone(id="p", raw="957212001", do_not_call=True)
    await house.add(replace(a_contact("ana"), phones=(phone,)))
    kept = await add(house, ANA)
    told = await house.db.read(do_not_call.why_not, number=ANA, now=NOW)
    assert told == WhyNot(
        number=ANA,
        is_forbidden=True,
        excluded=kept,
        marked=("ana",),
        is_erased=False,
        marketing="unknown",
        lifted=(),
    )
    await house.db.run(do_not_call.remove, number=ANA, why=" by letter ", **WHO)
    told = await house.db.read(do_not_call.why_not, number=ANA, now=NOW)
    assert (told.is_forbidden, told.excluded) == (True, None)
    assert [(one.by, one.at, one.why) for one in told.lifted] == [("u-eva", NOW, "by letter")]
    given = await house.db.read(handing_out.gather, contact_id="ana", now=NOW)
    assert (given.do_not_call, given.let_be_called) == ((), told.lifted)


async def test_of_who_was_erased_only_that_is_told(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212001"]))
    await add(house, ANA)
    await house.db.run(do_not_call.remove, number=ANA, why="Ana herself", **WHO)
    await house.db.run(lambda uow: uow.privacy.forget("ana", [ANA]))
    await house.db.run(lambda uow: uow.privacy.suppress([ANA], NOW))
    told = await house.db.read(do_not_call.why_not, number=ANA, now=NOW)
    assert (told.is_forbidden, told.is_erased, told.lifted) == (True, True, ())


async def test_many_at_once(house: House) -> None:
    await add(house, ANA)
    count = await house.db.run(do_not_call.add_all, numbers=[ANA, EVA, PARIS, EVA], why="law", **WHO)
    assert (count, await listed(house)) == (2, [PARIS, ANA, EVA])
    told = [one.number for one in house.heard if isinstance(one, NumberExcluded)]
    assert told == [ANA, EVA, PARIS]
