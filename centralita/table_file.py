"""A table in a file, as spreadsheets, address books and other programs write it: read row by row.

Of a text file: encoding is what the byte order mark says, else UTF-8, else Windows-1252; the separator is
that which gives most known headings, else most cells. A file of vCards is a table, too: a card a row.
Nothing of it is held but the row at hand.
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
from centralita.workbook import WORKBOOK, DamagedWorkbookError, workbook_rows
from crm_core.domain.rows import Fault
from crm_core.domain.vcard_rows import CARD_COLUMNS, Line, begins_cards, card_rows
from screenpop.pages.import_words import COLUMNS

SEPARATORS = ";,\t|"
LONGEST_LINE, PIECE, MOST_COLUMNS = 1 << 20, 1 << 16, 200
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_EXCELS_OWN = "sep="


class TableError(UnusableError):
    """The file is no table that can be read; the text says why."""


@dataclass(slots=True)
class Table:
    """An open table: its headings and the rows below, each with the line on which it begins."""

    headings: list[str]
    rows: Iterator[tuple[int, list[str] | None]]
    """None in place of cells that could not be told apart."""
    read_bytes: Callable[[], int]
    unreadable: Fault = "no_row"
    """What is told of a row without cells."""
    encoding: str | None = None
    """None: it is a workbook, which says so itself."""

    @property
    def is_cards(self) -> bool:
        """Return whether it is a file of vCards."""
        return self.unreadable == "no_card"


@contextmanager
def open_table(file: Path, *, known: Callable[[Sequence[str]], int]) -> Iterator[Table]:
    """Open *file*; *known* counts the headings that are understood.

    Raises:
        TableError: it cannot be opened, or is no table; or, while rows are read, a line is longer than 1 MiB,
            or the workbook is damaged.
    """
    try:
        with file.open("rb") as raw:
            if raw.read(len(WORKBOOK)) == WORKBOOK:
                yield _of_workbook(raw, file)
                return
            encoding = _encoding(raw, file)
            raw.seek(0)
            with io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
                yield _table(text, raw.tell, file, known)
    except OSError as error:
        raise TableError(f"{file}: {error.strerror}") from error
    except DamagedWorkbookError as error:
        said = words().gettext("%(file)s is no workbook that can be read: %(why)s")
        raise TableError(said % {"file": file, "why": error}) from error


def _of_workbook(raw: BinaryIO, file: Path) -> Table:
    raw.seek(0)
    rows = workbook_rows(raw)
    _, headings = next(rows, (1, []))
    return _demanded(Table(headings, rows, raw.tell), file)


def _table(
    text: io.TextIOWrapper,
    read_bytes: Callable[[], int],
    file: Path,
    known: Callable[[Sequence[str]], int],
) -> Table:
    if begins_cards(text.readline(PIECE)):
        text.seek(0)
        rows = card_rows(_card_lines(text))
        return Table(_card_headings(), rows, read_bytes, "no_card", text.encoding)
    text.seek(0)
    lines = _lines(text, file)
    first, before = next(lines, ""), 0
    if first.lower().startswith(_EXCELS_OWN):
        first, before = next(lines, ""), 1
    found = {separator: _cells(first, separator) for separator in SEPARATORS}
    separator = max(found, key=lambda one: (known(found[one]), len(found[one])))
    rows = _rows(lines, separator, before + 1)
    return _demanded(Table(found[separator], rows, read_bytes, encoding=text.encoding), file)


def _demanded(table: Table, file: Path) -> Table:
    if not any(heading.strip() for heading in table.headings):
        raise TableError(words().gettext("%(file)s: there is no heading in its first line.") % {"file": file})
    if len(table.headings) > MOST_COLUMNS:
        raise TableError(words().gettext("%(file)s has too many columns.") % {"file": file})
    return table


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


def _card_lines(text: io.TextIOWrapper) -> Iterator[Line]:
    """Yield the lines; of one longer than 1 MiB, such as a picture, what goes on is passed over."""
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        is_whole = len(line) < LONGEST_LINE or line.endswith("\n")
        yield Line(number, line, is_whole)
        while not is_whole and (more := text.readline(LONGEST_LINE)):
            is_whole = more.endswith("\n")


def _card_headings() -> list[str]:
    _ = words().gettext
    return [_(COLUMNS[column]) for column in CARD_COLUMNS]


def _encoding(raw: BinaryIO, file: Path) -> str:
    raw.seek(0)
    head = raw.read(len(_OLD_WORKBOOK))
    if head == _OLD_WORKBOOK:
        said = words().gettext("%(file)s is a workbook of old: save it as XLSX or CSV, then import that.")
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
