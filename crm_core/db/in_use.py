"""Who has the database file in use: a lock beside it, which all who work on it share.

The lock is on a file of its own: closing a second descriptor of the database would drop SQLite's own locks.
Sources: flock(2); https://www.sqlite.org/howtocorrupt.html, section 2.2
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SQLITE = "sqlite:///"
ROOT = 0


def beside(url: str) -> Path:
    """Return how the names of what lies beside the records begin: as the file of SQLite.

    Records of a server have no file: ``centralita`` in the working folder.
    """
    return Path(url.removeprefix(SQLITE) if url.startswith(SQLITE) else "centralita")


class FileInUseError(Exception):
    """Somebody works on the database ``file``, or is about to put another in its place."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self.file = file

    def __str__(self) -> str:
        return f"{self.file} is in use by another program"


class DatabaseInUseError(Exception):
    """Somebody works on the database ``name``."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"the database {self.name} is in use by another program"


class InUse:
    """Says, while it is held, that somebody works on the database of *url*; ends with the process, too."""

    def __init__(self, url: str) -> None:
        self._lock: int | None = None
        if url.startswith(SQLITE) and url != SQLITE:
            self._lock = _locked(Path(url.removeprefix(SQLITE)), fcntl.LOCK_SH)

    def end(self) -> None:
        """Say that we work on it no longer."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Keep everybody from the database *file* for the time of the block.

    Raises:
        FileInUseError: somebody works on it.
    """
    lock = _locked(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


def _locked(file: Path, how: int) -> int:
    lock = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.geteuid() == ROOT:  # as SQLite does with its own files beside the database
        owned = (file if file.exists() else file.absolute().parent).stat()
        os.fchown(lock, owned.st_uid, owned.st_gid)
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise FileInUseError(file) from error
    return lock
