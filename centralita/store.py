"""The database opened: a new one is made by itself, an older one is left to ``centralita db upgrade``.

Beside it lies the spool, in which history waits while the database is away. A process that does not answer
may still hold it: then there is a second one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from ami_bridge.spool.file import SpoolFile
from crm_core.db.database import Database
from crm_core.db.in_use import SQLITE, beside
from crm_core.db.migrate import revision_of, upgrade
from crm_core.domain.errors import SpoolError
from crm_core.domain.events import CrmEvent

log = structlog.get_logger(__name__)
SPOOLS = (".spool", ".spool2")


async def open_database(url: str, *, publish: Callable[[Sequence[CrmEvent]], None] | None = None) -> Database:
    """Return the started database; *publish* is told what happened after each commit.

    Raises:
        SchemaError: its tables are not those of this version; the text says what to do.
        DatabaseAwayError: it cannot be reached.
    """
    if is_new(url):
        log.info("a new database", revision=upgrade(url)[1])
    db = Database(url, publish=publish)
    await db.start()
    return db


def is_new(url: str) -> bool:
    """Return whether *url* names a file that is not there yet, or is empty, or a server's without tables.

    Raises:
        DatabaseAwayError: the server cannot be reached.
    """
    if not url.startswith(SQLITE):
        return revision_of(url) is None
    path = Path(url.removeprefix(SQLITE))
    return not path.exists() or path.stat().st_size == 0


def spools_beside(url: str) -> list[Path]:
    """Return where spools of the database *url* may lie."""
    return [Path(f"{beside(url)}{ending}") for ending in SPOOLS]


def open_spool(url: str) -> SpoolFile:
    """Return the spool beside the database *url*, the first that nobody holds.

    Raises:
        SpoolError: there is none: no room for it, or no right to write there.
    """
    paths = spools_beside(url)
    for path in paths[:-1]:
        try:
            return SpoolFile(path)
        except SpoolError as error:
            log.warning("a spool cannot be used", why=str(error))
    return SpoolFile(paths[-1])
