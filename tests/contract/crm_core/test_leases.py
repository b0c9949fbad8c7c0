"""Leases: taken, kept by beats, wanted and taken over; who lost one stores nothing."""

from __future__ import annotations

from functools import partial

import pytest
from contract.crm_core.kit import House, a_call

from crm_core.domain.errors import LeaseLostError
from crm_core.domain.leases import Lease
from crm_core.services import calls, leases

NAMES = ["service", "pbx main"]


async def seen(house: House) -> list[Lease]:
    found: list[Lease] = await house.db.read(leases.seen, names=NAMES)
    return found


async def taken(house: House, by: str) -> dict[str, int] | None:
    terms: dict[str, int] | None = await house.db.run(leases.take, by=by, before=await seen(house))
    return terms


async def test_the_first_takes_them_and_each_change_of_hands_is_a_term(house: House) -> None:
    assert await taken(house, "1") == {"service": 1, "pbx main": 1}
    assert await taken(house, "2") == {"service": 2, "pbx main": 2}
    assert [(lease.name, lease.holder) for lease in await seen(house)] == [(name, "2") for name in NAMES]


async def test_what_changed_since_it_was_seen_is_neither_wanted_nor_taken(house: House) -> None:
    terms = await taken(house, "1")
    before = await seen(house)
    await house.db.run(leases.beat, holder="1", terms=terms)
    assert not await house.db.run(leases.want, by="2", before=before)
    assert await house.db.run(leases.take, by="2", before=before) is None


async def test_a_beat_answers_who_wants_them(house: House) -> None:
    terms = await taken(house, "1")
    assert await house.db.run(leases.want, by="2", before=await seen(house))
    assert {lease.wanted_by for lease in await seen(house)} == {"2"}
    await house.db.run(leases.beat, holder="1", terms=terms)
    assert {lease.wanted_by for lease in await seen(house)} == {""}


@pytest.mark.parametrize("question", [leases.beat, leases.demand])
async def test_who_lost_one_is_told(house: House, question: object) -> None:
    first = await taken(house, "1")
    await taken(house, "2")
    with pytest.raises(LeaseLostError):
        await house.db.run(question, holder="1", terms=first)
    again = await taken(house, "1")  # the same process leads again: its old term is over all the same
    assert again is not None
    with pytest.raises(LeaseLostError):
        await house.db.run(question, holder="1", terms=first)
    await house.db.run(question, holder="1", terms=again)


async def test_given_back_they_are_free_and_their_terms_go_on(house: House) -> None:
    terms = await taken(house, "1")
    await house.db.run(leases.give_back, holder="1", terms=terms)
    assert {(lease.holder, lease.term) for lease in await seen(house)} == {("", 1)}
    assert await taken(house, "2") == {"service": 2, "pbx main": 2}
    await house.db.run(leases.give_back, holder="1", terms=terms)
    assert {lease.holder for lease in await seen(house)} == {"2"}


async def test_behind_the_fence_nothing_is_stored_once_the_lease_is_lost(sqlite: House) -> None:
    terms = await taken(sqlite, "1")
    sqlite.db.fence = partial(leases.demand, holder="1", terms=terms)
    await sqlite.record(a_call(1))
    sqlite.db.fence, fence = None, sqlite.db.fence
    await taken(sqlite, "2")
    sqlite.db.fence = fence
    with pytest.raises(LeaseLostError):
        await sqlite.record(a_call(2))
    assert [call.id for call in await sqlite.db.read(calls.history, limit=9)] == [a_call(1).id]
