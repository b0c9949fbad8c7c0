"""Questions between a ringing phone and its card, and rows of history: compiled once, given to the driver.

Asked through SQLAlchemy's result machinery a question costs four times as much, and a card needs half a
dozen; a call in the history is a dozen rows, which cost more on the way to the driver than in the database.
Rows come as the database keeps them: instants as text (``schema.instant_of``), truths of SQLite as 0 and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
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
    values: Callable[[Mapping[str, Any]], Sequence[Any]]
    kept: Sequence[tuple[int, Callable[[Any], Any]]]
    """Where a value stands that is kept otherwise than it is given, and how."""

    def row(self, one: Mapping[str, Any]) -> Sequence[Any]:
        """Return the values of a row as the driver takes them."""
        values = list(self.values(one))
        for place, keep in self.kept:
            values[place] = keep(values[place])
        return values


class PreparedInsert:
    """An insert of rows into *table*; each row has all columns but those that the database fills."""

    def __init__(self, table: Table, *, filled: Iterable[str] = ()) -> None:
        self._table = table
        self._columns = [column for column in table.columns if column.name not in set(filled)]
        self._compiled: dict[str, _CompiledInsert] = {}

    def add(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Keep *rows*, values as the columns' types take them; errors are the driver's own."""
        known = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        connection.connection.cursor().executemany(known.sql, [known.row(one) for one in rows])

    def _compile(self, dialect: Dialect) -> _CompiledInsert:
        names = [column.name for column in self._columns]
        compiled = self._table.insert().compile(dialect=dialect, column_keys=names)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - an insert compiles to SQL
        keeps = {column.name: column.type.bind_processor(dialect) for column in self._columns}
        places = compiled.positiontup or ()
        kept = [(place, keep) for place, name in enumerate(places) if (keep := keeps[name]) is not None]
        known = _CompiledInsert(compiled.string, itemgetter(*places), kept)
        return self._compiled.setdefault(dialect.name, known)
