"""What customers reported, and whom we promised to call back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from crm_core.domain.callbacks import Callback
from crm_core.domain.cards import CardIncident, CardProblem
from crm_core.domain.confines import Confines
from crm_core.domain.incident_entries import Entry
from crm_core.domain.incident_lists import Listed, Order, Problem, Wanted
from crm_core.domain.incidents import Incident
from crm_core.ports.places import Place


class Incidents(Protocol):
    """What was reported."""

    def get(self, incident_id: str) -> Incident | None:
        """Return one incident."""

    def by_key(self, key: str) -> Incident | None:
        """Return the incident that was opened with this key."""

    def by_number(self, number: str) -> Incident | None:
        """Return the incident with this number (INC-20418)."""

    def parts_of(self, incident_id: str) -> list[str]:
        """Return which incidents became a part of this one."""

    def tier_of(self, account_id: str) -> str | None:
        """Return how much a company is worth to us."""

    def next_number(self) -> str:
        """Return the number of the next incident."""

    def add(self, incident: Incident, *, key: str) -> None:
        """Keep a new incident."""

    def change(self, incident: Incident) -> None:
        """Keep an incident as it is now."""

    def open_of(self, *, contact_id: str | None, account_id: str | None, limit: int) -> list[CardIncident]:
        """Return a contact's open incidents, else a company's, most urgent first, as a card shows them."""

    def frequent_of(self, *, contact_id: str | None, account_id: str | None, limit: int) -> list[CardProblem]:
        """Return of which categories a company had most incidents, else a contact; two at least."""


class IncidentLists(Protocol):
    """What was reported, looked for and counted."""

    def find(self, wanted: Wanted, *, order: Order, place: Place | None, limit: int) -> list[Listed]:
        """Return those that are looked for, newest first or first due first, behind a place in this order."""

    def count(self, wanted: Wanted, at_most: int) -> int:
        """Return how many are looked for; *at_most* when there are more."""

    def seen(self, ids: Collection[str], within: Confines) -> set[str]:
        """Return those of *ids* that somebody sees who is confined."""

    def problems(self, wanted: Wanted, *, since: datetime, limit: int) -> list[Problem]:
        """Return of which categories most were opened, of each product line apart."""


class IncidentEntries(Protocol):
    """What was written and done about incidents."""

    def add(self, entry: Entry, *, before: Incident | None = None, version: int | None = None) -> None:
        """Keep an entry; of a change the incident before it, and the version that it made."""

    def before(self, incident_id: str, *, version: int) -> tuple[str, str | None, Incident] | None:
        """Return the change that made *version*: its id, who made it, and the incident before it."""

    def undo(self, entry_id: str) -> None:
        """Keep that a change was undone."""

    def of(self, incident_ids: Sequence[str], *, place: Place | None, limit: int) -> list[Entry]:
        """Return the entries of incidents, newest first."""


class Callbacks(Protocol):
    """Who waits to be rung."""

    def get(self, callback_id: str) -> Callback | None:
        """Return one callback."""

    def open_to(self, numbers: Sequence[str]) -> list[Callback]:
        """Return the open callbacks to *numbers* (E.164)."""

    def waiting(self, after: Place | None, limit: int, within: Confines | None = None) -> list[Callback]:
        """Return the open callbacks, first due first; of who is confined those he sees."""

    def add(self, one: Callback) -> None:
        """Keep a new callback."""

    def change(self, one: Callback) -> None:
        """Keep a callback as it is now."""
