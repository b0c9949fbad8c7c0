"""Tables as other programs write them come in whole: no word of theirs keeps a row out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from integration.centralita.test_round_trip import NOW, in_site, people, site
from openpyxl import Workbook
from typer.testing import CliRunner

from centralita.cli import app
from crm_core.db.database import Database
from crm_core.domain.custom_fields import FieldDef
from crm_core.services import fields

DEBT = FieldDef(id="1", entity="contact", key="debt", type="number", label_es="Deuda", label_en="Debt")


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def counted(kind: str, *more: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, [kind, "import", *more, "--json"])
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        (
            "contacts",
            (
                "First Name,Phone,Country,Lead Status,Preferred Method of Contact,Birthday,Do Not Call\n"
                "Ana,957212000,Spain,New,Any,0/0/00,0\nEva,957212001,Freedonia,,,,1\n"
            ),
        ),
        (
            "contacts",
            "Nombre;Teléfono;País;Etapa;No llamar\nAna;957212000;España;Contactado;No\nEva;957212001;;;Sí\n",
        ),
        ("accounts", "Company,Phone,Country,Do not call\nAna,957212000,Spain,0\nEva,957212001,,1\n"),
    ],
)
def test_words_of_others_keep_no_row_out(kind: str, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site(monkeypatch, "first")
    Path("table.csv").write_text(table, "utf-8")
    told = counted(kind, "table.csv")
    assert (told["added"], told["rejected"]) == (2, 0)


def test_a_column_that_somebody_named_tells_what_it_cannot_read(monkeypatch: pytest.MonkeyPatch) -> None:
    site(monkeypatch, "first")
    Path("table.csv").write_text("Nombre;Teléfono;Fase\nAna;957212000;Contactado\n", "utf-8")
    assert counted("contacts", "table.csv", "--map", "Fase=lifecycle")["rejected"] == 1


def test_of_a_workbook_a_number_is_that_number_and_a_text_may_be_thousands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = site(monkeypatch, "first")

    async def define(db: Database) -> None:
        await db.run(fields.define, field=DEBT, by=None, now=NOW)

    in_site(url, define)
    book = Workbook()
    for row in (("Name", "Phone", "Debt"), ("Ana", "957212000", 1.234), ("Eva", "957212001", "1.234")):
        book.worksheets[0].append(row)
    book.save("table.xlsx")
    told = counted("contacts", "table.xlsx")
    assert (told["added"], told["rejected"]) == (1, 1)
    (ana,) = in_site(url, people)
    assert ana.fields == {"debt": 1.234}


def test_a_list_to_be_left_alone_needs_no_column_but_the_names(monkeypatch: pytest.MonkeyPatch) -> None:
    url = site(monkeypatch, "first")
    Path("table.csv").write_text("Nombre;No llamar\nAna;957212000\nEva;no\n", "utf-8")
    told = counted("contacts", "table.csv")
    assert (told["added"], told["rejected"]) == (1, 1)
    (ana,) = in_site(url, people)
    assert [(phone.e164, phone.do_not_call) for phone in ana.phones] == [("+34957212000", True)]
