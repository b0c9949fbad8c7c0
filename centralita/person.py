"""``centralita privacy``: one customer's records, written to a file or erased."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from functools import partial
from pathlib import Path

import typer

from ami_bridge.services.recorder import Recorder
from ami_bridge.spool.file import SpoolFile
from centralita.cli_options import errors
from centralita.clock import utc_now
from centralita.erasing import Erasing
from centralita.records import RecordsError, in_database, somebody
from centralita.settings import Settings
from centralita.store import open_database, spools_beside
from centralita.words import words
from crm_core.db.database import Database
from crm_core.domain.erasure import LegalHoldError
from crm_core.domain.errors import CrmError, SpoolError
from crm_core.services import calls, erasure, handing_out
from crm_core.services.handing_out import PersonFile
from crm_core.services.person_zip import person_zip


def export_person(settings: Settings, contact_id: str, folder: Path) -> Path:
    """Write all that is kept of a contact into *folder*; return the file, which its owner alone can read.

    Raises:
        RecordsError: there is no such contact, or the file cannot be written.
    """
    found = in_database(settings, lambda db: _handed_out(db, contact_id))
    file = folder / f"{found.contact.id}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "wb") as written:
            written.write(person_zip(found))
    except OSError as error:
        raise RecordsError(f"{file}: {error.strerror}") from error
    return file


async def _handed_out(db: Database, contact_id: str) -> PersonFile:
    now = utc_now()
    await db.run(handing_out.note, contact_id=contact_id, by=somebody(), address=None, now=now)
    return await db.read(handing_out.gather, contact_id=contact_id, now=now)


def erase_person(settings: Settings, contact_id: str) -> bool:
    """Ask that a contact be erased, and do it when no service runs; return False when he must be kept.

    Raises:
        RecordsError: there is no such contact, or the database cannot be used.
    """
    _ = words().gettext
    try:
        is_done = asyncio.run(_erase(settings, contact_id))
    except LegalHoldError as error:
        errors.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return False
    except CrmError as error:
        raise RecordsError(str(error)) from error
    typer.echo(_("He is erased.") if is_done else _("The service erases him, when he is not on the line."))
    return True


async def _erase(settings: Settings, contact_id: str) -> bool:
    db = await open_database(settings.database.url)
    try:
        await db.run(
            erasure.ask,
            contact_id=contact_id,
            grace=timedelta(),
            by=somebody(),
            address=None,
            now=utc_now(),
        )
        return await _done_here(settings, db, contact_id)
    finally:
        await db.close()


async def _done_here(settings: Settings, db: Database, contact_id: str) -> bool:
    """Do it when no service holds the spool, and nothing waits there; return whether it is done."""
    try:
        spool = SpoolFile(spools_beside(settings.database.url)[0])
    except SpoolError:
        return False
    try:
        erasing = Erasing(
            db,
            url=settings.database.url,
            floors={},
            recorder=Recorder(write=partial(db.run, calls.record), spool=spool),
            files=settings.privacy.files,
            now=utc_now,
        )
        await erasing.work()
        return (await db.read(erasure.asked, contact_id=contact_id)).state == "done"
    finally:
        spool.close()
