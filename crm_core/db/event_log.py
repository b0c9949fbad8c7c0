"""The event log in the database."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, insert, select, update

from crm_core.db.prepared import PreparedInsert
from crm_core.db.schema import event
from crm_core.db.schema_bridge import spool
from crm_core.domain.batches import SpoolPlace
from crm_core.domain.events import StoredEvent

_ADD = PreparedInsert(event, filled=["pos"])
_AFTER = select(event).where(event.c.pos > bindparam("pos")).order_by(event.c.pos).limit(bindparam("most"))
_EMPTIED = select(spool.c.emptied).where(spool.c.id == bindparam("which"))


class SqlEventLog:
    """An ``EventLog``; the database gives the places, in the order of the commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, events: Iterable[StoredEvent]) -> None:
        """Keep events, in this order, behind all others."""
        rows = [
            {"type": one.type, "at": one.at, "call_id": one.call_id, "payload": one.payload} for one in events
        ]
        if rows:
            _ADD.add(self._connection, rows)

    def after(self, pos: int, limit: int) -> list[StoredEvent]:
        """Return what stands behind *pos*."""
        return [
            StoredEvent(type=row.type, at=row.at, call_id=row.call_id, payload=row.payload, pos=row.pos)
            for row in self._connection.execute(_AFTER, {"pos": pos, "most": limit})
        ]

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
