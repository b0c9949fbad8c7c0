"""How each make of database is copied: a file by SQLite's own means, a server's by PostgreSQL's programs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Protocol

from centralita.words import words
from crm_core.db import copies
from crm_core.db.copies import Copied, ProgramsMissingError, ProgramsTooOldError, Trial
from crm_core.db.in_use import SQLITE, DatabaseInUseError, FileInUseError


class Copies(Protocol):
    """Copies of one database."""

    ENDING: str

    def back_up(self, target: Path) -> Copied:
        """Copy the database to *target*, and check the copy.

        Raises:
            CopyError, CrmError: there is no good copy.
        """

    def try_out(self, copy: Path) -> Trial:
        """Put *copy* back in a place of its own, or read it to its end; say which.

        Raises:
            UntriedError: it is whole and could not be put back.
            CopyError, CrmError: it is no good.
        """

    def restore(self, source: Path, *, now: datetime) -> Copied:
        """Put the copy *source* in the database's place; what was there is kept.

        Raises:
            FileInUseError, DatabaseInUseError: somebody works on it.
            CopyError, CrmError: it cannot be.
        """

    def stop(self) -> None:
        """End what is running."""


class FileCopies:
    """Of a file of SQLite's."""

    ENDING = ".sqlite3"

    def __init__(self, file: Path) -> None:
        self._file = file

    def back_up(self, target: Path) -> Copied:
        """Copy the file."""
        return copies.back_up(self._file, target)

    def try_out(self, copy: Path) -> Trial:
        """Put the copy back in a place of its own."""
        copies.try_out(copy)
        return "put back"

    def restore(self, source: Path, *, now: datetime) -> Copied:
        """Put the copy in the file's place."""
        return copies.restore(source, self._file, now=now)

    def stop(self) -> None:
        """Do nothing: it ends by itself."""


class ServerCopies:
    """Of a database of PostgreSQL's."""

    ENDING = ".dump"

    def __init__(self, url: str) -> None:
        self._url, self._stop = url, Event()

    def back_up(self, target: Path) -> Copied:
        """Copy the database by ``pg_dump``."""
        from crm_core.db import server_copies

        return server_copies.back_up(server_copies.server_of(self._url, stop=self._stop), target)

    def try_out(self, copy: Path) -> Trial:
        """Put the copy back into a database of its own, where the user may make one."""
        from crm_core.db import server_copies, server_trial

        server = server_copies.server_of(self._url, stop=self._stop)
        return server_trial.try_out(server, copy, url=self._url)

    def restore(self, source: Path, *, now: datetime) -> Copied:
        """Put the copy in the database's place, in one transaction."""
        from crm_core.db import server_copies

        server = server_copies.server_of(self._url, stop=self._stop)
        return server_copies.restore(server, source, url=self._url, now=now)

    def stop(self) -> None:
        """End the program that runs; another one may be started."""
        self._stop.set()
        self._stop = Event()


def copies_of(url: str) -> Copies:
    """Return how the database *url* is copied."""
    return FileCopies(Path(url.removeprefix(SQLITE))) if url.startswith(SQLITE) else ServerCopies(url)


def told_why(error: Exception) -> str:
    """Return why there is no copy, in the user's language where he can do something about it."""
    _ = words().gettext
    if isinstance(error, ProgramsMissingError):
        return _("pg_dump, pg_restore and psql are not there: install postgresql-client.")
    if isinstance(error, ProgramsTooOldError):
        told = _(
            "pg_dump is of version %(found)d, the server of %(server)d: install postgresql-client-%(server)d."
        )
        return told % {"found": error.found, "server": error.server}
    return str(error)


def in_use(error: FileInUseError | DatabaseInUseError) -> str:
    """Return that somebody works on the database, and what to do."""
    name = error.file if isinstance(error, FileInUseError) else error.name
    return words().gettext("%(file)s is in use: stop the service first.") % {"file": name}
