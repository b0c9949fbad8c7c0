"""Cells that hold days, yes or no, numbers, one of several, hours and the site's own fields."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from unit.crm_core.test_contact_rows import NOW

from crm_core.domain.account_rows import read_account_row
from crm_core.domain.accounts import NumberRange
from crm_core.domain.contact_columns import COLUMNS, HEADINGS, Column, columns_of
from crm_core.domain.contact_known import differing, lacking, told_of
from crm_core.domain.contact_rows import ContactRow, read_row
from crm_core.domain.contacts import CallHours, Contact, ContactLimit, Phone, PostalAddress
from crm_core.domain.custom_fields import FieldDef, FieldType
from crm_core.domain.imports import with_own
from crm_core.domain.rows import RowError
from crm_core.domain.typed_cells import DayOrder, day_in, own_values, several_in, written, written_several


def row(column: str, cell: str, **how: Any) -> ContactRow:
    found = read_row(("given", "work", column), ("Ana", "957212000", cell), region="ES", **how)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("1980-02-03", "ymd", date(1980, 2, 3)),
        ("1980-02-03 00:00:00", "dmy", date(1980, 2, 3)),  # as a sheet writes a day
        ("3/2/1980", "dmy", date(1980, 2, 3)),
        ("3.2.1980", "dmy", date(1980, 2, 3)),
        ("02-03-1980", "mdy", date(1980, 2, 3)),
        ("3/2/1980", "ymd", None),  # either of two days: not guessed
        ("31/01/1980", "mdy", None),
        ("3/2/80", "dmy", None),  # of which century?
        ("30/02/1980", "dmy", None),
        ("1980-02-30", "ymd", None),
        ("3/2-1980", "dmy", None),
    ],
)
def test_a_day_is_read_in_the_order_that_was_chosen(text: str, order: DayOrder, day: date | None) -> None:
    if day is not None:
        assert day_in(text, order) == day
        return
    with pytest.raises(RowError, match="bad_date"):
        day_in(text, order)


@pytest.mark.parametrize(
    ("column", "cell", "name", "value"),
    [
        ("birthday", "1980-02-03", "birthday", date(1980, 2, 3)),
        ("vip", "Sí", "vip", True),
        ("vip", "no", "vip", False),
        ("lifecycle", "Cliente", "lifecycle", "customer"),
        ("lifecycle", "Lost customer", "lifecycle", "lost"),
        ("channel", "Por correo electrónico", "preferred_channel", "email"),
        ("time_zone", "Atlantic/Canary", "time_zone", "Atlantic/Canary"),
        ("contact_limit", "2 en 7 días", "contact_limit", ContactLimit(times=2, days=7)),
        ("subjects", "velas, barcos; Velas", "subjects", ("velas", "barcos")),
        ("tags", "VIP; año nuevo,vip\nmás", "tags", ("VIP", "año nuevo", "más")),
        (
            "call_hours",
            "lun, mié 9:00-14:00 | sat 10:00 - 24:00",
            "call_hours",
            (
                CallHours(days=("mon", "wed"), begin="09:00", end="14:00"),
                CallHours(days=("sat",), begin="10:00", end="24:00"),
            ),
        ),
        (
            "places",
            "casa; Mayor\\; 1; 14001; Córdoba; ; es\n; Rúa 2",
            "places",
            (
                PostalAddress(
                    label="home", street="Mayor; 1", postal_code="14001", city="Córdoba", country="ES"
                ),
                PostalAddress(label="other", street="Rúa 2"),
            ),
        ),
        ("do_not_call", "957 21 20 00", "marks", {"+34957212000;None": ("do_not",)}),
        ("invalid", "957212000 | a@example.org", "emails", ("a@example.org",)),
    ],
)
def test_what_stands_in_a_cell(column: str, cell: str, name: str, value: object) -> None:
    assert getattr(row(column, cell), name) == value


@pytest.mark.parametrize(
    ("column", "cell", "fault"),
    [
        ("birthday", "03/02/1980", "bad_date"),
        ("birthday", "1849-12-31", "bad_date"),
        ("vip", "quizás", "bad_yes"),
        ("lifecycle", "amigo", "bad_choice"),
        ("channel", "paloma", "bad_choice"),
        ("time_zone", "Madrid", "bad_zone"),
        ("country", "Freedonia", "bad_country"),
        ("contact_limit", "0 in 7", "bad_limit"),
        ("contact_limit", "mucho", "bad_limit"),
        ("call_hours", "lun 14:00-09:00", "bad_hours"),
        ("call_hours", "lun 25:00-26:00", "bad_hours"),
        ("call_hours", "lun 09:60-10:00", "bad_hours"),
        ("call_hours", "nunca 09:00-10:00", "bad_hours"),
        ("places", "casa; a; b; c; d; ES; de más", "bad_place"),
        ("places", "nido; a", "bad_choice"),
        ("tags", "#uno", "bad_tag"),
        ("tags", "x" * 41, "bad_tag"),
        ("tags", ";".join(map(str, range(21))), "too_many_tags"),
        ("role", "x" * 101, "too_long"),
        ("prefix", "x" * 41, "too_long"),
        ("do_not_call", "ana@example.org", "bad_number"),
        ("do_not_write", "957212000", "bad_email"),
    ],
)
def test_what_cannot_be_kept_rejects_the_row(column: str, cell: str, fault: str) -> None:
    with pytest.raises(RowError) as told:
        row(column, cell)
    assert told.value.fault == fault


def own(kind: FieldType, **more: Any) -> dict[str, FieldDef]:
    one = FieldDef(id="1", entity="contact", key="x", type=kind, label_es="Talla", label_en="Size", **more)
    return {"x": one}


@pytest.mark.parametrize(
    ("kind", "more", "cell", "value"),
    [
        ("text", {}, "'=1+1", "=1+1"),
        ("text", {"regex": "[A-Z]{2}"}, "AB", "AB"),
        ("number", {}, "12", 12),
        ("number", {}, "-12,5", -12.5),
        ("number", {}, "12.5", 12.5),
        ("boolean", {}, "sí", True),
        ("boolean", {}, "FALSE", False),
        ("choice", {"options": ("S", "Más")}, "mas", "Más"),
        ("date", {}, "3/2/1980", "1980-02-03"),
    ],
)
def test_an_own_field_is_read_by_its_type(
    kind: FieldType, more: dict[str, Any], cell: str, value: object
) -> None:
    assert own_values([("field:x", cell)], own(kind, **more), "dmy") == {"x": value}


@pytest.mark.parametrize(
    ("kind", "more", "cell", "fault"),
    [
        ("text", {"regex": "[A-Z]{2}"}, "ab", "bad_own"),
        ("text", {}, "x" * 501, "too_long"),
        ("number", {}, "1.234,5", "bad_own"),
        ("number", {}, "1e9", "bad_own"),
        ("number", {}, "1" + "0" * 15, "bad_own"),
        ("boolean", {}, "quizás", "bad_own"),
        ("choice", {"options": ("S", "M")}, "L", "bad_own"),
        ("date", {}, "1980-02-30", "bad_own"),
    ],
)
def test_what_no_form_would_take_is_told(
    kind: FieldType, more: dict[str, Any], cell: str, fault: str
) -> None:
    with pytest.raises(RowError) as told:
        row("field:x", cell, fields=own(kind, **more))
    assert told.value.fault == fault
    assert told.value.text in (f"x: {cell[:60]}", "field:x")


@pytest.mark.parametrize("value", [0.00001, -0.0000025, 1.234, 12.5, 123456789012345, 0.1 + 0.2])
@pytest.mark.parametrize("has_comma", [True, False])
def test_a_number_goes_out_as_it_is_read(value: float, *, has_comma: bool) -> None:
    cell = written(value, has_comma=has_comma, yes="yes", no="no")
    assert own_values([("field:x", cell)], own("number"), "ymd") == {"x": value}


def test_several_words_go_out_as_they_are_read() -> None:
    words = ("ofertas, novedades", "a;b", "c|d", "e\\", "\\,", "f")
    assert written_several(words) == "ofertas\\, novedades; a\\;b; c\\|d; e\\\\; \\\\\\,; f"
    assert several_in(written_several(words)) == words
    assert several_in("C:\\temp, b\\\nc") == ("C:\\temp", "b\\", "c")  # as other programs write them


def test_own_fields_are_known_by_key_and_label_behind_ours() -> None:
    field = own("text")["x"]
    headings = ["TALLA", "size", "x", "field:x", "Notas", "y"]
    assert with_own(columns_of(headings), headings, [field]) == (*["field:x"] * 4, "note", None)


def test_each_column_has_its_words() -> None:
    assert set(HEADINGS) == set(COLUMNS)
    words = [word.strip() for names in HEADINGS.values() for word in names.split(",")]
    assert len(words) == len(set(words))


def a_contact(**more: Any) -> Contact:
    phones = (Phone(id="p", raw="957212000", e164="+34957212000", is_primary=True),)
    return Contact(id="c", given="Ana", created_at=NOW, updated_at=NOW, phones=phones, **more)


def test_what_is_kept_is_not_written_over_unless_the_file_counts() -> None:
    contact = a_contact(role="decide", tags=("VIP",), fields={"x": 1}, lifecycle="lead", vip=True)
    told = ContactRow(
        given="Ana", role="paga", tags=("vip", "b"), fields={"x": 2, "y": 3}, lifecycle="lost", vip=False
    )
    more = lacking(contact, told)
    assert (more.role, more.tags, more.fields, more.lifecycle, more.vip) == (
        None,
        ("b",),
        {"y": 3},
        None,
        None,
    )
    more = differing(contact, told)
    assert told_of(contact, more, []) == {
        "role": "paga",
        "lifecycle": "lost",
        "vip": False,
        "tags": ("VIP", "b"),
        "fields": {"x": 2, "y": 3},
    }


def test_that_somebody_must_not_be_called_is_taken_in_any_case() -> None:
    contact = a_contact()
    more = lacking(contact, row("do_not_call", "957212000"))
    (phone,) = told_of(contact, more, [])["phones"]
    assert (phone.id, phone.do_not_call, phone.is_primary) == ("p", True, True)
    marked = a_contact()
    marked = Contact(
        **{name: getattr(marked, name) for name in marked.__struct_fields__} | {"phones": (phone,)}
    )
    assert lacking(marked, row("do_not_call", "957212000")) == ContactRow()
    assert lacking(marked, row("primary", "957212000")) == ContactRow()


@pytest.mark.parametrize("column", ["given", "additional", "family", "second_family"])
def test_parts_of_a_name_are_told_apart(column: Column) -> None:
    columns = ("given", "additional", "family", "second_family", "work")
    found = read_row(columns, ("Ana María", "María", "Ruiz Gil", "Gil", "957212000"), region="ES")
    assert found is not None
    parts = {"given": "Ana", "additional": "María", "family": "Ruiz", "second_family": "Gil"}
    assert getattr(found, column) == parts[column]
    assert found.name == "Ana María Ruiz Gil"


def test_ranges_of_a_company() -> None:
    cell = "+34957000000-+34957000099 | +34957000200 - +34957000299"
    found = read_account_row(("name", "ranges"), ("Ñu", cell), region="ES")
    assert found is not None
    assert found.ranges[1] == NumberRange(first="+34957000200", last="+34957000299")
    for wrong in ("957000000-957000099", "+34957000099-+34957000000", "+34957000000-+3495700"):
        with pytest.raises(RowError, match="bad_range"):
            read_account_row(("name", "ranges"), ("Ñu", wrong), region="ES")
