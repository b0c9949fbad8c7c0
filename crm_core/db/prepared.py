"""Questions between a ringing phone and its card, and rows of history: compiled once, given to the driver.

Asked through SQLAlchemy's result machinery a question costs four times as much, and a card needs half a
dozen; a call in the history is a dozen rows, which cost more on the way to the driver than in the database.
Rows come as the database keeps them: instants as text (``schema.instant_of``), truths of SQLite as 0 and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Dialect, Select, Table
from sqlalchemy.sql.compiler import SQLCompiler

Row = TypeVar("Row")


class _Compiled(NamedTuple):
    sql: str
    names: Sequence[str]
    constants: Mapping[str, Any]


class Prepared(Generic[Row]):
    """A select; *make* turns the columns of a row into what is returned."""

    def __init__(self, make: Callable[[Iterable[Any]], Row], query: Select[Any]) -> None:
        self._make, self._query = make, query
        self._compiled: dict[str, _Compiled] = {}  # by the make of the database

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        """Return what the database has for *values*, the parameters by name; errors are the driver's own."""
        known = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        sent = [values[name] if name in values else known.constants[name] for name in known.names]
        cursor = connection.connection.cursor()
        cursor.execute(known.sql, sent)
        return [self._make(row) for row in cursor.fetchall()]

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled = self._query.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - a select compiles to SQL
        known = _Compiled(compiled.string, compiled.positiontup or (), compiled.params)
        return self._compiled.setdefault(dialect.name, known)


class _CompiledInsert(NamedTuple):
    sql: str
    kept: Sequence[tuple[str, Callable[[Any], Any] | None]]


class PreparedInsert:
    """An insert of rows into *table*; each row has all columns but those that the database fills."""

    def __init__(self, table: Table, *, filled: Iterable[str] = ()) -> None:
        self._table = table
        self._columns = [column for column in table.columns if column.name not in set(filled)]
        self._compiled: dict[str, _CompiledInsert] = {}

    def add(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Keep *rows*, values as the columns' types take them; errors are the driver's own."""
        known = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        sent = [[keep(row[name]) if keep else row[name] for name, keep in known.kept] for row in rows]
        connection.connection.cursor().executemany(known.sql, sent)

    def _compile(self, dialect: Dialect) -> _CompiledInsert:
        names = [column.name for column in self._columns]
        compiled = self._table.insert().compile(dialect=dialect, column_keys=names)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - an insert compiles to SQL
        keeps = {column.name: column.type.bind_processor(dialect) for column in self._columns}
        kept = [(name, keeps[name]) for name in compiled.positiontup or ()]
        return self._compiled.setdefault(dialect.name, _CompiledInsert(compiled.string, kept))
