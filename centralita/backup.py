"""``centralita db backup`` and ``restore``."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import typer

from centralita.clock import utc_now
from centralita.copying import copies_of, in_use, told_why
from centralita.nightly import BACKED_UP
from centralita.records import RecordsError, somebody
from centralita.settings import Settings
from centralita.store import is_new, open_database
from centralita.words import words
from crm_core.db.copies import Copied, CopyError
from crm_core.db.in_use import DatabaseInUseError, FileInUseError
from crm_core.domain.errors import CrmError, SchemaError
from crm_core.services import audit


def back_up_database(settings: Settings, target: Path) -> None:
    """Copy the database to *target*, while the service runs or not, and keep in the audit that it was done.

    Raises:
        RecordsError: there is no good copy; the text says why.
    """
    url = settings.database.url
    if is_new(url):
        raise RecordsError(words().gettext("There is no database yet."))
    try:
        copied = copies_of(url).back_up(target)
        asyncio.run(_note(url, target))
    except (CopyError, CrmError) as error:
        raise RecordsError(told_why(error)) from error
    typer.echo(words().gettext("%(file)s is whole: %(rows)s.") % {"file": target, "rows": _said(copied)})


def restore_database(settings: Settings, source: Path) -> None:
    """Put the copy *source* in the database's place; what was there is kept beside it.

    Raises:
        RecordsError: it cannot be; the text says why, and nothing was changed.
    """
    _ = words().gettext
    try:
        restored = copies_of(settings.database.url).restore(source, now=utc_now())
    except (FileInUseError, DatabaseInUseError) as error:
        raise RecordsError(in_use(error)) from error
    except (CopyError, CrmError) as error:
        raise RecordsError(told_why(error)) from error
    typer.echo(_("The database is %(file)s now: %(rows)s.") % {"file": source, "rows": _said(restored)})
    if restored.kept:
        typer.echo(_("What was there is kept as %(file)s.") % {"file": restored.kept})
    typer.echo(_("Now run: centralita db upgrade"))


async def _note(url: str, target: Path) -> None:
    with suppress(SchemaError):  # before an upgrade: the copy counts, the tables are not ours to write yet
        db = await open_database(url)
        what = f"{BACKED_UP}: {target}"
        try:
            await db.run(audit.note, who=somebody(), what=what, address=None, now=utc_now())
        finally:
            await db.close()


def _said(copied: Copied) -> str:
    _ = words().gettext
    told = {
        "contacts": copied.rows.get("contact", 0),
        "calls": copied.rows.get("call", 0),
        "users": copied.rows.get("user_account", 0),
    }
    return _("contacts: %(contacts)d, calls: %(calls)d, users: %(users)d") % told
