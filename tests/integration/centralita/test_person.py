"""What is kept of a customer by the command line: handed out, erased at once or by the service, refused."""

from __future__ import annotations

import asyncio
import stat
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from contract.crm_core.kit import NOW, a_contact
from typer.testing import CliRunner, Result

from ami_bridge.spool.file import SpoolFile
from centralita.cli import app
from crm_core.db.database import Database
from crm_core.db.migrate import upgrade
from crm_core.domain.errors import NotFoundError
from crm_core.services import audit, contacts, erasure

KEY = "00000000-0000-7000-8000-0000000000a1"


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A database with one customer."""
    found = tmp_path / "centralita.sqlite3"
    monkeypatch.setenv("CENTRALITA_DATABASE__URL", f"sqlite:///{found}")
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)
    upgrade(f"sqlite:///{found}")
    who = a_contact(KEY, "Zoraida", "Quintanilla", numbers=["957212345"])
    in_file(found, lambda db: db.run(contacts.create, contact=who, region="ES", by=None, now=NOW))
    return found


def in_file(file: Path, work: Callable[[Database], Awaitable[Any]]) -> Any:
    async def done() -> Any:
        db = Database(f"sqlite:///{file}")
        await db.start()
        try:
            return await work(db)
        finally:
            await db.close()

    return asyncio.run(done())


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["privacy", *words])


def is_there(file: Path) -> bool:
    try:
        in_file(file, lambda db: db.read(contacts.get, contact_id=KEY))
    except NotFoundError:
        return False
    return True


def test_one_file_for_its_owner_alone(file: Path, tmp_path: Path) -> None:
    result = typed("export", KEY, "--out", str(tmp_path / "out" / "more"))
    assert result.exit_code == 0, result.output
    made = tmp_path / "out" / "more" / f"{KEY}.zip"
    assert result.stdout.strip() == str(made)
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    with zipfile.ZipFile(made) as packed:
        assert b"FN:Zoraida Quintanilla" in packed.read("contact.vcf")
    (deed,) = in_file(file, lambda db: db.read(audit.last, limit=1))
    assert (deed.what, deed.record_id, deed.who.partition(":")[0]) == ("handed out", KEY, "cli")


def test_without_a_service_it_is_done_here(file: Path, tmp_path: Path) -> None:
    result = typed("erase", KEY)
    assert (result.exit_code, result.stdout.strip()) == (0, "He is erased.")
    assert not is_there(file)
    left = [one.name for one in tmp_path.iterdir() if b"Quintanilla" in one.read_bytes()]
    assert left == []
    assert typed("erase", KEY).exit_code == 2


def test_a_running_service_does_it(file: Path) -> None:
    spool = SpoolFile(Path(f"{file}.spool"), size=1 << 20)
    result = typed("erase", KEY)
    spool.close()
    assert (result.exit_code, "The service erases him" in result.stdout) == (0, True)
    assert is_there(file)
    assert in_file(file, lambda db: db.read(erasure.asked, contact_id=KEY)).state == "asked"


def test_who_must_be_kept_is(file: Path) -> None:
    held = {"contact_id": KEY, "reason": "lawsuit 7/26", "by": "eva", "address": None, "now": NOW}
    in_file(file, lambda db: db.run(erasure.hold, **held))
    assert typed("erase", KEY).exit_code == 1
    assert is_there(file)


def test_nobody_and_nowhere(file: Path, tmp_path: Path) -> None:
    assert typed("export", "nobody", "--out", str(tmp_path)).exit_code == 2
    assert typed("erase", "nobody").exit_code == 2
    (tmp_path / "taken").write_text("")
    assert typed("export", KEY, "--out", str(tmp_path / "taken" / "in")).exit_code == 2
    assert is_there(file)


def test_a_list_does_not_bring_him_back(file: Path) -> None:
    assert typed("erase", KEY).exit_code == 0
    Path("table.csv").write_text("Nombre;Teléfono\nZoraida;957212345\nEva;957212346\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["contacts", "import", "table.csv"])
    assert result.exit_code == 1
    assert "Line 2: somebody who was erased; he is not brought in again" in result.stdout
    assert "1 new" in result.stdout
    found = in_file(file, lambda db: db.read(contacts.find, q="", limit=9, region="ES"))
    assert [one.name for one in found] == ["Eva"]
