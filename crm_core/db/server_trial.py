"""A copy of PostgreSQL's tried out: put back into a database of its own, where the user may make one.

What a trial that was killed left behind is known by its comment, and goes at the next one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from crm_core.db.copies import CopyError, Trial, UntriedError
from crm_core.db.migrate import demand_head
from crm_core.db.server_copies import SCHEMA, Server, counted, read_through, scalar
from crm_core.db.server_programs import RESTORE, line_of
from crm_core.domain.errors import DatabaseAwayError

_LONGEST = 40
_COMMENT = "Centralita puts a copy back here for a trial"
_MAY_MAKE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
_LEFT = (
    "SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') = %s"
    " AND starts_with(datname, %s) AND pg_has_role(datdba, 'USAGE')"
)
_HOW = ("--exit-on-error", "--single-transaction", f"--schema={SCHEMA}", "--no-owner", "--no-privileges")


def try_out(server: Server, copy: Path, *, url: str) -> Trial:
    """Put *copy*, of the database *url*, back into a database of its own, and open it; then that is gone.

    A user who may make no database has it read to its end.

    Raises:
        CopyError: it is no whole database of ours.
        SchemaError: this version of the program could not work on it at once.
        UntriedError: it could not be put back.
    """
    copied = read_through(server.programs, copy)
    try:
        with server.opened() as connection:
            if not scalar(connection, _MAY_MAKE):
                return "read"
            with _made(connection) as name:
                trial = make_url(url).set(database=name).render_as_string(hide_password=False)
                there = _put_back(server, copy, trial)
                demand_head(trial)
    except DatabaseAwayError as error:
        raise UntriedError(str(error)) from error
    if there != copied.rows:
        raise CopyError("what was put back is not what the copy holds")
    return "put back"


def _put_back(server: Server, copy: Path, trial: str) -> dict[str, int]:
    """Put *copy* into the empty database *trial*; return how many rows its tables have."""
    there = server._replace(line=line_of(trial))
    try:
        where = f"--dbname={there.line.words}"
        server.programs.run(RESTORE, *_HOW, "--no-password", where, str(copy), line=there.line)
    except CopyError as error:
        raise UntriedError(error.why) from error
    with there.opened() as connection:
        return counted(connection)


@contextmanager
def _made(connection: psycopg.Connection) -> Iterator[str]:
    """Give the name of a new database, which is gone after the block."""
    begin = f"{connection.info.dbname[:_LONGEST]}_trial_"
    for (left,) in connection.execute(_LEFT, (_COMMENT, begin)).fetchall():
        with suppress(psycopg.errors.ObjectInUse):
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(left)))
    name = f"{begin}{secrets.token_hex(4)}"
    made = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
    commented = sql.SQL("COMMENT ON DATABASE {} IS {}")
    connection.execute(made.format(sql.Identifier(name)))
    try:
        connection.execute(commented.format(sql.Identifier(name), sql.Literal(_COMMENT)))
        yield name
    finally:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
