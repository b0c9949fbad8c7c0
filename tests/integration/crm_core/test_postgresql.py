"""Records on PostgreSQL: many write as if one did, who reads the log misses nothing, the server goes away."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from integration.crm_core.test_migrations import all_tables
from lab.postgresql import Emptied, Server, postgresql
from sqlalchemy import text

from crm_core.db.database import RACES, Database
from crm_core.db.migrate import upgrade
from crm_core.db.postgresql import reading_engine
from crm_core.db.uow import SqlUnitOfWork
from crm_core.domain.contacts import Contact
from crm_core.domain.errors import DatabaseAwayError, LeaseLostError, SchemaError, VersionConflictError
from crm_core.domain.events import ContactCreated, StoredEvent
from crm_core.services import contacts, events, leases

ITS_OWN = "ix_search_doc_words"
"""An index that no table tells of: SQLite has a table for it."""
NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def emptied(postgres: Server) -> Emptied:
    return Emptied(postgres, "raced")


@pytest.fixture
def url(emptied: Emptied) -> str:
    return emptied.url()


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    async with opened(url) as database:
        yield database


@pytest.fixture
async def other(url: str) -> AsyncIterator[Database]:
    """What another process would open."""
    async with opened(url) as database:
        yield database


@asynccontextmanager
async def opened(url: str, **more: Any) -> AsyncIterator[Database]:
    database = Database(url, **more)
    await database.start()
    try:
        yield database
    finally:
        await database.close()


async def add(db: Database, key: str) -> Contact:
    contact = Contact(id=key, given=key, created_at=NOW, updated_at=NOW)
    kept: Contact = await db.run(contacts.create, contact=contact, region="ES", by=None, now=NOW)
    return kept


async def names(db: Database) -> list[str]:
    return [one.id for one in await db.read(contacts.find, q="", limit=99, region="ES")]


async def test_who_reads_on_by_place_misses_nothing(db: Database, other: Database) -> None:
    """A place is seen only when those before it are: else who resumes behind it never sees them."""
    writing = asyncio.gather(*(add((db, other)[n % 2], f"c{n}") for n in range(200)))
    seen: list[StoredEvent] = []
    while len(seen) < 200:
        last = seen[-1].pos if seen else 0
        seen += await db.read(events.after, pos=last or 0, limit=50)
        if writing.done() and not await db.read(events.after, pos=seen[-1].pos or 0, limit=1):
            break
    await writing
    assert len({one.pos for one in seen}) == 200


async def test_events_are_published_in_the_order_of_their_places(url: str) -> None:
    heard: list[Any] = []
    async with opened(url, publish=heard.extend) as db:
        await asyncio.gather(*(add(db, f"c{n}") for n in range(100)))
        log = await db.read(events.after, pos=0, limit=200)
    told = [msgspec.json.decode(one.payload)["contact_id"] for one in log]
    assert ([one.contact_id for one in heard], len(set(told))) == (told, 100)


async def test_of_two_who_change_the_same_one_is_told(db: Database, other: Database) -> None:
    kept = await add(db, "ana")
    asked = {"contact_id": "ana", "version": kept.version, "by": None, "now": NOW}
    told = await asyncio.gather(
        *((db, other)[n % 2].run(contacts.change, changes={"note": f"by {n}"}, **asked) for n in range(6)),
        return_exceptions=True,
    )
    assert [isinstance(one, VersionConflictError) for one in told].count(True) == 5
    assert [isinstance(one, Contact) for one in told].count(True) == 1


async def test_many_who_count_on_count_right(db: Database, other: Database) -> None:
    """Each reads what the others wrote and writes one more: none of them is lost."""
    await db.run(lambda uow: uow.connection.execute(text("INSERT INTO spool VALUES ('n', 0)")))

    def count(uow: SqlUnitOfWork) -> None:
        known = uow.connection.scalar(text("SELECT emptied FROM spool WHERE id = 'n'"))
        uow.connection.execute(text("UPDATE spool SET emptied = :n WHERE id = 'n'"), {"n": known + 1})

    await asyncio.gather(*((db, other)[n % 2].run(count) for n in range(60)))
    assert await db.read(lambda uow: uow.connection.scalar(text("SELECT emptied FROM spool"))) == 60


async def test_what_would_not_come_out_one_after_the_other_is_run_again(
    db: Database, other: Database
) -> None:
    """Each counts what is there and adds one; the server sees at the commit that both saw none."""
    both, tries = threading.Barrier(2), []

    def adds(uow: SqlUnitOfWork, key: str) -> None:
        tries.append(key)
        known = uow.connection.scalar(text("SELECT count(*) FROM spool"))
        if len(tries) <= 2:
            both.wait(5)
        uow.connection.execute(text("INSERT INTO spool VALUES (:key, :n)"), {"key": key, "n": known})
        uow.events.append(ContactCreated(at=NOW, contact_id=key))
        if len(tries) <= 2:
            both.wait(5)

    await asyncio.gather(db.run(adds, key="a"), other.run(adds, key="b"))
    counted = await db.read(lambda uow: list(uow.connection.scalars(text("SELECT emptied FROM spool"))))
    assert (sorted(counted), len(tries)) == ([0, 1], 3)
    await asyncio.gather(add(db, "a"), add(other, "b"))  # the connections are as they were


async def test_what_fails_at_the_commit_is_run_again(db: Database) -> None:
    tries = []

    def fails_late(uow: SqlUnitOfWork) -> None:
        tries.append(1)
        uow.events.append(ContactCreated(at=NOW, contact_id="a"))
        late = "CREATE TEMP TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP"
        uow.connection.execute(text(late))
        uow.connection.execute(text("INSERT INTO late VALUES (1), (:n)"), {"n": len(tries)})

    await db.run(fails_late)
    assert len(tries) == 2
    assert len(await db.read(events.after, pos=0, limit=9)) == 1


async def test_a_race_that_is_never_won_is_an_absence(db: Database) -> None:
    tries = []

    def races(_uow: SqlUnitOfWork) -> None:
        tries.append(1)
        raise psycopg.errors.SerializationFailure("again")

    with pytest.raises(DatabaseAwayError, match="again"):
        await db.run(races)
    assert len(tries) == RACES


async def test_a_slow_change_does_not_hold_up_others(db: Database) -> None:
    go = threading.Event()
    slow = asyncio.create_task(db.run(lambda _uow: go.wait(10)))
    await add(db, "a")
    assert not slow.done()
    go.set()
    assert await slow


async def test_nobody_takes_over_from_who_is_about_to_commit(db: Database, other: Database) -> None:
    """And his beats are not held up meanwhile."""
    before = await db.read(leases.seen, names=["service"])
    terms = await db.run(leases.take, by="1", before=before)
    entered, go = threading.Event(), threading.Event()

    def writes(uow: SqlUnitOfWork) -> None:
        entered.set()
        go.wait(10)
        uow.contacts.add([Contact(id="a", given="a", created_at=NOW, updated_at=NOW)])

    db.fence = lambda uow: leases.demand(uow, holder="1", terms=terms)
    writing = asyncio.create_task(db.run(writes))
    await asyncio.to_thread(entered.wait, 5)
    await db.run(leases.beat, holder="1", terms=terms)
    before = await other.read(leases.seen, names=["service"])
    taking = asyncio.create_task(other.run(leases.take, by="2", before=before))
    await asyncio.wait((taking,), timeout=0.3)
    assert not taking.done()
    go.set()
    await writing
    assert await taking == {"service": 2}
    with pytest.raises(LeaseLostError):
        await add(db, "b")
    assert await names(db) == ["a"]


async def test_who_reads_cannot_write(db: Database) -> None:
    with pytest.raises(DatabaseAwayError, match="read-only"):
        await db.read(
            contacts.create,
            contact=Contact(id="a", given="a", created_at=NOW, updated_at=NOW),
            region="ES",
            by=None,
            now=NOW,
        )


async def test_a_table_that_somebody_locks_is_away_within_two_seconds(db: Database, postgres: Server) -> None:
    with postgres.opened("raced") as somebody, somebody.transaction():
        somebody.execute("LOCK TABLE contact")
        started = time.monotonic()
        with pytest.raises(DatabaseAwayError, match="lock timeout"):
            await add(db, "a")
        assert time.monotonic() - started < 2.5
    await add(db, "b")


@pytest.fixture
def mortal() -> Iterator[Server]:
    """A server that may be killed."""
    with postgresql() as server:
        yield server


async def test_a_server_that_is_killed_is_away_and_comes_back(mortal: Server) -> None:
    async with opened(Emptied(mortal).url()) as db:
        await asyncio.gather(add(db, "a"), names(db))
        mortal.kill()
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(DatabaseAwayError):
                await add(db, "b")
            with pytest.raises(DatabaseAwayError):
                await names(db)
            assert time.monotonic() - started < 2.5
        mortal.start()
        await add(db, "c")
        assert await names(db) == ["a", "c"]


async def test_who_does_not_notice_that_it_was_started_again_is_served_all_the_same(mortal: Server) -> None:
    async with opened(Emptied(mortal).url()) as db:
        await asyncio.gather(*(add(db, f"c{n}") for n in range(20)), *(names(db) for _ in range(20)))
        mortal.stop()
        mortal.start()
        await asyncio.gather(*(add(db, f"d{n}") for n in range(20)), *(names(db) for _ in range(20)))
        assert len(await names(db)) == 40


async def test_a_server_that_stands_still_is_away_and_what_waited_is_not_done_later(mortal: Server) -> None:
    async with opened(Emptied(mortal).url()) as db:
        await asyncio.gather(add(db, "a"), names(db))
        with standing_still(mortal):
            started = time.monotonic()
            told = await asyncio.gather(add(db, "b"), names(db), return_exceptions=True)
            assert [type(one) for one in told] == [DatabaseAwayError] * 2
            assert time.monotonic() - started < 2.5
        await add(db, "c")
        assert await names(db) == ["a", "c"]


@contextmanager
def cut_at_the_commit(server: Server, folder: Path) -> Iterator[None]:
    """A line to the server that is cut between a commit which tells something and its answer, once."""
    listening = socket.create_server(str(folder / ".s.PGSQL.5432"), family=socket.AF_UNIX)
    is_cut = threading.Event()

    def passed_on(client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as there:
            there.connect(str(server.folder / ".s.PGSQL.5432"))
            ends = {client: there, there: client}
            tells = False
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    if not (said := end.recv(1 << 16)):
                        return
                    ends[end].sendall(said)
                    tells = tells or b"INSERT INTO event" in said
                    if b"COMMIT" in said and end is client and tells and not is_cut.is_set():
                        is_cut.set()
                        there.recv(1)  # the answer comes, and goes no further
                        return

    def answered() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=passed_on, args=(client,), daemon=True).start()

    threading.Thread(target=answered, daemon=True).start()
    try:
        yield
        assert is_cut.is_set()
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


async def test_a_commit_to_which_there_was_no_answer_is_done_once(postgres: Server, emptied: Emptied) -> None:
    heard: list[Any] = []
    with tempfile.TemporaryDirectory() as folder, cut_at_the_commit(postgres, Path(folder)):
        url = emptied.url().replace(str(postgres.folder), folder)
        async with opened(url, publish=heard.extend) as db:
            assert (await add(db, "a")).id == "a"
            await add(db, "b")
            log = await db.read(events.after, pos=0, limit=9)
            assert await names(db) == ["a", "b"]
    assert [one.contact_id for one in heard] == ["a", "b"]
    assert len(log) == 2


@contextmanager
def standing_still(server: Server) -> Iterator[None]:
    """Stop the server and all who serve its clients, as a machine that swaps does."""
    pids = server.pids()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_migrations_make_the_tables_that_the_program_knows(url: str) -> None:
    with reading_engine(url).connect() as connection:
        opts = {"compare_type": True, "include_name": lambda name, *_: name != ITS_OWN}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, all_tables()) == []


def test_two_upgrades_at_once_are_one(postgres: Server) -> None:
    url = postgres.add("twice")
    program = f"from crm_core.db.migrate import upgrade; print(upgrade({url!r})[0])"
    words = [sys.executable, "-c", program]
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [each.communicate()[0].strip() for each in both]
    assert (told.count("None"), [each.returncode for each in both]) == (1, [0, 0])


def test_an_upgrade_that_fails_leaves_nothing(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_kw: object) -> None:
        raise RuntimeError("in the middle")

    url = postgres.add("half")
    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.create_index", fails)
        with pytest.raises(RuntimeError, match="in the middle"):
            upgrade(url)
    with postgres.opened("half") as connection:
        assert (
            connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall() == []
        )


@pytest.mark.parametrize(
    "how",
    [
        "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'",
        "TEMPLATE template0 ENCODING 'SQL_ASCII'",
    ],
)
def test_a_database_that_sorts_otherwise_is_refused(postgres: Server, how: str) -> None:
    """Texts are looked for by ranges of their beginnings, and listed as Python sorts them."""
    url = postgres.add(f"other{how[-4:-2]}", how=how)
    with pytest.raises(SchemaError, match=r"createdb --template=template0 --encoding=UTF8 --locale=C"):
        upgrade(url)


def test_nobody_listens_is_an_absence(postgres: Server) -> None:
    with pytest.raises(DatabaseAwayError):
        upgrade(postgres.url("nowhere"))
    with pytest.raises(DatabaseAwayError):
        upgrade("postgresql+psycopg://nobody@127.0.0.1:9/none")
