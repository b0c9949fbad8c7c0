"""What past calls ask about incidents where there are many of them already: nothing grows with them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from contract.crm_core.conftest import plan_of
from contract.crm_core.kit import House, a_call, at

from crm_core.services import calls, incidents

MANY = 300
A_MILLION = (
    """UPDATE sqlite_stat1 SET stat = '1000000' || substr(stat, instr(stat, ' ')) WHERE tbl = 'incident'"""
)
RARE = ("ix_incident_call_id", "ix_incident_parent_id", "ix_incident_merged_into")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the house's records are."""
    return tmp_path / "records.sqlite3"


@pytest.fixture
async def busy(asked: list[str], sqlite: House, file: Path) -> House:
    """A house with calls, and with incidents of no call, that knows how many there are."""
    await sqlite.db.run(calls.record, calls=[a_call(n) for n in range(MANY)], events=[])
    for n in range(MANY):
        facts = {"call_id": None, "contact_id": None, "description": None, "key": str(n), "by": None}
        await sqlite.db.run(incidents.open_incident, subject=f"Aviso {n}", **facts, now=at(n))
    with sqlite3.connect(file) as connection:
        connection.execute("ANALYZE")
        connection.execute(A_MILLION)
    connection.close()
    asked.clear()
    return sqlite


@pytest.mark.usefixtures("plans")
async def test_incidents_of_calls_are_found_by_the_call(busy: House, asked: list[str], file: Path) -> None:
    assert len(await busy.db.read(calls.history, limit=50)) == 50

    steps = {step for statement in asked if "FROM incident" in statement for step in plan_of(statement, file)}
    assert any("ix_incident_call_id" in step for step in steps), steps


@pytest.mark.usefixtures("busy")
def test_no_statistics_tell_that_most_incidents_have_no_call(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        told = {one for (one,) in connection.execute("SELECT idx FROM sqlite_stat1 WHERE tbl = 'incident'")}
    connection.close()

    assert "ix_incident_opened_at" in told
    assert not told & set(RARE)
