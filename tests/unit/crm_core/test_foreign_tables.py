"""Tables of other programs: countries in words, ticks, words of their own, days that are none."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crm_core.domain.account_rows import AccountRow, read_account_row
from crm_core.domain.cells import NumberCell
from crm_core.domain.contact_columns import columns_of
from crm_core.domain.contact_rows import ContactRow, read_row
from crm_core.domain.custom_fields import FieldDef, FieldType
from crm_core.domain.rows import RowError
from crm_core.domain.typed_cells import own_values, written

NUMBER, MOBILE = "+34957212000;None", "+34600123456;None"
FOREIGN = frozenset(("country", "lifecycle", "channel", "time_zone"))


def person(column: str, cell: str, **how: Any) -> ContactRow:
    columns = ("given", "work", "mobile", "email", column)
    found = read_row(columns, ("Ana", "957212000", "600123456", "a@example.org", cell), region="ES", **how)
    assert found is not None
    return found


def company(column: str, cell: str, **how: Any) -> AccountRow:
    found = read_account_row(
        ("name", "work", "fax", column), ("Ñu", "957212000", "600123456", cell), region="ES", **how
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("España", "ES"),
        ("ESPANA", "ES"),
        ("Spain", "ES"),
        ("es", "ES"),
        ("Estados Unidos", "US"),
        ("United States", "US"),
        ("USA", "US"),
        ("EE. UU.", "US"),
        ("Reino Unido", "GB"),
        ("England", "GB"),
        ("México", "MX"),
        ("Côte d’Ivoire", "CI"),
    ],
)
def test_a_country_is_read_by_its_code_or_its_name(said: str, code: str) -> None:
    for found in (person("country", said), company("country", said)):
        assert found.address is not None
        assert found.address.country == code


@pytest.mark.parametrize("said", ["Freedonia", "Europa", "mundo"])
def test_what_is_no_country_is_none(said: str) -> None:
    for read in (person, company):
        with pytest.raises(RowError, match="bad_country"):
            read("country", said)


@pytest.mark.parametrize("said", ["1", "Sí", "yes", "TRUE", "x", "verdadero"])
def test_a_tick_marks_all_numbers_of_its_row(said: str) -> None:
    both = {NUMBER: ("do_not",), MOBILE: ("do_not",)}
    found = person("do_not_call", said)
    assert (found.marks, len(found.phones)) == (both, 2)
    assert company("do_not_call", said).marks == both
    assert person("do_not_write", said).marks == {"a@example.org": ("do_not",)}


@pytest.mark.parametrize("said", ["0", "No", "false", "n", ""])
def test_where_there_is_no_tick_nothing_is_marked(said: str) -> None:
    for column in ("do_not_call", "do_not_write"):
        found = person(column, said)
        assert (found.marks, len(found.phones), len(found.emails)) == ({}, 2, 1)
    assert company("do_not_call", said).marks == {}


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("Lead Status", "New"),
        ("Etapa", "Contactado"),
        ("Preferred Method of Contact", "Any"),
        ("Time Zone", "(GMT+01:00) Madrid"),
        ("País", "Freedonia"),
    ],
)
def test_words_of_others_under_a_heading_that_was_guessed_are_left(heading: str, said: str) -> None:
    (column,) = columns_of([heading])
    assert column is not None
    assert person(column, said, guessed=FOREIGN) == person("note", "")
    with pytest.raises(RowError):
        person(column, said)


def test_of_companies_a_country_is_left_so_too() -> None:
    assert company("country", "Freedonia", guessed=FOREIGN) == company("note", "")


@pytest.mark.parametrize("said", ["0/0/00", "00/00/0000", "0000-00-00", "00.00.0000", "0000-00-00 00:00:00"])
def test_a_day_of_zeros_is_none(said: str) -> None:
    assert person("birthday", said).birthday is None
    assert own_values([("field:x", said)], own("date"), "ymd") == {}


def own(kind: FieldType) -> dict[str, FieldDef]:
    return {"x": FieldDef(id="1", entity="contact", key="x", type=kind, label_es="X", label_en="X")}


@pytest.mark.parametrize("said", ["1.234", "1,234", "-12.345", "+123,456"])
def test_what_may_be_thousands_is_not_guessed(said: str) -> None:
    with pytest.raises(RowError, match="bad_own"):
        own_values([("field:x", said)], own("number"), "ymd")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("1.2340", 1.234),
        ("0,125", 0.125),
        ("1234.567", 1234.567),
        ("1234", 1234),
        (NumberCell("1.234"), 1.234),  # a workbook says itself that it is a number
    ],
)
def test_what_can_be_one_number_alone_is_read(said: str, value: float) -> None:
    assert own_values([("field:x", said)], own("number"), "ymd") == {"x": value}


@pytest.mark.parametrize("has_comma", [True, False])
@pytest.mark.parametrize("value", [1.234, -12.345, 123.456, 0.125, 12.5, 1234.567, 7.0])
def test_what_goes_out_is_read_as_the_same_number(value: float, *, has_comma: bool) -> None:
    cell = written(value, has_comma=has_comma, yes="", no="")
    assert own_values([("field:x", cell)], own("number"), "ymd") == {"x": value}


def test_of_several_first_choices_the_first_of_each_kind_counts() -> None:
    found = person("primary", "600123456 | 957212000 | b@example.org | a@example.org")
    assert found.marks == {MOBILE: ("primary",), "b@example.org": ("primary",)}
    assert company("primary", "600123456 | 957212000").marks == {MOBILE: ("primary",)}


def test_a_day_that_is_one_is_still_read() -> None:
    assert person("birthday", "1980-02-03").birthday == date(1980, 2, 3)
