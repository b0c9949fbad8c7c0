"""Copies of the database file: taken while the service runs, checked before they count, put back.

What is written stands under another name until it is whole and checked; then one rename puts it in its place.
Killed at any instant, what was there before is there still.
Sources: https://www.sqlite.org/backup.html, https://www.sqlite.org/pragma.html#pragma_integrity_check
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from crm_core.db.in_use import ROOT, SQLITE, alone
from crm_core.db.migrate import demand_head, demand_known

OPEN_WITHIN_S = 5.0
PART = ".part"
Trial = Literal["put back", "read"]
"""How a copy was tried out: put back and counted there, or read to its end and counted."""
_HEADER = b"SQLite format 3\0"
_BESIDE = ("-wal", "-shm")


class CopyError(Exception):
    """There is no good copy; ``why`` says what is wrong with it. Nothing was changed."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return self.why


class ProgramsMissingError(CopyError):
    """There is no ``pg_dump`` with ``pg_restore`` and ``psql``."""

    def __init__(self) -> None:
        super().__init__("pg_dump, pg_restore and psql are not there: install postgresql-client")


class ProgramsTooOldError(CopyError):
    """The newest ``pg_dump`` is of version ``found``, the server of version ``server``."""

    def __init__(self, found: int, server: int) -> None:
        self.found, self.server = found, server
        super().__init__(
            f"pg_dump is of version {found}, older than the server ({server}):"
            f" install postgresql-client-{server}"
        )


class UntriedError(CopyError):
    """The copy was read to its end, and could not be put back: that says as much of the server as of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy that was checked: ``rows`` by table, its revision; ``kept`` is what it replaced."""

    rows: Mapping[str, int]
    revision: str
    kept: Path | None = None


def back_up(source: Path, target: Path) -> Copied:
    """Copy the database *source* to *target*, as it is at one instant; others may write meanwhile.

    Raises:
        CopyError: the copy cannot be written, or is not what the database is.
    """
    if target.exists() and target.samefile(source):
        raise CopyError(f"{target} is the database itself")
    with told(), part_of(target) as part:
        copied = _copy(source, part, mode="rw")  # who closes it last clears away its log
        put_in_place(part, target)
        return copied


def try_out(source: Path) -> Copied:
    """Put the copy *source* back in a place of its own, as ``restore`` does, and open it; then that is gone.

    Raises:
        CopyError: it is no whole database of ours.
        SchemaError: this version of the program could not work on it at once.
    """
    with told(), part_of(source.with_name(f"{source.name}.trial")) as part:
        copied = _copy(source, part, mode="ro")
        demand_head(f"{SQLITE}{part}")
        return copied


def restore(source: Path, target: Path, *, now: datetime) -> Copied:
    """Put the copy *source* in the place of the database *target*; what was there is kept beside it.

    Raises:
        CopyError: *source* is no whole database of ours.
        SchemaError: it is of a newer version.
        FileInUseError: somebody works on *target*.
    """
    with told(), alone(target), part_of(target) as part:
        copied = _copy(source, part, mode="ro")
        demand_known(copied.revision)
        kept = _keep(target, part, now) if target.exists() else None
        put_in_place(part, target)
        return Copied(rows=copied.rows, revision=copied.revision, kept=kept)


def _copy(source: Path, target: Path, *, mode: str) -> Copied:
    """Copy in one read transaction, so that what is counted is what is copied."""
    with closing(_opened(source, mode)) as old, closing(_opened(target, "rwc")) as new:
        old.execute("BEGIN")
        wanted = _counted(old)
        old.backup(new)
        old.execute("ROLLBACK")
        new.execute("PRAGMA journal_mode=DELETE")  # one file, whatever the database works with
        faults = [row[0] for row in new.execute("PRAGMA integrity_check")]
        if faults != ["ok"]:
            raise CopyError(f"{source} is damaged: {faults[0]}")
        if _counted(new) != wanted:
            raise CopyError("the copy does not hold what the database holds")
        if not wanted.get("alembic_version"):
            raise CopyError(f"{source} is no database of Centralita")
        (revision,) = new.execute("SELECT version_num FROM alembic_version").fetchone()
    return Copied(rows=wanted, revision=revision)


def _opened(file: Path, mode: str) -> sqlite3.Connection:
    where = f"{file.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(where, uri=True, isolation_level=None, timeout=OPEN_WITHIN_S)


def _counted(connection: sqlite3.Connection) -> dict[str, int]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    counts = {name: f'SELECT count(*) FROM "{name}"' for (name,) in tables}  # noqa: S608 - the file's own names
    return {name: connection.execute(count).fetchone()[0] for name, count in sorted(counts.items())}


def _keep(target: Path, part: Path, now: datetime) -> Path:
    """Give what is there a second name, and see to it that nothing beside it belongs to it any more."""
    kept = target.with_name(f"{target.name}.before-{now:%Y%m%dT%H%M%SZ}")
    try:
        _demand_header(target)
        with closing(_opened(target, "rw")) as old:
            old.execute("PRAGMA journal_mode=DELETE")  # writes the log back; refused while others are there
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise CopyError(f"{target} is in use by another program") from error
        for beside in filter(Path.exists, (Path(f"{target}{end}") for end in _BESIDE)):
            beside.rename(f"{kept}{beside.name.removeprefix(target.name)}")  # damaged: all of it is kept
    os.link(target, kept)
    owned = target.stat()
    part.chmod(owned.st_mode & 0o777)
    if os.geteuid() == ROOT:  # the service runs as somebody else and must get at it
        os.chown(part, owned.st_uid, owned.st_gid)
    return kept


def _demand_header(file: Path) -> None:
    """Look before it is opened: SQLite throws away the log of what it does not know."""
    with file.open("rb") as opened:
        if opened.read(len(_HEADER)) != _HEADER:
            raise sqlite3.DatabaseError("no database")


@contextmanager
def part_of(target: Path) -> Iterator[Path]:
    """Give the name under which *target* is written, in its folder; readable to its owner alone."""
    part = target.with_name(f"{target.name}{PART}")
    for old in (part, *(Path(f"{part}{end}") for end in (*_BESIDE, "-journal"))):
        old.unlink(missing_ok=True)  # of one that was killed
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def told() -> Iterator[None]:
    """Tell what goes wrong in the block as a ``CopyError``."""
    try:
        yield
    except OSError as error:
        raise CopyError(f"{error.filename}: {error.strerror}") from error
    except sqlite3.Error as error:
        raise CopyError(str(error)) from error


def put_in_place(part: Path, target: Path) -> None:
    """Give *part* the name *target*, when all of it is on the disk; then the name is there, too."""
    with part.open("rb") as whole:
        os.fsync(whole.fileno())
    part.replace(target)
    opened = os.open(target.parent, os.O_RDONLY)
    with suppress(OSError):
        os.fsync(opened)
    os.close(opened)
