"""A table read in a process of its own: what is in a file costs the service neither its loop nor its memory.

It is told on standard input what to read, and writes groups of rows to standard output as they are taken.
When who asked is gone, however that came, the next group finds nobody and it ends.
"""

from __future__ import annotations

import itertools
import os
import resource
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from centralita.presets import Preset, known_by
from centralita.table_file import Table, TableError, open_table
from centralita.words import speaking
from crm_core.domain.account_rows import read_account_row
from crm_core.domain.contact_rows import read_row
from crm_core.domain.custom_fields import FieldDef
from crm_core.domain.imports import AnyRow, Columns, Kind, ReadGroup, ReadLine, columns_by_heading
from crm_core.domain.rows import Fault, RowError
from crm_core.domain.typed_cells import DayOrder

AT_ONCE = 400
"""So few that nobody waits long for the database."""
SAMPLE = 8
LARGEST_MEMORY, NICER = 1 << 30, 5
SIZE = struct.Struct("!I")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What to read: with ``columns`` the rows behind the first ``skip``, else what is in the table.

    ``fields`` are the site's own, ``order`` is how days are written.
    """

    file: str
    kind: Kind = "contacts"
    language: str | None = None
    columns: Columns | None = None
    region: str = "ES"
    order: DayOrder = "ymd"
    fields: tuple[FieldDef, ...] = ()
    skip: int = 0
    presets: tuple[Preset, ...] = ()


class Look(msgspec.Struct, frozen=True, kw_only=True, tag="look"):
    """What is in a table: its headings, the first rows, and how its text is encoded; None of a workbook.

    ``is_cards``: it is a file of vCards.
    """

    headings: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    encoding: str | None
    is_cards: bool = False


class Group(msgspec.Struct, frozen=True, kw_only=True, tag="group"):
    """Some rows."""

    group: ReadGroup


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """The table cannot be read, or not on; ``why`` is for people."""

    why: str


Told = Look | Group | Failed
Reading = Callable[..., AnyRow | None]


def main() -> None:
    """Read what standard input asks for."""
    os.nice(NICER)
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY, LARGEST_MEMORY))
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    try:
        for told in _read(asked):
            _tell(sys.stdout.buffer, told)
    except BrokenPipeError:
        os._exit(1)  # nobody is there for what is not sent yet either


def _tell(out: BinaryIO, told: Told) -> None:
    frame = msgspec.msgpack.encode(told)
    out.write(SIZE.pack(len(frame)) + frame)
    out.flush()


def _read(asked: Asked) -> Iterator[Told]:
    with speaking(asked.language or ""):
        try:
            known = partial(known_by, asked.presets, kind=asked.kind)
            with open_table(Path(asked.file), known=known) as table:
                yield from _look(table) if asked.columns is None else _groups(table, asked, asked.columns)
        except TableError as error:
            yield Failed(why=str(error))


def _look(table: Table) -> Iterator[Look]:
    sample = itertools.islice((cells for _, cells in table.rows if cells and any(cells)), SAMPLE)
    rows = tuple(tuple(cell[:200] for cell in cells[: len(table.headings)]) for cells in sample)
    yield Look(headings=tuple(table.headings), sample=rows, encoding=table.encoding, is_cards=table.is_cards)


def _groups(table: Table, asked: Asked, columns: Columns) -> Iterator[Group]:
    headings: dict[str | None, str] = dict(zip(reversed(columns), reversed(table.headings), strict=False))
    reading: Reading = read_account_row if asked.kind == "accounts" else read_row
    own = {one.key: one for one in asked.fields}
    by_heading = columns_by_heading(asked.kind, table.headings)
    guessed = frozenset(one for one, said in zip(columns, by_heading, strict=False) if one and one == said)
    read = partial(reading, columns, region=asked.region, order=asked.order, fields=own, guessed=guessed)
    rows = enumerate(table.rows, 1)
    for _ in itertools.islice(rows, asked.skip):
        pass
    while some := list(itertools.islice(rows, AT_ONCE)):
        lines = (_line(line, cells, read, headings, table.unreadable) for _, (line, cells) in some)
        found = tuple(one for one in lines if one is not None)
        yield Group(group=ReadGroup(rows=some[-1][0], read_bytes=table.read_bytes(), lines=found))


def _line(
    line: int,
    cells: list[str] | None,
    read: Callable[[Sequence[str]], AnyRow | None],
    headings: dict[str | None, str],
    unreadable: Fault,
) -> ReadLine | None:
    if cells is None:
        return ReadLine(line=line, fault=unreadable)
    try:
        row = read(cells)
    except RowError as error:
        return ReadLine(line=line, fault=error.fault, text=headings.get(error.text, error.text))
    return ReadLine(line=line, row=row) if row is not None else None


if __name__ == "__main__":
    main()
