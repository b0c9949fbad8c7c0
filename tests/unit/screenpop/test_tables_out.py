"""Tables for spreadsheets, as another program reads them: CSV as each language writes it, and workbooks."""

from __future__ import annotations

import tracemalloc
from io import BytesIO

import pytest
from msgspec.structs import replace
from openpyxl import load_workbook

from crm_core.domain.account_rows import account_columns_of, lines_of, read_account_row
from crm_core.domain.accounts import Account, NumberRange
from crm_core.domain.cells import safe_cell
from crm_core.domain.contacts import Phone, PostalAddress
from crm_core.domain.custom_fields import FieldDef
from crm_core.domain.imports import with_own
from screenpop.i18n import translator
from screenpop.pages import account_table
from screenpop.pages.contact_table import own_headings
from screenpop.pages.customer_words import KINDS
from screenpop.tables_out import Cell, table_writer

ACCOUNT_COLUMNS_OUT = (
    *("name", "legal_name", "tax_id", "kind", "parent", "tier", "work", "fax", "website"),
    *("street", "postal_code", "city", "province", "note", "tags", "country", "place_label", "places"),
    *("other", "region", "ranges", "do_not_call", "invalid", "primary"),
)


@pytest.mark.parametrize(
    ("has_comma", "line"),
    [
        pytest.param(True, '"a;b";1,5;;"say ""hi""";\'=1+1\r\n', id="es"),
        pytest.param(False, 'a;b,1.5,,"say ""hi""",\'=1+1\r\n', id="en"),
    ],
)
def test_a_line_of_csv(has_comma: bool, line: str) -> None:
    writer = table_writer("csv", has_comma=has_comma)
    rows: list[list[Cell]] = [["a;b", 1.54, None, 'say "hi"', "=1+1"]]
    assert writer.rows(rows) == b"\xef\xbb\xbf" + line.encode()
    assert writer.rows(rows) + writer.end() == line.encode()


def test_a_workbook_holds_the_same_texts() -> None:
    writer = table_writer("xlsx", has_comma=True)
    rows: list[list[Cell]] = [
        ["Número", '<b>&"', "=1+1", None, 1.5],
        ["a\x00b\ud800", "one\n two\r\n", "@x", "", "x" * 40_000],
    ]
    raw = b"".join((writer.rows(rows[:1]), writer.rows(rows[1:]), writer.end()))
    sheet = load_workbook(BytesIO(raw)).active
    assert sheet is not None
    assert list(sheet.iter_rows(values_only=True)) == [
        ("Número", '<b>&"', "'=1+1", None, 1.5),
        ("ab", "one\n two\r\n", "'@x", None, "x" * 32_767),
    ]
    assert {cell.data_type for row in sheet for cell in row} == {"s", "n"}


def test_nothing_of_a_workbook_waits_but_the_rows_at_hand() -> None:
    writer = table_writer("xlsx", has_comma=False)
    some: list[list[Cell]] = [["some text of a cell"] * 16] * 500
    writer.rows(some)
    tracemalloc.start()
    for _ in range(20):
        writer.rows(some)
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 100_000
    assert most < 8_000_000


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_goes_out_of_a_company_comes_in_by_its_headings(language: str) -> None:
    headings = [translator(language).gettext(name) for name in account_table.COLUMNS]
    assert account_columns_of(headings) == ACCOUNT_COLUMNS_OUT


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_kind_of_a_company_comes_in_as_it_went_out(language: str) -> None:
    for kind, word in KINDS.items():
        row = read_account_row(("name", "kind"), ["A", translator(language).gettext(word)], region="ES")
        assert row is not None
        assert row.kind == kind


@pytest.mark.parametrize("language", ["es", "en"])
def test_own_fields_that_are_called_alike_come_in_as_they_went_out(language: str) -> None:
    called = [("size", "Talla", "Size"), ("b", "SIZE", "Talla"), ("c", "C", "D"), ("d", "E", "F")]
    own = [
        FieldDef(id=key, entity="contact", key=key, type="text", label_es=es, label_en=en)
        for key, es, en in called
    ]
    headings = [*own_headings(translator(language), own, "contacts")]
    assert with_own((None,) * len(own), headings, own) == tuple(f"field:{one.key}" for one in own)


def test_all_of_a_company_comes_in_as_it_went_out() -> None:
    t = translator("es")
    own = [FieldDef(id="1", entity="account", key="size", type="number", label_es="Talla", label_en="Size")]
    places = (
        PostalAddress(label="billing", street="Mayor 1", postal_code="14001", city="Córdoba", country="ES"),
        PostalAddress(label="delivery", street="Rúa; 2", city="Lugo"),
    )
    account = Account(
        id="a",
        name="Ñu, S.L.",
        kind="partner",
        legal_name="Ñu Sociedad",
        tax_id="B14000001",
        parent_id="b",
        tier="oro",
        region="ES",
        website="https://example.org",
        note="=uno\ndos",
        addresses=places,
        tags=("VIP", "año nuevo"),
        fields={"size": 12.5},
    )
    company = account_table.Company(
        account=account,
        parent="Matriz",
        phones=(
            Phone(id="p", raw="957", e164="+34957212000", ext="7", is_primary=True),
            Phone(id="q", raw="957", e164="+34957212001", label="fax", is_valid=False),
            Phone(id="r", raw="957", e164="+34957212002", label="other", do_not_call=True),
        ),
        ranges=(NumberRange(first="+34957000000", last="+34957000099"),),
    )
    headings = [*map(t.gettext, account_table.COLUMNS), *own_headings(t, own, "accounts")]
    columns = with_own(account_columns_of(headings), headings, own)
    cells = [safe_cell(str(cell or "")) for cell in account_table.cells(company, t, own)]
    row = read_account_row(columns, cells, region="ES", fields={"size": own[0]})
    assert row is not None
    known = {"id", "parent_id", "addresses", "version", "preferred_queue", "preferred_agent"}
    told = {name: getattr(row, name) for name in Account.__struct_fields__ if name not in known}
    assert told == {name: getattr(account, name) for name in told}
    assert (row.parent, (row.address, *row.places), row.ranges) == ("Matriz", places, company.ranges)
    lines = lines_of(row.phones, "pqr", row.marks)
    assert {replace(one, raw="957", id="") for one in lines} == {
        replace(one, id="") for one in company.phones
    }
    empty = Account(id="", name="")
    unlike = {name for name in Account.__struct_fields__ if getattr(account, name) == getattr(empty, name)}
    assert unlike == {"version", "preferred_queue", "preferred_agent"}, (
        "a company has more than this test tells"
    )
