"""Leases in the database: a handful of rows, read at the begin of each transaction that writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from crm_core.db.prepared import Prepared
from crm_core.db.schema_bridge import lease
from crm_core.domain.leases import Lease

_C = lease.c


def _lease(row: Iterable[Any]) -> Lease:
    name, holder, term, beat, wanted_by = row
    return Lease(name=name, holder=holder, term=term, beat=beat, wanted_by=wanted_by)


_ROWS = select(_C.name, _C.holder, _C.term, _C.beat, _C.wanted_by).order_by(_C.name)
_ALL = Prepared(_lease, _ROWS)
# Locks that stand in the way of each other, and not of a beat. SQLite, where one writes at a time, has no
# words for them.
_PINNED = Prepared(_lease, _ROWS.with_for_update(read=True, key_share=True))
_SEIZED = Prepared(_lease, _ROWS.with_for_update())


class SqlLeases:
    """``Leases``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Lease]:
        """Return those that were ever held, by name."""
        return _ALL.rows(self._connection, {})

    def pinned(self) -> list[Lease]:
        """Return those that were ever held; none is taken over before this transaction ends."""
        return _PINNED.rows(self._connection, {})

    def seized(self) -> list[Lease]:
        """Return those that were ever held, when everybody who pinned them is through."""
        return _SEIZED.rows(self._connection, {})

    def put(self, one: Lease) -> None:
        """Keep a lease as it is now."""
        values = msgspec.structs.asdict(one)
        changed = self._connection.execute(update(lease).where(_C.name == one.name).values(**values))
        if not changed.rowcount:
            self._connection.execute(insert(lease).values(**values))
