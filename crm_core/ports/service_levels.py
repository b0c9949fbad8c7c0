"""What is promised of incidents, when it is due, and what they are sorted by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from crm_core.domain.choices import Choice, ChoiceKind
from crm_core.domain.service_levels import Due, Hours, KeptDue, Policy


class Choices(Protocol):
    """Categories, product lines, teams and resolutions."""

    def every(self) -> list[Choice]:
        """Return all of them by id."""

    def get(self, record_id: str) -> Choice | None:
        """Return one."""

    def add(self, one: Choice) -> None:
        """Keep a new one."""

    def change(self, one: Choice) -> None:
        """Keep one as it is now."""

    def of(self, kind: ChoiceKind) -> list[Choice]:
        """Return all of a kind, by id."""


class Calendars(Protocol):
    """When houses are open."""

    def every(self) -> list[Hours]:
        """Return all of them by id."""

    def get(self, record_id: str) -> Hours | None:
        """Return one."""

    def add(self, one: Hours) -> None:
        """Keep a new one."""

    def change(self, one: Hours) -> None:
        """Keep one as it is now."""


class Policies(Protocol):
    """What is promised."""

    def every(self) -> list[Policy]:
        """Return all of them by id."""

    def get(self, record_id: str) -> Policy | None:
        """Return one."""

    def add(self, one: Policy) -> None:
        """Keep a new one."""

    def change(self, one: Policy) -> None:
        """Keep one as it is now."""


class Dues(Protocol):
    """When somebody hears of a promise, unless it is kept before."""

    def of(self, incident_id: str) -> list[KeptDue]:
        """Return what is or was due about an incident."""

    def waiting(self, limit: int) -> list[KeptDue]:
        """Return what nobody was told of, the first due first."""

    def add(self, incident_id: str, due: Due) -> None:
        """Keep something new that is due."""

    def move(self, incident_id: str, due: Due) -> None:
        """Keep that it is due at another time, and that nobody was told of that."""

    def tell(self, one: KeptDue, *, now: datetime) -> None:
        """Keep that it was told."""

    def drop(self, dues: Sequence[KeptDue]) -> None:
        """Forget what is not due any more."""
