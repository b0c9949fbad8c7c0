"""Tables that are sent as they are read, for spreadsheets: CSV, or a workbook (XLSX) of one sheet.

Nothing of a table is held but the rows at hand: a workbook is a zip whose parts are written one after the
other, its cells as texts of their own (``inlineStr``), so that it needs no table of all texts.
Source: ECMA-376 Part 1, §18.3.1.4 and §18.3.1.53 (is).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final, Literal, Protocol, get_args
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from crm_core.domain.cells import safe_cell

Form = Literal["csv", "xlsx"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)
Cell = str | float | None
BOM: Final = "\ufeff"  # else a spreadsheet reads no UTF-8
LONGEST_CELL: Final = 32_767
"""Signs; a workbook with more in a cell is damaged for who opens it."""
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Centralita" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class TableWriter(Protocol):
    """Makes a file of rows; each call returns what is to be sent next."""

    media: str

    def rows(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Return the bytes of more rows; texts in them cannot become formulas."""

    def end(self) -> bytes:
        """Return what comes behind the last row."""


def table_writer(form: Form, *, has_comma: bool) -> TableWriter:
    """Return what writes a table; where decimals have a comma, cells of CSV are apart by semicolons."""
    return _Csv(has_comma=has_comma) if form == "csv" else _Workbook()


class _Csv:
    media = "text/csv; charset=utf-8"

    def __init__(self, *, has_comma: bool) -> None:
        self._has_comma, self._before = has_comma, BOM

    def rows(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        written = StringIO()
        writer = csv.writer(written, delimiter=";" if self._has_comma else ",")
        writer.writerows([self._cell(value) for value in row] for row in rows)
        before, self._before = self._before, ""
        return (before + written.getvalue()).encode()

    def end(self) -> bytes:
        return b""

    def _cell(self, value: Cell) -> str:
        if value is None:
            return ""
        if isinstance(value, float):
            return f"{value:.1f}".replace(".", "," if self._has_comma else ".")
        return safe_cell(value)


class _Workbook:
    media = f"{_SHEET_TYPE}.sheet"

    def __init__(self) -> None:
        self._out = _Sent()
        self._zip = ZipFile(self._out, "w", ZIP_DEFLATED, compresslevel=3)
        for name, text in _PARTS.items():
            self._zip.writestr(name, _XML + text)
        self._sheet = self._zip.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())

    def rows(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        text = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
        self._sheet.write(text.encode())
        return self._out.taken()

    def end(self) -> bytes:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._zip.close()
        return self._out.taken()


def _cell(value: Cell) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, float):
        return f"<c><v>{value!r}</v></c>"
    text = escape(_NO_XML.sub("", safe_cell(value))[:LONGEST_CELL]).replace("\r", "&#13;")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


class _Sent:
    """A file of which nothing is kept but what was written since it was last taken."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, piece: bytes) -> int:
        self._waiting += piece
        return len(piece)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def close(self) -> None:
        """There is nothing to let go of."""

    def taken(self) -> bytes:
        taken, self._waiting = bytes(self._waiting), bytearray()
        return taken
