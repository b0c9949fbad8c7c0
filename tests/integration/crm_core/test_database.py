"""The database threads on a real file: whole transactions, events after them, two seconds of patience."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from crm_core.db import database, sqlite
from crm_core.db.database import Database
from crm_core.db.migrate import upgrade
from crm_core.db.uow import SqlUnitOfWork
from crm_core.domain.calls import Call
from crm_core.domain.contacts import Contact
from crm_core.domain.errors import DatabaseAwayError, NotFoundError
from crm_core.domain.events import ContactCreated
from crm_core.services import contacts, events

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def file(tmp_path: Path, empty: Path) -> Path:
    return Path(shutil.copy(empty, tmp_path / "records.sqlite3"))


@pytest.fixture
def heard() -> list[Any]:
    return []


@pytest.fixture
async def db(file: Path, heard: list[Any]) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{file}", publish=heard.append)
    await opened.start()
    yield opened
    await opened.close()


def a_contact(key: str) -> Contact:
    return Contact(id=key, given=key, created_at=NOW, updated_at=NOW)


async def add(db: Database, key: str) -> Contact:
    kept: Contact = await db.run(contacts.create, contact=a_contact(key), region="ES", by=None, now=NOW)
    return kept


async def names(db: Database) -> list[str]:
    return [one.id for one in await db.read(contacts.find, q="", limit=99, region="ES")]


@contextmanager
def somebody_writes(file: Path) -> Iterator[sqlite3.Connection]:
    """Another process's write transaction, open until the end."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.close()


async def test_events_go_out_after_the_commit_and_before_run_returns(file: Path) -> None:
    seen: list[tuple[str, int]] = []

    def publish(told: Any) -> None:
        with sqlite3.connect(file) as other:
            kept = other.execute("SELECT count(*) FROM contact").fetchone()[0]
        other.close()
        seen.append((told[0].contact_id, kept))

    db = Database(f"sqlite:///{file}", publish=publish)
    await db.start()
    for n, key in enumerate(("a", "b", "c")):
        await add(db, key)
        assert len(seen) == n + 1
    await db.close()

    assert seen == [("a", 1), ("b", 2), ("c", 3)]


async def test_events_are_stored_with_what_they_tell(db: Database, heard: list[Any]) -> None:
    await add(db, "a")

    def fails(uow: SqlUnitOfWork) -> None:
        uow.contacts.add([a_contact("b")])
        uow.events.append(ContactCreated(at=NOW, contact_id="b"))
        raise NotFoundError("thing", "x")

    with pytest.raises(NotFoundError):
        await db.run(fails)
    await add(db, "c")

    assert [told[0].contact_id for told in heard] == ["a", "c"]
    log = await db.read(events.after, pos=0, limit=9)
    assert [one.type for one in log] == ["contact.created"] * 2
    assert await names(db) == ["a", "c"]


async def test_places_in_the_log_grow_by_commits_however_many_write(db: Database) -> None:
    await asyncio.gather(*(add(db, f"c{n}") for n in range(40)))

    log = await db.read(events.after, pos=0, limit=99)
    places = [one.pos for one in log]
    assert len(places) == 40
    assert places == sorted(set(places))


async def test_a_place_is_not_given_again_after_its_event_is_forgotten(db: Database, file: Path) -> None:
    await add(db, "a")
    with somebody_writes(file) as other:
        other.execute("DELETE FROM event")
        other.execute("COMMIT")
    await add(db, "b")

    assert [one.pos for one in await db.read(events.after, pos=0, limit=9)] == [2]


async def test_who_goes_away_does_not_take_the_events_with_him(db: Database, heard: list[Any]) -> None:
    entered, go = threading.Event(), threading.Event()

    def slow(uow: SqlUnitOfWork) -> None:
        entered.set()
        go.wait(5)
        uow.contacts.add([a_contact("a")])
        uow.events.append(ContactCreated(at=NOW, contact_id="a"))

    waiting = asyncio.create_task(db.run(slow))
    await asyncio.to_thread(entered.wait, 5)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go.set()
    await add(db, "b")  # behind it in the one thread that writes

    assert [told[0].contact_id for told in heard] == ["a", "b"]


async def test_a_conflict_is_run_again(db: Database) -> None:
    tries = []

    def conflicts(uow: SqlUnitOfWork) -> str:
        tries.append(len(uow.events))
        uow.events.append(ContactCreated(at=NOW, contact_id="a"))
        for _ in range(2 if len(tries) == 1 else 1):
            uow.contacts.add([a_contact("a")])
        return "kept"

    assert await db.run(conflicts) == "kept"
    assert tries == [0, 0]
    assert len(await db.read(events.after, pos=0, limit=9)) == 1


def the_same_contact(uow: SqlUnitOfWork) -> None:
    uow.contacts.add([a_contact("twice")])
    uow.connection.execute(text("INSERT INTO contact SELECT * FROM contact"))


def the_same_call(uow: SqlUnitOfWork) -> None:
    uow.calls.put([Call(id="a", pbx="main", linkedid="1.1", started_at=NOW)] * 2)


@pytest.mark.parametrize(
    ("adds", "error"),
    [
        pytest.param(the_same_contact, IntegrityError, id="through SQLAlchemy"),
        pytest.param(the_same_call, sqlite3.IntegrityError, id="by the driver"),
    ],
)
async def test_a_conflict_that_stays_is_told(
    db: Database, adds: Callable[[SqlUnitOfWork], None], error: type[Exception]
) -> None:
    tries = []

    def conflicts(uow: SqlUnitOfWork) -> None:
        tries.append(1)
        adds(uow)

    with pytest.raises(error):
        await db.run(conflicts)
    assert len(tries) == database.TRIES
    assert await names(db) == []


async def test_a_fault_of_ours_is_not_called_an_absence(db: Database) -> None:
    with pytest.raises(OperationalError, match="no such table"):
        await db.run(lambda uow: uow.connection.execute(text("SELECT * FROM nowhere")))


async def test_who_reads_cannot_write(db: Database) -> None:
    with pytest.raises(DatabaseAwayError, match="readonly"):
        await db.read(contacts.create, contact=a_contact("a"), region="ES", by=None, now=NOW)
    assert await names(db) == []


async def test_a_reader_sees_one_state_while_others_write(db: Database) -> None:
    entered, go = threading.Event(), threading.Event()

    def reads_twice(uow: SqlUnitOfWork) -> tuple[int, int]:
        first = len(uow.contacts.page(None, 9))
        entered.set()
        go.wait(5)
        return first, len(uow.contacts.page(None, 9))

    await add(db, "a")
    reading = asyncio.create_task(db.read(reads_twice))
    await asyncio.to_thread(entered.wait, 5)
    await add(db, "b")
    go.set()

    assert await reading == (1, 1)
    assert await names(db) == ["a", "b"]


async def test_a_locked_database_is_away_within_two_seconds_and_takes_nothing(
    db: Database, file: Path, heard: list[Any]
) -> None:
    with somebody_writes(file):
        started = time.monotonic()
        with pytest.raises(DatabaseAwayError):
            await add(db, "a")
        assert time.monotonic() - started < 2.5
        assert await names(db) == []  # who reads never waits
    assert heard == []

    await add(db, "b")
    assert await names(db) == ["b"]


async def test_what_waited_too_long_is_not_done_later(db: Database) -> None:
    go = threading.Event()
    blocking = asyncio.create_task(db.run(lambda _uow: go.wait(10)))
    await asyncio.sleep(0)
    started = time.monotonic()
    with pytest.raises(DatabaseAwayError):
        await add(db, "late")
    assert 1.9 < time.monotonic() - started < 2.5
    go.set()
    await blocking
    await add(db, "next")

    assert await names(db) == ["next"]


async def test_a_machine_that_stood_still_is_no_database_that_is_away(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop and the database's threads stop together, longer than anybody is waited for."""
    monkeypatch.setattr(database, "AWAY_S", 1.0)
    go = threading.Event()
    blocking = asyncio.create_task(db.run(lambda _uow: go.wait(10)))
    waiting = asyncio.create_task(add(db, "a"))
    await asyncio.sleep(0)
    time.sleep(1.2)  # noqa: ASYNC251 - it stands still
    asyncio.get_running_loop().call_later(0.05, go.set)
    await asyncio.gather(blocking, waiting)

    assert await names(db) == ["a"]


async def test_a_long_queue_that_moves_is_waited_in(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is served soon after the one before; the last one waits longer than AWAY_S."""
    monkeypatch.setattr(database, "AWAY_S", 1.0)
    waiting = [db.run(lambda _uow: time.sleep(0.05)) for _ in range(30)]

    assert await asyncio.gather(*waiting) == [None] * 30


async def test_a_queue_is_not_waited_in_for_ever(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "RUN_S", 0.3)
    waiting = [db.run(lambda _uow: time.sleep(0.05)) for _ in range(20)]
    told = await asyncio.gather(*waiting, return_exceptions=True)

    assert told[0] is None
    assert isinstance(told[-1], DatabaseAwayError)


async def test_what_has_begun_is_waited_for(db: Database) -> None:
    assert await db.run(lambda _uow: time.sleep(2.2) or "done") == "done"


async def test_what_never_ends_is_given_up_and_not_kept(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "AWAY_S", 0.1)
    monkeypatch.setattr(database, "RUN_S", 0.1)
    go = threading.Event()

    def stuck(uow: SqlUnitOfWork) -> None:
        uow.contacts.add([a_contact("stuck")])
        go.wait(10)

    with pytest.raises(DatabaseAwayError):
        await db.run(stuck)
    go.set()
    monkeypatch.undo()
    await add(db, "next")
    assert await names(db) == ["next"]


def test_what_commits_is_not_given_up() -> None:
    """A commit that takes long is waited for: nobody may be told that nothing was stored."""
    turn = database._Turn()
    turn.begin()
    turn.commit()

    assert turn.give_up() is False


async def test_two_processes_may_write(db: Database, file: Path, empty: Path) -> None:
    other = Database(f"sqlite:///{file}")
    await other.start()
    await asyncio.gather(*(add(db, f"a{n}") for n in range(20)), *(add(other, f"b{n}") for n in range(20)))
    await other.close()

    assert len(await names(db)) == 40
    log = await db.read(events.after, pos=0, limit=99)
    assert [one.pos for one in log] == list(range(1, 41))


async def test_a_full_disk_is_told_and_nothing_is_half_written(file: Path, heard: list[Any]) -> None:
    db = Database(f"sqlite:///{file}", publish=heard.append)
    await db.start()

    def limit(uow: SqlUnitOfWork) -> None:
        pages = uow.connection.scalar(text("PRAGMA page_count"))
        uow.connection.execute(text(f"PRAGMA max_page_count={pages + 20}"))

    def much(uow: SqlUnitOfWork) -> None:
        uow.contacts.add([a_contact("first")])
        uow.contacts.add([replace(a_contact(f"c{n}"), note="x" * 4000) for n in range(100)])

    await db.run(limit)
    with pytest.raises(DatabaseAwayError, match="full"):
        await db.run(much)

    assert await names(db) == []
    await db.run(much)  # on a new connection, whose disk is not full
    assert len(await names(db)) == 99
    await db.close()


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda file: file.write_bytes(b"not a database" * 300), id="not a database"),
        pytest.param(lambda file: file.unlink() or file.mkdir(), id="cannot be opened"),
    ],
)
async def test_a_file_that_is_none_is_away(file: Path, spoil: Any) -> None:
    spoil(file)
    db = Database(f"sqlite:///{file}")

    with pytest.raises(DatabaseAwayError):
        await db.start()
    with pytest.raises(DatabaseAwayError):
        await db.read(contacts.find, q="", limit=9, region="ES")
    with pytest.raises(DatabaseAwayError):
        await add(db, "a")
    await db.close()


async def test_closing_leaves_nothing_but_the_file_and_its_lock(db: Database, file: Path) -> None:
    await add(db, "a")
    await db.close()

    assert sorted(path.name for path in file.parent.iterdir()) == [file.name, f"{file.name}.lock"]


async def test_closing_waits_for_what_was_asked(file: Path) -> None:
    db = Database(f"sqlite:///{file}")
    await db.start()
    asked = [asyncio.create_task(add(db, f"c{n}")) for n in range(10)]
    await asyncio.sleep(0)
    await db.close()

    await asyncio.gather(*asked)
    with sqlite3.connect(file) as after:
        assert after.execute("SELECT count(*) FROM contact").fetchone() == (10,)
    after.close()


def test_the_database_is_opened_as_it_should_be(file: Path) -> None:
    with sqlite.writing_engine(f"sqlite:///{file}").connect() as connection:
        said = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
