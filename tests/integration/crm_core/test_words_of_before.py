"""Words of names from before they stood in the order of the names: each is there again, beside its name."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config

from crm_core.db import migrate
from crm_core.db.sqlite import writing_engine

BEFORE, AT = "0041", "2026-11-24T16:00:00.000000Z"


def test_each_word_is_there_beside_its_name(tmp_path: Path) -> None:
    file = tmp_path / "records.sqlite3"
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    engine = writing_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
    engine.dispose()
    with sqlite3.connect(file) as written:
        written.executemany(
            "INSERT INTO contact (id, given, family, search, vip, created_at, updated_at, version) "
            "VALUES (?, 'Ana', ?, ?, 0, ?, ?, 1)",
            [("b", "Ruiz", "ana ruiz", AT, AT), ("a", "Gil", "ana gil", AT, AT)],
        )
        written.executemany(
            "INSERT INTO contact_word (word, contact_id) VALUES (?, ?)",
            [("ana", "a"), ("gil", "a"), ("ana", "b"), ("ruiz", "b")],
        )
    written.close()

    migrate.upgrade(f"sqlite:///{file}")

    with sqlite3.connect(file) as read:
        rows = read.execute("SELECT word, search, contact_id FROM contact_word ORDER BY 1, 2").fetchall()
    read.close()
    assert rows == [
        ("ana", "ana gil", "a"),
        ("ana", "ana ruiz", "b"),
        ("gil", "ana gil", "a"),
        ("ruiz", "ana ruiz", "b"),
    ]
