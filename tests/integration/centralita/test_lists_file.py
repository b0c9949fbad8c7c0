"""Lists of people to be called, by the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from centralita.cli import app

LIST = "Nombre;Teléfono\nAna Núñez;957212001\nEva;957212002\nx;1\n"


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A database of this test's own, not made yet; we are in its folder."""
    monkeypatch.setenv("CENTRALITA_DATABASE__URL", f"sqlite:///{tmp_path}/centralita.sqlite3")
    monkeypatch.setenv("LANGUAGE", "es")
    monkeypatch.chdir(tmp_path)


def typed(content: bytes, *more: str) -> Result:
    Path("list.csv").write_bytes(content)
    return CliRunner().invoke(app, ["lists", "import", "list.csv", "--campaign", "Otoño", *more])


def told(content: bytes, *more: str) -> tuple[int, list[tuple[int, str]]]:
    body: dict[str, Any] = json.loads(typed(content, "--json", *more).stdout)
    return body["leads"], [(one["line"], one["reason"]) for one in body["rejected"]]


def test_a_list_is_tried_loaded_and_not_loaded_twice() -> None:
    rejected = [(4, "bad_number")]
    assert told(LIST.encode("cp1252"), "--dry-run") == (2, rejected)
    assert told(LIST.encode("cp1252")) == (2, rejected)
    known = [(2, "already_on_list"), (3, "already_on_list")]
    assert told(LIST.encode(), "--dry-run") == (0, known + rejected)
    assert told(LIST.encode()) == (0, known + rejected)


def test_what_is_said_to_people() -> None:
    said = typed(LIST.encode(), "--dry-run")
    assert said.exit_code == 1
    assert said.stdout.splitlines() == [
        "Línea 4: No es un número al que se pueda llamar · 1",
        "2 contactos en la lista.",
        "Era una prueba: no se ha guardado nada.",
    ]
    assert typed(b"name;phone\nAna;957212001\n").exit_code == 0


def test_numbers_of_a_list_of_exclusion_are_called_by_nobody() -> None:
    Path("robinson.csv").write_text("teléfono\n957 21 20 01\nx\n")
    said = CliRunner().invoke(app, ["lists", "exclude", "robinson.csv"])
    assert (said.exit_code, said.stdout.splitlines()) == (
        1,
        ["Línea 3: No es un número al que se pueda llamar · x", "1 número más al que no se debe llamar."],
    )
    again = CliRunner().invoke(app, ["lists", "exclude", "robinson.csv", "--json"])
    assert json.loads(again.stdout)["new"] == 0
    assert told(LIST.encode()) == (1, [(2, "do_not_call"), (4, "bad_number")])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "No hay nadie en el archivo.", id="nothing"),
        pytest.param(b"PK\x03\x04\0", "No es un archivo de texto", id="a spreadsheet"),
        pytest.param(b"name;address\n", "Ninguna columna se llama", id="no numbers"),
    ],
)
def test_what_is_no_list_ends_with_2_and_a_reason(content: bytes, why: str) -> None:
    said = typed(content)
    assert (said.exit_code, why in said.stderr) == (2, True)


def test_a_file_that_is_not_there_and_a_campaign_that_cannot_be() -> None:
    nothing = CliRunner().invoke(app, ["lists", "import", "none.csv", "--campaign", "x"])
    assert nothing.exit_code == 2
    Path("list.csv").write_text("name;phone\nAna;957212001\n")
    unnamed = CliRunner().invoke(app, ["lists", "import", "list.csv", "--campaign", " "])
    assert (unnamed.exit_code, "name" in unnamed.stderr) == (2, True)
