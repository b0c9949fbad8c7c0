"""``centralita contacts export``: customers out to a table."""

from __future__ import annotations

import asyncio
import csv
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TextIO

import typer

from centralita.clock import utc_now
from centralita.records import RecordsError, somebody
from centralita.settings import Settings
from centralita.store import open_database
from centralita.words import words
from crm_core.db.database import Database
from crm_core.domain.contact_rows import safe_cell
from crm_core.domain.contacts import Contact
from crm_core.domain.errors import CrmError
from crm_core.services import audit, contacts

PAGE = 500


def export_contacts(settings: Settings, file: Path) -> None:
    """Write all customers to a table that a spreadsheet opens and ``contacts import`` reads; ``-`` is stdout.

    The file is there once it is whole.

    Raises:
        RecordsError: it cannot be written, or the database cannot be used.
    """
    try:
        if str(file) == "-":
            asyncio.run(_export(settings.database.url, sys.stdout))
            return
        part = file.with_name(f"{file.name}.part")
        with open(part, "w", encoding="utf-8-sig", newline="", opener=_private) as out:
            count = asyncio.run(_export(settings.database.url, out))
        part.replace(file)
    except CrmError as error:
        raise RecordsError(str(error)) from error
    except OSError as error:
        raise RecordsError(f"{file}: {error.strerror}") from error
    said = words().ngettext("%(count)d contact written.", "%(count)d contacts written.", count)
    typer.echo(said % {"count": count})


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


async def _export(url: str, out: TextIO) -> int:
    writer, count = csv.writer(out, delimiter=";"), 0
    writer.writerow(_headings())
    db = await open_database(url)
    try:
        async for contact in _everybody(db):
            writer.writerow(_cells(contact))
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
    ]


def _cells(contact: Contact) -> list[str]:
    """Return a contact as a row; a number that was read stays as it is: a + and digits are no formula."""
    numbers = {label: " | ".join(_written(contact, label)) for label in ("mobile", "home", "fax")}
    emails = " | ".join(email.address for email in contact.emails)
    given = " ".join(filter(None, (contact.given, contact.additional)))
    family = " ".join(filter(None, (contact.family, contact.second_family)))
    words_of = map(safe_cell, (given, family, contact.company or ""))
    phones = (" | ".join(_written(contact, "work", "other")), *numbers.values())
    return [*words_of, *phones, safe_cell(emails), safe_cell(contact.note or "")]


def _written(contact: Contact, *labels: str) -> Iterator[str]:
    for phone in contact.phones:
        if phone.label in labels:
            number = phone.e164 or safe_cell(phone.raw)
            yield f"{number} ext. {phone.ext}" if phone.ext and phone.e164 else number
