"""A batch brought in from its file, group by group; killed at any instant, it goes on behind the last one."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime
from pathlib import Path

from centralita.presets import Preset, fitting
from centralita.table_file import TableError
from centralita.table_reader import Asked
from centralita.table_reading import groups
from crm_core.domain.imports import (
    Columns,
    ImportBatch,
    Kind,
    columns_by_heading,
    entity_of,
    signature_of,
    with_own,
)
from crm_core.ports import UnitOfWork
from crm_core.services import fields, import_batches
from screenpop.context import Records


async def steps(
    db: Records,
    batch: ImportBatch,
    file: Path,
    *,
    language: str | None = None,
    now: Callable[[], datetime],
) -> AsyncIterator[ImportBatch]:
    """Bring in what is left of *batch*, and yield it after each group and at its end.

    Raises:
        TableError: the file cannot be read on; the batch says why.
        ImportStateError: the batch was called off.
    """
    asked = Asked(
        file=str(file),
        kind=batch.kind,
        language=language,
        columns=batch.columns,
        region=batch.region,
        order=batch.day_order,
        fields=tuple(await db.read(fields.of, entity=entity_of(batch.kind))),
        skip=batch.rows,
    )
    seen: set[int] = set()
    try:
        async with aclosing(groups(asked)) as read:
            async for group in read:
                yield await db.run(import_batches.take, batch_id=batch.id, group=group, seen=seen, now=now())
                if batch.is_trial:
                    rows = (one.row for one in group.lines if one.row)
                    seen.update(mark for row in rows for mark in import_batches.marks(row))
    except TableError as error:
        await db.run(import_batches.finish, batch_id=batch.id, now=now(), why=str(error))
        raise
    yield await db.run(import_batches.finish, batch_id=batch.id, now=now())


async def steps_back(
    db: Records, batch: ImportBatch, *, by: str, now: Callable[[], datetime]
) -> AsyncIterator[ImportBatch]:
    """Take back a batch, and yield it after each part."""
    while batch.state == "undoing":
        batch = await db.run(import_batches.take_back, batch_id=batch.id, by=by, now=now())
        yield batch


def columns_for(uow: UnitOfWork, *, headings: Sequence[str], kind: Kind, known: Sequence[Preset]) -> Columns:
    """Return what columns with these headings are: as the last time, else as a preset says, else by name."""
    if (before := uow.imports.like(signature_of(headings), kind)) is not None:
        return before.columns
    preset = fitting(known, headings, kind)
    found = preset.columns_of(headings, kind) if preset else columns_by_heading(kind, headings)
    return with_own(found, headings, uow.fields.of(entity_of(kind)))


WAYS = ("work", "mobile", "home", "fax", "other", "email", "home_email", "other_email")
MARKS = ("do_not_call", "do_not_write", "invalid", "primary")
"""Columns that name numbers and addresses; what they alone name is his, too."""


def can_be_read(kind: Kind, columns: Columns) -> bool:
    """Return whether there may be something in a row.

    Of a person a name or a company, and a number or an address; of a company its name.
    """
    there = set(columns)
    if kind == "accounts":
        return not there.isdisjoint({"name", "legal_name"})
    names, ways = {"name", "given", "family", "company"}, {*WAYS, *MARKS}
    return not (there.isdisjoint(names) or there.isdisjoint(ways))


def digest_of(file: Path) -> tuple[str, int]:
    """Return by what this very file is known, and how many bytes it has."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest(), opened.tell()
