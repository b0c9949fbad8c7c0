"""``centralita replay --cel`` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from centralita.cli import app

TABLE = Path(__file__).parents[2] / "fixtures" / "cel" / "queue_call.csv"


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["replay", *words])


def test_a_table_is_told_as_calls() -> None:
    done = typed("--cel", str(TABLE), "--json")
    (call,) = map(json.loads, done.stdout.splitlines())
    (visit,) = call["visits"]
    assert (done.exit_code, done.stderr) == (0, "")
    assert (call["ani"], call["did"], call["outcome"]) == ("+34957212000", "5551002", "answered")
    assert (call["source"], call["hung_up_by"]) == ("backfill", "agent")
    assert (visit["queue"], visit["interface"]) == ("q02", "PJSIP/agent104")
    assert (call["wait_s"], call["talk_s"]) == (1.007, 2.008)  # 20.0715 to 21.0789, to 23.0866


def test_lines_that_are_none_are_counted(tmp_path: Path) -> None:
    (tmp_path / "cel.csv").write_text(TABLE.read_text() + "torn\n")
    done = typed("--cel", str(tmp_path / "cel.csv"))
    assert (done.exit_code, "understood: 1" in done.stderr, "inbound" in done.stdout) == (0, True, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["--cel", "/nowhere"], "/nowhere: No such file", id="no file"),
        pytest.param(["--cel", __file__], "no row of CEL in it", id="another file"),
        pytest.param(
            ["--cel", str(TABLE), "--columns", "eventtype"], "columns that are needed", id="columns"
        ),
        pytest.param(["--cel", str(TABLE), str(TABLE)], "one of them", id="two inputs"),
        pytest.param([], "one of them", id="no input"),
    ],
)
def test_what_cannot_be_told_ends_with_2(words: list[str], says: str) -> None:
    done = typed(*words)
    assert (done.exit_code, says in " ".join(done.stderr.split())) == (2, True)
