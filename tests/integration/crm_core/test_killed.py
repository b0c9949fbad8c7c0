"""A process that writes is killed: what it said it stored is there, whole, and nothing else is."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from crm_core.db.migrate import upgrade

WRITER = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from crm_core.db.database import Database
from crm_core.domain.calls import Attempt, Call, Segment, Visit, call_id
from crm_core.services import calls

START = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)

def a_call(n):
    at, linkedid = START + timedelta(seconds=n), f"{1795536000 + n}.0"
    rung = Attempt(interface="PJSIP/agent101", agent="101", started_at=at, result="answered")
    return Call(
        id=call_id("main", linkedid), pbx="main", linkedid=linkedid, version=1, started_at=at, ended_at=at,
        visits=[Visit(queue="sales", entered_at=at, attempts=[rung])],
        segments=[Segment(kind="talk", party="customer", at=at, until=at)] * 4,
    )

async def main():
    db = Database(sys.argv[1])
    await db.start()
    for group in range(100_000):
        await db.run(calls.record, calls=[a_call(10 * group + n) for n in range(10)], events=[])
        print(group + 1, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("groups", [1, 7, 20])
def test_what_was_told_as_stored_is_there_and_whole(tmp_path: Path, groups: int) -> None:
    file = tmp_path / "records.sqlite3"
    upgrade(f"sqlite:///{file}")
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, f"sqlite:///{file}"], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for told in writer.stdout:
            if int(told) >= groups:
                os.kill(writer.pid, signal.SIGKILL)
                break
        told_at_all = [groups, *map(int, writer.stdout)][-1]
    assert writer.returncode == -signal.SIGKILL

    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own names
            for table in ("call", "call_visit", "call_agent")
        ]
    connection.close()
    calls = counts[0]
    assert calls >= 10 * told_at_all
    assert calls % 10 == 0  # groups are whole
    assert counts == [calls, calls, calls]
