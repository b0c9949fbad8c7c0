"""``centralita contacts export``: customers out to a table or to vCards, as the name of the file ends."""

from __future__ import annotations

import asyncio
import csv
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

import typer
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from centralita.clock import utc_now
from centralita.records import RecordsError, somebody
from centralita.settings import Settings
from centralita.store import open_database
from centralita.words import words
from crm_core.db.database import Database
from crm_core.domain.cells import safe_cell
from crm_core.domain.contacts import Contact
from crm_core.domain.custom_fields import FieldDef
from crm_core.domain.errors import CrmError
from crm_core.domain.vcard import vcard
from crm_core.services import audit, contacts, fields
from screenpop.pages.contact_table import cells, headings

PAGE = 500
Add = Callable[[Contact], object]
Own = Sequence[FieldDef]
Writing = Callable[[Own], AbstractContextManager[Add]]


def export_contacts(settings: Settings, file: Path) -> None:
    """Write all customers: as a workbook (``.xlsx``), vCards (``.vcf``), else as CSV; ``-`` is stdout.

    ``contacts import`` reads the tables. The file is there once it is whole.

    Raises:
        RecordsError: it cannot be written, or the database cannot be used.
    """
    try:
        if str(file) == "-":
            writing = partial(_csv, sys.stdout.buffer, "utf-8")
            asyncio.run(_export(settings.database.url, writing))
            return
        part = file.with_name(f"{file.name}.part")
        with open(part, "wb", opener=_private) as out:
            count = asyncio.run(_export(settings.database.url, _written_to(file, out)))
        part.replace(file)
    except CrmError as error:
        raise RecordsError(str(error)) from error
    except OSError as error:
        raise RecordsError(f"{file}: {error.strerror}") from error
    said = words().ngettext("%(count)d contact written.", "%(count)d contacts written.", count)
    typer.echo(said % {"count": count})


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _written_to(file: Path, out: BinaryIO) -> Writing:
    match file.suffix.lower():
        case ".xlsx":
            return partial(_workbook, out)
        case ".vcf":
            return partial(_vcards, out)
    return partial(_csv, out, "utf-8-sig")  # else a spreadsheet reads no UTF-8


@contextmanager
def _csv(out: BinaryIO, encoding: str, own: Own) -> Iterator[Add]:
    text = TextIOWrapper(out, encoding=encoding, newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(headings(words(), own))
    yield lambda contact: writer.writerow(_cells(contact, own))
    text.flush()
    text.detach()


@contextmanager
def _workbook(out: BinaryIO, own: Own) -> Iterator[Add]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(headings(words(), own))
    yield lambda contact: sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in _cells(contact, own)])
    book.save(out)


@contextmanager
def _vcards(out: BinaryIO, _own: Own) -> Iterator[Add]:
    yield lambda contact: out.write(vcard(contact).encode())


def _cells(contact: Contact, own: Own) -> list[str]:
    return cells(contact, words(), own, safe=safe_cell)


async def _export(url: str, writing: Writing) -> int:
    count = 0
    db = await open_database(url)
    try:
        own = await db.read(fields.of, entity="contact")
        with writing(own) as add:
            async for contact in _everybody(db):
                add(contact)
                count += 1
        what = f"contacts export: {count}"
        await db.run(audit.note, who=somebody(), what=what, address=None, now=utc_now())
    finally:
        await db.close()
    return count


async def _everybody(db: Database) -> AsyncIterator[Contact]:
    after: tuple[str, str] | None = None
    while page := await db.read(contacts.find, q="", after=after, limit=PAGE, region="ES"):
        for contact in page:
            yield contact
        after = (page[-1].listed_as, page[-1].id)
