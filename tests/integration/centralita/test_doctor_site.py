"""What the doctor says of customers, backups and the unit of systemd."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from centralita.cli import app
from centralita.doctor_site import examine_records, examine_unit
from centralita.findings import Finding
from centralita.store import open_database


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A database of this test's own, not made yet."""
    url = f"sqlite:///{tmp_path}/centralita.sqlite3"
    monkeypatch.setenv("CENTRALITA_DATABASE__URL", url)
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)
    return url


def typed(*words: str) -> None:
    assert CliRunner().invoke(app, list(words)).exit_code == 0


async def found(url: str, *, days: int = 0) -> list[Finding]:
    db = await open_database(url)
    try:
        return await examine_records(db, now=datetime.now(UTC) + timedelta(days=days))
    finally:
        await db.close()


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.level, one.what) for one in findings]


async def test_a_site_without_customers_is_told_to_import_them(database: str) -> None:
    (finding,) = await found(database)
    assert (finding.level, finding.what) == ("warning", "There are no customers yet.")
    assert finding.change == "centralita contacts import FILE --dry-run"


def test_a_backup_is_asked_for_until_there_is_one(database: str) -> None:
    Path("table.csv").write_text("Name,Phone\nAna,957212000\n")
    typed("contacts", "import", "table.csv")
    known = ("ok", "There are customers: callers are known by their numbers.")
    assert told(asyncio.run(found(database))) == [known, ("warning", "No backup was ever made.")]
    typed("db", "backup", "copy.sqlite3")
    untried = ("warning", "No backup was ever put back for a trial.")
    assert told(asyncio.run(found(database))) == [
        known,
        ("ok", "The last backup was made 0 days ago."),
        untried,
    ]
    late = asyncio.run(found(database, days=8))[1]
    assert (late.level, late.what) == ("warning", "The last backup was made 8 days ago.")
    assert late.change == "centralita db backup FILE"


@pytest.mark.parametrize(
    ("runs", "enabled", "level"),
    [
        pytest.param(False, False, None, id="a container: nothing to say"),
        pytest.param(True, False, "warning", id="not enabled"),
        pytest.param(True, True, "ok", id="enabled"),
    ],
)
async def test_the_unit_is_looked_for_where_systemd_runs(
    tmp_path: Path, runs: bool, enabled: bool, level: str | None
) -> None:
    wants = tmp_path / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True)
    if runs:
        (tmp_path / "run/systemd/system").mkdir(parents=True)
    if enabled:
        (wants / "centralita.service").symlink_to("/nowhere")
    assert [one.level for one in await examine_unit(tmp_path)] == ([level] if level else [])


def test_a_database_is_backed_up_and_put_back_by_commands(database: str) -> None:
    Path("table.csv").write_text("Name,Phone\nAna,957212000\n")
    nothing = CliRunner().invoke(app, ["db", "backup", "copy.sqlite3"])
    assert (nothing.exit_code, "There is no database yet." in nothing.stderr) == (2, True)
    typed("contacts", "import", "table.csv")
    made = CliRunner().invoke(app, ["db", "backup", "copy.sqlite3"])
    assert made.stdout == "copy.sqlite3 is whole: contacts: 1, calls: 0, users: 0.\n"
    restored = CliRunner().invoke(app, ["db", "restore", "copy.sqlite3"])
    assert restored.stdout.splitlines()[0] == (
        "The database is copy.sqlite3 now: contacts: 1, calls: 0, users: 0."
    )
    assert "centralita.sqlite3.before-" in restored.stdout
    refused = CliRunner().invoke(app, ["db", "restore", "table.csv"])
    assert (refused.exit_code, "Traceback" in refused.stderr) == (2, False)
