"""The service with its records on PostgreSQL: from ring to history, and while the server is dead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.centralita.test_app import E164, NUMBER, called, house
from lab.desk import until
from lab.postgresql import Server, postgresql
from typer.testing import CliRunner, Result

from centralita.cli import app
from centralita.doctor import examine
from centralita.settings import Settings
from crm_core.services import calls, events

TABLE = "Name,Phone\nAna Ruiz,957212000\nLeo Sanz,600000001\n"


def typed(*words: str) -> Result:
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0, told.output
    return told


def test_a_site_moves_by_a_command(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en")
    Path("table.csv").write_text(TABLE)
    old, new = f"sqlite:///{tmp_path}/old.sqlite3", postgres.add("moved")
    monkeypatch.setenv("CENTRALITA_DATABASE__URL", old)
    typed("contacts", "import", "table.csv")
    typed("contacts", "export", "old.csv")
    told = typed("db", "copy", old, new)
    assert "Everything came over and was counted" in told.stdout
    monkeypatch.setenv("CENTRALITA_DATABASE__URL", new)
    typed("contacts", "export", "new.csv")
    assert Path("new.csv").read_text() == Path("old.csv").read_text()
    trial = typed("contacts", "import", "table.csv", "--dry-run").stdout
    assert "nothing was kept" in trial
    again = CliRunner().invoke(app, ["db", "copy", old, new])
    assert (again.exit_code, "tables already" in again.stderr) == (2, True)
    nowhere = CliRunner().invoke(app, ["db", "copy", old, "mysql://nobody@nowhere/none"])
    assert (nowhere.exit_code, "neither a file" in nowhere.stderr) == (2, True)


@pytest.fixture
def mortal() -> Iterator[Server]:
    """A server that may be killed."""
    with postgresql() as server:
        yield server


async def test_a_call_pops_and_is_in_the_history(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where the spool lies
    url = postgres.add("site")  # the first start makes the tables
    async with house(tmp_path, url=url) as (here, service, exchange), here.signed_in("ana") as ana:
        maria = await here.add_contact("María", NUMBER)
        called(exchange)
        pop = await ana.pop(E164, of=maria)
        await until(lambda: not exchange.world.channels)
        (call,) = await ana.calls_of(maria)
        assert (call["id"], call["outcome"]) == (pop.message["call"]["id"], "answered")
        told = [one.type for one in await service.db.read(events.after, pos=0, limit=99)]
        assert told.count("call.ended") == 1
    findings = await examine(Settings.model_validate({"database": {"url": url}, "pbx": {}}))
    assert {one.level for one in findings if one.about in {"database.url", "contacts"}} == {"ok"}


async def test_while_the_server_is_dead_cards_pop_and_history_waits(
    mortal: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    url = mortal.add("site")
    async with house(tmp_path, url=url) as (here, service, exchange), here.signed_in("ana") as ana:
        maria = await here.add_contact("María", NUMBER)
        called(exchange)
        first = await ana.pop(E164, of=maria)
        await until(lambda: not exchange.world.channels and service.recorder.health.stored == 1)
        mortal.kill()
        called(exchange, "957212001")
        again = await ana.pop("+34957212001")
        health = service.recorder.health
        await until(lambda: (tmp_path / "centralita.spool").exists() and health.waiting == 1)
        mortal.start()
        await until(lambda: health.told() is None and health.stored == 2)
        kept = await service.db.read(calls.history, limit=9)
        told = [one.type for one in await service.db.read(events.after, pos=0, limit=99)]
    assert [one.id for one in kept] == [one.message["call"]["id"] for one in (again, first)]
    assert told.count("call.ended") == 2
    assert not (tmp_path / "centralita.spool").exists()
