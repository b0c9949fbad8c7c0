"""Which processes live that work on a database file: each holds a byte of its own in the lock file beside it.

The byte is free again when the process ends, however that happens; one that is stopped still holds it.
Source: fcntl(2), "Open file description locks"
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from pathlib import Path

from crm_core.db.in_use import SQLITE

_FLOCK = struct.Struct("@hhqqi4x")  # struct flock of Linux on 64 bits
_BYTES_FROM = 1 << 40  # far behind anything that is ever written there


class Living:
    """Says, while it is held, that process *number* (below 2**40) lives, of those on the database *url*."""

    def __init__(self, url: str, number: int) -> None:
        self._fd = os.open(_file(url), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.fcntl(self._fd, fcntl.F_OFD_SETLK, _lock(fcntl.F_WRLCK, number))

    def is_there(self, number: int) -> bool:
        """Return whether the process *number* lives."""
        answer = fcntl.fcntl(self._fd, fcntl.F_OFD_GETLK, _lock(fcntl.F_WRLCK, number))
        return bool(_FLOCK.unpack(answer)[0] != fcntl.F_UNLCK)

    def end(self) -> None:
        """Say that we are gone."""
        os.close(self._fd)


def _file(url: str) -> Path:
    if not url.startswith(SQLITE):
        raise OSError(errno.ENOTSUP, "no file to lock", url)
    return Path(f"{url.removeprefix(SQLITE)}.lock")


def _lock(kind: int, number: int) -> bytes:
    return _FLOCK.pack(kind, os.SEEK_SET, _BYTES_FROM + number, 1, 0)
