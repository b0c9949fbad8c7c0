"""The tables: made by migrations, the same as the program knows, and refused when they are others."""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData

from crm_core import db as db_package
from crm_core.db.database import Database
from crm_core.db.migrate import upgrade
from crm_core.db.schema import metadata
from crm_core.db.sqlite import reading_engine
from crm_core.domain.contacts import Contact
from crm_core.domain.errors import DatabaseAwayError, SchemaError
from crm_core.services import contacts, search

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite3"


def all_tables() -> MetaData:
    """Return every table of the program, whichever file of ``crm_core/db`` tells of it."""
    for module in pkgutil.iter_modules(db_package.__path__):
        if module.name.startswith("schema"):
            importlib.import_module(f"crm_core.db.{module.name}")
    return metadata


def url(file: Path) -> str:
    return f"sqlite:///{file}"


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the full text, which SQLite keeps in tables of its own."""
    return kind != "table" or not (name or "").startswith("search_text")


def mark(file: Path, revision: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()


def test_migrations_make_the_tables_that_the_program_knows(file: Path) -> None:
    upgrade(url(file))

    with reading_engine(url(file)).connect() as connection:
        opts = {"compare_type": True, "include_name": is_ours}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, all_tables()) == []


def test_tables_without_rowid_and_places_that_are_never_given_again_are_migrated_too(file: Path) -> None:
    """What alembic does not compare."""
    upgrade(url(file))

    with sqlite3.connect(file) as connection:
        made = {
            name: (sql.rstrip().endswith("WITHOUT ROWID"), "AUTOINCREMENT" in sql)
            for name, sql in connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        }
    connection.close()
    for table in all_tables().sorted_tables:
        options = table.dialect_options["sqlite"]
        assert made[table.name] == (not options["with_rowid"], options["autoincrement"]), table.name


async def test_upgrading_twice_is_upgrading_once(file: Path) -> None:
    before, newest = upgrade(url(file))
    assert before is None
    assert upgrade(url(file)) == (newest, newest)
    db = Database(url(file))
    await db.start()
    await db.close()


async def test_a_new_file_has_no_tables(file: Path) -> None:
    db = Database(url(file))
    with pytest.raises(SchemaError, match="centralita db upgrade"):
        await db.start()
    await db.close()


async def test_tables_of_a_newer_version_are_left_alone(file: Path) -> None:
    upgrade(url(file))
    mark(file, "9999")
    db = Database(url(file))

    with pytest.raises(SchemaError, match="newer version"):
        await db.start()
    with pytest.raises(SchemaError, match="newer version"):
        upgrade(url(file))
    await db.close()


async def test_tables_of_an_older_version_ask_for_an_upgrade(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = upgrade(url(file))[1]
    monkeypatch.setattr("crm_core.db.migrate._head", lambda: "next")
    db = Database(url(file))

    with pytest.raises(SchemaError, match=rf"older version \({newest}, not next\).*centralita db upgrade"):
        await db.start()
    await db.close()


def test_an_upgrade_does_not_begin_while_somebody_writes(file: Path) -> None:
    upgrade(url(file))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(DatabaseAwayError, match="locked"):
        upgrade(url(file))
    other.close()


def test_an_upgrade_that_fails_leaves_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_kw: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr("alembic.op.create_index", fails)
    with pytest.raises(RuntimeError, match="in the middle"):
        upgrade(url(file))

    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    connection.close()


async def test_who_is_there_already_is_found_once_the_tables_are_of_this_version(file: Path) -> None:
    upgrade(url(file))
    someone = Contact(id="c1", given="Ana", family="Ruiz", created_at=NOW, updated_at=NOW)
    async with opened(file) as db:
        await db.run(contacts.create, contact=someone, region="ES", by=None, now=NOW)
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO search_text (search_text) VALUES ('delete-all')")
        connection.execute("DELETE FROM search_doc")
        connection.execute("DELETE FROM search_slip")
    connection.close()

    upgrade(url(file))

    async with opened(file) as db:
        found = await db.read(search.of_kind, q="ruis", kind="contact", after=None, limit=9, region="ES")
    assert [one.id for one in found.items] == ["c1"]


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[Database]:
    db = Database(url(file))
    await db.start()
    try:
        yield db
    finally:
        await db.close()
