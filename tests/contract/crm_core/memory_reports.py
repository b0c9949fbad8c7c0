"""Figures and searches over calls in memory, by the domain's own functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from crm_core.domain.calls import Call
from crm_core.domain.contacts import Contact
from crm_core.domain.figures import QueueTally, tallies_of
from crm_core.domain.lost import Stay
from crm_core.domain.people import User
from crm_core.domain.search import Wanted, fits
from crm_core.domain.sla import Target
from crm_core.ports.places import Place


class Reports:
    def __init__(
        self, calls: Mapping[str, Call], contacts: Mapping[str, Contact], users: Mapping[str, User]
    ) -> None:
        self._calls, self._contacts, self._users = calls, contacts, users

    def tallies(self, since: datetime, target: Target) -> list[QueueTally]:
        return tallies_of(self._calls.values(), target, since=since, now=since)

    def calls(self, wanted: Wanted, target: Target, before: Place | None, limit: int) -> list[Call]:
        found = [
            one
            for one in self._calls.values()
            if fits(one, wanted, target) and (before is None or (one.started_at, one.id) < before)
        ]
        return sorted(found, key=lambda one: (one.started_at, one.id), reverse=True)[:limit]

    def stays(self, since: datetime) -> list[Stay]:
        return [
            one for one in self._unserved(since) if not self._has_got_through(one.customer, one.entered_at)
        ]

    def names(self, contact_ids: Sequence[str]) -> dict[str, str]:
        return {one: self._contacts[one].name for one in contact_ids if one in self._contacts}

    def agents(self, codes: Sequence[str]) -> dict[str, str]:
        return {one.agent: one.full_name for one in self._users.values() if one.agent in codes}

    def _unserved(self, since: datetime) -> Iterator[Stay]:
        for call in self._calls.values():
            for visit in call.visits:
                if call.customer and visit.entered_at >= since and visit.outcome not in (None, "answered"):
                    yield Stay(
                        customer=call.customer,
                        contact_id=call.contact_id,
                        call=call.id,
                        pbx=call.pbx,
                        queue=visit.queue,
                        entered_at=visit.entered_at,
                        wait_s=visit.wait_s,
                        outcome=visit.outcome,
                    )

    def _has_got_through(self, customer: str, since: datetime) -> bool:
        return any(
            one.customer == customer and one.answered_at and one.answered_at >= since
            for one in self._calls.values()
        )
