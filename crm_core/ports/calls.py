"""The call history, what agents wrote of it, and the figures made of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from crm_core.domain.calls import Call, Work
from crm_core.domain.cards import CardCall, CardNote
from crm_core.domain.figures import QueueTally
from crm_core.domain.lost import Stay
from crm_core.domain.search import Wanted
from crm_core.domain.sla import Target
from crm_core.ports.places import Place


class Calls(Protocol):
    """Past calls. ``work`` and ``incident_ids`` are filled in where calls are returned."""

    def get(self, call_id: str) -> Call | None:
        """Return one call."""

    def written(self, call: Call) -> Call:
        """Return a live call with the work and the incidents that are kept of it already."""

    def all_written(self, calls: Sequence[Call]) -> list[Call]:
        """Return calls with the work and the incidents that are kept of them."""

    def known(self, ids: Sequence[str]) -> dict[str, Call]:
        """Return those of *ids* that are kept, by id, without work and incidents."""

    def put(self, calls: Sequence[Call]) -> None:
        """Keep calls, in place of what was kept of them."""

    def of(
        self, *, contact_id: str | None, agent: str | None, missed: bool, before: Place | None, limit: int
    ) -> list[Call]:
        """Return calls, newest first; *missed*: that rang at *agent* in vain, or that nobody answered."""

    def recent(self, *, contact_id: str | None, customer: str | None, limit: int) -> list[CardCall]:
        """Return the last calls of a contact, else of a number, newest first, as a card shows them."""

    def possibly_of(self, contact_id: str, before: Place | None, limit: int) -> list[Call]:
        """Return calls that are nobody's yet and may be this contact's, newest first."""

    def of_account(self, account_id: str, before: Place | None, limit: int) -> list[Call]:
        """Return the calls of a company's people and of its own numbers, newest first."""

    def unlabelled(self, numbers: Sequence[str]) -> list[Call]:
        """Return the calls of these customers' numbers that are nobody's yet."""

    def work(self, call_id: str, agent: str) -> Work | None:
        """Return what an agent wrote about a call."""

    def put_work(self, call_id: str, work: Work) -> None:
        """Keep what an agent wrote about a call, which may be live still."""

    def last_notes(self, contact_id: str, limit: int) -> list[CardNote]:
        """Return the last notes about a contact's last 20 calls, newest first, as a card shows them."""


class Reports(Protocol):
    """Past calls, counted and searched."""

    def tallies(self, since: datetime, target: Target) -> list[QueueTally]:
        """Return the tally of each queue that was entered from *since* on, by exchange and name."""

    def calls(self, wanted: Wanted, target: Target, before: Place | None, limit: int) -> list[Call]:
        """Return the calls that are looked for, newest first, without work and incidents."""

    def stays(self, since: datetime) -> list[Stay]:
        """Return the stays from *since* on, the newest 5000, of customers with whom nobody has talked since.

        Not those that an agent ended.
        """

    def names(self, contact_ids: Sequence[str]) -> dict[str, str]:
        """Return what these contacts are called, by id."""

    def agents(self, codes: Sequence[str]) -> dict[str, str]:
        """Return what the agents with these codes are called, as far as they are known."""
