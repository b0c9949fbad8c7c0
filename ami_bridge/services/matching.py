"""Who is calling: looked up when the call appears, told to the ledger and kept for the screen pop.

The look-up starts at ``call.started``, so that the card is ready when a phone rings. A few workers
read from the database; for a call that ended meanwhile nothing is told.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

from ami_bridge.bus import Numbered
from ami_bridge.domain.events import CallEnded, CallStarted, CallUpdated, FloorEvent
from ami_bridge.domain.floor import Floor
from ami_bridge.ports import EventSink
from crm_core.domain.calls import Match
from crm_core.domain.cards import Card
from crm_core.domain.events import ContactCreated, ContactMerged, ContactUpdated

log = structlog.get_logger(__name__)
WORKERS, WAITING, ENDED_KEPT = 4, 2_000, 500


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to look up for a call: by number, or by a contact that the IVR or a person named."""

    pbx: str
    call: str
    number: str | None = None
    did: str | None = None
    contact_id: str | None = None
    chosen: Match | None = None


class FetchCard(Protocol):
    """The look-up in the database threads."""

    def __call__(self, asked: Asked) -> Awaitable[Card]:
        """Return the card for *asked*; any exception means that there is none."""


class Matcher:
    """Keeps a card for each live call (a ``CardSource``), and for the last few that ended.

    *now* tells this instant as an exchange, by name, counts it.
    """

    def __init__(
        self,
        *,
        fetch: FetchCard,
        floors: Mapping[str, Floor],
        bus: EventSink,
        now: Callable[[str], datetime],
    ) -> None:
        self.skipped = 0
        self._fetch, self._floors, self._bus, self._now = fetch, floors, bus, now
        self._cards: dict[str, Card] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._asked: asyncio.Queue[Asked] = asyncio.Queue(WAITING)
        self._known: dict[str, Asked] = {}

    def card(self, call_id: str) -> Card | None:
        """Return the card prepared for a call; None while it is looked up or when that failed."""
        return self._cards.get(call_id)

    def choose(self, call_id: str, *, contact_id: str, match: Match) -> None:
        """Say that a person chose who calls; a new card follows with ``call.matched``."""
        if before := self._known.get(call_id):
            self._ask(msgspec.structs.replace(before, contact_id=contact_id, chosen=match))

    def told(self, call_id: str, headers: Mapping[str, str]) -> None:
        """Take what our AGI collected: who named himself there counts more than the number he calls from.

        What it found by the number is found here, too, and is no news.
        """
        contact = headers.get("contact", "") if headers.get("match") == "ivr_id" else ""
        if contact and (before := self._known.get(call_id)):
            self._ask(msgspec.structs.replace(before, contact_id=contact))

    def on_events(self, batch: Sequence[Numbered]) -> None:
        """Start a look-up for each new call, again when more may be known, and forget ended ones."""
        for _, event in batch:
            if isinstance(event, CallStarted | CallUpdated):
                self._ask(Asked(pbx=event.pbx, call=event.call, number=_customer_of(event), did=event.did))
            elif isinstance(event, CallEnded):
                self._forget_later(event.call)
            elif isinstance(event, ContactCreated | ContactMerged | ContactUpdated):
                self._look_again(event.contact_id)

    async def run(self) -> None:
        """Look people up until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work())

    def _look_again(self, contact_id: str) -> None:
        """Somebody was written down or changed: strangers may be known now, and his own card is another."""
        for call, asked in list(self._known.items()):
            card = self._cards.get(call)
            who = card.contact.id if card and card.contact else contact_id
            if call not in self._ended and who == contact_id:
                self._ask(asked)

    def _ask(self, asked: Asked) -> None:
        self._known[asked.call] = asked
        try:
            self._asked.put_nowait(asked)
        except asyncio.QueueFull:  # the pop goes out without a card rather than late
            self.skipped += 1

    async def _work(self) -> None:
        while True:
            asked = await self._asked.get()
            try:
                card = await self._fetch(asked)
            except Exception:  # a failed look-up costs a card, never the stream
                log.exception("look-up failed", call=asked.call)
                continue
            if self._known.get(asked.call) == asked:
                self._tell(asked, card)

    def _tell(self, asked: Asked, card: Card) -> None:
        if asked.chosen:  # the look-up knows that he was named, not by whom
            card = msgspec.structs.replace(card, match=asked.chosen)
        self._cards[asked.call] = card
        floor = self._floors[asked.pbx]
        happened: Sequence[FloorEvent] = floor.matched(
            asked.call,
            match=card.match,
            contact_id=card.contact.id if card.contact else None,
            customer=asked.number,
            now=self._now(asked.pbx),
        )
        self._bus.publish(happened)

    def _forget_later(self, call_id: str) -> None:
        self._ended[call_id] = None
        while len(self._ended) > ENDED_KEPT:
            gone, _ = self._ended.popitem(last=False)
            self._cards.pop(gone, None)
            self._known.pop(gone, None)


def _customer_of(event: CallStarted | CallUpdated) -> str | None:
    if event.customer:
        return event.customer
    return event.ani_raw if isinstance(event, CallStarted) and event.direction == "inbound" else None
