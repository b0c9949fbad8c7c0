"""Files in which somebody stands who is to be erased: captures of exchanges, logs.

What is found is overwritten where it stands, letter by letter, so that the file keeps its length: who writes
to it goes on, and the places in a capture's index stay right. A packed file is packed anew.
"""

from __future__ import annotations

import gzip
import os
import re
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

FILLED = b"x"
BLOCK = 1 << 16
"""Looked through at once: nobody else of this process has his turn meanwhile."""


def scrub(paths: Iterable[Path], pattern: re.Pattern[bytes]) -> int:
    """Make unreadable what *pattern* finds in lines of files, and of those of folders; return in how many.

    Raises:
        OSError: one cannot be read or written; those before it are done.
    """
    return sum(_scrubbed(file, pattern) for path in paths for file in _files(path))


def _files(path: Path) -> Iterator[Path]:
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    return (file for file in found if file.is_file() and not file.is_symlink())


def _scrubbed(file: Path, pattern: re.Pattern[bytes]) -> bool:
    return _packed_anew(file, pattern) if file.suffix == ".gz" else _overwritten(file, pattern)


def _overwritten(file: Path, pattern: re.Pattern[bytes]) -> bool:
    is_found, place = False, 0
    with file.open("r+b") as opened:
        for block in _blocks(opened):
            for begin, end in [found.span() for found in pattern.finditer(block)]:
                is_found = True
                opened.seek(place + begin)
                opened.write(FILLED * (end - begin))
            place += len(block)
            opened.seek(place)
        opened.flush()
        os.fsync(opened.fileno())
    return is_found


def _packed_anew(file: Path, pattern: re.Pattern[bytes]) -> bool:
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".gz.new", delete=False) as made:
        anew = Path(made.name)
        try:
            if is_found := _copied(file, made, pattern):
                os.fchmod(made.fileno(), file.stat().st_mode & 0o777)
                anew.replace(file)
        except (EOFError, zlib.error) as error:  # cut off, as when the disk was full
            raise OSError(f"{file} is damaged") from error
        finally:
            anew.unlink(missing_ok=True)
    return is_found


def _copied(file: Path, made: IO[bytes], pattern: re.Pattern[bytes]) -> bool:
    """Write *file* anew without what *pattern* finds; return whether there is any."""
    is_found = False
    with gzip.open(file) as packed, gzip.open(made, "wb") as anew:
        for block in _blocks(packed):
            plain, count = pattern.subn(lambda found: FILLED * len(found[0]), block)
            is_found = is_found or count > 0
            anew.write(plain)
    made.flush()
    return is_found


def _blocks(opened: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    """Yield what is read, in whole lines as long as they are no longer than a block."""
    while block := opened.read(BLOCK):
        yield block + opened.readline(BLOCK)
