"""A site moved from SQLite to PostgreSQL: every row of every table, or none."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from integration.crm_core.test_migrations import all_tables
from lab.postgresql import Server
from sqlalchemy import Boolean, Column, Date, Float, Integer, LargeBinary, Table, insert, select

from crm_core.db import sqlite
from crm_core.db.database import Database
from crm_core.db.engines import make_of
from crm_core.db.in_use import FileInUseError, InUse
from crm_core.db.migrate import revision_of, upgrade
from crm_core.db.moving import Moved, MoveError, move
from crm_core.db.schema import Instant, metadata
from crm_core.domain.contacts import Contact
from crm_core.domain.errors import SchemaError
from crm_core.services import contacts, events

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
ROWS = 3
NUMBERS = count(1)
VALUES: dict[type, Callable[[int], Any]] = {
    Instant: lambda n: NOW + timedelta(seconds=n),
    Date: lambda n: date(1980, 2, 1 + n),
    Boolean: lambda n: n % 2 == 0,
    Float: lambda n: n / 2,
    Integer: lambda n: 40 + n,
    LargeBinary: lambda n: bytes((0, 255, n)),
}


def value(column: Column[Any], n: int) -> Any:
    """Return what the *n*-th row of a table has in *column*; a key is told by the table that it points to."""
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return value(key.column, n)
    if column.nullable and n == 1:
        return None
    for kind, made in VALUES.items():
        if isinstance(column.type, kind):
            return made(n)
    return f"{n}ñ\t\\{column.name}"[: column.type.length]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with three rows in each table."""
    file = tmp_path_factory.mktemp("full") / "full.sqlite3"
    url = f"sqlite:///{file}"
    upgrade(url)
    with sqlite.writing_engine(url).begin() as connection:
        for table in tables():
            connection.execute(table.delete())
            rows = [{column.name: value(column, n) for column in table.columns} for n in range(ROWS)]
            connection.execute(insert(table), rows)
    return file


@pytest.fixture
def source(full: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(full, tmp_path / 'old.sqlite3')}"


def rows_of(url: str) -> dict[str, list[Any]]:
    """Return all that a database holds, as it keeps it; truths are numbers, days texts."""
    engine = make_of(url).reading_engine(url)
    with engine.begin() as connection:
        asked = {table.name: select(table).compile(dialect=engine.dialect).string for table in tables()}
        return {
            name: sorted(repr([plain(each) for each in row]) for row in connection.exec_driver_sql(sql))
            for name, sql in asked.items()
        }


def tables() -> list[Table]:
    """Return all but the index of the search, which is made anew."""
    return [table for table in all_tables().sorted_tables if not table.name.startswith("search_")]


def plain(each: Any) -> Any:
    return int(each) if isinstance(each, bool) else str(each) if isinstance(each, date) else each


@pytest.fixture
def target(postgres: Server) -> str:
    return postgres.add(f"site{next(NUMBERS)}")


def test_every_row_of_every_table_comes_over(source: str, target: str) -> None:
    heard: list[Moved] = []
    counts = move(source, target, told=heard.append)
    assert rows_of(target) == rows_of(source)
    assert counts == {table.name: ROWS for table in tables()}
    assert {one.table for one in heard if one.rows == one.of == ROWS} == set(counts)


def test_and_back(tmp_path: Path, source: str, target: str) -> None:
    back = f"sqlite:///{tmp_path}/new.sqlite3"
    move(source, target, told=lambda _: None)
    move(target, back, told=lambda _: None)
    assert rows_of(back) == rows_of(source)


@pytest.mark.parametrize("is_back", [False, True], ids=["over", "and back"])
async def test_a_place_that_was_let_go_is_not_given_again(tmp_path: Path, target: str, is_back: bool) -> None:
    """Who reads the log resumes by its places; the last ones may be gone already."""
    url = f"sqlite:///{tmp_path}/old.sqlite3"
    upgrade(url)
    await add(url, "a", "b", "c")
    spoil(tmp_path, "DELETE FROM event WHERE pos > 1")
    move(url, target, told=lambda _: None)
    if is_back:
        move(target, url := f"sqlite:///{tmp_path}/new.sqlite3", told=lambda _: None)
    assert await add(url if is_back else target, "d") == [1, 4]


async def add(url: str, *keys: str) -> list[int]:
    """Add contacts; return the places of all events."""
    db = Database(url)
    await db.start()
    for key in keys:
        contact = Contact(id=key, given=key, created_at=NOW, updated_at=NOW)
        await db.run(contacts.create, contact=contact, region="ES", by=None, now=NOW)
    told = await db.read(events.after, pos=0, limit=99)
    await db.close()
    return [one.pos or 0 for one in told]


def test_a_database_with_tables_is_refused(source: str, target: str) -> None:
    upgrade(target)
    with pytest.raises(MoveError, match="tables already"):
        move(source, target, told=lambda _: None)


def test_a_database_that_somebody_works_on_is_not_moved(source: str, target: str) -> None:
    service = InUse(source)
    with pytest.raises(FileInUseError):
        move(source, target, told=lambda _: None)
    service.end()


def test_tables_of_another_version_are_not_moved(tmp_path: Path, source: str, target: str) -> None:
    spoil(tmp_path, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(SchemaError, match="centralita db upgrade"):
        move(source, target, told=lambda _: None)
    assert revision_of(target) is None


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        pytest.param(
            "UPDATE contact SET given = printf('%.300c', 'x') WHERE id LIKE '2%'",
            "contact.given holds a text that does not fit",
            id="a name that is too long",
        ),
        pytest.param(
            "UPDATE incident SET subject = 'a' || char(0) WHERE id LIKE '2%'",
            "incident.subject holds a text that does not fit",
            id="a sign that is no text",
        ),
    ],
)
def test_what_the_new_one_cannot_hold_is_named_and_nothing_is_moved(
    tmp_path: Path, source: str, target: str, statement: str, why: str
) -> None:
    spoil(tmp_path, statement)
    with pytest.raises(MoveError, match=why):
        move(source, target, told=lambda _: None)
    assert revision_of(target) is None


def test_what_an_exchange_said_is_cut(tmp_path: Path, source: str, target: str) -> None:
    spoil(tmp_path, "UPDATE call_visit SET queue = printf('%.300c', 'q') || char(0)")
    move(source, target, told=lambda _: None)
    engine = make_of(target).reading_engine(target)
    with engine.begin() as connection:
        told = set(connection.scalars(select(metadata.tables["call_visit"].c.queue)))
    engine.dispose()
    assert told == {"q" * 80}


def spoil(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "old.sqlite3") as connection:
        connection.execute(statement)
    connection.close()


def test_a_kill_in_the_middle_leaves_nothing_and_it_is_begun_anew(source: str, target: str) -> None:
    middle = tables()[len(tables()) // 2].name
    program = (
        "import os, signal\n"
        "from crm_core.db.moving import move\n"
        f"die = lambda done: done.table == {middle!r} and os.kill(os.getpid(), signal.SIGKILL)\n"
        f"move({source!r}, {target!r}, told=die)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    assert revision_of(target) is None
    move(source, target, told=lambda _: None)
    assert rows_of(target) == rows_of(source)
