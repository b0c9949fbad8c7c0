"""Lines in the database."""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, select, update

from crm_core.db.schema_lines import line
from crm_core.domain.lines import Line, LineKey

_C = line.c


class SqlLines:
    """``LineNames``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, key: LineKey) -> Line | None:
        """Return what is kept of a number or a queue."""
        row = self._connection.execute(select(line).where(_is(key))).first()
        return Line(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name for a row by column

    def all(self) -> list[Line]:
        """Return all, by exchange, kind and code."""
        query = select(line).order_by(_C.pbx, _C.kind, _C.code)
        return [Line(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - as above

    def add(self, one: Line) -> None:
        """Keep a new one."""
        self._connection.execute(line.insert(), msgspec.structs.asdict(one))

    def change(self, one: Line) -> None:
        """Keep one as it is now."""
        self._connection.execute(update(line).where(_is(one.key)).values(**msgspec.structs.asdict(one)))

    def remove(self, key: LineKey) -> None:
        """Forget one."""
        self._connection.execute(line.delete().where(_is(key)))


def _is(key: LineKey) -> ColumnElement[bool]:
    pbx, kind, code = key
    return and_(_C.pbx == pbx, _C.kind == kind, _C.code == code)
