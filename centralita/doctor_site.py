"""What the doctor sees of the site: customers, a copy of them, a service that comes back by itself."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from centralita import settings
from centralita.copying import told_why
from centralita.findings import Finding
from centralita.nightly import BACKED_UP, READ_ONLY, TRIED_OUT
from centralita.words import words
from crm_core.db.copies import CopyError
from crm_core.db.database import Database
from crm_core.db.in_use import SQLITE
from crm_core.domain.audit import AuditEntry
from crm_core.services import audit, contacts

UNIT = "centralita.service"
OLD = timedelta(days=7)


async def examine_records(db: Database, *, now: datetime) -> list[Finding]:
    """Return what there is to say of what the database holds, and of copies of it."""
    somebody = await db.read(contacts.find, q="", limit=1, region="ES")
    if not somebody:
        return [_no_contacts()]
    there = words().gettext("There are customers: callers are known by their numbers.")
    known = Finding(level="ok", about="contacts", what=there)
    backup = await db.read(audit.last_of, begin=BACKED_UP)
    trial = await db.read(audit.last_of, begin=TRIED_OUT)
    return [known, _backup(backup, now), *([_trial(trial, now)] if backup else [])]


async def examine_copying(asked: settings.Database) -> list[Finding]:
    """Return what there is to say of the programs that copy a server's records; a file needs none."""
    if asked.url.startswith(SQLITE):
        return []
    from crm_core.db.server_copies import server_of

    _ = words().gettext
    try:
        await asyncio.to_thread(server_of, asked.url)
    except CopyError as error:
        return [
            Finding(
                level="bad" if asked.backups else "warning",
                about="pg_dump",
                what=told_why(error),
                why=_("Neither is there a copy each night, nor one before `centralita db upgrade`."),
                change="apt-get install postgresql-client",
            )
        ]
    what = _("It is there and fits the server: the records can be copied and put back.")
    return [Finding(level="ok", about="pg_dump", what=what)]


def _no_contacts() -> Finding:
    _ = words().gettext
    return Finding(
        level="warning",
        about="contacts",
        what=_("There are no customers yet."),
        why=_("Every card pops without a name."),
        change="centralita contacts import FILE --dry-run",
    )


def _backup(entry: AuditEntry | None, now: datetime) -> Finding:
    _ = words().gettext
    age = now - entry.at if entry else None
    if age is not None and age <= OLD:
        told = _("The last backup was made %(days)d days ago.") % {"days": age.days}
        return Finding(level="ok", about="backup", what=told)
    return Finding(
        level="warning",
        about="backup",
        what=_("No backup was ever made.")
        if age is None
        else _("The last backup was made %(days)d days ago.") % {"days": age.days},
        why=_("What happened since then is lost with the disk."),
        change="centralita db backup FILE",
    )


def _trial(entry: AuditEntry | None, now: datetime) -> Finding:
    _ = words().gettext
    age = now - entry.at if entry else None
    told = (
        _("No backup was ever put back for a trial.")
        if age is None
        else _("The last trial of a backup was %(days)d days ago.") % {"days": age.days}
    )
    if entry and entry.what.startswith(READ_ONLY):
        told += " " + _("It was read to its end and counted; to be put back it needs ALTER ROLE … CREATEDB.")
    if age is not None and age <= OLD:
        return Finding(level="ok", about="restore test", what=told)
    return Finding(
        level="warning",
        about="restore test",
        what=told,
        why=_("Whether a copy is any good shows when it is put back."),
        change='[database] backups = "/var/backups/centralita"',
    )


async def examine_unit(root: Path) -> list[Finding]:
    """Return what there is to say of systemd, where it runs; *root* is where the machine's files begin."""
    if not (root / "run/systemd/system").is_dir():
        return []
    _ = words().gettext
    wanted = root / "etc/systemd/system/multi-user.target.wants" / UNIT
    if wanted.is_symlink():
        return [Finding(level="ok", about=UNIT, what=_("The service starts with the machine."))]
    return [
        Finding(
            level="warning",
            about=UNIT,
            what=_("The service does not start with the machine."),
            why=_("After a restart nothing pops until somebody notices."),
            change=f"systemctl enable --now {UNIT}",
        )
    ]
