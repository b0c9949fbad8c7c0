"""Who calls, asked of the database: for the card that pops, and for the flow that routes."""

from __future__ import annotations

from collections.abc import Mapping

from agi_scripts.ports import RouteFacts
from ami_bridge.services.matching import Asked
from crm_core.db.database import Database
from crm_core.domain.cards import Card
from crm_core.domain.priority import queue_priority
from crm_core.services import cards, lookup


class CardsOfCallers:
    """``FetchCard``; *regions* is by name of the exchange."""

    def __init__(self, db: Database, *, regions: Mapping[str, str]) -> None:
        self._db, self._regions = db, regions

    async def __call__(self, asked: Asked) -> Card:
        """Return the card for *asked*.

        Raises:
            DatabaseAwayError: when nobody can be asked.
        """
        return await self._db.read(
            cards.card_for,
            number=asked.number,
            region=self._regions[asked.pbx],
            contact_id=asked.contact_id,
        )


class FactsOfCallers:
    """``CallerLookup`` for the callers of an exchange in *region*."""

    def __init__(self, db: Database, *, region: str) -> None:
        self._db, self._region = db, region

    async def __call__(self, number: str, did: str, *, trunk: str, id: str | None = None) -> RouteFacts:  # noqa: A002, ARG002 - the port's words
        """Return what is known of a caller.

        Raises:
            DatabaseAwayError: when nobody can be asked.
        """
        found = await self._db.read(lookup.who, number=number, region=self._region, id=id)
        return RouteFacts(
            match=found.match,
            contact=found.contact_id,
            priority=queue_priority(is_vip=found.vip, open_incidents=found.open_incidents),
            language=found.language,
        )
