"""What goes into the history together: calls that ended and what happened, as one transaction stores it."""

from __future__ import annotations

import msgspec

from crm_core.domain.calls import Call
from crm_core.domain.events import StoredEvent
from crm_core.domain.traces import Trace


class SpoolPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a batch waited while the database was away: record ``n`` of the spool ``spool``."""

    spool: str
    n: int


class Batch(msgspec.Struct, kw_only=True):
    """Calls and events in the order in which they came, and the traces of calls."""

    calls: list[Call] = []
    events: list[StoredEvent] = []
    traces: list[Trace] = []
