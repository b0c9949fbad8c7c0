"""What customers reported, and whom we promised to call back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from crm_core.domain.callbacks import Callback
from crm_core.domain.cards import CardIncident
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

    def next_number(self) -> str:
        """Return the number of the next incident."""

    def add(self, incident: Incident, *, key: str) -> None:
        """Keep a new incident."""

    def change(self, incident: Incident) -> None:
        """Keep an incident as it is now."""

    def find(
        self,
        *,
        contact_id: str | None,
        assignee: str | None,
        only_open: bool,
        before: Place | None,
        limit: int,
    ) -> list[Incident]:
        """Return incidents, newest first; None asks for everybody's."""

    def open_of(self, *, contact_id: str | None, account_id: str | None, limit: int) -> list[CardIncident]:
        """Return a contact's open incidents, else a company's, most urgent first, as a card shows them."""


class Callbacks(Protocol):
    """Who waits to be rung."""

    def get(self, callback_id: str) -> Callback | None:
        """Return one callback."""

    def open_to(self, numbers: Sequence[str]) -> list[Callback]:
        """Return the open callbacks to *numbers* (E.164)."""

    def waiting(self, after: Place | None, limit: int) -> list[Callback]:
        """Return the open callbacks, first due first."""

    def add(self, one: Callback) -> None:
        """Keep a new callback."""

    def change(self, one: Callback) -> None:
        """Keep a callback as it is now."""
