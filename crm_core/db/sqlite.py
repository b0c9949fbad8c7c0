"""SQLite: how it is opened, and what its errors mean.

One file in WAL mode: readers never wait for the writer. ``synchronous=FULL``: what was stored survives a
power cut.
Sources: https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, Table, create_engine, event, func, select, text

DriverError: type[Exception] = sqlite3.Error
WRITERS, READERS = 1, 3  # it has one writer at a time anyway; so nobody of this process waits for a lock
LOCK_WAIT_MS = 1_500  # shorter than anybody waits for the database
_PRAGMAS = (
    f"busy_timeout={LOCK_WAIT_MS}",
    "foreign_keys=ON",
    "synchronous=FULL",
    "temp_store=MEMORY",
    "cache_size=-65536",
    "mmap_size=268435456",
    "journal_size_limit=67108864",
    "secure_delete=ON",  # of who is erased nothing is left in free pages
)
# https://www.sqlite.org/rescode.html: the file, the disk or somebody else's lock, not what was asked
_AWAY = frozenset(
    ("BUSY", "LOCKED", "IOERR", "FULL", "CANTOPEN", "READONLY", "CORRUPT", "NOTADB", "PROTOCOL", "PERM")
)


def writing_engine(url: str) -> Engine:
    """Return an engine whose transactions take the write lock when they begin."""
    engine = _engine(url, "BEGIN IMMEDIATE")
    event.listen(engine, "connect", _use_wal)
    return engine


def reading_engine(url: str) -> Engine:
    """Return an engine whose transactions see one state of the database, and cannot change it."""
    engine = _engine(url, "BEGIN")
    event.listen(engine, "connect", _only_query)
    return engine


def is_conflict(error: BaseException) -> bool:
    """Return whether somebody else stored the same thing first; asked again, a service finds it there."""
    return isinstance(error, sqlite3.IntegrityError)


def is_race(_error: BaseException) -> bool:
    """Return False: who writes has the lock from the begin."""
    return False


def is_away(error: BaseException) -> bool:
    """Return whether it is the database that fails, not what was asked of it."""
    name = getattr(error, "sqlite_errorname", "")
    return name.removeprefix("SQLITE_").partition("_")[0] in _AWAY


def is_cut(_error: BaseException) -> bool:
    """Return False: there is no line to it that could be cut."""
    return False


def lock_log(_connection: Connection) -> str | None:
    """Return: who writes is the only one until he commits, and hears himself how that went."""


def was_kept(_connection: Connection, _transaction: str) -> bool | None:
    """Return None: nobody has to ask."""


def begin_upgrade(_connection: Connection) -> None:
    """Return: it sorts as we need it, and waits for nobody."""


def begin_copy(connection: Connection) -> None:
    """Make the transaction one in which companies may come before their parents."""
    connection.connection.cursor().execute("PRAGMA defer_foreign_keys=ON")


def end_copy(_connection: Connection) -> None:
    """Do nothing: its ways do not depend on what it learnt."""


def stream(connection: Connection, sql: str) -> Any:
    """Return a cursor of the driver's over what *sql* gives, which is not all fetched at once."""
    return connection.connection.cursor().execute(sql)


def add_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add many rows, values as the database keeps them."""
    name = connection.dialect.identifier_preparer.quote
    into = f"{name(table.name)} ({', '.join(map(name, columns))})"
    marks = ", ".join("?" * len(columns))
    cursor: Any = connection.connection.cursor()
    cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", rows)  # noqa: S608 - names of ours


def last_place(connection: Connection, table: Table, column: str) -> int:
    """Return the last number that *table* gave by itself to a row; 0 when it gave none."""
    if table.dialect_options["sqlite"]["autoincrement"]:
        given = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return connection.scalar(given, {"name": table.name}) or 0
    return connection.scalar(select(func.max(table.c[column]))) or 0


def go_on_behind(connection: Connection, table: Table, _column: str, place: int) -> None:
    """Let the next number that *table* gives be behind *place*."""
    if table.dialect_options["sqlite"]["autoincrement"]:
        asked = {"name": table.name, "place": place}
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), asked)
        connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :place)"), asked)


def _engine(url: str, begin: str) -> Engine:
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)  # numbers would get into logs
    event.listen(engine, "connect", _prepare)

    def start(connection: Connection) -> None:
        connection.connection.cursor().execute(begin)  # by the driver: this is asked before each look-up

    event.listen(engine, "begin", start)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say so, not where sqlite3 guesses
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _use_wal(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")


def _only_query(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA query_only=ON")
