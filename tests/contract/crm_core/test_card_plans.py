"""What a card asks where most companies have no parent, and most pieces no company: no table is walked."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from contract.crm_core.conftest import plan_of
from contract.crm_core.kit import NOW, REGION, House, a_contact

from crm_core.domain.incident_lists import Wanted
from crm_core.domain.tasks import Wanted as WantedTasks
from crm_core.services import cards, equipment, incident_lists, tasks

_MANY = """CREATE TEMP TABLE many AS
  WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 300) SELECT n FROM r"""
_OTHERS = (
    "INSERT INTO account (id, name, search, version) SELECT 'a' || n, n, n, 1 FROM many",
    """INSERT INTO asset (id, product_id, serial, search, contact_id, version)
  SELECT 's' || n, 'p', n, n, 'c' || n, 1 FROM many""",
    """INSERT INTO contract (id, name, kind, contact_id, begins_on, version)
  SELECT 'k' || n, n, 'support', 'c' || n, '2026-01-01', 1 FROM many""",
    """INSERT INTO task (id, title, due_at, contact_id, created_at, is_open, version)
  SELECT 't' || n, n, '2026-12-01T00:00:00.000000Z', 'c' || n, '2026-11-01T00:00:00.000000Z', 1, 1
  FROM many""",
    """INSERT INTO incident (id, sequence, subject, state, is_open, priority, opened_at, updated_at, version)
  SELECT 'i' || n, 900 + n, n, 'new', 1, 3, '2026-11-01T00:00:00.000000Z', '2026-11-01T00:00:00.000000Z', 1
  FROM many""",
)
# as many as at a large site: of few rows, to walk them all is cheaper
_MILLIONS = "UPDATE sqlite_stat1 SET stat = replace(stat, '300', '1000000')"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the house's records are."""
    return tmp_path / "records.sqlite3"


@pytest.fixture
async def busy(asked: list[str], sqlite: House, file: Path) -> House:
    """A house with a contact, and many others, that knows how many there are."""
    await sqlite.add(a_contact("ana", company="Acme", numbers=["957212000"]))
    with sqlite3.connect(file) as connection:
        for statement in (_MANY, *_OTHERS, "ANALYZE", _MILLIONS):
            connection.execute(statement)
    connection.close()
    asked.clear()
    return sqlite


@pytest.mark.usefixtures("plans")
async def test_no_table_is_walked(busy: House, asked: list[str], file: Path) -> None:
    read = busy.db.read
    await read(cards.card_for, number="957212000", region=REGION, contact_id=None, today=NOW.date())
    await read(equipment.of_customer, contact_id="ana", account_id="a", today=NOW.date())
    await read(tasks.find, wanted=WantedTasks(incident_id="i", is_open=True), limit=9)
    await read(incident_lists.problems, wanted=Wanted(account_id="a"), now=NOW, limit=9)
    await read(incident_lists.find, wanted=Wanted(kind="problem", only_open=True), limit=9)

    steps = {step for statement in asked for step in plan_of(statement, file)}
    scans = {step.split()[1] for step in steps if step.startswith("SCAN")}
    assert not scans & {"account", "account_1", "child", "asset", "contract", "task"}
    for name in (
        "ix_account_parent_id",
        "ix_asset_account_id",
        "ix_contract_account_id",
        "ix_task_incident_id",
        "ix_incident_kind",
    ):
        assert any(name in step for step in steps), name
