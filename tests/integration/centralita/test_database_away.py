"""The database is locked, or its disk is full: calls go on, history waits on the disk and comes in once."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from contract.crm_core.kit import a_call
from integration.centralita.service_kit import CONFIG, asked, call, ended, rows, said, service
from integration.centralita.test_app import E164, called, house
from lab.desk import until
from sqlalchemy import Engine, event

from crm_core.db.database import Database
from crm_core.domain.errors import DatabaseAwayError
from crm_core.domain.leases import VALID_S
from crm_core.ports import UnitOfWork
from crm_core.services import calls
from pbxsim.server import Simulator

LOCKER = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""
SPOOLED = "1 calls wait, 1 of them on the disk"
FULL_DISK_MIB = 72  # the spool, the database with its log, and a little


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Let another process hold the write lock of the database for the time of the block."""
    words = [sys.executable, "-c", LOCKER, str(file)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as locker:
        assert locker.stdout is not None
        assert locker.stdout.readline() == b"locked\n"
        yield
        assert locker.stdin is not None
        locker.stdin.close()


@contextmanager
def no_growth() -> Iterator[None]:
    """Let no connection that is opened in the block make the database larger than it is."""

    def limit(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count=1")  # SQLite takes what there is for it

    event.listen(Engine, "connect", limit)
    yield
    event.remove(Engine, "connect", limit)


def drop_connection(_uow: UnitOfWork) -> None:
    """Fail as a database does that is away: the next transaction opens another connection."""
    error = sqlite3.OperationalError("gone")
    error.sqlite_errorname = "SQLITE_IOERR"
    raise error


async def filled(db: Database) -> None:
    """Put calls in until no page has room for one."""
    for n in range(1_000):
        try:
            await db.run(calls.record, calls=[a_call(n, customer=None)], events=())
        except DatabaseAwayError:
            return


async def recorder(port: int) -> dict[str, Any]:
    _, told, _ = await asked(port, "/health")
    return dict(told["parts"]["recorder"])


async def test_while_it_is_locked_cards_pop_and_we_lead_on(tmp_path: Path) -> None:
    async with house(tmp_path) as (here, service, exchange), here.signed_in("ana") as ana:
        maria = await here.add_contact("María", "957212000")
        file, health, leases = tmp_path / "centralita.sqlite3", service.recorder.health, service.leases
        with locked(file):
            called(exchange)
            pop = await ana.pop(E164, of=maria)
            await until(lambda: file.with_name("centralita.sqlite3.spool").exists() and health.waiting == 1)
            told = await ana.get(f"/calls/{pop.message['call']['id']}")
            assert told["outcome"] == "answered"
            since = leases._clock()
            await until(lambda: leases._clock() > since + VALID_S + 1)  # longer than a lease is valid
            assert leases.is_held()
            assert not leases.lost.is_set()
        (told,) = await ana.calls_of(maria)
        assert (told["id"], told["source"]) == (pop.message["call"]["id"], "live")
        await until(lambda: health.told() is None)
    assert set(ended(tmp_path).values()) == {1}
    assert not file.with_name("centralita.sqlite3.spool").exists()


async def test_while_it_cannot_grow_history_waits_and_what_is_new_comes_after_it(tmp_path: Path) -> None:
    async with house(tmp_path) as (here, service, exchange), here.signed_in("ana") as ana:
        with no_growth():
            with pytest.raises(DatabaseAwayError, match="gone"):
                await service.db.run(drop_connection)
            await filled(service.db)
            for number in ("957212001", "957212002"):
                called(exchange, number)
                await ana.pop(f"+34{number}")
                await until(lambda: not exchange.world.channels)
            await until(lambda: service.recorder.health.waiting == 2)
            assert "full" in (service.recorder.health.why or "")
        await until(lambda: service.recorder.health.told() is None)
        called(exchange, "957212003")
        await until(lambda: service.recorder.health.stored == 3)
        found = await service.db.read(calls.history, limit=3)
    assert [one.customer for one in found] == [f"+3495721200{n}" for n in (3, 2, 1)]
    assert set(ended(tmp_path).values()) == {1}
    assert len(ended(tmp_path)) == 3


@pytest.mark.timeout(120)
async def test_a_kill_while_it_is_locked_loses_no_call_that_was_over(tmp_path: Path) -> None:
    file = tmp_path / "centralita.sqlite3"
    async with Simulator(CONFIG) as exchange:
        async with service(tmp_path, exchange.port) as first:
            port = (await said(first, "serving"))["http_port"]
            await said(first, "in step")
            with locked(file):
                await call(exchange, "957212001")
                while SPOOLED not in ((await recorder(port))["why"] or ""):
                    continue
                first.process.send_signal(signal.SIGKILL)
                await first.ended()
        assert ended(tmp_path) == {}
        async with service(tmp_path, exchange.port) as second:
            await said(second, "calls of an earlier run wait in the spool")
            await until(lambda: len(ended(tmp_path)) == 1)
            assert await second.interrupt() == 0
    assert set(ended(tmp_path).values()) == {1}
    assert rows(tmp_path, "SELECT source, outcome FROM call") == [("live", "answered")]


@pytest.mark.timeout(120)
async def test_on_a_full_disk_history_waits_where_there_was_room(tmp_path: Path) -> None:
    script = f'mount -t tmpfs -o size={FULL_DISK_MIB}m small "$0" && exec "$@"'
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    alone = ("unshare", "--mount", "--propagation", "private", *as_root, "sh", "-c", script, str(tmp_path))
    async with Simulator(CONFIG) as exchange, service(tmp_path, exchange.port, *alone) as running:
        port = (await said(running, "serving"))["http_port"]
        await said(running, "in step")
        disk = Path(f"/proc/{running.process.pid}/root{tmp_path}")  # as that process sees it
        fill(disk / "ballast")
        await call(exchange, "957212001")
        while SPOOLED not in (told := (await recorder(port))["why"] or ""):
            continue
        assert "full" in told
        (disk / "ballast").unlink()
        await until(lambda: set(ended(copied(disk, tmp_path / "copy")).values()) == {1})
        assert (await recorder(port))["is_well"]
        assert await running.interrupt() == 0


def copied(disk: Path, to: Path) -> Path:
    """Return where the database is now as it is on *disk*, which SQLite cannot open from here."""
    to.mkdir(exist_ok=True)
    for name in ("centralita.sqlite3", "centralita.sqlite3-wal"):
        shutil.copy(disk / name, to / name)
    return to


def fill(file: Path) -> None:
    """Write until the disk is full."""
    with file.open("wb", buffering=0) as ballast:
        size = 1 << 20
        while size:
            try:
                ballast.write(bytes(size))
            except OSError:
                size //= 2
