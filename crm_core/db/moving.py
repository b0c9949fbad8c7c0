"""A site moved from one database to another: every row of every table, in one transaction, and counted.

Killed at any instant, the new database has no tables yet; then it is begun anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Connection, Date, String, Table, func, select
from sqlalchemy.exc import DBAPIError

import crm_core.db.uow  # noqa: F401 - with it all tables are known
from crm_core.db.call_rows import fits_cut
from crm_core.db.engines import Make, driver_error, make_of
from crm_core.db.in_use import SQLITE, alone
from crm_core.db.migrate import demand_head, revision_of, upgrade_on
from crm_core.db.schema import metadata
from crm_core.db.schema_search import search_doc, search_slip
from crm_core.db.search_index import SearchIndex
from crm_core.domain.errors import DatabaseAwayError

__all__ = ["MoveError", "Moved", "move"]
AT_ONCE = 1_000
_DERIVED = frozenset((search_doc.name, search_slip.name))
"""The tables of the index, which each make of database has in its own way: it is made anew."""


class MoveError(Exception):
    """The records cannot be moved; ``why`` says why. The new database has none of them."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return self.why


class Moved(NamedTuple):
    """How many of all rows of *table* are moved."""

    table: str
    rows: int
    of: int


def move(source: str, target: str, *, told: Callable[[Moved], None]) -> Mapping[str, int]:
    """Copy everything from the database *source* to *target*, which has no tables yet; return rows by table.

    *told* hears of each table as it goes on.

    Raises:
        MoveError: the target is not empty, or cannot hold what the source does.
        SchemaError: the tables of the source are not of this version, or the target cannot hold such tables.
        FileInUseError: somebody works on the source.
        DatabaseAwayError: one of them cannot be reached.
    """
    with _alone(source):
        demand_head(source)
        if revision_of(target) is not None:
            raise MoveError("the new database has tables already: give one without any")
        with _opened(source) as (old, make), _opened(target, is_new=True) as (new, new_make):
            return _moved(_Side(old, make), _Side(new, new_make), told)


class _Side(NamedTuple):
    connection: Connection
    make: Make

    def count(self, table: Table) -> int:
        """Return how many rows *table* has."""
        return self.connection.scalar(select(func.count()).select_from(table)) or 0


def _moved(old: _Side, new: _Side, told: Callable[[Moved], None]) -> Mapping[str, int]:
    new.make.begin_copy(new.connection)
    upgrade_on(new.connection)
    for table in reversed(metadata.sorted_tables):
        new.connection.execute(table.delete())  # what the steps themselves put in: the source has its own
    tables = [table for table in metadata.sorted_tables if table.name not in _DERIVED]
    counts = {table.name: old.count(table) for table in tables}
    for table in tables:
        with _naming(table, new.make):
            _move_table(table, old, new, partial(_tell, told, table.name, counts[table.name]))
    SearchIndex(new.connection).fill()
    new.make.end_copy(new.connection)
    there = {table.name: new.count(table) for table in tables}
    if there != counts:
        wrong = sorted(name for name in counts if there[name] != counts[name])
        raise MoveError(f"not all rows came over: {', '.join(wrong)}")
    return counts


def _tell(told: Callable[[Moved], None], table: str, of: int, rows: int) -> None:
    told(Moved(table, rows, of))


def _move_table(table: Table, old: _Side, new: _Side, told: Callable[[int], None]) -> None:
    columns = [column.name for column in table.columns]
    new.make.add_rows(new.connection, table, columns, _rows(table, old, told))
    numbered = table.autoincrement_column
    if numbered is not None and (place := old.make.last_place(old.connection, table, numbered.name)):
        new.make.go_on_behind(new.connection, table, numbered.name, place)


def _rows(table: Table, old: _Side, told: Callable[[int], None]) -> Iterator[Sequence[Any]]:
    """Give the rows as the database keeps them; of SQLite truths are numbers there, and days texts."""
    fit = _fit(table)
    sql = select(table).compile(dialect=old.connection.dialect).string
    done = 0
    told(done)
    with closing(old.make.stream(old.connection, sql)) as cursor:
        while rows := cursor.fetchmany(AT_ONCE):
            yield from map(fit, rows)
            done += len(rows)
            told(done)


def _fit(table: Table) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Return what makes a row fit its columns.

    SQLite takes longer texts than a column says, and NUL. What exchanges said is cut, for the record of the
    call has all of it; else somebody must say what is to be done.
    """
    dates = [n for n, column in enumerate(table.columns) if isinstance(column.type, Date)]
    truths = [n for n, column in enumerate(table.columns) if isinstance(column.type, Boolean)]
    texts = [
        (n, column.type.length) for n, column in enumerate(table.columns) if isinstance(column.type, String)
    ]
    may_cut = fits_cut(table)

    def fit(row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for n in truths:
            values[n] = None if values[n] is None else bool(values[n])
        for n in dates:
            values[n] = None if values[n] is None else str(values[n])
        for n, length in texts:
            text = values[n]
            if text and ("\0" in text or (length and len(text) > length)):
                if not may_cut:
                    name = table.columns.keys()[n]
                    raise MoveError(f"{table.name}.{name} holds a text that does not fit: {text[:40]!r}")
                values[n] = text.replace("\0", "")[:length]
        return values

    return fit


@contextmanager
def _opened(url: str, *, is_new: bool = False) -> Iterator[tuple[Connection, Make]]:
    make = make_of(url)
    engine = make.writing_engine(url) if is_new else make.reading_engine(url)
    try:
        with engine.begin() as connection:
            yield connection, make
    except (DBAPIError, make.DriverError) as error:
        said = driver_error(error)
        raise DatabaseAwayError(str(said)) if make.is_away(said) else error from error
    finally:
        engine.dispose()


def _alone(url: str) -> AbstractContextManager[None]:
    return alone(Path(url.removeprefix(SQLITE))) if url.startswith(SQLITE) else nullcontext()


@contextmanager
def _naming(table: Table, make: Make) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, make.DriverError) as error:
        if make.is_away(said := driver_error(error)):
            raise
        raise MoveError(f"{table.name}: {said}") from error
