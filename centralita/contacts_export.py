"""``centralita contacts export``: customers out to a table or to vCards, as the name of the file ends."""

from __future__ import annotations

import asyncio
import csv
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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
from crm_core.domain.contacts import Contact, PostalAddress
from crm_core.domain.errors import CrmError
from crm_core.domain.vcard import vcard
from crm_core.services import audit, contacts

PAGE = 500
Add = Callable[[Contact], object]


def export_contacts(settings: Settings, file: Path) -> None:
    """Write all customers: as a workbook (``.xlsx``), vCards (``.vcf``), else as CSV; ``-`` is stdout.

    ``contacts import`` reads the tables. The file is there once it is whole.

    Raises:
        RecordsError: it cannot be written, or the database cannot be used.
    """
    try:
        if str(file) == "-":
            asyncio.run(_export(settings.database.url, _csv(sys.stdout.buffer, "utf-8")))
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


def _written_to(file: Path, out: BinaryIO) -> AbstractContextManager[Add]:
    match file.suffix.lower():
        case ".xlsx":
            return _workbook(out)
        case ".vcf":
            return _vcards(out)
    return _csv(out, "utf-8-sig")  # else a spreadsheet reads no UTF-8


@contextmanager
def _csv(out: BinaryIO, encoding: str) -> Iterator[Add]:
    text = TextIOWrapper(out, encoding=encoding, newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(_headings())
    yield lambda contact: writer.writerow(_cells(contact))
    text.flush()
    text.detach()


@contextmanager
def _workbook(out: BinaryIO) -> Iterator[Add]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(_headings())
    yield lambda contact: sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in _cells(contact)])
    book.save(out)


@contextmanager
def _vcards(out: BinaryIO) -> Iterator[Add]:
    yield lambda contact: out.write(vcard(contact).encode())


async def _export(url: str, writing: AbstractContextManager[Add]) -> int:
    count = 0
    db = await open_database(url)
    try:
        with writing as add:
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


def _headings() -> list[str]:
    _ = words().gettext
    return [
        _("First name"),
        _("Last name"),
        _("Company"),
        *(_("Phone"), _("Mobile"), _("Home phone"), _("Fax")),
        _("E-mail"),
        _("Notes"),
        *(_("Job title"), _("Source of the data")),
        *(_("Street"), _("Postal code"), _("City"), _("Province")),
        _("Language"),
    ]


def _cells(contact: Contact) -> list[str]:
    """Return a contact as a row; a number that was read stays as it is: a + and digits are no formula."""
    numbers = {label: " | ".join(_written(contact, label)) for label in ("mobile", "home", "fax")}
    emails = " | ".join(email.address for email in contact.emails)
    given = " ".join(filter(None, (contact.given, contact.additional)))
    family = " ".join(filter(None, (contact.family, contact.second_family)))
    names = (given, family, contact.company or "")
    phones = (" | ".join(_written(contact, "work", "other")), *numbers.values())
    place = contact.addresses[0] if contact.addresses else PostalAddress()
    more = (contact.note or "", contact.title or "", contact.source or "")
    where = (place.street, place.postal_code, place.city, place.province)
    language = contact.language or ""
    return [*map(safe_cell, names), *phones, *map(safe_cell, (emails, *more, *where, language))]


def _written(contact: Contact, *labels: str) -> Iterator[str]:
    for phone in contact.phones:
        if phone.label in labels:
            number = phone.e164 or safe_cell(phone.raw)
            yield f"{number} ext. {phone.ext}" if phone.ext and phone.e164 else number
