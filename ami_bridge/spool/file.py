"""A spool: a file beside the database, allocated when there is room, filled when the database is away.

One process has it at a time (flock), one thread works on it. Emptied, it is filled from its begin again; at
the end an empty one is removed.
Sources: posix_fallocate(3), fdatasync(2), flock(2)
"""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path
from uuid import uuid4

from ami_bridge.spool.records import (
    FIRST_RECORD_AT,
    HEADER_AT,
    HEADER_SIZE,
    RECORD_HEAD,
    BrokenBatchError,
    Header,
    pack_header,
    pack_record,
    read_header,
    read_record,
    record_size,
)
from crm_core.domain.batches import Batch, SpoolPlace
from crm_core.domain.calls import Call
from crm_core.domain.errors import SpoolError

SIZE = 64 << 20
"""Bytes: some 20,000 calls with what happened in them."""
_NOTHING = bytes(1 << 20)


class SpoolFile:
    """Batches that wait, the oldest first."""

    def __init__(self, path: Path, *, size: int = SIZE) -> None:
        """Open or make the spool *path*.

        Raises:
            SpoolError: it is another process's, or there is no room for it.
        """
        self.path = path
        self.broken = 0
        self._size = size
        self._lock = threading.RLock()  # who wipes it is in another thread than who fills it
        self._fd = _opened(path)
        try:
            os.posix_fallocate(self._fd, 0, size)
            self._header, self._header_place = self._read_headers()
            self._head_at, self._head_n = FIRST_RECORD_AT, self._header.first
            self._tail_at, self._tail_n = self._head_at, self._head_n
            self._calls: dict[str, tuple[int, int]] = {}
            self._head: Batch | None = None
            self._scan()
        except OSError as error:
            os.close(self._fd)
            raise SpoolError(f"{path}: {error.strerror}") from error

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return self._head_n == self._tail_n

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return len(self._calls)

    def append(self, batch: Batch) -> None:
        """Keep *batch* behind all others; it is on the disk when this returns.

        Raises:
            SpoolError: it does not fit any more, or the disk does not take it.
        """
        with self._lock:
            record = pack_record(self._tail_n, batch)
            if self._tail_at + len(record) > self._size:
                raise SpoolError(f"{self.path} is full")
            try:
                _write(self._fd, record, self._tail_at)
                os.fdatasync(self._fd)
            except OSError as error:
                raise SpoolError(f"{self.path}: {error.strerror}") from error
            self._take_note(batch, len(record))

    def head(self) -> tuple[SpoolPlace, Batch] | None:
        """Return what waits longest, and where; None when nothing does.

        A record that holds no batch of this version is counted in ``broken`` and left out.

        Raises:
            SpoolError: the disk does not give it back.
        """
        while not self.is_empty:
            try:
                batch = read_record(self._record_at(self._head_at, self._head_n))
            except BrokenBatchError:
                batch = None
            except OSError as error:
                raise SpoolError(f"{self.path}: {error.strerror}") from error
            if batch is not None:
                self._head = batch
                return SpoolPlace(spool=str(self._header.spool), n=self._head_n), batch
            self.broken += 1
            self.drop()
        return None

    def drop(self) -> None:
        """Let go of what waits longest: it is in the database.

        Raises:
            SpoolError: the disk failed.
        """
        with self._lock:
            try:
                self._drop()
            except OSError as error:
                raise SpoolError(f"{self.path}: {error.strerror}") from error

    def find(self, call_id: str) -> Call | None:
        """Return a call that waits."""
        place = self._calls.get(call_id)
        batch = read_record(self._record_at(*place)) if place else None
        return next((call for call in reversed(batch.calls) if call.id == call_id), None) if batch else None

    def wipe(self) -> None:
        """Overwrite what waited here once; nothing is done while something waits.

        Raises:
            SpoolError: the disk does not take it.
        """
        with self._lock:
            if not self.is_empty:
                return
            try:
                for at in range(self._tail_at, self._size, len(_NOTHING)):
                    _write(self._fd, _NOTHING[: self._size - at], at)
                os.fdatasync(self._fd)
            except OSError as error:
                raise SpoolError(f"{self.path}: {error.strerror}") from error

    def close(self) -> None:
        """Let others have it; an empty one is removed."""
        if self.is_empty:
            self.path.unlink(missing_ok=True)
        os.close(self._fd)

    # --- the file

    def _drop(self) -> None:
        gone = self._head_at, self._head_n
        self._head_at += len(self._record_at(*gone))
        self._head_n += 1
        for call in self._head.calls if self._head else ():
            if self._calls.get(call.id) == gone:
                del self._calls[call.id]
        self._head = None
        if self.is_empty:
            self._begin_anew()

    def _read_headers(self) -> tuple[Header, int]:
        found = [
            (header, place)
            for place, at in enumerate(HEADER_AT)
            if (header := read_header(os.pread(self._fd, HEADER_SIZE, at)))
        ]
        if found:
            return max(found, key=lambda one: one[0].first)
        header = Header(uuid4(), 1)
        self._write_header(header, 0)
        return header, 0

    def _write_header(self, header: Header, place: int) -> None:
        _write(self._fd, pack_header(header), HEADER_AT[place])
        os.fdatasync(self._fd)

    def _begin_anew(self) -> None:
        self._header = Header(self._header.spool, self._tail_n)
        self._header_place = 1 - self._header_place
        self._write_header(self._header, self._header_place)
        self._head_at = self._tail_at = FIRST_RECORD_AT
        self._calls.clear()

    def _scan(self) -> None:
        """Find the end: behind the last record that is whole."""
        while record := self._record_at(self._tail_at, self._tail_n):
            try:
                batch = read_record(record)
            except BrokenBatchError:
                batch = Batch()
            if batch is None:
                return
            self._take_note(batch, len(record))

    def _take_note(self, batch: Batch, size: int) -> None:
        """Know that *batch* stands at the end."""
        self._calls |= dict.fromkeys((call.id for call in batch.calls), (self._tail_at, self._tail_n))
        self._tail_at, self._tail_n = self._tail_at + size, self._tail_n + 1

    def _record_at(self, at: int, n: int) -> bytes:
        """Return record *n* with its head, empty when it does not begin at *at*."""
        size = record_size(os.pread(self._fd, RECORD_HEAD, at), n=n, room=self._size - at)
        return os.pread(self._fd, size, at) if size else b""


def _opened(path: Path) -> int:
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SpoolError(f"{path}: {error.strerror}") from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(fd)
        raise SpoolError(f"{path} is in use by another program") from error
    if not _is_still_there(fd, path):  # who had it removed it meanwhile
        os.close(fd)
        return _opened(path)
    return fd


def _is_still_there(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


def _write(fd: int, text: bytes, at: int) -> None:
    written = 0
    while written < len(text):
        written += os.pwrite(fd, text[written:], at + written)
