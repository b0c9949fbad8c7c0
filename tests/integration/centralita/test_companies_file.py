"""Companies from a table, and people from vCards, by the commands."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from integration.centralita.test_contacts_file import database, typed  # noqa: F401 - its fixture

TABLE = (
    "Nombre comercial;CIF;Tipo de empresa;Matriz;Teléfono principal;Web\n"
    "Talleres Ruiz;B14000001;Proveedor;Grupo Sur;957 21 20 00;ruiz.example\n"
    ";B2;;;;\n"
)
CARDS = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Mu=C3=B1oz;Ana;;;\r\n"
    "TEL;CELL:600123456\r\nPHOTO;JPEG;ENCODING=BASE64:AAAA\r\n BBBB\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Eva\r\nTEL;VALUE=uri:tel:+34957212000\r\nLANG:es\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Nobody\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nFN:Half\r\n"
)


def kept(file: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def test_companies_come_in_and_are_taken_back(database: Path) -> None:  # noqa: F811 - the fixture
    Path("table.csv").write_text(TABLE)
    tried = typed("accounts", "import", "table.csv", "--dry-run")
    assert tried.exit_code == 1
    assert "Line 3: no name of a company" in tried.stdout
    assert "1 new, 0 completed" in tried.stdout
    *_, counts = (
        json.loads(one) for one in typed("accounts", "import", "table.csv", "--json").stdout.splitlines()
    )
    assert (counts["added"], counts["rejected"]) == (1, 1)
    found = kept(database, "SELECT name, tax_id, kind, website FROM account ORDER BY name")
    assert found == [
        ("Grupo Sur", None, "customer", None),
        ("Talleres Ruiz", "B14000001", "supplier", "https://ruiz.example"),
    ]
    assert typed("accounts", "undo", counts["batch"]).exit_code == 0
    assert kept(database, "SELECT count(*) FROM account") == [(0,)]


def test_vcards_come_in(database: Path) -> None:  # noqa: F811 - the fixture
    Path("people.vcf").write_bytes(CARDS.encode())
    told = typed("contacts", "import", "people.vcf", "--json").stdout.splitlines()
    *rejected, counts = map(json.loads, told)
    assert [(one["line"], one["fault"]) for one in rejected] == [(14, "no_reach"), (18, "no_card")]
    assert (counts["added"], counts["rejected"]) == (2, 2)
    found = kept(database, "SELECT given, family, language FROM contact ORDER BY given")
    assert found == [("Ana", "Muñoz", None), ("Eva", "", "es")]
    numbers = kept(database, "SELECT e164, label FROM phone ORDER BY e164")
    assert numbers == [("+34600123456", "mobile"), ("+34957212000", "work")]
