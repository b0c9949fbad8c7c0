"""``centralita lists``: people to be called, from a CSV file into a campaign."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import typer

from centralita.clock import utc_now
from centralita.errors import UnusableError
from centralita.records import RecordsError, somebody
from centralita.settings import Settings
from centralita.store import open_database
from centralita.words import words
from crm_core.db.database import Database
from crm_core.domain.consents import Basis
from crm_core.domain.dial_gate import Rules
from crm_core.domain.errors import CrmError
from crm_core.domain.list_rows import ReadList, Rejected, UnreadableListError, read_list
from crm_core.services import campaigns
from crm_core.services.campaigns import Loaded
from screenpop.pages.campaign_words import REJECTED, UNREADABLE

LARGEST = 64 * 1024 * 1024


class ListError(UnusableError):
    """The file is no list; the text says why."""


def import_list(
    settings: Settings,
    file: Path,
    *,
    campaign: str,
    region: str | None,
    basis: Basis,
    is_dry: bool,
    as_json: bool,
) -> bool:
    """Load a list into the campaign of this name; return whether every row went on it.

    A campaign that is not there is made. A dry run tells the same and keeps nothing.

    Raises:
        ListError: the file cannot be read as a list.
        RecordsError: the database cannot be used.
    """
    region = region or _home(settings)
    found = _read(file, region)
    try:
        loaded = asyncio.run(
            _load(settings.database.url, found, campaign=campaign, region=region, basis=basis, is_dry=is_dry)
        )
    except CrmError as error:
        raise RecordsError(str(error)) from error
    typer.echo(msgspec.json.encode(loaded).decode() if as_json else _told(loaded))
    return not loaded.rejected


def exclude_numbers(settings: Settings, file: Path, *, region: str | None, as_json: bool) -> bool:
    """Keep that no campaign may call the numbers of a file; return whether every row could be read.

    Raises:
        ListError: the file cannot be read as a list.
        RecordsError: the database cannot be used.
    """
    found = _read(file, region or _home(settings), needs_name=False)
    try:
        count = asyncio.run(_exclude(settings.database.url, found, why=file.name))
    except CrmError as error:
        raise RecordsError(str(error)) from error
    if as_json:
        typer.echo(msgspec.json.encode({"new": count, "rejected": found.rejected}).decode())
        return not found.rejected
    said = words().ngettext(
        "%(count)d number more must not be called.", "%(count)d numbers more must not be called.", count
    )
    typer.echo("\n".join((*_left_out(found.rejected), said % {"count": count})))
    return not found.rejected


def _home(settings: Settings) -> str:
    return next((pbx.region for pbx in settings.pbx.values()), "ES")


async def _exclude(url: str, found: ReadList, *, why: str) -> int:
    db = await open_database(url)
    try:
        numbers = [number for row in found.rows for number in row.numbers]
        return await db.run(campaigns.exclude, numbers=numbers, why=why, by=somebody(), now=utc_now())
    finally:
        await db.close()


def _read(file: Path, region: str, *, needs_name: bool = True) -> ReadList:
    try:
        with file.open("rb") as opened:
            raw = opened.read(LARGEST)
        return read_list(raw, region=region, needs_name=needs_name)
    except OSError as error:
        raise ListError(f"{file}: {error.strerror}") from error
    except UnreadableListError as error:
        raise ListError(f"{file}: {words().gettext(UNREADABLE[error.why])}") from error


async def _load(
    url: str, found: ReadList, *, campaign: str, region: str, basis: Basis, is_dry: bool
) -> Loaded:
    db = await open_database(url)
    try:
        campaign_id = await _campaign(db, campaign, region, basis, is_dry=is_dry)
        if campaign_id is None:
            return Loaded(
                leads=len(found.rows),
                rejected=found.rejected,
                encoding=found.encoding,
                separator=found.separator,
                is_dry_run=True,
            )
        if is_dry:
            return await db.read(campaigns.check, campaign_id=campaign_id, found=found)
        return await db.run(
            campaigns.load, campaign_id=campaign_id, found=found, by=somebody(), now=utc_now()
        )
    finally:
        await db.close()


async def _campaign(db: Database, name: str, region: str, basis: Basis, *, is_dry: bool) -> str | None:
    """Return the campaign's id; None when there is none and a dry run makes none."""
    known = await db.read(campaigns.named, name=name)
    if known is not None:
        return known.id
    if is_dry:
        return None
    made = await db.run(
        campaigns.create, name=name, region=region, rules=Rules(basis=basis), by=somebody(), now=utc_now()
    )
    return made.id


def _left_out(rejected: Sequence[Rejected]) -> list[str]:
    _ = words().gettext
    return [
        _("Line %(line)d: %(why)s")
        % {"line": one.line, "why": " · ".join(filter(None, (_(REJECTED[one.reason]), one.text)))}
        for one in rejected
    ]


def _told(loaded: Loaded) -> str:
    _ = words().gettext
    rows = _left_out(loaded.rejected)
    said = words().ngettext(
        "%(count)d contact is on the list.", "%(count)d contacts are on the list.", loaded.leads
    )
    rows.append(said % {"count": loaded.leads})
    if loaded.is_dry_run:
        rows.append(_("It was a trial: nothing was kept."))
    return "\n".join(rows)
