"""What a group of rows asks, where there are many people and calls already: nothing grows with them."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from contract.crm_core.conftest import plan_of
from contract.crm_core.kit import House, a_call, at
from contract.crm_core.test_import_batches import BATCH, group, run

from crm_core.services import calls, import_batches

MANY = 300
A_MILLION_CALLS = """UPDATE sqlite_stat1 SET stat = CASE idx
    WHEN 'ix_call_customer' THEN '1000000 5 1 1'
    WHEN 'ix_call_contact_id' THEN '1000000 11 1 1'
    ELSE '1000000 ' || substr(stat, instr(stat, ' ') + 1) END
  WHERE tbl = 'call'"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the house's records are."""
    return tmp_path / "records.sqlite3"


@pytest.fixture
async def busy(asked: list[str], sqlite: House, file: Path) -> House:
    """A house with calls of strangers, people and companies, that knows how many there are."""
    strangers = [a_call(n, customer=f"+34950{n:06}") for n in range(MANY)]
    await sqlite.db.run(calls.record, calls=strangers, events=[])
    await sqlite.db.run(import_batches.begin, batch=BATCH, address=None, now=at(0))
    await run(sqlite, import_batches.take, group=group(*_people(0)), now=at(1))
    with sqlite3.connect(file) as connection:
        connection.execute("ANALYZE")
        connection.execute(A_MILLION_CALLS)
    connection.close()
    asked.clear()
    return sqlite


@pytest.mark.usefixtures("plans")
async def test_no_table_is_walked_and_past_calls_are_asked_for_by_their_number(
    busy: House, asked: list[str], file: Path
) -> None:
    await run(busy, import_batches.take, group=group(*_people(MANY), behind=MANY), now=at(2))

    steps = {step for statement in asked if "FROM call" in statement for step in plan_of(statement, file)}
    assert any("ix_call_customer" in step for step in steps)
    assert not any("ix_call_contact_id" in step for step in steps)


async def test_how_far_a_batch_is_looks_at_none_of_whom_it_brought_in(busy: House, asked: list[str]) -> None:
    """SQLite looks for those who name a record whose key is set, also when it is set to what it is."""
    await run(busy, import_batches.take, group=group(*_people(MANY), behind=MANY), now=at(2))

    (kept,) = [one for one in asked if one.startswith("UPDATE import_batch")]
    assert not re.search(r"\bid=", kept.partition("WHERE")[0])


@pytest.mark.usefixtures("busy")
def test_no_statistics_tell_that_a_company_has_everybody_s_numbers(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        told = connection.execute("SELECT idx, stat FROM sqlite_stat1 WHERE tbl = 'phone'").fetchall()
    connection.close()

    assert dict(told)["ix_phone_contact_id"] == f"{MANY} 1"
    assert "ix_phone_account_id" not in dict(told)


def _people(first: int) -> list[str]:
    return [f"Ana;Ruiz {n};Talleres {n};95721{n:04};" for n in range(first, first + MANY)]
