"""The event log in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update

from crm_core.db.prepared import PreparedInsert
from crm_core.db.schema import event
from crm_core.db.schema_bridge import call_trace, spool
from crm_core.domain.batches import SpoolPlace
from crm_core.domain.events import StoredEvent
from crm_core.domain.traces import Trace

_ADD = PreparedInsert(event, filled=["pos"])
_AFTER = select(event).where(event.c.pos > bindparam("pos")).order_by(event.c.pos).limit(bindparam("most"))
_LAST = select(func.max(event.c.pos))
_TRACE = PreparedInsert(call_trace, filled=["pos"])
_T = call_trace.c
_TRACES = (
    select(_T.call_id, _T.at, _T.lines)
    .where(_T.call_id.in_(bindparam("ids", expanding=True)))
    .order_by(_T.pos)
)
_EMPTIED = select(spool.c.emptied).where(spool.c.id == bindparam("which"))


class SqlEventLog:
    """An ``EventLog``; the database gives the places, when ``write`` asks for them just before the commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[dict[str, Any]] = []

    @property
    def waits(self) -> bool:
        """Whether there is anything to be written."""
        return bool(self._waiting)

    def append(self, events: Iterable[StoredEvent]) -> None:
        """Keep events, in this order, behind all others."""
        self._waiting += [
            {"type": one.type, "at": one.at, "call_id": one.call_id, "payload": one.payload} for one in events
        ]

    def write(self) -> None:
        """Give what was appended its places; nobody else may be at it until the transaction ends."""
        _ADD.add(self._connection, self._waiting)

    def forget(self) -> None:
        """Forget what was appended."""
        self._waiting.clear()

    def after(self, pos: int, limit: int) -> list[StoredEvent]:
        """Return what stands behind *pos*."""
        return [
            StoredEvent(type=row.type, at=row.at, call_id=row.call_id, payload=row.payload, pos=row.pos)
            for row in self._connection.execute(_AFTER, {"pos": pos, "most": limit})
        ]

    def last(self) -> int:
        """Return the last place; 0 while there is none."""
        return self._connection.scalar(_LAST) or 0

    def take(self, place: SpoolPlace) -> bool:
        """Remember that what waited at *place* is kept; False when it was already."""
        emptied = self._connection.scalar(_EMPTIED, {"which": place.spool})
        if emptied is None:
            self._connection.execute(insert(spool).values(id=place.spool, emptied=place.n))
            return True
        if place.n <= emptied:
            return False
        self._connection.execute(update(spool).where(spool.c.id == place.spool).values(emptied=place.n))
        return True

    def trace(self, traces: Iterable[Trace]) -> None:
        """Keep how calls came to be told as they were."""
        rows = [{"call_id": one.call_id, "at": one.at, "lines": one.lines} for one in traces]
        if rows:
            _TRACE.add(self._connection, rows)

    def traces(self, ids: Sequence[str]) -> list[Trace]:
        """Return what is kept of the calls *ids*."""
        rows = self._connection.execute(_TRACES, {"ids": list(ids)})
        return [Trace(call_id=row.call_id, at=row.at, lines=row.lines) for row in rows]

    def thin(self, before: datetime, limit: int) -> int:
        """Forget of the oldest *limit* events and traces those before *before*."""
        return sum(self._thin(table, before, limit) for table in (event, call_trace))

    def _thin(self, table: Table, before: datetime, limit: int) -> int:
        oldest = self._connection.scalar(select(func.min(table.c.pos)))
        if oldest is None:
            return 0
        gone = delete(table).where(table.c.pos < oldest + limit, table.c.at < before)
        return self._connection.execute(gone).rowcount
