"""What is known of people's wishes, and taking them out of the records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from crm_core.domain.calls import Call
from crm_core.domain.erasure import Erasure, LegalHold
from crm_core.domain.events import StoredEvent
from crm_core.domain.traces import Trace
from crm_core.ports.places import Place


class Privacy(Protocol):
    """Whose records must stay, whose must go, and who must not be approached again."""

    def hold(self, contact_id: str) -> LegalHold | None:
        """Return why a contact's records must stay; None when they need not."""

    def put_hold(self, one: LegalHold) -> None:
        """Keep that a contact's records must stay, in place of what was kept of it."""

    def drop_hold(self, contact_id: str) -> None:
        """Keep that they need not."""

    def erasure(self, contact_id: str) -> Erasure | None:
        """Return the erasure that was asked for, or done."""

    def put_erasure(self, one: Erasure) -> None:
        """Keep an erasure, in place of what was kept of it."""

    def drop_erasure(self, contact_id: str) -> None:
        """Forget that one was asked for."""

    def due(self, now: datetime) -> list[Erasure]:
        """Return the erasures that are to be done and may be, first due first."""

    def suppress(self, numbers: Iterable[str], now: datetime) -> None:
        """Keep, as keyed hashes, that *numbers* were of somebody who was erased at *now*."""

    def suppressed(self, numbers: Iterable[str]) -> dict[str, datetime]:
        """Return those of *numbers* that were, and since when."""

    def of_others(self, contact_id: str, numbers: Sequence[str]) -> set[str]:
        """Return those of *numbers* (E.164) that another contact or a company has, too."""

    def calls_of(
        self, contact_id: str, numbers: Sequence[str], before: Place | None, limit: int
    ) -> list[Call]:
        """Return a contact's calls and those of *numbers* that are nobody's, newest first."""

    def his(self, ids: Iterable[str], contact_id: str, numbers: Sequence[str]) -> set[str]:
        """Return those of the calls *ids* that are a contact's, or of *numbers* and nobody's."""

    def rewrite_event(self, pos: int, payload: bytes) -> None:
        """Keep another payload of an event in its place."""

    def traces_after(self, pos: int, limit: int) -> list[tuple[int, Trace]]:
        """Return traces of calls behind a place, with their places."""

    def rewrite_trace(self, pos: int, lines: bytes) -> None:
        """Keep other lines of a trace in its place."""

    def events_after(self, pos: int, limit: int) -> list[StoredEvent]:
        """Return what stands behind *pos* in the event log."""

    def clear_notes(self, calls: Sequence[str]) -> None:
        """Forget what agents wrote about calls; that they did, and the outcome, stays."""

    def incidents_of(self, contact_id: str) -> dict[str, int]:
        """Return a contact's incidents with their versions."""

    def assets_of(self, contact_id: str) -> dict[str, int]:
        """Return the pieces of products that a contact has, with their versions."""

    def forget(self, contact_id: str, numbers: Sequence[str]) -> None:
        """Forget a contact with all that is his; of what happened with him stays that it happened."""
