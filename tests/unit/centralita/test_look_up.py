"""Who calls, asked once: the route and the card of a call share a look-up, unless something differs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from agi_scripts.ports import RouteFacts
from ami_bridge.services.matching import Asked
from centralita import look_up
from centralita.look_up import LookUps
from crm_core.db.database import Database
from crm_core.domain.calls import call_id
from crm_core.domain.cards import Card
from crm_core.domain.errors import DatabaseAwayError
from crm_core.domain.events import ContactUpdated
from crm_core.services.lookup import Looked

LINKEDID, RAW, E164 = "1795311086.0", "957212000", "+34957212000"
Step = Callable[["Desk"], Awaitable[object]]


class Desk:
    """Look-ups in a database that answers when it ``may``, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, str | None]] = []
        self.may = asyncio.Event()
        self.fails: Exception | None = None
        self.look_ups = LookUps(
            cast("Database", self), regions={"main": "ES", "other": "ES"}, today=lambda: date(2026, 11, 24)
        )

    async def read(
        self, _fn: object, *, number: str | None, named: str | None, region: str, today: date
    ) -> tuple[Card, Looked]:
        assert (region, today) == ("ES", date(2026, 11, 24))
        self.asked.append((number, named))
        await self.may.wait()
        if self.fails:
            raise self.fails
        return Card(number=E164), Looked(match="exact", contact_id=f"c{len(self.asked)}", vip=True)

    def card(self, **how: Any) -> Awaitable[Card]:
        asked = {"pbx": "main", "call": call_id("main", LINKEDID), "number": E164} | how
        return self.look_ups.card(Asked(**asked))

    def facts(self, number: str = RAW, *, pbx: str = "main", **how: Any) -> Awaitable[RouteFacts]:
        asked = {"trunk": "provider", "linkedid": LINKEDID} | how
        return self.look_ups.of_exchange(pbx)(number, "5551001", **asked)


def card(**how: Any) -> Step:
    return lambda desk: desk.card(**how)


def facts(number: str = RAW, **how: Any) -> Step:
    return lambda desk: desk.facts(number, **how)


@pytest.mark.parametrize(
    ("first", "then", "times"),
    [
        pytest.param(card(), facts(), 1, id="the ledger was first"),
        pytest.param(facts(), card(), 1, id="the dialplan was first"),
        pytest.param(facts(), card(contact_id="c9"), 2, id="somebody was named in between"),
        pytest.param(card(), facts(id="c9"), 2, id="the caller names himself"),
        pytest.param(facts(id="c9"), card(contact_id="c9"), 1, id="he was named to both"),
        pytest.param(card(), facts("957212001"), 2, id="the dialplan has another number"),
        pytest.param(card(), facts("957212000 ext. 12"), 2, id="and one with an extension"),
        pytest.param(card(), facts(linkedid="1795311090.0"), 2, id="another call of his"),
        pytest.param(card(), facts(pbx="other"), 2, id="a call of another exchange"),
        pytest.param(card(number=None), facts(""), 1, id="withheld"),
        pytest.param(facts(linkedid=""), facts(linkedid=""), 2, id="of no call that is known"),
    ],
)
@pytest.mark.parametrize("is_over", [False, True], ids=["under way", "just over"])
async def test_how_often_the_database_is_asked(first: Step, then: Step, times: int, *, is_over: bool) -> None:
    desk = Desk()
    if is_over:
        desk.may.set()
        await first(desk)
        await then(desk)
    else:
        both = [asyncio.ensure_future(step(desk)) for step in (first, then)]
        await asyncio.sleep(0)
        desk.may.set()
        await asyncio.gather(*both)
    assert len(desk.asked) == times


async def test_a_route_is_told_what_the_look_up_found() -> None:
    desk = Desk()
    desk.may.set()
    assert await desk.facts() == RouteFacts(match="exact", contact="c1", priority=10)


async def test_who_gives_up_takes_it_from_nobody() -> None:
    desk = Desk()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await desk.facts()
    waiting = asyncio.ensure_future(desk.card())
    desk.may.set()
    assert (await waiting).number == E164
    assert len(desk.asked) == 1


async def test_a_change_of_the_records_is_in_what_is_asked_after_it() -> None:
    desk = Desk()
    before = asyncio.ensure_future(desk.facts())
    await asyncio.sleep(0)
    changed = ContactUpdated(contact_id="c1", version=2, at=datetime(2026, 11, 24, tzinfo=UTC))
    desk.look_ups.on_events([(1, changed)])
    after = asyncio.ensure_future(desk.facts())
    await asyncio.sleep(0)
    desk.may.set()
    await asyncio.gather(before, after)
    assert len(desk.asked) == 2


async def test_an_answer_is_not_kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_up, "KEPT_S", -1.0)
    desk = Desk()
    desk.may.set()
    await desk.facts()
    await desk.card()
    assert len(desk.asked) == 2


async def test_a_failure_is_told_to_both_and_asked_again_by_the_next() -> None:
    desk = Desk()
    desk.fails = DatabaseAwayError()
    both = [asyncio.ensure_future(one) for one in (desk.facts(), desk.card())]
    await asyncio.sleep(0)
    desk.may.set()
    told = await asyncio.gather(*both, return_exceptions=True)
    assert [type(one) for one in told] == [DatabaseAwayError, DatabaseAwayError]
    desk.fails = None
    assert (await desk.card()).number == E164
    assert len(desk.asked) == 2
