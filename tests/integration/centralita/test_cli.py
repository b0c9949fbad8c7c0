"""Commands as they are typed: what they say, how they end, what they do with rubbish."""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from lab.elder import make_elder
from typer.testing import CliRunner, Result

from centralita.cli import app
from crm_core.db.in_use import InUse
from crm_core.db.migrate import revision_of

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "ami"
ADMINISTRATOR = ("--role", "administrator")


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A database of this test's own, not made yet."""
    file = tmp_path / "centralita.sqlite3"
    monkeypatch.setenv("CENTRALITA_DATABASE__URL", f"sqlite:///{file}")
    return file


def typed(*words: str, answers: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=answers)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["replay", "/nowhere"], "/nowhere", id="replay: no file"),
        pytest.param(["replay", "RUBBISH"], "no event of an Asterisk manager stream", id="replay: rubbish"),
        pytest.param(["replay", "RUBBISH.gz"], "gz", id="replay: not packed"),
        pytest.param(["replay", "-c", "/nowhere.toml", "RUBBISH"], "/nowhere.toml", id="no settings"),
        pytest.param(["replay", "-c", "OTHER.toml", "RUBBISH"], "[pbx.main]", id="replay: no such exchange"),
        pytest.param(
            ["replay", "--region", "Mars", "RUBBISH"], "'Mars' is not a region", id="replay: region"
        ),
        pytest.param(["number", "--region", "Mars", "1"], "'Mars' is not a region", id="number: region"),
        pytest.param(["capture", "X", "--pbx", "other"], "[pbx.other]", id="capture: no such exchange"),
        pytest.param(["capture", "/nowhere/x.ami"], "No such file", id="capture: nowhere to write"),
        pytest.param(["serve", "-c", "RUBBISH"], "RUBBISH", id="serve: no settings"),
        pytest.param(["doctor", "-c", "RUBBISH"], "RUBBISH", id="doctor: no settings"),
        pytest.param(["conf", "render", "RUBBISH", "--out", "X"], "RUBBISH", id="conf: no settings"),
    ],
)
def test_rubbish_ends_with_2_and_a_line_that_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("RUBBISH").write_bytes(b"\x00\xff rubbish = [\r\n\r\n" * 20)
    Path("RUBBISH.gz").write_bytes(b"\x00\xff rubbish")
    Path("OTHER.toml").write_text("[pbx.other]\n")
    done = typed(*words)
    assert done.exit_code == 2, done.output
    assert says in done.output
    assert "Traceback" not in done.output


def test_a_recording_is_told_as_json(tmp_path: Path) -> None:
    done = typed("replay", str(RECORDINGS / "answered_caller_hangs_up.ami.gz"), "--json")
    (line,) = done.output.splitlines()
    call = json.loads(line)
    assert done.exit_code == 0
    assert (call["outcome"], call["hung_up_by"]) == ("answered", "customer")


def test_a_recording_that_is_cut_is_told_up_to_there(tmp_path: Path) -> None:
    raw = gzip.decompress((RECORDINGS / "answered_caller_hangs_up.ami.gz").read_bytes())
    (tmp_path / "cut.ami").write_bytes(raw[: len(raw) * 8 // 10])
    done = typed("replay", str(tmp_path / "cut.ami"), "--json")
    assert done.exit_code == 0
    assert json.loads(done.output)["ended_at"] is None


@pytest.mark.parametrize(
    ("recording", "hung_up_by"),
    [
        pytest.param("answered_caller_hangs_up", None, id="a talk ends"),
        pytest.param("direct_abandoned", None, id="the caller gives up while a phone rings"),
        pytest.param("direct_no_answer", "system", id="the exchange gives up"),
    ],
)
def test_silence_on_who_asked_for_an_end_says_nothing_where_somebody_must_have(
    tmp_path: Path, recording: str, hung_up_by: str | None
) -> None:
    raw = gzip.decompress((RECORDINGS / f"{recording}.ami.gz").read_bytes())
    head, *events = raw.split(b"\r\n\r\n")
    kept = [head, *(event for event in events if b"Event: HangupRequest" not in event)]
    (tmp_path / "few.ami").write_bytes(b"\r\n\r\n".join(kept))
    done = typed("replay", str(tmp_path / "few.ami"), "--json")
    assert [json.loads(line)["hung_up_by"] for line in done.output.splitlines()] == [hung_up_by]


def test_numbers_are_read_one_a_line_and_a_bad_one_stops_nothing() -> None:
    done = typed("number", "-", "--region", "ES", "--json", answers="957 21 20 00\nrubbish\n\n112\n")
    kinds = [json.loads(line)["kind"] for line in done.output.splitlines()]
    assert done.exit_code == 0
    assert kinds == ["number", "invalid", "anonymous", "emergency"]


def test_somebody_is_added_and_his_password_changed(database: Path) -> None:
    seat = ("--agent", "101", "--interface", "main:PJSIP/agent101")
    done = typed("user", "add", "ana", *seat, answers="correct horse\n")
    assert (done.exit_code, done.output) == (0, "ana can sign in now.\n")
    done = typed("user", "passwd", "ana", answers="battery staple\n")
    assert (done.exit_code, done.output) == (0, "The password of ana is set; 0 sessions ended.\n")


@pytest.mark.parametrize(
    ("words", "password", "says"),
    [
        pytest.param(["user", "add", "ana"], "correct horse", "already", id="the name is taken"),
        pytest.param(["user", "add", "a b"], "correct horse", "name", id="no name"),
        pytest.param(["user", "add", "luis", "--role", "king"], "correct horse", "role", id="no role"),
        pytest.param(["user", "add", "luis"], "short", "password", id="a short password"),
        pytest.param(
            ["user", "add", "luis", "--agent", "1", "--interface", "other:PJSIP/1"],
            "correct horse",
            "[pbx.other]",
            id="no such exchange",
        ),
        pytest.param(["user", "passwd", "nobody"], "correct horse", "nobody", id="nobody of that name"),
        pytest.param(["token", "add", "crm", "--role", "king"], "", "role", id="a key without a role"),
        pytest.param(["token", "add", "x" * 61], "", "name", id="a key with a long name"),
        pytest.param(["token", "add", "a\nb"], "", "name", id="a key whose name is two lines"),
        pytest.param(["token", "add", "crm", "--scope", "all:read"], "", "scope", id="no such scope"),
        pytest.param(
            ["token", "add", "crm", "--role", "auditor", "--scope", "calls:read"],
            "",
            "role or scope",
            id="a key with a role and scopes",
        ),
    ],
)
def test_what_cannot_be_kept_is_told(database: Path, words: list[str], password: str, says: str) -> None:
    assert typed("user", "add", "ana", answers="correct horse\n").exit_code == 0
    done = typed(*words, answers=f"{password}\n")
    assert done.exit_code == 2
    assert says in done.output


def test_a_key_is_shown_once_and_only_its_hash_kept(database: Path) -> None:
    done = typed("token", "add", "crm")
    key = done.output.strip()
    assert done.exit_code == 0
    assert len(key) >= 43  # 256 bits in base64
    assert key.encode() not in database.read_bytes()
    assert typed("token", "add", "crm").exit_code == 2


def test_a_key_may_have_scopes_and_an_end(database: Path) -> None:
    scopes = ("--scope", "contacts:write", "--scope", "contacts:read")
    done = typed("token", "add", "crm", *scopes, "--days", "90")
    assert done.exit_code == 0
    with closing(sqlite3.connect(database)) as connection:
        (kept,) = connection.execute("SELECT role, scopes, prefix, expires_at > created_at FROM api_token")
    assert kept == ("integration", "contacts:read contacts:write", done.output[:6], 1)


def test_a_new_database_is_brought_up_once(database: Path) -> None:
    first, second = typed("db", "upgrade"), typed("db", "upgrade")
    assert first.output.startswith("The database was brought from nothing to ")
    assert second.output.startswith("The database is up to date")


def test_what_an_upgrade_changes_is_copied_before(database: Path) -> None:
    make_elder(f"sqlite:///{database}", "0008")
    service = InUse(f"sqlite:///{database}")
    refused = typed("db", "upgrade")
    assert (refused.exit_code, "stop the service first" in refused.output) == (2, True)
    service.end()
    done = typed("db", "upgrade")
    copy = database.with_name(f"{database.name}.of-0008")
    assert done.output.startswith(f"What was there is kept as {copy}.")
    assert revision_of(f"sqlite:///{copy}") == "0008"


def test_a_database_of_another_version_is_left_alone(database: Path) -> None:
    database.write_bytes(b"")
    assert typed("user", "add", "ana", answers="correct horse\n").exit_code == 0
    import sqlite3

    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    done = typed("user", "add", "luis", answers="correct horse\n")
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_the_doctor_tells_everything_at_once(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENTRALITA_PBX__MAIN__PORT", "9")
    monkeypatch.setenv("CENTRALITA_AGI__PORT", "9")
    done = typed("doctor", "--json")
    levels = {finding["about"]: finding["level"] for finding in map(json.loads, done.output.splitlines())}
    assert done.exit_code == 1
    assert levels == {
        "database.url": "ok",
        "agi.port": "warning",
        "pbx.main.host": "bad",
        "pbx.main.records": "warning",
    }
    assert "Change:" in typed("doctor").output


def test_the_log_of_any_command_is_a_line_for_each_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set up for all at one place, before any of them runs its loop."""

    def fails(*_words: object, **_how: object) -> None:
        try:
            Path("/nowhere").read_text()
        except OSError:
            structlog.get_logger().exception("a part failed")

    monkeypatch.setattr("centralita.number.print_numbers", fails)
    (line,) = typed("number", "612 34 56 78").stderr.splitlines()
    assert json.loads(line)["exception"].splitlines()[-1].startswith("FileNotFoundError: ")
