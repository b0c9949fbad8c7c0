"""What is left of rows that were changed or deleted: none of it in the database's files when this is done."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from crm_core.db.in_use import SQLITE

WAIT_S = 5.0


def clear(url: str) -> bool:
    """Write the log of SQLite back into the file and empty it; False when a reader did not let go of it.

    In the file itself deleted rows are overwritten at once (``secure_delete``). PostgreSQL cleans up in its
    own time, by autovacuum; its log (WAL) is the administrator's.
    Source: https://www.sqlite.org/pragma.html#pragma_wal_checkpoint
    """
    if not url.startswith(SQLITE):
        return True
    with closing(sqlite3.connect(Path(url.removeprefix(SQLITE)), timeout=WAIT_S)) as connection:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
