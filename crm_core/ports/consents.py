"""What people agreed to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from crm_core.domain.consents import Consent, Purpose
from crm_core.domain.contacts import Channel


class Consents(Protocol):
    """What people said, each time; nothing is written over."""

    def add(self, one: Consent) -> None:
        """Keep what somebody said."""

    def drop(self, ids: Iterable[str]) -> None:
        """Forget what was noted by a merge that is undone."""

    def of(self, contact_id: str, limit: int) -> list[Consent]:
        """Return what somebody said, newest first."""

    def of_numbers(
        self, numbers: Iterable[str], purpose: Purpose, channel: Channel
    ) -> list[tuple[str, Consent]]:
        """Return what those said who have one of *numbers* (E.164), with the number."""
