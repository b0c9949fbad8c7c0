"""Recordings of a manager stream: raw bytes in FILE, and in FILE.idx when which byte arrived.

A line of the index is ``offset arrival``: the place of a read's first byte and the seconds of our clock.
Both may be packed by gzip (FILE.gz, FILE.idx.gz).
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

LIMIT_BYTES = 4 << 30
PIECE = 1 << 20


class RecordingError(Exception):
    """The file is no recording of a manager stream."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, why)
        self.path, self.why = path, why

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


def read_recording(path: Path) -> Iterator[tuple[bytes, float | None]]:
    """Yield the reads of a recording with their arrivals (None when there is no index).

    Raises:
        RecordingError: the file cannot be read, or its index does not fit it.
    """
    raw = _bytes_of(path)
    index = _index_of(path)
    if index is None:
        for start in range(0, len(raw), PIECE):
            yield raw[start : start + PIECE], None
        return
    ends = [*index, (len(raw), 0.0)]
    for (start, arrival), (end, _) in pairwise(ends):
        if not 0 <= start <= end <= len(raw):
            raise RecordingError(path, f"its index names byte {end} of {len(raw)}")
        yield raw[start:end], arrival


def index_path(path: Path) -> Path:
    """Return where the index of *path* lies: x.ami.gz has x.idx.gz, x.ami has x.ami.idx or x.idx."""
    name = path.name.removesuffix(".gz")
    packed = ".gz" if path.name.endswith(".gz") else ""
    beside = path.with_name(f"{name}.idx{packed}")
    return beside if beside.exists() else path.with_name(f"{name.removesuffix('.ami')}.idx{packed}")


def _bytes_of(path: Path) -> bytes:
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise RecordingError(path, str(error)) from error
    if len(raw) > LIMIT_BYTES:
        raise RecordingError(path, f"larger than {LIMIT_BYTES} bytes")
    return raw


def _index_of(path: Path) -> list[tuple[int, float]] | None:
    where = index_path(path)
    if not where.exists():
        return None
    try:
        lines = _bytes_of(where).decode("ascii").splitlines()
        return [(int(offset), float(arrival)) for offset, arrival in map(str.split, lines)]
    except ValueError as error:
        raise RecordingError(where, "lines of an index are: offset arrival") from error
