"""``centralita doctor``: looks at everything the service needs, changes nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

from centralita.clock import utc_now
from centralita.doctor_history import examine_history
from centralita.doctor_pbx import examine_exchange
from centralita.doctor_sign_in import examine_provider
from centralita.doctor_site import examine_copying, examine_records, examine_unit
from centralita.findings import Finding, print_findings
from centralita.settings import Settings
from centralita.sign_in import provider_of
from centralita.store import is_new, open_database
from centralita.words import words
from crm_core.domain.errors import DatabaseAwayError, SchemaError

__all__ = ["examine", "print_findings"]
CONNECT_S = 3.0


async def examine(settings: Settings) -> list[Finding]:
    """Return what there is to say: database, FastAGI, machine, provider, each exchange and its records."""
    parts = await asyncio.gather(
        _database(settings),
        _agi(settings),
        examine_unit(Path("/")),
        examine_provider(provider_of(settings)),
        *(examine_exchange(name, pbx) for name, pbx in settings.pbx.items()),
        *(examine_history(name, pbx, now=utc_now()) for name, pbx in settings.pbx.items()),
    )
    return [finding for part in parts for finding in part]


async def _database(settings: Settings) -> list[Finding]:
    _, url = words().gettext, settings.database.url
    about = "database.url"
    try:
        if is_new(url):
            return [Finding(level="ok", about=about, what=_("There is none yet; the first start makes it."))]
        database = await open_database(url)
    except SchemaError as error:
        return [
            Finding(
                level="bad",
                about=about,
                what=str(error),
                why=_("The service does not start with the tables of another version."),
                change="centralita db upgrade",
            )
        ]
    except DatabaseAwayError as error:
        return [
            Finding(
                level="bad",
                about=about,
                what=str(error),
                why=_("Nobody can sign in, and history waits in memory until it is back."),
                change='[database] url = "sqlite:////…"',
            )
        ]
    try:
        records = await examine_records(database, now=utc_now())
    finally:
        await database.close()
    opened = _("It can be opened and has the tables of this version.")
    return [
        Finding(level="ok", about=about, what=opened),
        *records,
        *await examine_copying(settings.database),
    ]


async def _agi(settings: Settings) -> list[Finding]:
    _, agi = words().gettext, settings.agi
    if not agi.enabled:
        what = _("FastAGI is left out: callers go on without being looked up by the dialplan.")
        return [Finding(level="ok", about="agi.enabled", what=what)]
    address = {"address": f"{agi.host}:{agi.port}"}
    try:
        async with asyncio.timeout(CONNECT_S):
            _reader, writer = await asyncio.open_connection(agi.host, agi.port)
    except (OSError, TimeoutError):
        return [
            Finding(
                level="warning",
                about="agi.port",
                what=_("Nobody listens at %(address)s.") % address,
                why=_("Calls go on without us. It is right when the service is not running now."),
                change="centralita serve",
            )
        ]
    writer.close()
    await writer.wait_closed()
    return [Finding(level="ok", about="agi.port", what=_("Somebody listens at %(address)s.") % address)]
