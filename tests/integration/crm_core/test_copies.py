"""Backup and restore of the database file: while others write, killed midway, from files that are none."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from crm_core.db.copies import CopyError, back_up, restore
from crm_core.db.database import Database
from crm_core.db.in_use import FileInUseError, alone
from crm_core.db.migrate import upgrade
from crm_core.domain.errors import DatabaseAwayError, SchemaError
from crm_core.services import audit

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
KILLED_AFTER_MS = (0, 2, 5, 12, 25, 45)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def database(tmp_path: Path, empty: Path) -> Path:
    """A database with something in it, closed."""
    file = Path(shutil.copy(empty, tmp_path / "centralita.sqlite3"))
    write(file, 3)
    return file


def write(file: Path, count: int, *, what: str = "did something") -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        rows = [(f"2026-11-24T16:00:00.{n:06}Z", "ana", what) for n in range(count)]
        connection.executemany("INSERT INTO audit (at, who, what) VALUES (?, ?, ?)", rows)


def entries(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(connection.execute("SELECT count(*) FROM audit").fetchone()[0])


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_a_copy_is_one_instant_of_a_database_that_is_written_to(database: Path) -> None:
    copy = database.with_name("copy.sqlite3")
    db = Database(f"sqlite:///{database}")
    await db.start()
    is_done = asyncio.Event()

    async def keep_writing() -> int:
        count = 0
        while not is_done.is_set() or not count:
            await db.run(audit.note, who="ana", what="x", address=None, now=NOW)
            count += 1
        return count

    writing = asyncio.create_task(keep_writing())
    copied = await asyncio.to_thread(back_up, database, copy)
    is_done.set()
    written = await writing
    await db.close()
    assert 3 <= copied.rows["audit"] <= 3 + written
    assert entries(copy) == copied.rows["audit"]
    assert entries(database) == 3 + written


def test_a_copy_is_one_file_for_its_owner_alone(database: Path) -> None:
    copy = database.with_name("copy.sqlite3")
    copy.write_text("an older copy")
    assert back_up(database, copy).rows["audit"] == 3
    assert copy.stat().st_mode & 0o777 == 0o600
    assert names(database.parent) == ["centralita.sqlite3", "copy.sqlite3"]
    upgrade(f"sqlite:///{copy}")  # it is a database to work with


def test_a_restored_database_is_as_it_was_and_the_other_is_kept(database: Path) -> None:
    copy = database.with_name("copy.sqlite3")
    back_up(database, copy)
    with closing(sqlite3.connect(database)) as crashed:  # leaves a log behind that is not written back
        crashed.execute("PRAGMA journal_mode=WAL")
        crashed.execute("PRAGMA wal_autocheckpoint=0")
        with crashed:
            crashed.execute("INSERT INTO audit (at, who, what) VALUES ('2026', 'ana', 'later')")
        for end in ("", "-wal", "-shm"):
            shutil.copy(f"{database}{end}", f"{database}.crashed{end}")
    for end in ("", "-wal", "-shm"):
        shutil.move(f"{database}.crashed{end}", f"{database}{end}")
    restored = restore(copy, database, now=NOW)
    assert restored.kept == database.with_name("centralita.sqlite3.before-20261124T160000Z")
    assert (entries(database), entries(restored.kept)) == (3, 4)
    assert not Path(f"{database}-wal").exists()


def test_a_restored_database_belongs_to_whom_the_other_did(database: Path) -> None:
    copy = database.with_name("copy.sqlite3")
    back_up(database, copy)
    database.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(database, 12345, 12345)
    before = database.stat()
    restore(copy, database, now=NOW)
    after, lock = database.stat(), Path(f"{database}.lock").stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert lock.st_uid == before.st_uid


def test_a_copy_can_be_put_where_nothing_is(database: Path) -> None:
    target = database.with_name("new.sqlite3")
    assert restore(database, target, now=NOW).kept is None
    assert entries(target) == 3


def test_a_damaged_database_is_replaced_and_kept_with_its_log(database: Path) -> None:
    copy = database.with_name("copy.sqlite3")
    back_up(database, copy)
    database.write_bytes(b"\0" * 8192)
    Path(f"{database}-wal").write_bytes(b"log")
    kept = restore(copy, database, now=NOW).kept
    assert kept
    assert entries(database) == 3
    assert (kept.read_bytes()[:4], Path(f"{kept}-wal").read_bytes()) == (b"\0\0\0\0", b"log")


async def test_nothing_is_put_in_the_place_of_a_database_at_work(database: Path) -> None:
    copy = database.with_name("copy.sqlite3")
    back_up(database, copy)
    db = Database(f"sqlite:///{database}")
    await db.start()
    with pytest.raises(FileInUseError, match="in use by another program"):
        restore(copy, database, now=NOW)
    await db.close()
    restore(copy, database, now=NOW)


def test_nor_of_one_that_a_strange_program_has_open(database: Path) -> None:
    copy = database.with_name("copy.sqlite3")
    back_up(database, copy)
    with closing(sqlite3.connect(database)) as stranger:
        stranger.execute("PRAGMA journal_mode=WAL")
        stranger.execute("SELECT count(*) FROM audit").fetchall()
        with pytest.raises(CopyError, match="in use by another program"):
            restore(copy, database, now=NOW)
    assert entries(database) == 3


async def test_a_service_does_not_start_while_another_database_is_put_there(database: Path) -> None:
    with alone(database), pytest.raises(DatabaseAwayError, match="in use"):
        await Database(f"sqlite:///{database}").start()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "no database of Centralita", id="empty"),
        pytest.param(b"name;phone\n" * 999, "not a database", id="a table"),
        pytest.param(b"SQLite format 3\0" + b"\xff" * 9999, "not a database|malformed|disk", id="a header"),
    ],
)
def test_what_is_no_copy_changes_nothing(database: Path, content: bytes, says: str) -> None:
    wrong = database.with_name("wrong.sqlite3")
    wrong.write_bytes(content)
    with pytest.raises(CopyError, match=says):
        restore(wrong, database, now=NOW)
    assert entries(database) == 3
    assert names(database.parent) == ["centralita.sqlite3", "centralita.sqlite3.lock", "wrong.sqlite3"]


def test_a_copy_that_lost_pages_is_refused(database: Path) -> None:
    write(database, 20_000)
    cut = database.with_name("cut.sqlite3")
    cut.write_bytes(database.read_bytes()[:-40_960])
    with pytest.raises(CopyError):
        restore(cut, database, now=NOW)
    assert entries(database) == 20_003


def test_a_database_of_a_newer_version_is_refused(database: Path) -> None:
    newer = Path(shutil.copy(database, database.with_name("newer.sqlite3")))
    with closing(sqlite3.connect(newer)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match="newer version"):
        restore(newer, database, now=NOW)
    assert entries(database) == 3


@pytest.mark.parametrize("target", ["nowhere/copy.sqlite3", "centralita.sqlite3", "."])
def test_a_copy_that_cannot_be_written_is_told(database: Path, target: str) -> None:
    with pytest.raises(CopyError):
        back_up(database, database.parent / target)
    assert entries(database) == 3


def killed(work: Callable[[], object], *, after_ms: int) -> None:
    """Do *work* in a process of its own and kill it in the midst of it."""
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    time.sleep(after_ms / 1000)
    child.kill()
    child.join()


def test_killed_at_any_instant_there_is_a_whole_database(database: Path) -> None:
    """The old copy or the new one, the old database or the new one; never half of it, never none."""
    write(database, 30_000)
    copy, place = database.with_name("copy.sqlite3"), database.with_name("place.sqlite3")
    for after_ms in KILLED_AFTER_MS:
        for file in (copy, place):
            for end in ("", "-wal", "-shm", "-journal"):
                Path(f"{file}{end}").unlink(missing_ok=True)
            back_up(database, file)
            write(file, 1)
        killed(partial(back_up, database, copy), after_ms=after_ms)
        assert entries(copy) in (30_003, 30_004)
        killed(partial(restore, database, place, now=NOW), after_ms=after_ms)
        assert entries(place) in (30_003, 30_004)
    for file in (copy, place):
        assert back_up(database, file).rows["audit"] == 30_003
    assert not list(database.parent.glob("*.part*"))
