"""Files in which somebody stands who is to be erased: captures of exchanges, logs.

What is found is overwritten where it stands, letter by letter, so that the file keeps its length: who writes
to it goes on, and the places in a capture's index stay right. A packed file is packed anew.
"""

from __future__ import annotations

import gzip
import mmap
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

FILLED = b"x"


def scrub(paths: Iterable[Path], pattern: re.Pattern[bytes]) -> int:
    """Make unreadable what *pattern* finds in files, and in those of folders; return in how many it was.

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
    with file.open("r+b") as opened:
        if not os.fstat(opened.fileno()).st_size:
            return False
        with mmap.mmap(opened.fileno(), 0) as text:
            places = [found.span() for found in pattern.finditer(text)]
            for begin, end in places:
                text[begin:end] = FILLED * (end - begin)
            text.flush()
    return bool(places)


def _packed_anew(file: Path, pattern: re.Pattern[bytes]) -> bool:
    is_found = False
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".gz.new", delete=False) as made:
        with gzip.open(file) as packed, gzip.open(made, "wb") as anew:
            for line in packed:
                plain, count = pattern.subn(lambda found: FILLED * len(found[0]), line)
                is_found = is_found or count > 0
                anew.write(plain)
        os.fchmod(made.fileno(), file.stat().st_mode & 0o777)
    if is_found:
        Path(made.name).replace(file)
    else:
        Path(made.name).unlink()
    return is_found
