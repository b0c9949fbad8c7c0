"""The services over SQLite and PostgreSQL; each statement that SQLite is asked has its plan read."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from contract.crm_core.kit import House
from lab.postgresql import Emptied, Server
from sqlalchemy import Engine, event

from crm_core.db import postgresql
from crm_core.db.database import Database
from crm_core.db.migrate import upgrade


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and nothing in them."""
    file = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def emptied(postgres: Server) -> Iterator[Emptied]:
    """A database for all tests, one after the other; what its engines have learnt of it they keep."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("writing_engine", "reading_engine"):
            patched.setattr(postgresql, name, cache(getattr(postgresql, name)))
        yield Emptied(postgres)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def house(request: pytest.FixtureRequest) -> House:
    """A house with no records in it yet, on each make of database."""
    if request.param == "sqlite":
        request.getfixturevalue("plans")
    found: House = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.fixture
async def on_sqlite(tmp_path: Path, empty_database: Path) -> AsyncIterator[House]:
    file = tmp_path / "records.sqlite3"
    shutil.copy(empty_database, file)
    async for one in opened(f"sqlite:///{file}"):
        yield one


@pytest.fixture
async def on_postgresql(emptied: Emptied) -> AsyncIterator[House]:
    async for one in opened(emptied.url()):
        yield one


@pytest.fixture
def sqlite(on_sqlite: House) -> House:
    return on_sqlite


async def opened(url: str) -> AsyncIterator[House]:
    heard: list[Any] = []
    db = Database(url, publish=heard.extend)
    await db.start()
    yield House(db, heard)
    await db.close()


@pytest.fixture
def asked(empty_database: Path) -> Iterator[list[str]]:  # the tables are there before anybody listens
    """What SQLite is asked while the test runs, with the values in it."""
    said: list[str] = []

    def listen(connection: sqlite3.Connection, _record: Any) -> None:
        connection.set_trace_callback(said.append)

    event.listen(Engine, "connect", listen)
    yield said
    event.remove(Engine, "connect", listen)


@pytest.fixture
def plans(asked: list[str], empty_database: Path) -> Iterator[None]:
    """Fail a test whose statements walk through a table."""
    yield
    walks = [
        f"{step}\n  in {statement}"
        for statement in dict.fromkeys(asked)
        for step in plan_of(statement, empty_database)
        if re.match(r"SCAN (?!alembic_version|near|first|main.search_text|\()", step)
        and "INDEX" not in step
        and "CONSTANT ROW" not in step
    ]
    assert not walks, "\n".join(walks)


def plan_of(statement: str, file: Path) -> list[str]:
    if not re.match(r"(SELECT|UPDATE|DELETE)\b", statement):
        return []
    with sqlite3.connect(file) as connection:
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    connection.close()
    return steps
