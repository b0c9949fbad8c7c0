"""Customers in from tables of all kinds and out again, by the command line."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import vobject
from typer.testing import CliRunner, Result

from centralita.cli import app
from centralita.table_reader import AT_ONCE

BEHIND = ";" * 24
"""What is empty behind the columns of the language: none of these people has it."""
HEADINGS = "Nombre;Apellidos;Empresa;Teléfono;Correo"
ANA = "Ana;Muñoz;Talleres Muñoz;957 21 20 00;ana@example.org"


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A database of this test's own, not made yet; we are in its folder."""
    file = tmp_path / "centralita.sqlite3"
    monkeypatch.setenv("CENTRALITA_DATABASE__URL", f"sqlite:///{file}")
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)
    return file


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def told(content: bytes | str, *more: str) -> dict[str, Any]:
    """Import *content*; return the counts, and what was rejected as (line, fault)."""
    Path("table.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    result = typed("contacts", "import", "table.csv", "--json", *more)
    *rejected, counts = [json.loads(line) for line in result.stdout.splitlines()]
    counts.pop("batch")
    assert result.exit_code == bool(rejected)
    return counts | {"rejected": [(one["line"], one["fault"]) for one in rejected]}


def exported() -> list[str]:
    result = typed("contacts", "export", "-")
    assert result.exit_code == 0
    return result.stdout.splitlines()[1:]


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("utf-8", ","), ("utf-8", "|"), ("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t")],
)
def test_signs_and_separators_are_found_out(encoding: str, separator: str) -> None:
    table = f"{HEADINGS}\r\n{ANA}\r\n".replace(";", separator)
    assert told(table.encode(encoding))["added"] == 1
    assert exported() == [f"Ana;Muñoz;Talleres Muñoz;+34957212000;;;;ana@example.org;;;;;;;;{BEHIND}"]


@pytest.mark.parametrize(
    ("table", "counts"),
    [
        pytest.param(f"sep=;\n{HEADINGS}\n{ANA}\n", {"added": 1}, id="Excel's own first line"),
        pytest.param(f"{HEADINGS}\r{ANA}\r", {"added": 1}, id="lines of old Macs"),
        pytest.param(f"{HEADINGS}\n{ANA}", {"added": 1}, id="no end of line"),
        pytest.param(f"{HEADINGS}\n\n;;;;\n{ANA}\n{ANA}\n", {"added": 1, "known": 1}, id="blanks and twice"),
        pytest.param(f"{HEADINGS}\n", {"added": 0}, id="headings alone"),
        pytest.param(
            'Name,Phone\n"Muñoz, Ana","957212000\n600123456"\n', {"added": 1}, id="a cell of two lines"
        ),
        pytest.param(
            f"{HEADINGS}\nLuis;;;12;\n{ANA}\n", {"added": 1, "rejected": [(2, "bad_number")]}, id="bad number"
        ),
        pytest.param(
            f"{HEADINGS}\nL\0uis;;;957212001;\n{ANA}\n",
            {"added": 1, "rejected": [(2, "no_text")]},
            id="a NUL",
        ),
        pytest.param(
            f'{HEADINGS}\n"Luis;;;957212001;\n{ANA}\n',
            {"added": 0, "rejected": [(2, "no_text")]},
            id="a quotation mark that swallows the rest",
        ),
        pytest.param(
            f'{HEADINGS}\n{ANA}\n"{"x" * 140_000}";;;957212001;\nEva;;;957212002;\n',
            {"added": 2, "rejected": [(3, "no_row")]},
            id="a cell that is a book",
        ),
        pytest.param(
            f"{HEADINGS}\n{ANA};{';'.join('x' * 9)}\n{ANA}\n",
            {"added": 1, "rejected": [(2, "too_many_cells")]},
            id="too many cells",
        ),
        pytest.param(
            f"{HEADINGS}\n=HYPERLINK(0);<b>x</b>;') DROP TABLE contact--;957212001;\n{ANA}\n",
            {"added": 2, "rejected": []},
            id="formulas and code are text",
        ),
    ],
)
def test_tables_of_all_kinds(table: str, counts: dict[str, Any]) -> None:
    found = told(table)
    assert {name: found[name] for name in counts} == counts


def test_a_formula_goes_out_as_text_and_comes_in_as_the_same_person() -> None:
    told(f"{HEADINGS}\n=1+1;@x;;957212001;\n")
    assert exported() == [f"'=1+1;'@x;;+34957212001;;;;;;;;;;;;{BEHIND}"]
    assert typed("contacts", "export", "out.csv").exit_code == 0
    assert Path("out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert Path("out.csv").stat().st_mode & 0o777 == 0o600
    assert told(Path("out.csv").read_bytes())["known"] == 1


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_all_that_a_table_holds_goes_out_and_comes_in_as_the_same_person(name: str, database: Path) -> None:
    headings = f"{HEADINGS};Cargo;Origen;Calle;Código postal;Ciudad;Provincia;Móvil;Nota;Idioma"
    told(f"{headings}\n{ANA};-Jefa;feria;Gran Vía 1;14001;Córdoba;=Córdoba;600123456;+a;ca-ES\n")
    before = exported()
    assert before[0].endswith(f";ca-ES{';' * 16}At work{';' * 8}")
    assert typed("contacts", "export", name).exit_code == 0
    assert told(Path(name).read_bytes())["known"] == 1
    database.unlink()
    assert told(Path(name).read_bytes())["added"] == 1
    assert exported() == before


def test_vcards_go_out_as_another_program_reads_them() -> None:
    told(f"{HEADINGS}\n{ANA}\nLuis;Peña;;600123456;\n")
    assert typed("contacts", "export", "out.vcf").exit_code == 0
    cards = list(vobject.readComponents(Path("out.vcf").read_text()))
    assert [card.fn.value for card in cards] == ["Ana Muñoz", "Luis Peña"]
    assert cards[0].tel.value == "tel:+34957212000"
    assert Path("out.vcf").stat().st_mode & 0o777 == 0o600


def test_names_in_parts_go_out_whole_and_come_in_as_the_same_person(database: Path) -> None:
    told(f"{HEADINGS}\nAna Isabel;Ruiz Peña;;957212001;\n")
    with sqlite3.connect(database) as connection:
        connection.execute(
            "UPDATE contact SET given = 'Ana', additional = 'Isabel', family = 'Ruiz', second_family = 'Peña'"
        )
    connection.close()
    assert exported() == [f"Ana Isabel;Ruiz Peña;;+34957212001;;;;;;;;;;;;;;Isabel;Peña{';' * 21}"]


def test_a_trial_tells_the_same_and_keeps_nothing(database: Path) -> None:
    told(f"{HEADINGS}\n{ANA}\n")
    before = sorted(file.name for file in database.parent.iterdir())
    table = f"{HEADINGS}\n{ANA}\nLuis;;;957212001;\nLuis;;;957212001;luis@example.org\nx;;;;\n"
    trial = told(table, "--dry-run")
    assert sorted(file.name for file in database.parent.iterdir()) == before
    assert len(exported()) == 1
    assert trial == told(table)
    assert trial == {"added": 1, "completed": 1, "known": 1, "rejected": [(5, "no_reach")]}
    assert len(exported()) == 2


def test_a_trial_makes_no_database(database: Path) -> None:
    assert told(f"{HEADINGS}\n{ANA}\n", "--dry-run")["added"] == 1
    assert not database.exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "no heading", id="empty"),
        pytest.param(b"Saldo;Fecha\n1;2\n", "no heading", id="another table"),
        pytest.param(b"Nombre;Saldo\nAna;1\n", "a column with names", id="no numbers"),
        pytest.param(b"PK\x03\x04rest", "is no workbook", id="a broken workbook"),
        pytest.param(b"\xd0\xcf\x11\xe0rest", "is a workbook of old", id="a workbook of old"),
        pytest.param(b"\x81\x8d\xff" * 99, "is no text", id="no text"),
        pytest.param(b"Nombre;Correo\n" + b"x" * (1 << 21), "line 2 is longer", id="a line without end"),
        pytest.param(b"x;" * (1 << 20), "longer than any row", id="headings without end"),
    ],
)
def test_what_is_no_table_ends_with_2_and_says_why(content: bytes, says: str) -> None:
    Path("table.csv").write_bytes(content)
    result = typed("contacts", "import", "table.csv")
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_rejected_rows_are_told_to_people_in_their_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "es")
    Path("table.csv").write_text(f"{HEADINGS}\nLuis;;;12;\n{'L' * 101};;;957212000;\n")
    *said, undo = typed("contacts", "import", "table.csv").stdout.splitlines()
    assert undo.startswith("Para deshacerla: centralita contacts undo ")
    assert said == [
        "Línea 2: «12» no es un número de teléfono que se pueda marcar",
        "Línea 3: el texto es demasiado largo: Nombre",
        "0 nuevos, 0 completados, 0 ya conocidos, 2 rechazados.",
    ]


def kept(database: Path) -> int:
    """Count the contacts while others write; 0 when there are no tables yet."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM contact").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def until(is_so: Callable[[], bool]) -> None:
    """Return when it is so, which must be soon."""
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(process: str) -> bool:
    """Return whether there is such a process that is not over; one that nobody waited for has no words."""
    try:
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_an_import_that_was_killed_goes_on_where_it_was(database: Path) -> None:
    rows = [f"Ana;{n};;+34957{n:06};" for n in range(100_000, 100_000 + 6 * AT_ONCE)]
    Path("table.csv").write_text("\n".join([HEADINGS, *rows]))
    asked = [sys.executable, "-m", "centralita.cli", "contacts", "import", "table.csv", "--json"]
    with subprocess.Popen(asked, env=os.environ) as process:
        until(lambda: database.exists() and kept(database) > 0)
        process.kill()
    there = kept(database)
    assert there % AT_ONCE == 0
    assert 0 < there < len(rows)
    counts = told(Path("table.csv").read_bytes())
    assert (counts["known"], counts["added"]) == (0, len(rows))
    assert kept(database) == len(rows)


def test_what_read_the_file_ends_with_who_asked(database: Path) -> None:
    rows = [f"Ana;{n};;+34957{n:06};" for n in range(100_000, 150_000)]
    Path("table.csv").write_text("\n".join([HEADINGS, *rows]))
    asked = [sys.executable, "-m", "centralita.cli", "contacts", "import", "table.csv", "--json"]
    with subprocess.Popen(asked, env=os.environ) as process:
        until(lambda: database.exists() and kept(database) > 0)
        (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
    until(lambda: not is_running(child))


def test_an_import_is_taken_back(database: Path) -> None:
    Path("table.csv").write_text(f"{HEADINGS}\n{ANA}\n")
    batch = json.loads(typed("contacts", "import", "table.csv", "--json").stdout)["batch"]
    result = typed("contacts", "undo", batch)
    assert (result.exit_code, result.stdout.split()[0]) == (0, "1")
    assert kept(database) == 0
    assert typed("contacts", "undo", batch).exit_code == 2


@pytest.mark.parametrize(
    ("kind", "other", "refusal"),
    [
        ("accounts", "contacts", "it brought in companies: `accounts undo` takes it back"),
        ("contacts", "accounts", "it brought in people: `contacts undo` takes it back"),
    ],
)
def test_a_table_is_taken_back_by_the_command_of_its_own_kind(kind: str, other: str, refusal: str) -> None:
    Path("table.csv").write_text(f"{HEADINGS}\n{ANA}\n")
    batch = json.loads(typed(kind, "import", "table.csv", "--json").stdout)["batch"]
    refused = typed(other, "undo", batch)
    assert refused.exit_code == 2
    assert refusal in " ".join(refused.output.split())
    assert typed(kind, "undo", batch).exit_code == 0


@pytest.mark.parametrize(
    ("headings", "preset", "company"),
    [
        ("Contact,Company,Phone,E-mail", "act", "Acme"),
        ("CONTACT,COMPANY,PHONE1,EMAIL", "goldmine", "Acme"),
        ("First_Name,Company_Name,Work_Phone,Email", "pivotal", "Acme"),
        ("name,cedula_ruc,telefono,origen", "call_center", ""),
    ],
)
def test_headings_of_other_programs_are_known(headings: str, preset: str, company: str) -> None:
    table = f"{headings}\nAna,Acme,957212000,a@example.org\n"
    for more in ((), ("--preset", preset)):
        assert told(table, *more)["rejected"] == []
    (ana,) = exported()
    assert ana.startswith(f"Ana;;{company};+34957212000;")


def test_columns_are_mapped_once_for_all_tables_of_these_headings() -> None:
    table = "Quien,Donde\nAna,957212000\n"
    assert typed("contacts", "import", "x.csv").exit_code == 2
    mapped = ("--map", "Quien=name", "--map", "Donde=work")
    assert told(table, *mapped)["added"] == 1
    assert told(table.replace("Ana", "Eva"))["added"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ("--policy", "x"),
        ("--preset", "x"),
        ("--preset", "x.toml"),
        ("--map", "Nombre=x"),
        ("--map", "x=name"),
    ],
)
def test_what_is_asked_wrongly_ends_with_2(wrong: tuple[str, str]) -> None:
    Path("table.csv").write_text(f"{HEADINGS}\n{ANA}\n")
    result = typed("contacts", "import", "table.csv", *wrong)
    assert (result.exit_code, "Traceback" in result.stderr) == (2, False)
