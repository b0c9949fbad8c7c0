"""Who calls, between the look-up and the pop: what a person chose is told as chosen."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from scenes import START

from ami_bridge.domain import events
from ami_bridge.services.matching import Asked, Matcher
from crm_core.domain.calls import Candidate, Match, MatchKind, Origin
from crm_core.domain.cards import Card, CardContact
from crm_core.domain.events import ContactMerged

CALL = "call-1"
STARTED = events.CallStarted(
    pbx="main",
    at=START,
    call=CALL,
    linkedid="1795536000.0",
    version=1,
    direction="inbound",
    origin=Origin(kind="caller"),
    customer="+34957212000",
)


def match(kind: MatchKind, contact_id: str) -> Match:
    return Match(
        kind=kind, candidates=(Candidate(contact_id=contact_id, account_id=None, kind=kind, why=kind),)
    )


class Floor:
    """Keeps who it was told that the customer is."""

    def __init__(self) -> None:
        self.told: list[tuple[str | None, MatchKind]] = []
        self.news = asyncio.Event()

    def matched(
        self, _call: str, *, contact_id: str | None, match: Match, **_: Any
    ) -> list[events.FloorEvent]:
        self.told.append((contact_id, match.kind))
        self.news.set()
        return []

    def publish(self, batch: Sequence[events.FloorEvent]) -> None:
        """Nothing happens."""


async def fetch(asked: Asked) -> Card:
    """Know who was named as the database does: it cannot tell by whom."""
    if asked.contact_id is None:
        return Card(number=asked.number)
    contact = CardContact(id=asked.contact_id, name="Juan Pérez")
    return Card(number=asked.number, contact=contact, match=match("ivr_id", asked.contact_id))


async def test_who_was_chosen_by_an_agent_is_told_as_chosen_on_the_card_too() -> None:
    floor = Floor()
    floors: dict[str, Any] = {"main": floor}
    matcher = Matcher(fetch=fetch, floors=floors, bus=floor, now=lambda _: START)
    looking = asyncio.create_task(matcher.run())
    matcher.on_events([(1, STARTED)])
    await asyncio.wait_for(floor.news.wait(), 5)
    floor.news.clear()

    matcher.choose(CALL, contact_id="c-juan", match=match("chosen", "c-juan"))
    await asyncio.wait_for(floor.news.wait(), 5)

    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking
    assert floor.told == [(None, "none"), ("c-juan", "chosen")]
    card = matcher.card(CALL)
    assert card is not None
    assert card.match.kind == "chosen"


async def test_who_became_a_part_of_another_one_is_looked_up_anew() -> None:
    floor, now_in = Floor(), {"c-juan": "c-juan"}

    async def led_on(asked: Asked) -> Card:
        return await fetch(Asked(pbx=asked.pbx, call=asked.call, contact_id=now_in["c-juan"]))

    floors: dict[str, Any] = {"main": floor}
    matcher = Matcher(fetch=led_on, floors=floors, bus=floor, now=lambda _: START)
    looking = asyncio.create_task(matcher.run())
    matcher.on_events([(1, STARTED)])
    await asyncio.wait_for(floor.news.wait(), 5)
    floor.news.clear()

    now_in["c-juan"] = "c-eva"
    matcher.on_events([(2, ContactMerged(at=START, contact_id="c-juan", into="c-eva"))])
    await asyncio.wait_for(floor.news.wait(), 5)

    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking
    assert [who for who, _ in floor.told] == ["c-juan", "c-eva"]
