"""``centralita backfill``: what the records of an exchange tell goes into the history, once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from ami_bridge.wire.record_files import RecordFiles
from ami_bridge.wire.record_tables import RecordTables
from centralita.backfill import records_of
from centralita.cli import app
from centralita.settings import Pbx, load
from centralita.store import open_database
from crm_core.domain.calls import Call
from crm_core.services import calls

TABLE = Path(__file__).parents[2] / "fixtures" / "cel" / "queue_call.csv"
DAY = ("--since", "2026-11-26")


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A database of this test's own, and an exchange whose records are the fixture's."""
    address = f"sqlite:///{tmp_path}/centralita.sqlite3"
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setenv("CENTRALITA_DATABASE__URL", address)
    monkeypatch.setenv("CENTRALITA_PBX__MAIN__RECORDS__CEL", f"file:{TABLE}")
    return address


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["backfill", *words])


def history(url: str) -> list[Call]:
    async def read() -> Any:
        db = await open_database(url)
        try:
            return await db.read(calls.history, limit=50)
        finally:
            await db.close()

    found: list[Call] = asyncio.run(read())
    return found


def test_what_nobody_heard_comes_into_the_history_once(url: str) -> None:
    assert typed(*DAY, "--dry-run").stdout == "1 call of 1 was not in the history.\n"
    assert history(url) == []
    assert typed(*DAY).stdout == "1 call of 1 was not in the history.\n"
    assert typed(*DAY).stdout == "0 calls of 1 were not in the history.\n"
    (call,) = history(url)
    assert (call.ani, call.source, call.outcome) == ("+34957212000", "backfill", "answered")


def test_the_time_is_that_of_the_exchange(url: str) -> None:
    """The call ended at 19:36:23 UTC, 20:36:23 in Madrid."""
    assert typed("--since", "2026-11-26T20:36:24").stdout == "0 calls of 0 were not in the history.\n"
    assert typed("--since", "2026-11-26T20:36:23").stdout == "1 call of 1 was not in the history.\n"
    assert len(history(url)) == 1


@pytest.mark.parametrize(
    ("cel", "words", "says"),
    [
        pytest.param("file:/nowhere.csv", DAY, "/nowhere.csv: No such file", id="no file"),
        pytest.param(
            "mysql://u@127.0.0.1:1/d", DAY, "mysql://u@127.0.0.1:1/d: Can't connect", id="nobody there"
        ),
        pytest.param(None, DAY, "[pbx.main.records] is not set", id="no records"),
        pytest.param(None, (*DAY, "--pbx", "other"), "there is no [pbx.other]", id="no such exchange"),
    ],
)
def test_what_cannot_be_filled_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, url: str, cel: str | None, words: tuple[str, ...], says: str
) -> None:
    name = "CENTRALITA_PBX__MAIN__RECORDS__CEL"
    monkeypatch.setenv(name, cel) if cel else monkeypatch.delenv(name)
    done = typed(*words)
    assert (url[:6], done.exit_code, says in " ".join(done.stderr.split())) == ("sqlite", 2, True)


def test_where_the_records_are_is_set(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cr3t\n")
    place = "CENTRALITA_PBX__MAIN__RECORDS__"
    given = {
        f"{place}CEL": "mysql://centralita@localhost/asteriskcdrdb",
        f"{place}SECRET_FILE": f"{tmp_path}/secret",
        f"{place}QUEUE_LOG": "file:/var/log/asterisk/queue_log",
    }
    tables = records_of(load(None, environment=given).pbx["main"])
    assert isinstance(tables, RecordTables)
    assert (tables.url, tables.secret) == ("mysql://centralita@localhost/asteriskcdrdb", "s3cr3t")
    assert tables.zone == ZoneInfo("Europe/Madrid")
    files = records_of(
        Pbx.model_validate({"records": {"cel": "file:/var/log/asterisk/cel-custom/Master.csv"}})
    )
    assert isinstance(files, RecordFiles)
    assert (str(files.cel), files.queue_log) == ("/var/log/asterisk/cel-custom/Master.csv", None)
    assert records_of(Pbx()) is None
