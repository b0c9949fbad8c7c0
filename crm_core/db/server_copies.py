"""Copies of a database of PostgreSQL's: taken while the service runs, counted before they count, put back.

What is written stands under another name until it is whole and counted; what is put back comes in one
transaction. Killed at any instant, what was there before is there still.
Sources: https://www.postgresql.org/docs/current/app-pgdump.html,
https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import IO, Any, NamedTuple

import psycopg
from psycopg import sql

from crm_core.db.copies import Copied, CopyError, part_of, put_in_place, told
from crm_core.db.in_use import DatabaseInUseError, beside
from crm_core.db.migrate import demand_known
from crm_core.db.postgresql import TAKE_UPGRADE_LOCK
from crm_core.db.server_programs import DUMP, RESTORE, SQL, WITHIN_S, Line, Programs, line_of, programs_for
from crm_core.domain.errors import DatabaseAwayError

SCHEMA, VERSION_TABLE, ENDING = "public", "alembic_version", ".dump"
AT_ONCE = 1 << 16
LEAVES_WITHIN_S, LOOK_S = 2.0, 0.05
COMPRESSED = "--compress=1"
"""Calls are packed already: more takes twice the processor's time for a tenth less."""
_COPIED = re.compile(rb'COPY (?:"[^"]+"|\w+)\.(?:"([^"]+)"|(\w+)) \(')
_END = b"\\.\n"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename"
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND application_name = 'centralita'"
)
_EMPTIED = f"""
SET client_min_messages = warning;
BEGIN;
SET LOCAL lock_timeout = '10s';
{TAKE_UPGRADE_LOCK};
DO $$
DECLARE name text;
BEGIN
  IF ({_OTHERS}) > 0 THEN RAISE 'the database is in use: stop the service first'; END IF;
  FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = '{SCHEMA}' LOOP
    EXECUTE 'DROP TABLE ' || name || ' CASCADE';
  END LOOP;
  FOR name IN SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences
      WHERE schemaname = '{SCHEMA}' LOOP
    EXECUTE 'DROP SEQUENCE ' || name || ' CASCADE';
  END LOOP;
  FOR name IN SELECT f.oid::regprocedure::text FROM pg_proc f
      WHERE f.pronamespace = '{SCHEMA}'::regnamespace AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e') LOOP
    EXECUTE 'DROP ROUTINE ' || name || ' CASCADE';
  END LOOP;
END $$;
"""  # noqa: S608 - ours
_TAKES_LONG = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"


class Server(NamedTuple):
    """A database of a server's, and the programs for it."""

    line: Line
    programs: Programs

    @contextmanager
    def opened(self) -> Iterator[psycopg.Connection]:
        """Give a connection on which each statement is a transaction."""
        with _opened(self.line) as connection:
            yield connection


def server_of(url: str, *, stop: Event | None = None, within_s: float = WITHIN_S) -> Server:
    """Return the database *url*, and the programs that fit its server.

    Raises:
        DatabaseAwayError: it cannot be reached.
        ProgramsMissingError, ProgramsTooOldError: there are none that fit.
    """
    line = line_of(url)
    with _opened(line) as connection:
        version = connection.info.server_version // 10_000
    return Server(line, programs_for(version, stop=stop, within_s=within_s))


def demand_unused(url: str) -> None:
    """Return when nobody of ours works on the database *url*; the server sees who left for a moment longer.

    Raises:
        DatabaseInUseError: somebody does.
        DatabaseAwayError: it cannot be reached.
    """
    until = time.monotonic() + LEAVES_WITHIN_S
    with _opened(line_of(url)) as connection:
        while scalar(connection, _OTHERS):
            if time.monotonic() > until:
                raise DatabaseInUseError(connection.info.dbname)
            time.sleep(LOOK_S)


def back_up(server: Server, target: Path) -> Copied:
    """Copy the database to *target*, as it is at one instant; others may write meanwhile.

    Raises:
        CopyError: the copy cannot be written, or does not hold what the database holds.
        DatabaseAwayError: the server went away.
    """
    with told(), part_of(target) as part, server.opened() as connection:
        connection.execute(_TAKES_LONG)
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = scalar(connection, "SELECT pg_export_snapshot()")
        how = ["--format=custom", COMPRESSED, f"--schema={SCHEMA}", "--no-owner", "--no-privileges"]
        where = ["--no-password", f"--snapshot={snapshot}", f"--file={part}", f"--dbname={server.line.words}"]
        server.programs.run(DUMP, *how, *where, line=server.line)
        wanted = counted(connection)
        connection.execute("ROLLBACK")
        copied = read_through(server.programs, part)
        if copied.rows != wanted:
            raise CopyError("the copy does not hold what the database holds")
        put_in_place(part, target)
        return copied


def read_through(programs: Programs, copy: Path) -> Copied:
    """Read the copy to its end, and count what is in it.

    Raises:
        CopyError: it is damaged, or no database of ours.
    """
    rows: dict[str, int] = {}
    revision = ""
    with programs.running(RESTORE, "--file=-", str(copy), stdout=subprocess.PIPE) as process:
        table = None
        for line in _piped(process.stdout):
            if table is None:
                if found := _COPIED.match(line):
                    table = (found[1] or found[2]).decode()
                    rows[table] = 0
            elif line == _END:
                table = None
            else:
                rows[table] += 1
                revision = line.decode().strip() if table == VERSION_TABLE else revision
    if not revision:
        raise CopyError(f"{copy} is no database of Centralita")
    return Copied(rows=rows, revision=revision)


def restore(server: Server, source: Path, *, url: str, now: datetime) -> Copied:
    """Put the copy *source* in the place of the database *url*; what was there is kept as a copy.

    Raises:
        CopyError: *source* is no whole database of ours.
        SchemaError: it is of a newer version.
        DatabaseInUseError: somebody works on the database.
        DatabaseAwayError: the server went away.
    """
    demand_unused(url)
    copied = read_through(server.programs, source)
    demand_known(copied.revision)
    kept = _kept(server, Path(f"{beside(url)}.before-{now:%Y%m%dT%H%M%SZ}{ENDING}"))
    with server.programs.running(
        SQL,
        *("--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--file=-"),
        f"--dbname={server.line.words}",
        line=server.line,
        stdin=subprocess.PIPE,
    ) as psql:
        into = _piped(psql.stdin)
        into.write(_EMPTIED.encode())
        put_into(server.programs, source, into)
        into.write(f"{_demanded(copied.rows)}\nCOMMIT;\n".encode())
    with server.opened() as connection:
        connection.execute("ANALYZE")
    return Copied(rows=copied.rows, revision=copied.revision, kept=kept)


def put_into(programs: Programs, copy: Path, into: IO[bytes]) -> None:
    """Write *copy* as statements.

    Raises:
        CopyError: it could not be read to its end: what was written must not be kept.
    """
    how = [f"--schema={SCHEMA}", "--no-owner", "--no-privileges", "--file=-"]
    with programs.running(RESTORE, *how, str(copy), stdout=subprocess.PIPE) as process:
        while some := _piped(process.stdout).read(AT_ONCE):
            into.write(some)


def counted(connection: psycopg.Connection) -> dict[str, int]:
    """Return how many rows each table of ours has."""
    tables = [str(row[0]) for row in connection.execute(_TABLES, (SCHEMA,)).fetchall()]
    count = sql.SQL("SELECT count(*) FROM {}")
    return {name: int(scalar(connection, count.format(sql.Identifier(SCHEMA, name))) or 0) for name in tables}


def scalar(connection: psycopg.Connection, asked: str | sql.Composed) -> Any:
    """Return the first value of the first row of what is *asked*."""
    statement = asked if isinstance(asked, sql.Composed) else asked.encode()
    row = connection.execute(statement).fetchone()
    return row[0] if row else None


@contextmanager
def _opened(line: Line) -> Iterator[psycopg.Connection]:
    password = line.environment.get("PGPASSWORD")
    try:
        with psycopg.connect(line.words, password=password, connect_timeout=5, autocommit=True) as connection:
            yield connection
    except psycopg.Error as error:
        raise DatabaseAwayError(str(error)) from error


def _kept(server: Server, target: Path) -> Path | None:
    """Copy what is there, when there is something."""
    with server.opened() as connection:
        if not counted(connection).get(VERSION_TABLE):
            return None
    if target.exists():
        raise CopyError(f"{target} is there already")
    back_up(server, target)
    return target


def _demanded(rows: Mapping[str, int]) -> str:
    """Return what fails when the tables do not have so many rows."""
    checks = "\n".join(
        f"  IF (SELECT count(*) FROM {SCHEMA}.{_quoted(name)}) <> {count} THEN"  # noqa: S608 - quoted
        f" RAISE 'not all rows came back'; END IF;"
        for name, count in rows.items()
    )
    return f"DO $check$\nBEGIN\n{checks}\nEND $check$;"


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _piped(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101 - asked for
    return stream
