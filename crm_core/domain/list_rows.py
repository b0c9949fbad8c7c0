"""A list of people to be called, read from CSV: each row taken, or rejected with its reason. Pure.

Columns are known by their names, in Spanish or English; whatever else a list has is kept beside the lead
as it stands there. Text is shown as text: what a spreadsheet would take for a formula is kept, not run.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from typing import Literal
from zoneinfo import available_timezones

import msgspec

from crm_core.domain.errors import CrmError
from crm_core.domain.phone import read_number
from crm_core.domain.words import folded

RejectReason = Literal[
    "no_number",
    "bad_number",
    "duplicate_in_file",
    "already_on_list",
    "do_not_call",
    "no_name",
    "bad_zone",
    "bad_region",
    "too_many_columns",
]
UnreadableReason = Literal["not_text", "empty", "no_number_column", "too_many_rows", "too_wide", "not_csv"]
MOST_ROWS, MOST_COLUMNS, MOST_NUMBERS = 20_000, 60, 4
LONGEST_CELL, LONGEST_NAME, LONGEST_COMPANY, LONGEST_COLUMN = 500, 200, 200, 60
SEPARATORS = ",;\t|"
_HEADERS: dict[str, str] = {
    "name": "name", "nombre": "name", "contact": "name", "contacto": "name", "full name": "name",
    "nombre completo": "name", "nombre y apellidos": "name", "cliente": "name", "customer": "name",
    "surname": "family", "last name": "family", "apellidos": "family", "apellido": "family",
    "first name": "name", "given name": "name",
    "company": "company", "empresa": "company", "razon social": "company", "organization": "company",
    "phone": "number", "telefono": "number", "number": "number", "numero": "number", "tel": "number",
    "mobile": "number", "movil": "number", "celular": "number", "landline": "number", "fijo": "number",
    "telephone": "number", "tlf": "number",
    "region": "region", "country": "region", "pais": "region",
    "time zone": "zone", "timezone": "zone", "zona horaria": "zone", "huso horario": "zone",
}  # fmt: skip
_ZONES = frozenset(available_timezones())


class UnreadableListError(CrmError):
    """This is no list; ``why`` is stable, pages translate it."""

    code = "unreadable_list"

    def __init__(self, why: UnreadableReason) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"the list cannot be read: {self.why}"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row that can be called; ``line`` is where it begins in the file, the heading is line 1."""

    line: int
    name: str
    company: str | None = None
    numbers: tuple[str, ...]
    zone: str | None = None
    fields: dict[str, str] = {}


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """A row that is left out, and why; ``text`` is what it is about."""

    line: int
    reason: RejectReason
    text: str


class ReadList(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds, and as what it was read."""

    rows: tuple[Row, ...]
    rejected: tuple[Rejected, ...]
    encoding: str
    separator: str


def read_list(raw: bytes, *, region: str, needs_name: bool = True) -> ReadList:
    """Return the rows of a CSV file; numbers without a country code are of *region*.

    The encoding is told by a byte order mark, else it is UTF-8, else Windows' Western one (cp1252).

    Raises:
        UnreadableListError: it is no table with a column of numbers.
    """
    text, encoding = _decoded(raw)
    separator = _separator(text)
    table = _records(text, separator)
    columns = _columns(next(table, (0, []))[1])
    rows: list[Row] = []
    rejected: list[Rejected] = []
    seen: set[str] = set()
    for count, (line, cells) in enumerate(table):
        if count >= MOST_ROWS:
            raise UnreadableListError("too_many_rows")
        found = _row(line, cells, columns, region, needs_name=needs_name)
        if isinstance(found, Row) and (twice := next((one for one in found.numbers if one in seen), None)):
            found = Rejected(line=line, reason="duplicate_in_file", text=twice)
        if isinstance(found, Row):
            seen.update(found.numbers)
            rows.append(found)
        else:
            rejected.append(found)
    if not rows and not rejected:
        raise UnreadableListError("empty")
    return ReadList(rows=tuple(rows), rejected=tuple(rejected), encoding=encoding, separator=separator)


_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def _decoded(raw: bytes) -> tuple[str, str]:
    marked = [name for mark, name in _MARKS if raw.startswith(mark)]
    for name in marked or ("utf-8", "cp1252"):
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, name
    raise UnreadableListError("not_text")


def _separator(text: str) -> str:
    """Return the separator that the heading has most of, outside quotes."""
    heading = next((line for line in text.splitlines() if line.strip()), "")
    bare = "".join(heading.split('"')[::2])
    return max(SEPARATORS, key=bare.count)


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank with the line on which it begins."""
    reader = csv.reader(StringIO(text.lstrip("\ufeff"), newline=""), delimiter=separator)
    begin = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begin, cells
            begin = reader.line_num + 1
    except csv.Error:  # a cell longer than 128 KiB
        raise UnreadableListError("not_csv") from None


def _columns(heading: Sequence[str]) -> list[tuple[str, str]]:
    """Return of each column what it means (``field`` when it is the list's own) and how it is called."""
    if len(heading) > MOST_COLUMNS:
        raise UnreadableListError("too_wide")
    found = [(_meaning(name), name.strip()[:LONGEST_COLUMN]) for name in heading]
    if not any(meaning == "number" for meaning, _ in found):
        raise UnreadableListError("no_number_column" if any(name for _, name in found) else "empty")
    return found


def _meaning(name: str) -> str:
    words = folded(name.replace("_", " ").replace(".", " "))
    return _HEADERS.get(words) or _HEADERS.get(words.rstrip("0123456789 ")) or "field"


def _row(
    line: int, cells: list[str], columns: list[tuple[str, str]], region: str, *, needs_name: bool
) -> Row | Rejected:
    if len(cells) > len(columns):
        return Rejected(line=line, reason="too_many_columns", text=_cell(cells[-1]))
    by: dict[str, list[str]] = {}
    fields: dict[str, str] = {}
    for (meaning, name), cell in zip(columns, cells, strict=False):
        if value := _cell(cell):
            by.setdefault(meaning, []).append(value)
            if meaning == "field" and name:
                fields[name] = value
    return _checked(line, by, fields, region, needs_name=needs_name)


def _checked(
    line: int, by: dict[str, list[str]], fields: dict[str, str], region: str, *, needs_name: bool
) -> Row | Rejected:
    of = by.get("region", [region])[0].upper()
    if not (len(of) == 2 and of.isascii() and of.isalpha()):  # noqa: PLR2004 - ISO 3166-1 alpha-2
        return Rejected(line=line, reason="bad_region", text=of)
    zone = by.get("zone", [None])[0]
    if zone is not None and zone not in _ZONES:
        return Rejected(line=line, reason="bad_zone", text=zone)
    name = " ".join((*by.get("name", ()), *by.get("family", ())))
    company = by.get("company", [None])[0]
    if needs_name and not name and not company:
        return Rejected(line=line, reason="no_name", text=by.get("number", [""])[0])
    written = by.get("number", [])[:MOST_NUMBERS]
    numbers = tuple(dict.fromkeys(e164 for text in written if (e164 := read_number(text, region=of).e164)))
    if not numbers:
        return Rejected(line=line, reason="bad_number" if written else "no_number", text=" ".join(written))
    return Row(
        line=line,
        name=(name or company or "")[:LONGEST_NAME],
        company=company and company[:LONGEST_COMPANY],
        numbers=numbers,
        zone=zone,
        fields=fields,
    )


def _cell(text: str) -> str:
    """Return what a cell says, on one line and not longer than anybody reads."""
    return " ".join(text[: 4 * LONGEST_CELL].split())[:LONGEST_CELL]


def without(
    found: ReadList, numbers: Callable[[str], bool], reason: Literal["already_on_list", "do_not_call"]
) -> ReadList:
    """Return *found* without the rows that have one of *numbers*; they are rejected with *reason*."""
    rows: list[Row] = []
    rejected = list(found.rejected)
    for row in found.rows:
        hit = next((one for one in row.numbers if numbers(one)), None)
        if hit is None:
            rows.append(row)
        else:
            rejected.append(Rejected(line=row.line, reason=reason, text=hit))
    rejected.sort(key=lambda one: one.line)
    return msgspec.structs.replace(found, rows=tuple(rows), rejected=tuple(rejected))
