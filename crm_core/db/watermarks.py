"""Watermarks in the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from crm_core.db.schema_records import watermark

_C = watermark.c
_OF = select(_C.at).where(_C.pbx == bindparam("of"))
_MOVE = update(watermark).where(_C.pbx == bindparam("of")).values(at=bindparam("to"))


class SqlWatermarks:
    """``Watermarks``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, pbx: str) -> datetime | None:
        """Return up to when the calls of an exchange are kept."""
        return self._connection.scalar(_OF, {"of": pbx})

    def put(self, pbx: str, at: datetime) -> None:
        """Keep up to when they are."""
        if not self._connection.execute(_MOVE, {"of": pbx, "to": at}).rowcount:
            self._connection.execute(watermark.insert(), {"pbx": pbx, "at": at})
