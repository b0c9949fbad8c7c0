"""Backup and restore of a database of PostgreSQL's: while others write, stopped midway, from what is none."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import psycopg
import pytest
from lab.desk import until
from lab.postgresql import ADMIN, Server, postgresql

from crm_core.db import server_copies, server_programs
from crm_core.db.copies import CopyError, ProgramsMissingError, ProgramsTooOldError, UntriedError
from crm_core.db.database import Database
from crm_core.db.in_use import DatabaseInUseError
from crm_core.db.migrate import upgrade
from crm_core.db.server_copies import back_up, restore, server_of
from crm_core.db.server_programs import line_of, programs_for
from crm_core.db.server_trial import try_out
from crm_core.domain.errors import DatabaseAwayError, SchemaError
from crm_core.services import audit

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
NUMBERS = count(1)


@pytest.fixture(scope="module")
def template(postgres: Server) -> str:
    upgrade(postgres.add("copied"))
    return "copied"


@pytest.fixture
def name(postgres: Server, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with something in it; what lies beside it is in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    name = f"copied{next(NUMBERS)}"
    postgres.add(name, how=f"TEMPLATE {template}")
    write(postgres, name, 3)
    return name


def write(postgres: Server, name: str, rows: int) -> None:
    with postgres.opened(name) as connection:
        for _ in range(rows):
            connection.execute("INSERT INTO audit (at, who, what) VALUES ('2026-11-24', 'ana', 'copied')")


def entries(postgres: Server, name: str) -> int:
    with postgres.opened(name) as connection:
        row = connection.execute("SELECT count(*) FROM audit").fetchone()
        assert row
        return int(row[0])


def databases(postgres: Server) -> list[str]:
    with postgres.opened("postgres") as connection:
        return sorted(row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall())


def is_waiting(postgres: Server, name: str) -> bool:
    """Return whether somebody waits for a lock in the database *name*."""
    asked = "SELECT FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    with postgres.opened("postgres") as connection:
        return connection.execute(asked, (name,)).fetchone() is not None


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_what_was_changed_since_a_copy_is_as_it_was_and_is_kept(
    postgres: Server, name: str, tmp_path: Path
) -> None:
    url, copy = postgres.url(name), tmp_path / "copy.dump"
    copied = back_up(server_of(url), copy)
    assert (copied.rows["audit"], len(copied.rows) > 60) == (3, True)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    write(postgres, name, 4)
    with postgres.opened(name) as connection:
        connection.execute("CREATE TABLE later (contact_id text REFERENCES contact (id))")
    restored = restore(server_of(url), copy, url=url, now=NOW)
    assert restored.rows == copied.rows
    with postgres.opened(name) as connection:
        assert server_copies.counted(connection) == copied.rows
        with pytest.raises(psycopg.errors.RaiseException, match="only added to"):
            connection.execute("DELETE FROM audit")
    assert restored.kept == Path("centralita.before-20261124T160000Z.dump")
    with pytest.raises(CopyError, match="is there already"):
        restore(server_of(url), restored.kept, url=url, now=NOW)
    again = restore(server_of(url), restored.kept, url=url, now=NOW + timedelta(days=1))
    assert again.rows["audit"] == 7
    upgrade(url)  # it is a database to work with


async def test_a_copy_is_one_instant_of_a_database_that_is_written_to(
    postgres: Server, name: str, tmp_path: Path
) -> None:
    url = postgres.url(name)
    db = Database(url)
    await db.start()
    is_done = asyncio.Event()

    async def keep_writing() -> int:
        written = 0
        while not is_done.is_set() or not written:
            await db.run(audit.note, who="ana", what="x", address=None, now=NOW)
            written += 1
        return written

    writing = asyncio.create_task(keep_writing())
    copied = await asyncio.to_thread(back_up, server_of(url), tmp_path / "copy.dump")
    is_done.set()
    written = await writing
    await db.close()
    assert 3 <= copied.rows["audit"] <= 3 + written
    assert entries(postgres, name) == 3 + written


async def test_nothing_is_put_in_the_place_of_a_database_at_work(
    postgres: Server, name: str, tmp_path: Path
) -> None:
    url, copy = postgres.url(name), tmp_path / "copy.dump"
    back_up(server_of(url), copy)
    db = Database(url)
    await db.start()
    await db.run(audit.note, who="ana", what="x", address=None, now=NOW)
    with pytest.raises(DatabaseInUseError, match=name):
        await asyncio.to_thread(restore, server_of(url), copy, url=url, now=NOW)
    await db.close()
    assert names(tmp_path) == ["copy.dump"]


def test_who_has_just_left_is_not_at_work(
    postgres: Server, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, copy = postgres.url(name), tmp_path / "copy.dump"
    back_up(server_of(url), copy)
    with postgres.opened(name) as other:
        other.execute("SET application_name = 'centralita'")
        leaving = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: other.close())
        monkeypatch.setattr(server_copies, "time", leaving)
        assert restore(server_of(url), copy, url=url, now=NOW).rows["audit"] == 3
        assert other.closed


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        pytest.param(lambda whole: whole[: len(whole) * 2 // 3], "pg_restore", id="cut"),
        pytest.param(lambda whole: whole[:-2_000], "pg_restore|no database", id="no end"),
        pytest.param(lambda _: b"SQLite format 3\0", "pg_restore", id="another file"),
        pytest.param(lambda _: b"", "pg_restore", id="empty"),
    ],
)
def test_what_is_no_whole_copy_changes_nothing(
    postgres: Server, name: str, tmp_path: Path, spoil: Callable[[bytes], bytes], says: str
) -> None:
    url, copy = postgres.url(name), tmp_path / "copy.dump"
    back_up(server_of(url), copy)
    copy.write_bytes(spoil(copy.read_bytes()))
    with pytest.raises(CopyError, match=says):
        restore(server_of(url), copy, url=url, now=NOW)
    with pytest.raises(CopyError, match=says):
        try_out(server_of(url), copy, url=url)
    assert (entries(postgres, name), names(tmp_path)) == (3, ["copy.dump"])


def test_another_s_database_is_none_of_ours(postgres: Server, name: str, tmp_path: Path) -> None:
    other, url = postgres.add(f"other{next(NUMBERS)}"), postgres.url(name)
    with pytest.raises(CopyError, match="no database of Centralita"):
        back_up(server_of(other), tmp_path / "other.dump")
    copy = tmp_path / "newer.dump"
    with postgres.opened(name) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    back_up(server_of(url), copy)
    with pytest.raises(SchemaError, match="newer version"):
        restore(server_of(url), copy, url=url, now=NOW)
    assert names(tmp_path) == ["newer.dump"]


def test_a_restore_that_fails_at_its_end_leaves_what_was_there(
    postgres: Server, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, copy = postgres.url(name), tmp_path / "copy.dump"
    back_up(server_of(url), copy)
    write(postgres, name, 2)
    monkeypatch.setattr(server_copies, "_demanded", lambda _: "DO $$ BEGIN RAISE 'the end'; END $$;")
    with pytest.raises(CopyError, match="the end"):
        restore(server_of(url), copy, url=url, now=NOW)
    assert entries(postgres, name) == 5


async def test_a_copy_that_is_stopped_or_takes_too_long_is_none(
    postgres: Server, name: str, tmp_path: Path
) -> None:
    url, copy = postgres.url(name), tmp_path / "copy.dump"
    copy.write_text("the one before")
    with postgres.opened(name) as other, other.transaction():
        other.execute("LOCK TABLE audit")  # pg_dump waits for it
        stop = Event()
        copying = asyncio.create_task(asyncio.to_thread(back_up, server_of(url, stop=stop), copy))
        await until(lambda: copying.done() or is_waiting(postgres, name))
        stop.set()
        with pytest.raises(CopyError, match="stopped"):
            await copying
        with pytest.raises(CopyError, match=r"more than 0 s"):
            back_up(server_of(url, within_s=0.3), copy)
    assert (names(tmp_path), copy.read_text()) == (["copy.dump"], "the one before")


KILLED = """
import sys
from pathlib import Path
from crm_core.db.server_copies import back_up, server_of
back_up(server_of(sys.argv[1]), Path(sys.argv[2]))
"""


async def test_a_backup_that_is_killed_leaves_no_copy_under_its_name(
    postgres: Server, name: str, tmp_path: Path
) -> None:
    url, copy = postgres.url(name), tmp_path / "copy.dump"
    with postgres.opened(name) as other, other.transaction():
        other.execute("LOCK TABLE audit")
        killed = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", KILLED, url, str(copy)), start_new_session=True
        )
        await until(lambda: killed.returncode is not None or is_waiting(postgres, name))
        os.killpg(killed.pid, signal.SIGKILL)
        assert await killed.wait() == -signal.SIGKILL
    assert names(tmp_path) == ["copy.dump.part"]
    back_up(server_of(url), copy)
    assert names(tmp_path) == ["copy.dump"]


def test_a_copy_is_put_back_into_a_database_of_its_own_which_goes(
    postgres: Server, name: str, tmp_path: Path
) -> None:
    url, copy = postgres.url(name), tmp_path / "copy.dump"
    back_up(server_of(url), copy)
    before = databases(postgres)
    postgres.add(f"{name}_trial_0")
    postgres.add(f"{name}_trial_mine")
    with postgres.opened("postgres") as connection:
        connection.execute(
            f"COMMENT ON DATABASE {name}_trial_0 IS 'Centralita puts a copy back here for a trial'".encode()
        )
    assert try_out(server_of(url), copy, url=url) == "put back"
    assert databases(postgres) == sorted((*before, f"{name}_trial_mine"))


def test_who_may_make_no_database_has_the_copy_read_to_its_end(
    postgres: Server, name: str, tmp_path: Path
) -> None:
    with postgres.opened(name) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN PASSWORD 'a secret' IN ROLE pg_read_all_data")
    url, copy = postgres.url(name).replace(f"//{ADMIN}@", "//reader:a secret@"), tmp_path / "copy.dump"
    back_up(server_of(url), copy)
    assert try_out(server_of(url), copy, url=url) == "read"
    with postgres.opened(name) as connection:
        connection.execute("DROP ROLE reader")


def test_what_cannot_be_put_back_for_reasons_of_the_server_s_is_told_apart(
    postgres: Server, name: str, tmp_path: Path
) -> None:
    url, copy = postgres.url(name), tmp_path / "copy.dump"
    with postgres.opened(name) as connection:
        connection.execute("CREATE SCHEMA apart")
        connection.execute("CREATE FUNCTION apart.f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        connection.execute("CREATE TABLE leaning (x int DEFAULT apart.f())")  # of what is not copied
    back_up(server_of(url), copy)
    before = databases(postgres)
    with pytest.raises(UntriedError, match="apart"):
        try_out(server_of(url), copy, url=url)
    assert databases(postgres) == before


def test_no_secret_is_on_a_command_line() -> None:
    line = line_of("postgresql+psycopg://ana:s%40cret@db:6000/records?sslmode=require&passfile=/etc/pgpass")
    assert line.words == "host=db port=6000 user=ana dbname=records sslmode=require passfile=/etc/pgpass" or (
        set(line.words.split())
        == {"host=db", "port=6000", "user=ana", "dbname=records", "sslmode=require", "passfile=/etc/pgpass"}
    )
    assert line.environment["PGPASSWORD"] == "s@cret"


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    """A server that asks for passwords."""
    with postgresql() as server:
        with server.opened("postgres") as connection:
            connection.execute(f"ALTER ROLE {ADMIN} PASSWORD 'right'".encode())
        rules = server.folder / "data" / "pg_hba.conf"
        rules.write_text("local postgres all trust\nlocal all all scram-sha-256\n")
        with server.opened("postgres") as connection:
            connection.execute("SELECT pg_reload_conf()")
        yield server


def test_a_password_reaches_the_programs_and_a_wrong_one_is_told(guarded: Server, tmp_path: Path) -> None:
    url = guarded.add("records").replace(f"//{ADMIN}@", f"//{ADMIN}:right@")
    upgrade(url)
    copy = tmp_path / "copy.dump"
    back_up(server_of(url), copy)
    assert try_out(server_of(url), copy, url=url) == "put back"
    with pytest.raises(DatabaseAwayError, match="password authentication failed"):
        server_of(url.replace(":right@", ":wrong@"))
    with pytest.raises(DatabaseAwayError, match="no password supplied"):
        server_of(url.replace(":right@", "@"))


def a_program(folder: Path, version: str) -> None:
    folder.mkdir(parents=True)
    for name in server_programs.NAMES:
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        program.chmod(0o755)


def test_the_programs_are_the_server_s_or_the_next_newer_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_programs, "DEBIAN", tmp_path / "debian")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    with pytest.raises(ProgramsMissingError, match="postgresql-client"):
        programs_for(15)
    a_program(tmp_path / "path", "14.9 (Debian 14.9-1)")
    with pytest.raises(ProgramsTooOldError, match="version 14, older than the server"):
        programs_for(15)
    for version in ("17.1", "16beta1"):
        a_program(tmp_path / "debian" / version[:2] / "bin", version)
    assert programs_for(15)._folder == tmp_path / "debian" / "16" / "bin"
    assert programs_for(17)._folder == tmp_path / "debian" / "17" / "bin"
    assert programs_for(14)._folder == tmp_path / "path"
