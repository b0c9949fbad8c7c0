"""PostgreSQL: how it is opened, and what its errors mean.

Services are written as if nobody else were there, so who writes is ``SERIALIZABLE``: what would not come out
as one after the other is ended by the server and run again. Who reads sees one state and is never ended.
Sources: https://www.postgresql.org/docs/current/transaction-iso.html,
https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, NullPool, Table, create_engine, event, text

from crm_core.domain.errors import SchemaError

DriverError: type[Exception] = psycopg.Error
WRITERS, READERS = 4, 4
LOCK_WAIT_MS, STATEMENT_MS = 1_500, 30_000  # shorter than anybody waits for the database
_LINE: Final = {
    "autocommit": True,  # transactions begin where we say so: there it shows whether the server answers
    "client_encoding": "utf8",
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# Questions here are short: compiling one costs more than it saves.
_SESSION = (
    f"SET lock_timeout = {LOCK_WAIT_MS}; SET statement_timeout = {STATEMENT_MS};"
    " SET idle_in_transaction_session_timeout = 60000; SET jit = off; SET application_name = 'centralita'"
)
# Numbers of ours for the server's advisory locks.
_LOG_LOCK, _UPGRADE_LOCK = 0x43E17A01, 0x43E17A02
TAKE_UPGRADE_LOCK = f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"
"""Keeps those who change tables from each other until the transaction ends."""
_RACES = frozenset(("40001", "40P01"))
# By class and by code: the line, the server's room, its end or its disk, somebody else's lock, a server that
# only reads, the time that a statement may take.
_AWAY_CLASSES = frozenset(("08", "28", "3D", "53", "58", "XX"))
_AWAY = _RACES | frozenset(("57P01", "57P02", "57P03", "57P05", "57014", "55P03", "25006", "25P03"))
_CUT = frozenset(("08", "57"))


def writing_engine(url: str) -> Engine:
    """Return an engine whose transactions change records as if they ran one after the other."""
    return _engine(url, "BEGIN ISOLATION LEVEL SERIALIZABLE")


def reading_engine(url: str) -> Engine:
    """Return an engine whose transactions see one state of the database, and cannot change it."""
    return _engine(url, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")


def is_conflict(error: BaseException) -> bool:
    """Return whether somebody else stored the same thing first; asked again, a service finds it there."""
    return isinstance(error, psycopg.IntegrityError)


def is_race(error: BaseException) -> bool:
    """Return whether the transaction only ran at the wrong moment: nothing speaks against it now."""
    return _code(error) in _RACES


def is_away(error: BaseException) -> bool:
    """Return whether it is the database that fails, not what was asked of it."""
    code = _code(error)
    return code in _AWAY or code[:2] in _AWAY_CLASSES or _says_nothing(error)


def is_cut(error: BaseException) -> bool:
    """Return whether the line to it was cut: on a new one all may be well."""
    return _says_nothing(error) or _code(error)[:2] in _CUT


def lock_log(connection: Connection) -> str | None:
    """Keep others from the event log until the transaction ends; return what the server calls it."""
    cursor = connection.connection.cursor()
    cursor.execute(f"SELECT pg_current_xact_id()::text, pg_advisory_xact_lock({_LOG_LOCK})")
    ((name, _),) = cursor.fetchall()
    return str(name)


def was_kept(connection: Connection, transaction: str) -> bool | None:
    """Return whether *transaction*, named by ``lock_log``, was committed; None: it is not over yet."""
    status = connection.scalar(text("SELECT pg_xact_status(CAST(:name AS xid8))"), {"name": transaction})
    return None if status == "in progress" else status == "committed"


def begin_upgrade(connection: Connection) -> None:
    """Make the transaction one that may change tables, and last.

    Raises:
        SchemaError: the database is not one that can hold them.
    """
    cursor = connection.connection.cursor()
    # Who waited here sees what the one before him did.
    cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
    cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
    cursor.execute(TAKE_UPGRADE_LOCK)
    cursor.execute(f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}")
    cursor.execute("SELECT 'Z' < 'a' AND 'z' < 'ñ', current_setting('server_encoding'), current_database()")
    ((is_by_code, encoding, name),) = cursor.fetchall()
    if not is_by_code or encoding != "UTF8":
        raise SchemaError(
            f"the database {name} must be in UTF-8 and sort by code points: make it with"
            f" `createdb --template=template0 --encoding=UTF8 --locale=C {name}`"
        )


def begin_copy(connection: Connection) -> None:
    """Make the transaction one that may last; it has its tables made in it, too."""
    begin_upgrade(connection)
    connection.connection.cursor().execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def end_copy(connection: Connection) -> None:
    """Let the server learn what it holds: by itself it does so in minutes, and walks until then."""
    connection.connection.cursor().execute("ANALYZE")


def stream(connection: Connection, sql: str) -> Any:
    """Return a cursor of the driver's over what *sql* gives, which is not all fetched at once."""
    cursor = connection.connection.cursor(name="stream")
    cursor.execute(sql)
    return cursor


def add_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add many rows, values as the database keeps them; what they refer to may come after them."""
    name = connection.dialect.identifier_preparer.quote
    into = f"COPY {name(table.name)} ({', '.join(map(name, columns))}) FROM STDIN"
    with connection.connection.cursor().copy(into) as copy:
        for row in rows:
            copy.write_row(row)


def last_place(connection: Connection, table: Table, column: str) -> int:
    """Return the last number that *table* gave by itself to a row; 0 when it gave none."""
    given = text("SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, :column)::regclass)")
    return connection.scalar(given, {"name": table.name, "column": column}) or 0


def go_on_behind(connection: Connection, table: Table, column: str, place: int) -> None:
    """Let the next number that *table* gives be behind *place*."""
    asked = {"name": table.name, "column": column, "place": place}
    connection.execute(text("SELECT setval(pg_get_serial_sequence(:name, :column), :place)"), asked)


def _engine(url: str, begin: str) -> Engine:
    engine = create_engine(
        url,
        poolclass=NullPool,  # each thread has its own for good
        hide_parameters=True,  # numbers would get into logs
        paramstyle="format",  # as in ``prepared``
        connect_args=dict(_LINE),
    )

    def prepare(connection: psycopg.Connection[Any], _record: Any) -> None:
        connection.execute(_SESSION)

    def start(connection: Connection) -> None:
        connection.connection.cursor().execute(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
    return engine


def _code(error: BaseException) -> str:
    return getattr(error, "sqlstate", None) or ""


def _says_nothing(error: BaseException) -> bool:
    """Return whether it is the line that fails: then the server had no word to say."""
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and not _code(error)
