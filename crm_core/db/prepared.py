"""Questions between a ringing phone and its card, and rows of history: compiled once, given to the driver.

Asked through SQLAlchemy's result machinery a question costs four times as much, and a card needs half a
dozen; a call in the history is a dozen rows, which cost more on the way to the driver than in the database.
Rows come as the database keeps them: instants as text (``schema.instant_of``), truths as 0 and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select, Table
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


class PreparedInsert:
    """An insert of rows into *table*; each row has all columns but those that the database fills."""

    def __init__(self, table: Table, *, filled: Iterable[str] = ()) -> None:
        self._table = table
        self._columns = [column for column in table.columns if column.name not in set(filled)]
        self._sql: str | None = None
        self._kept: Sequence[tuple[str, Callable[[Any], Any] | None]] = ()

    def add(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Keep *rows*, values as the columns' types take them; errors are the driver's own."""
        sql = self._sql or self._compile(connection)
        sent = [[keep(row[name]) if keep else row[name] for name, keep in self._kept] for row in rows]
        connection.connection.cursor().executemany(sql, sent)

    def _compile(self, connection: Connection) -> str:
        dialect = connection.dialect
        names = [column.name for column in self._columns]
        compiled = self._table.insert().compile(dialect=dialect, column_keys=names)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - an insert compiles to SQL
        keeps = {column.name: column.type.bind_processor(dialect) for column in self._columns}
        self._kept = [(name, keeps[name]) for name in compiled.positiontup or ()]
        self._sql = compiled.string  # last: another thread may read it any time
        return self._sql
