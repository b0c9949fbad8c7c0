"""Incidents that were there before they had kinds, levels and promises: nothing is lost, each can go on."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config

from crm_core.db import migrate
from crm_core.db.database import Database
from crm_core.db.sqlite import writing_engine
from crm_core.domain.incidents import Hold, Incident
from crm_core.services import incidents

BEFORE = "0013"
AT = "2026-11-24T16:00:00.000000Z"
NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database of before, with an incident of each priority and state."""
    file = tmp_path / "records.sqlite3"
    url = f"sqlite:///{file}"
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    engine = writing_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
    engine.dispose()
    states = ("new", "in_progress", "pending", "resolved", "closed")
    rows = [
        (f"i{n}", n, "Leak", state, n < 4, n, AT, AT, None if n < 4 else AT, 1)
        for n, state in enumerate(states, start=1)
    ]
    with sqlite3.connect(file) as connection:
        connection.executemany(
            "INSERT INTO incident (id, sequence, subject, state, is_open, priority, opened_at, updated_at, "
            "resolved_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
    connection.close()
    return url


async def test_each_keeps_its_priority_and_can_go_on(url: str) -> None:
    migrate.upgrade(url)
    db = Database(url)
    await db.start()
    kept = [await db.read(incidents.get, incident_id=f"i{n}") for n in range(1, 6)]

    assert [one.priority for one in kept] == [1, 2, 3, 4, 5]
    assert [(one.impact, one.urgency) for one in kept] == [(1, 1), (2, 1), (2, 2), (2, 3), (3, 3)]
    assert (kept[2].waiting_for, kept[2].holds) == ("customer", (Hold(at=NOW, why="customer"),))
    assert [one.closed_at for one in kept] == [None, None, None, None, NOW]
    steps: tuple[Any, ...] = ("in_progress", "resolved", "in_progress", "closed", "in_progress")
    for one, state in zip(kept, steps, strict=True):
        after: Incident = await db.run(
            incidents.change,
            incident_id=one.id,
            version=1,
            changes={"state": state},
            by=None,
            now=NOW,
        )
        assert (after.state, after.priority) == (state, one.priority)
    await db.close()
