"""The first sheet of a workbook (XLSX), read row by row.

A workbook is a zip of XML: what it unpacks to is bounded before anything of it is read, and no reader of
``zipfile`` gives more than the directory says.
Sources: ECMA-376; https://docs.python.org/3/library/zipfile.html#decompression-pitfalls
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from crm_core.domain.cells import NumberCell, written_number

WORKBOOK = b"PK\x03\x04"
LARGEST_UNPACKED, LARGEST_TEXTS, MOST_PARTS = 256 << 20, 48 << 20, 1_000
MOST_ROWS, MOST_CELLS = 1_048_576, 201
_TEXTS = "sharedStrings.xml"
# What reading a file that only looks like a workbook ends in, here and there.
_DAMAGED = (
    BadZipFile,
    InvalidFileException,
    ParseError,
    zlib.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


class DamagedWorkbookError(Exception):
    """The file is no workbook, or one that unpacks to more than any table of people."""


def workbook_rows(raw: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet with their numbers, each cell as the text that it shows.

    Raises:
        DamagedWorkbookError: at the first row, or at that which cannot be read.
    """
    try:
        _demand_bounded(raw)
        book = load_workbook(raw, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for line, cells in enumerate(sheet.iter_rows(max_row=MOST_ROWS, values_only=True), 1):
            yield line, _trimmed(list(map(_text, cells[:MOST_CELLS])))
    except _DAMAGED as error:
        raise DamagedWorkbookError(str(error) or type(error).__name__) from error


def _demand_bounded(raw: BinaryIO) -> None:
    with ZipFile(raw) as packed:
        parts = packed.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise DamagedWorkbookError("too large")
    if any(part.filename.endswith(_TEXTS) and part.file_size > LARGEST_TEXTS for part in parts):
        raise DamagedWorkbookError("too many texts")


def _trimmed(cells: list[str]) -> list[str]:
    """Return *cells* without the empty ones at the end, which sheets have at their whim."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: Any) -> str:
    """Return what a cell shows: a number without decimals has none, a day no time."""
    match value:
        case None:
            shown = ""
        case float() if value.is_integer():
            shown = str(int(value))
        case float():
            shown = NumberCell(written_number(value))
        case datetime() if value.time() == time():
            shown = value.date().isoformat()
        case date() | time():
            shown = value.isoformat()
        case _:
            shown = str(value)
    return shown
