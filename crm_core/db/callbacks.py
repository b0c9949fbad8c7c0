"""Callbacks in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, bindparam, or_, select, true, update

from crm_core.db.confined import seen_wish
from crm_core.db.schema_reception import callback
from crm_core.domain.callbacks import Callback
from crm_core.domain.confines import Confines
from crm_core.ports.places import Place

_C = callback.c
_FIELDS = [column for column in callback.c if column.name != "is_open"]
_OPEN_TO = select(*_FIELDS).where(_C.number.in_(bindparam("numbers", expanding=True)), _C.is_open == true())


class SqlCallbacks:
    """``Callbacks``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, callback_id: str) -> Callback | None:
        """Return one callback."""
        row = self._connection.execute(select(*_FIELDS).where(_C.id == callback_id)).first()
        return _callback(row) if row else None

    def open_to(self, numbers: Sequence[str]) -> list[Callback]:
        """Return the open callbacks to *numbers*."""
        rows = self._connection.execute(_OPEN_TO, {"numbers": list(numbers)})
        return [_callback(row) for row in rows]

    def waiting(self, after: Place | None, limit: int, within: Confines | None = None) -> list[Callback]:
        """Return the open callbacks, first due first; of who is confined those he sees."""
        query = select(*_FIELDS).where(_C.is_open == true()).order_by(_C.due_at, _C.id).limit(limit)
        if within is not None:
            query = query.where(seen_wish(within, _C.call_id))
        if after is not None:
            query = query.where(
                _C.due_at >= after[0],
                or_(_C.due_at > after[0], and_(_C.due_at == after[0], _C.id > after[1])),
            )
        return [_callback(row) for row in self._connection.execute(query)]

    def add(self, one: Callback) -> None:
        """Keep a new callback."""
        self._connection.execute(callback.insert(), _row(one))

    def change(self, one: Callback) -> None:
        """Keep a callback as it is now."""
        self._connection.execute(update(callback).where(_C.id == one.id).values(**_row(one)))


def _row(one: Callback) -> dict[str, Any]:
    return msgspec.structs.asdict(one) | {"is_open": one.is_open}


def _callback(row: Row[Any]) -> Callback:
    return Callback(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row by column
