"""Who calls, asked of the database: for the card that pops, and for the flow that routes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from agi_scripts.ports import CallerLookup, RouteFacts
from ami_bridge.bus import Numbered
from ami_bridge.services.matching import Asked
from crm_core.db.database import Database
from crm_core.domain.calls import call_id
from crm_core.domain.cards import Card
from crm_core.domain.events import CrmEvent
from crm_core.domain.phone import read_number
from crm_core.domain.priority import queue_priority
from crm_core.services import cards
from crm_core.services.lookup import Looked

KEPT_S = 1.0

Answer = tuple[Card, Looked]
Question = tuple[str, str | None, str | None, str | None]
"""A call, its number, the extension behind that, and whom somebody named."""


class LookUps:
    """One look-up a call, for both who ask about its caller: the flow that routes him and his card.

    Whoever asks first asks the database; the other gets the same answer, while it is under way and for
    ``KEPT_S`` after. One who gives up waiting takes it from nobody. What somebody changes in the records
    (``on_events``, a reader of the bus) is in every answer that is asked for after it.
    *regions* are the exchanges', by name; *today* tells the day where the site is.
    """

    def __init__(self, db: Database, *, regions: Mapping[str, str], today: Callable[[], date]) -> None:
        self._db, self._regions, self._today = db, regions, today
        self._kept: OrderedDict[Question, tuple[float, asyncio.Task[Answer]]] = OrderedDict()
        self._under_way: set[asyncio.Task[Answer]] = set()

    async def card(self, asked: Asked) -> Card:
        """Return the card for *asked*; a ``FetchCard``.

        Raises:
            DatabaseAwayError: when nobody can be asked.
        """
        card, _ = await self._answer(asked.call, asked.number, self._regions[asked.pbx], asked.contact_id)
        return card

    def of_exchange(self, pbx: str) -> CallerLookup:
        """Return who is asked about the callers of the exchange *pbx*.

        It raises DatabaseAwayError when nobody can be asked.
        """
        region = self._regions[pbx]

        async def facts(
            number: str,
            did: str,  # noqa: ARG001 - the port's words
            *,
            trunk: str,  # noqa: ARG001
            linkedid: str,
            id: str | None = None,  # noqa: A002
        ) -> RouteFacts:
            call = call_id(pbx, linkedid) if linkedid else ""
            _, found = await self._answer(call, number, region, id)
            return RouteFacts(
                match=found.match,
                contact=found.contact_id,
                priority=queue_priority(is_vip=found.vip, open_incidents=found.open_incidents),
                language=found.language,
                queue=found.queue,
                agent=found.agent,
            )

        return facts

    def on_events(self, batch: Sequence[Numbered]) -> None:
        """Keep no answer from before a change of the records."""
        if any(isinstance(event, CrmEvent) for _, event in batch):
            self._kept.clear()

    async def _answer(self, call: str, number: str | None, region: str, named: str | None) -> Answer:
        if not call:
            return await self._ask(number, region, named)
        self._forget_old()
        question = (call, *_as_read(number, region), named)
        if question not in self._kept:
            asked_at = asyncio.get_running_loop().time()
            self._kept[question] = (asked_at, self._ask(number, region, named))
        _, task = self._kept[question]
        return await asyncio.shield(task)  # who gives up must not end what the other waits for

    def _ask(self, number: str | None, region: str, named: str | None) -> asyncio.Task[Answer]:
        asking = self._db.read(
            cards.card_and_route, number=number, region=region, named=named, today=self._today()
        )
        task = asyncio.create_task(asking)
        self._under_way.add(task)
        task.add_done_callback(self._answered)
        return task

    def _answered(self, task: asyncio.Task[Answer]) -> None:
        self._under_way.discard(task)
        if task.cancelled() or task.exception() is not None:  # asked again by the next
            for question in [one for one, (_, kept) in self._kept.items() if kept is task]:
                del self._kept[question]

    def _forget_old(self) -> None:
        oldest = asyncio.get_running_loop().time() - KEPT_S
        while self._kept and next(iter(self._kept.values()))[0] < oldest:
            self._kept.popitem(last=False)


def _as_read(number: str | None, region: str) -> tuple[str | None, str | None]:
    """Return *number* in the one spelling of all that mean it, and its extension."""
    if not number or number.startswith("+"):
        return number or None, None
    read = read_number(number, region=region)
    return read.e164 or number, read.ext
