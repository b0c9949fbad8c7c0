"""Questions between a ringing phone and its card: compiled once, then asked of the driver itself.

Asked through SQLAlchemy's result machinery each costs four times as much, and a card needs half a dozen.
Rows come as the database keeps them: instants as text (``schema.instant_of``), truths as 0 and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select
from sqlalchemy.sql.compiler import SQLCompiler

Row = TypeVar("Row")


class Prepared(Generic[Row]):
    """A select; *make* turns the columns of a row into what is returned."""

    def __init__(self, make: Callable[[Iterable[Any]], Row], query: Select[Any]) -> None:
        self._make, self._query = make, query
        self._sql: str | None = None
        self._names: Sequence[str] = ()
        self._constants: Mapping[str, Any] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        """Return what the database has for *values*, the parameters by name; errors are the driver's own."""
        sql = self._sql or self._compile(connection)
        sent = [values[name] if name in values else self._constants[name] for name in self._names]
        cursor = connection.connection.cursor()
        cursor.execute(sql, sent)
        return [self._make(row) for row in cursor.fetchall()]

    def _compile(self, connection: Connection) -> str:
        compiled = self._query.compile(dialect=connection.dialect)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - a select compiles to SQL
        self._names, self._constants = compiled.positiontup or (), compiled.params
        self._sql = compiled.string  # last: another thread may read it any time
        return self._sql
