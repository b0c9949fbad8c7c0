"""Copies of records on PostgreSQL: each night, by commands, before an upgrade; what the doctor tells."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from itertools import count
from pathlib import Path

import pytest
from integration.centralita.test_app import house
from integration.centralita.test_nightly import MADRID, NOW, Clock, names, three_nights
from lab.desk import until
from lab.elder import make_elder
from lab.postgresql import ADMIN, Server
from typer.testing import CliRunner, Result

from centralita.cli import app
from centralita.copying import ServerCopies
from centralita.doctor_site import examine_records
from centralita.nightly import TRIED_OUT, Nightly
from centralita.store import open_database
from crm_core.db import server_programs
from crm_core.db.copies import CopyError, UntriedError
from crm_core.db.database import Database
from crm_core.db.migrate import revision_of, upgrade
from crm_core.domain.contacts import Contact
from crm_core.services import audit, contacts

NUMBERS = count(1)
TABLE = "Name,Phone\nAna Ruiz,957212000\nLeo Sanz,600000001\n"


@pytest.fixture
def url(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database; the settings name it, and it is spoken English."""
    made = postgres.add(f"nightly{next(NUMBERS)}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setenv("CENTRALITA_DATABASE__URL", made)
    return made


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    opened = await open_database(url)
    contact = Contact(id="ana", given="Ana", created_at=NOW, updated_at=NOW)
    await opened.run(contacts.create, contact=contact, region="ES", by=None, now=NOW)
    yield opened
    await opened.close()


def nightly(db: Database, url: str, clock: Clock) -> Nightly:
    return Nightly(
        db,
        copying=ServerCopies(url),
        folder=Path("copies"),
        at=time(3),
        zone=MADRID,
        keep=2,
        now=clock,
    )


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def done(*words: str) -> str:
    told = typed(*words)
    assert told.exit_code == 0, told.output
    return told.stdout


async def told(db: Database, about: str, *, now: datetime) -> tuple[str, str]:
    (found,) = (one for one in await examine_records(db, now=now) if one.about == about)
    return found.level, found.what


async def test_each_night_there_is_a_copy_that_was_put_back_and_the_oldest_go(db: Database, url: str) -> None:
    clock = Clock()
    copying = nightly(db, url, clock)
    made = await three_nights(copying, clock)
    assert names(Path("copies")) == [one.name for one in made[1:]]
    assert re.fullmatch(r"centralita-20261126T160000Z\.dump", made[-1].name)
    assert await told(db, "backup", now=clock.now) == ("ok", "The last backup was made 1 days ago.")
    trial = "The last trial of a backup was 1 days ago."
    assert await told(db, "restore test", now=clock.now) == ("ok", trial)
    assert (await told(db, "restore test", now=clock.now + timedelta(days=9)))[0] == "warning"


async def test_who_may_make_no_database_is_told_that_copies_are_read_only(
    db: Database, url: str, postgres: Server
) -> None:
    with postgres.opened("postgres") as connection:
        connection.execute("DROP ROLE IF EXISTS plain")
        connection.execute("CREATE ROLE plain LOGIN IN ROLE pg_read_all_data")
    clock = Clock()
    await nightly(db, url.replace(f"//{ADMIN}@", "//plain@"), clock).back_up()
    level, what = await told(db, "restore test", now=NOW)
    assert level == "ok"
    assert "It was read to its end and counted; to be put back it needs ALTER ROLE" in what


async def test_a_copy_that_the_server_cannot_take_back_now_stays_and_was_not_tried_out(
    db: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise UntriedError("no space left on device")

    copying = nightly(db, url, Clock())
    monkeypatch.setattr(copying._copying, "try_out", fails)
    copy = await copying.back_up()
    assert copying.copies() == [copy]
    assert (await told(db, "backup", now=NOW))[0] == "ok"
    untried = ("warning", "No backup was ever put back for a trial.")
    assert await told(db, "restore test", now=NOW) == untried

    def damaged(*_: object) -> None:
        raise CopyError("damaged")

    monkeypatch.setattr(copying._copying, "try_out", damaged)
    with pytest.raises(CopyError, match="damaged"):
        await copying.back_up()
    assert await db.read(audit.last_of, begin="database restore test") is None


async def test_who_was_stopped_copies_again_when_he_is_started(db: Database, url: str) -> None:
    clock = Clock()
    copying = nightly(db, url, clock)
    running = asyncio.create_task(copying.run())
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])
    clock.now += timedelta(days=1)
    copy = await copying.back_up()
    assert copy in copying.copies()


async def test_the_service_makes_up_for_what_was_missed(url: str, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    async with house(tmp_path, url=url, backups=str(copies)) as (here, service, _):
        await here.add_contact("María", "957212000")
        await until(lambda: copies.exists() and [one for one in names(copies) if one.endswith(".dump")])
        async with asyncio.timeout(30):
            while not await service.db.read(audit.last_of, begin=TRIED_OUT):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


def test_a_copy_is_made_and_put_back_by_commands(url: str, postgres: Server) -> None:
    Path("table.csv").write_text(TABLE)
    done("contacts", "import", "table.csv")
    said = "contacts: 2, calls: 0, users: 0"
    assert done("db", "backup", "copy.dump") == f"copy.dump is whole: {said}.\n"
    Path("more.csv").write_text("Name,Phone\nEva Gil,600000002\n")
    done("contacts", "import", "more.csv")
    told = done("db", "restore", "copy.dump")
    assert f"The database is copy.dump now: {said}." in told
    kept = re.search(r"What was there is kept as (centralita\.before-\S+\.dump)\.", told)
    assert kept
    done("contacts", "export", "two.csv")
    assert len(Path("two.csv").read_text().splitlines()) == 3
    assert "contacts: 3, calls: 0" in done("db", "restore", kept[1])
    refused = typed("db", "restore", "table.csv")
    assert (refused.exit_code, "pg_restore: " in refused.output) == (2, True)
    assert "Traceback" not in refused.output


def test_what_an_upgrade_changes_is_copied_before(url: str) -> None:
    make_elder(url, "0008")
    told = done("db", "upgrade")
    assert told.startswith("What was there is kept as centralita.of-0008.dump.\n")
    head = revision_of(url)
    done("db", "restore", "centralita.of-0008.dump")
    assert revision_of(url) == "0008"
    assert f"from 0008 to {head}" in done("db", "upgrade", "--without-copy")


async def test_nothing_is_upgraded_while_the_service_runs(url: str, db: Database) -> None:
    refused = await asyncio.to_thread(typed, "db", "upgrade")
    assert (refused.exit_code, "is in use: stop the service first" in refused.output) == (2, True)


@pytest.mark.parametrize(
    ("language", "missing", "old"),
    [
        ("en", "are not there: install postgresql-client", "pg_dump is of version 9, the server of "),
        ("es", "no están: instale postgresql-client", "pg_dump es de la versión 9, el servidor de la "),
    ],
)
def test_a_pg_dump_that_is_missing_or_too_old_is_told(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str, missing: str, old: str
) -> None:
    upgrade(url)
    monkeypatch.setenv("LANGUAGE", language)
    monkeypatch.setattr(server_programs, "DEBIAN", tmp_path / "nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))
    for says in (missing, old):
        refused = typed("db", "backup", "copy.dump")
        assert (refused.exit_code, refused.output.count(says)) == (2, 1), refused.output
        findings = map(json.loads, typed("doctor", "--json").stdout.splitlines())
        (level,) = (one["level"] for one in findings if one["about"] == "pg_dump")
        assert level == "warning"
        for name in server_programs.NAMES:
            (tmp_path / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 9.6.1'\n")
            (tmp_path / name).chmod(0o755)
    assert not Path("copy.dump").exists()


def test_the_doctor_tells_that_pg_dump_fits(url: str) -> None:
    upgrade(url)
    findings = [json.loads(line) for line in typed("doctor", "--json").stdout.splitlines()]
    assert [one["level"] for one in findings if one["about"] == "pg_dump"] == ["ok"]
