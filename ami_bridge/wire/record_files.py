"""The exchange's records in files that grow: only what was written since an instant is read."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice, takewhile
from pathlib import Path
from typing import IO

from ami_bridge.domain.cel import CelRow, QueueLine
from ami_bridge.domain.errors import NothingWrittenError, RecordsError
from ami_bridge.wire.cel_csv import LONGEST_LINE, MOST_ROWS, Reading, read_cel
from ami_bridge.wire.queue_log_file import read_queue_log

NEAR_ENOUGH = 65_536
IN_ORDER_WITHIN = timedelta(minutes=1)
TRIED_LINES = 50
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class RecordFiles:
    """CEL as a CSV file and, where there is one, queue_log. The file before the last rotation is read, too.

    Times without an offset are those of ``zone``. ``told`` says how the last reading of CEL went.
    """

    cel: Path
    queue_log: Path | None = None
    zone: tzinfo = UTC
    columns: Sequence[str] | None = None
    told: Reading = field(default_factory=Reading)

    def rows(self, since: datetime = BEGINNING, until: datetime | None = None) -> list[CelRow]:
        """Return the rows of CEL from *since* to *until*, as they stand.

        Raises:
            RecordsError: the file cannot be read, or holds too much.
        """
        told = self.told = Reading()

        def read(lines: Iterable[str]) -> Iterator[CelRow]:
            return read_cel(lines, zone=self.zone, columns=self.columns, told=told)

        def written_at(line: str) -> datetime | None:
            one = Reading()
            row = next(read_cel([line], zone=self.zone, columns=self.columns, told=one), None)
            return row.at if row else None

        lines = read(_lines_since(self.cel, since, written_at))
        rows = takewhile(_before(_end(self.cel, until, written_at)), lines)
        found = list(islice((row for row in rows if _is_within(row.at, since, until)), MOST_ROWS + 1))
        if len(found) > MOST_ROWS:
            raise RecordsError(str(self.cel), f"more than {MOST_ROWS:,} rows; cut it by days")
        return found

    def lines(self, since: datetime = BEGINNING, until: datetime | None = None) -> list[QueueLine]:
        """Return the lines of queue_log from *since* to *until*; none without one.

        Raises:
            RecordsError: the file cannot be read, or holds too much.
        """
        if self.queue_log is None:
            return []

        def written_at(line: str) -> datetime | None:
            one = next(read_queue_log([line], zone=self.zone, told=Reading(), of_nobody=True), None)
            return one.at if one else None

        written = _lines_since(self.queue_log, since, written_at)
        read = read_queue_log(written, zone=self.zone, told=Reading())
        lines = takewhile(_before(_end(self.queue_log, until, written_at)), read)
        found = list(islice((line for line in lines if _is_within(line.at, since, until)), MOST_ROWS + 1))
        if len(found) > MOST_ROWS:
            raise RecordsError(str(self.queue_log), f"more than {MOST_ROWS:,} lines; cut it by days")
        return found


def _is_within(at: datetime, since: datetime, until: datetime | None) -> bool:
    return at >= since and (until is None or at <= until)


def _before(end: datetime | None) -> Callable[[CelRow | QueueLine], bool]:
    """Return what ends the reading: a row behind *end*."""
    return lambda row: end is None or row.at <= end


WrittenAt = Callable[[str], datetime | None]


def _end(path: Path, until: datetime | None, written_at: WrittenAt) -> datetime | None:
    """Return behind which time nothing is read: well behind *until*, as rows are not strictly in order.

    None when the file's end is not so late: rows that are were written while the clock was ahead.
    """
    if until is None:
        return None
    end = until + IN_ORDER_WITHIN
    try:
        with path.open("rb") as file:
            last = _last_time(file, written_at)
    except OSError as error:
        raise _unreadable(path, error) from error
    return end if last is not None and last > end else None


def _last_time(file: IO[bytes], written_at: WrittenAt) -> datetime | None:
    """Return the time of the last line that has one."""
    _to_line_behind(file, max(0, os.fstat(file.fileno()).st_size - NEAR_ENOUGH))
    lines = deque(_whole_lines(file), maxlen=TRIED_LINES)
    times = (written_at(line) for line in reversed(lines))
    return next((at for at in times if at is not None), None)


def _lines_since(path: Path, since: datetime, written_at: WrittenAt) -> Iterator[str]:
    """Yield the lines that may have been written since *since*: of the file, and of the one before it."""
    rotated = path.with_name(path.name + ".1")
    try:
        if rotated.is_file():
            yield from _since(rotated, since, written_at)
        yield from _since(path, since, written_at)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> RecordsError:
    is_new = isinstance(error, FileNotFoundError) and path.parent.is_dir()
    kind = NothingWrittenError if is_new else RecordsError
    return kind(error.filename or str(path), error.strerror or str(error))


def _since(path: Path, since: datetime, written_at: WrittenAt) -> Iterator[str]:
    with path.open("rb") as file:
        first, last = 0, os.fstat(file.fileno()).st_size
        while last - first > NEAR_ENOUGH:
            middle = (first + last) // 2
            at = _next_time(file, middle, written_at)
            if at is not None and at < since:
                first = middle
            else:
                last = middle
        _to_line_behind(file, first)
        yield from _whole_lines(file)


def _next_time(file: IO[bytes], place: int, written_at: WrittenAt) -> datetime | None:
    """Return the time of the first line behind *place* that has one."""
    _to_line_behind(file, place)
    times = (written_at(line) for line in islice(_whole_lines(file), TRIED_LINES))
    return next((at for at in times if at is not None), None)


def _to_line_behind(file: IO[bytes], place: int) -> None:
    file.seek(place)
    if place:
        file.readline(LONGEST_LINE)


def _whole_lines(file: IO[bytes]) -> Iterator[str]:
    """Yield lines; of one without end, pieces that nobody takes for a line."""
    while line := file.readline(LONGEST_LINE):
        yield line.decode("utf-8", "replace")
