"""The event log, and up to where each part of the service has read or written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from crm_core.domain.audit import AuditEntry, Deed, Wanted
from crm_core.domain.batches import SpoolPlace
from crm_core.domain.events import StoredEvent
from crm_core.domain.leases import Lease
from crm_core.domain.traces import Trace


class EventLog(Protocol):
    """What happened, in the order of the commits."""

    def append(self, events: Iterable[StoredEvent]) -> None:
        """Keep events, in this order, behind all others."""

    def after(self, pos: int, limit: int) -> list[StoredEvent]:
        """Return what stands behind *pos*."""

    def last(self) -> int:
        """Return the last place; 0 while there is none."""

    def take(self, place: SpoolPlace) -> bool:
        """Remember that what waited at *place* is kept; False when it was already."""

    def trace(self, traces: Iterable[Trace]) -> None:
        """Keep how calls came to be told as they were."""

    def traces(self, ids: Sequence[str]) -> list[Trace]:
        """Return what is kept of the calls *ids*, in the order in which it was kept."""

    def thin(self, before: datetime, limit: int) -> int:
        """Forget of the oldest *limit* events and traces those before *before*; return how many it were."""


class Watermarks(Protocol):
    """Up to when each exchange's calls are in the history."""

    def of(self, pbx: str) -> datetime | None:
        """Return up to when the calls of an exchange are kept."""

    def put(self, pbx: str, at: datetime) -> None:
        """Keep up to when they are."""


class Leases(Protocol):
    """Who leads."""

    def all(self) -> list[Lease]:
        """Return those that were ever held, by name."""

    def pinned(self) -> list[Lease]:
        """Return those that were ever held; none is taken over before this transaction ends."""

    def seized(self) -> list[Lease]:
        """Return those that were ever held, when everybody who pinned them is through."""

    def put(self, one: Lease) -> None:
        """Keep a lease as it is now."""


class Audit(Protocol):
    """Who did what: entries are added, never changed."""

    def append(self, entry: AuditEntry) -> None:
        """Keep an entry."""

    def last(self, limit: int) -> list[AuditEntry]:
        """Return the newest entries, newest first."""

    def last_of(self, begin: str) -> AuditEntry | None:
        """Return the newest entry whose deed begins with *begin*."""

    def find(self, wanted: Wanted, before: int | None, limit: int) -> list[Deed]:
        """Return what was done, newest first, behind the place *before*."""
