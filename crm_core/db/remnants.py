"""What is left of rows that were changed or deleted: none of it in the files when this is done."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from crm_core.db.in_use import SQLITE

WAIT_S = 5.0
_PAGES = 64
"""Of the search's segments, merged in one transaction: others write between two of them."""
_MERGE = "INSERT INTO search_text (search_text, rank) VALUES ('merge', ?)"


def clear(url: str) -> bool:
    """Merge the search's segments, and empty the log of SQLite into the file; False when somebody reads it.

    In the file itself deleted rows are overwritten at once (``secure_delete``); words that the search forgot
    stand in its segments until they are merged. PostgreSQL cleans up in its own time, by autovacuum; its log
    (WAL) is the administrator's.
    Sources: https://www.sqlite.org/fts5.html#the_merge_command,
    https://www.sqlite.org/pragma.html#pragma_wal_checkpoint
    """
    if not url.startswith(SQLITE):
        return True
    with closing(sqlite3.connect(Path(url.removeprefix(SQLITE)), timeout=WAIT_S)) as connection:
        connection.isolation_level = None  # each statement is a transaction
        connection.execute("PRAGMA secure_delete=ON")
        _merge_all(connection)
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _merge_all(connection: sqlite3.Connection) -> None:
    pages, is_done = -_PAGES, False  # the first one says that all of them are to be merged
    while not is_done:
        before = connection.total_changes
        connection.execute(_MERGE, (pages,))
        is_done = connection.total_changes - before < 2  # noqa: PLR2004 - nothing was left to merge
        pages = _PAGES
