"""Rows of tables of customers, friendly and hostile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm_core.domain.cells import safe_cell
from crm_core.domain.contact_columns import columns_of
from crm_core.domain.contact_known import emails_of, is_same, lacking, phones_of
from crm_core.domain.contact_rows import ContactRow, read_row
from crm_core.domain.contacts import Contact, Email, Phone
from crm_core.domain.rows import MOST, RowError, RowPhone

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)

COLUMNS = columns_of(["nombre", "apellidos", "empresa", "teléfono", "móvil", "correo", "notas"])


def read(**cells: str) -> ContactRow | None:
    """Return the row that has *cells*; with a number unless it is about numbers."""
    given = {"telefono": "957212000", "nombre": "Ana"} | cells
    names = ["nombre", "apellidos", "empresa", "telefono", "movil", "correo", "notas"]
    return read_row(COLUMNS, [given.get(name, "") for name in names], region="ES")


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        pytest.param(["Nombre", "APELLIDOS", " Empresa "], ["given", "family", "company"], id="Spanish"),
        pytest.param(["Teléfono 1", "Teléfono 2", "Móvil"], ["work", "work", "mobile"], id="numbered"),
        pytest.param(["Full name", "Phone", "E-mail"], ["name", "work", "email"], id="English"),
        pytest.param(
            ["Given Name", "E-mail 1 - Value", "Phone 1 - Value"], ["given", "email", "work"], id="Google"
        ),
        pytest.param(
            ["Last Name", "Business Phone", "E-mail Address"], ["family", "work", "email"], id="Outlook"
        ),
        pytest.param(["Saldo", "", "=cmd|'/c calc'!A1"], [None, None, None], id="not ours"),
    ],
)
def test_columns_are_known_by_their_headings(headings: list[str], columns: list[str | None]) -> None:
    assert list(columns_of(headings)) == columns


def test_a_whole_row_is_read() -> None:
    row = read(
        apellidos="Ruiz Gil",
        empresa="Talleres Ruiz",
        telefono="957 21 20 00 ext. 12",
        movil="600123456 / +33 1 42 68 53 00",
        correo="ana@example.org; Ana@Example.org|b@example.org",
        notas="Rings\ntwice",
    )
    assert row
    assert (row.name, row.company, row.note) == ("Ana Ruiz Gil", "Talleres Ruiz", "Rings\ntwice")
    assert [(phone.e164, phone.ext, phone.label) for phone in row.phones] == [
        ("+34957212000", "12", "work"),
        ("+34600123456", None, "mobile"),
        ("+33142685300", None, "mobile"),
    ]
    assert row.emails == ("ana@example.org", "b@example.org")


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [
        ("Ana Ruiz Gil", "Ana Ruiz Gil", ""),
        ("Ruiz Gil, Ana", "Ana", "Ruiz Gil"),
        ("Ruiz,", "Ruiz,", ""),
        ("'=Ana", "=Ana", ""),
        ("O'Hara", "O'Hara", ""),
    ],
)
def test_a_full_name_is_parted_at_its_comma_alone(name: str, given: str, family: str) -> None:
    row = read_row(columns_of(["name", "phone"]), [name, "957212000"], region="ES")
    assert row
    assert (row.given, row.family) == (given, family)


@pytest.mark.parametrize(
    ("cells", "fault", "text"),
    [
        ({"nombre": ""}, "no_name", ""),
        ({"telefono": ""}, "no_reach", ""),
        ({"telefono": "12"}, "bad_number", "12"),
        ({"telefono": "9,57212E+08"}, "bad_number", "9,57212E+08"),  # what a sheet makes of a number
        ({"telefono": "anonymous"}, "bad_number", "anonymous"),
        ({"telefono": "957212000", "movil": "x" * 99}, "bad_number", "x" * 60),
        ({"correo": "ana at example"}, "bad_email", "ana at example"),
        ({"correo": f"{'a' * 250}@example.org"}, "bad_email", "a" * 60),
        ({"nombre": "A" * 101}, "too_long", "given"),
        ({"empresa": "A" * 201}, "too_long", "company"),
        ({"notas": "A" * 4001}, "too_long", "note"),
        ({"nombre": "Ana\0"}, "no_text", "given"),
        ({"nombre": "Ana\nRuiz;600123456"}, "no_text", "given"),
        ({"notas": "bell\a"}, "no_text", "note"),
        ({"nombre": "\udcff"}, "no_text", "given"),
        ({"correo": "|".join(f"a{n}@example.org" for n in range(MOST + 1))}, "too_many", ""),
    ],
)
def test_what_cannot_be_kept_is_told(cells: dict[str, str], fault: str, text: str) -> None:
    with pytest.raises(RowError) as told:
        read(**cells)
    assert (told.value.fault, told.value.text) == (fault, text)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        pytest.param(["", " ", ""], None, id="empty"),
        pytest.param([], None, id="nothing at all"),
        pytest.param(["Ana", "957212000", "", " "], "Ana", id="blanks behind the last column"),
        pytest.param(["Ana", "957212000"], "Ana", id="cut short"),
    ],
)
def test_rows_of_another_length(cells: list[str], says: str | None) -> None:
    row = read_row(columns_of(["nombre", "tel", "correo"]), cells, region="ES")
    assert (row.name if row else None) == says


def test_a_cell_without_a_column_is_told() -> None:
    with pytest.raises(RowError, match="too_many_cells"):
        read_row(columns_of(["nombre", "tel"]), ["Ana", "957212000", "600123456"], region="ES")


@pytest.mark.parametrize("text", ["=1+1", "+Ana", "-Ana", "@Ana", "=HYPERLINK(0)"])
def test_a_formula_goes_out_as_text_and_comes_back_as_it_was(text: str) -> None:
    out: Any = safe_cell(text)
    assert out == f"'{text}"
    row = read(nombre=out)
    assert row
    assert row.given == text


def test_other_cells_go_out_as_they_are() -> None:
    assert [safe_cell(text) for text in ("Ana", "'Ana", "", "O-1")] == ["Ana", "'Ana", "", "O-1"]


def kept(**more: Any) -> Contact:
    """Return Ana, with a number and an address."""
    facts: dict[str, Any] = {
        "id": "c",
        "given": "Ana",
        "created_at": NOW,
        "updated_at": NOW,
        "phones": (Phone(id="p", raw="957212000", e164="+34957212000"),),
        "emails": (Email(id="e", address="Ana@example.org"),),
    }
    return Contact(**(facts | more))


@pytest.mark.parametrize(
    ("cells", "is_she"),
    [
        pytest.param({}, True, id="name and number"),
        pytest.param({"nombre": "ANÁ"}, True, id="another spelling of the name"),
        pytest.param({"telefono": "", "correo": "ana@EXAMPLE.org"}, True, id="name and address"),
        pytest.param({"nombre": "Eva"}, False, id="somebody else at the same number"),
        pytest.param({"telefono": "600123456"}, False, id="a namesake"),
        pytest.param({"telefono": "957212000 ext. 12"}, False, id="another extension"),
    ],
)
def test_who_is_meant_is_told_by_name_and_reach(cells: dict[str, str], is_she: bool) -> None:
    row = read(**cells)
    assert row
    assert is_same(kept(), row) is is_she


def test_only_what_is_lacking_is_taken() -> None:
    row = read(empresa="Talleres", notas="VIP", movil="600123456", correo="ana@example.org|b@example.org")
    assert row
    more = lacking(kept(company="Ruiz"), row)
    assert more == ContactRow(
        note="VIP",
        phones=(RowPhone(raw="600123456", e164="+34600123456", ext=None, label="mobile"),),
        emails=("b@example.org",),
    )
    assert [(one.id, one.raw, one.label) for one in phones_of(more, iter("xyz"))] == [
        ("x", "600123456", "mobile")
    ]
    assert [(one.id, one.address) for one in emails_of(more, iter("xyz"))] == [("x", "b@example.org")]


def test_nobody_gets_more_than_he_can_have() -> None:
    phones = tuple(Phone(id=str(n), raw="x", e164=f"+3460012345{n:02}") for n in range(MOST))
    row = read(correo="ana@example.org")
    assert row
    with pytest.raises(RowError, match="full"):
        lacking(kept(phones=phones), row)
