"""``centralita retention``: what is too old goes now, or is told."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from centralita.app import site_zone
from centralita.clock import utc_now
from centralita.records import in_database
from centralita.retaining import Retaining
from centralita.settings import Settings
from centralita.words import words
from crm_core.db.database import Database
from crm_core.domain.retention import HeldPerson, Outlook, RetentionRule
from crm_core.services import retention
from screenpop.pages.retention_words import AGED


def let_go(settings: Settings) -> None:
    """Let go of everything that is too old, and say how much that was.

    Raises:
        RecordsError: the database cannot be used.
    """
    _ = words().gettext
    table = _table(_("went"), _("stayed for legal holds"))
    for one in in_database(settings, lambda db: _gone(db, site_zone(settings))):
        table.add_row(_(AGED[one.kind]), str(one.days), str(one.gone), str(one.held))
    _print(table)


def look(settings: Settings) -> None:
    """Say what would go today, and who is kept.

    Raises:
        RecordsError: the database cannot be used.
    """
    _ = words().gettext
    table, people = _table(_("would go"), _("stay for legal holds"), _("the oldest")), set[HeldPerson]()
    for one in in_database(settings, _outlooks):
        count = f"> {one.count}" if one.is_more else str(one.count)
        oldest = f"{one.oldest:%Y-%m-%d}" if one.oldest else ""
        table.add_row(_(AGED[one.kind]), str(one.days), count, str(one.held), oldest)
        people |= set(one.people)
    _print(table)
    for person in sorted(people, key=lambda one: one.contact_id):
        Console().print(
            f"{person.contact_id} {person.name}: {person.reason}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


async def _gone(db: Database, zone: ZoneInfo) -> list[RetentionRule]:
    retaining = Retaining(db, zone=zone, now=utc_now)
    rules = await db.read(retention.rules)
    return await retaining.let_go_by([one for one in rules if one.days is not None])


async def _outlooks(db: Database) -> list[Outlook]:
    rules, now = await db.read(retention.rules), utc_now()
    return [
        await db.read(retention.outlook, kind=one.kind, days=one.days, now=now)
        for one in rules
        if one.days is not None
    ]


def _table(*columns: str) -> Table:
    _ = words().gettext
    table = Table(_("Records"), _("days"), box=None)
    for name in columns:
        table.add_column(name, justify="right")
    return table


def _print(table: Table) -> None:
    _ = words().gettext
    if table.rows:
        Console().print(table)
    else:
        Console().print(_("Nothing goes: all records are kept for good."))
