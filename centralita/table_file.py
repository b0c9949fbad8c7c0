"""A table in a text file, as spreadsheets and other programs write it: read row by row, whatever its signs.

Encoding: what the byte order mark says, else UTF-8, else Windows-1252. Separator: that which gives most known
headings. Nothing of the file is held but the row at hand.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from centralita.errors import UnusableError
from centralita.words import words

SEPARATORS = ";,\t|"
LONGEST_LINE, PIECE = 1 << 20, 1 << 16
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_EXCELS_OWN = "sep="


class TableError(UnusableError):
    """The file is no table that can be read; the text says why."""


@dataclass(slots=True)
class Table:
    """An open table: its headings and the rows below, each with the line on which it begins."""

    headings: list[str]
    rows: Iterator[tuple[int, list[str] | None]]
    """None in place of cells that could not be told apart: a quotation mark is opened and not closed."""
    read_bytes: Callable[[], int]


@contextmanager
def open_table(file: Path, *, known: Callable[[Sequence[str]], int]) -> Iterator[Table]:
    """Open *file*; *known* counts the headings that are understood.

    Raises:
        TableError: it cannot be opened, is no text, or has no heading that is known; or, while rows are read,
            a line is longer than 1 MiB.
    """
    try:
        with file.open("rb") as raw:
            encoding = _encoding(raw, file)
            raw.seek(0)
            with io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
                yield _table(text, raw.tell, file, known)
    except OSError as error:
        raise TableError(f"{file}: {error.strerror}") from error


def _table(
    text: io.TextIOWrapper,
    read_bytes: Callable[[], int],
    file: Path,
    known: Callable[[Sequence[str]], int],
) -> Table:
    lines = _lines(text, file)
    first, before = next(lines, ""), 0
    if first.lower().startswith(_EXCELS_OWN):
        first, before = next(lines, ""), 1
    found = {separator: _cells(first, separator) for separator in SEPARATORS}
    separator = max(found, key=lambda one: known(found[one]))
    if not known(found[separator]):
        raise TableError(words().gettext("%(file)s: no heading in its first line is known.") % {"file": file})
    return Table(found[separator], _rows(lines, separator, before + 1), read_bytes)


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _rows(lines: Iterator[str], separator: str, before: int) -> Iterator[tuple[int, list[str] | None]]:
    reader = csv.reader(lines, delimiter=separator)
    while True:
        line = before + reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error:  # a field of more than 128 KiB; the reader begins anew on the next line
            yield line, None


def _lines(text: io.TextIOWrapper, file: Path) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            told = {"file": file, "line": number}
            raise TableError(words().gettext("%(file)s: line %(line)d is longer than any row.") % told)
        yield line


def _encoding(raw: BinaryIO, file: Path) -> str:
    head = raw.read(4)
    if head in _WORKBOOKS:
        said = words().gettext("%(file)s is a workbook: save the sheet as CSV, then import that.")
        raise TableError(said % {"file": file})
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    candidates: Sequence[str] = (marked,) if marked else ("utf-8", "cp1252")
    for encoding in candidates:
        if _is_text(raw, encoding):
            return encoding
    raise TableError(words().gettext("%(file)s is no text: neither UTF-8 nor Windows-1252.") % {"file": file})


def _is_text(raw: BinaryIO, encoding: str) -> bool:
    raw.seek(0)
    reading = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := raw.read(PIECE):
            reading.decode(piece)
        reading.decode(b"", final=True)
    except UnicodeError:
        return False
    return True
