"""Fields that a site adds: which can be, and what may stand in them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from crm_core.domain.custom_fields import FieldDef, changed, checked, impersonal, values_of
from crm_core.domain.errors import InvalidError, ManyInvalidError


def a_field(key: str = "size", **more: Any) -> FieldDef:
    facts = {"entity": "contact", "type": "text", "label_es": "Talla", "label_en": "Size"} | more
    return FieldDef(id=key, key=key, **facts)


SIZE = a_field(type="choice", options=("S", "L"))
FIELDS = (
    SIZE,
    a_field("code", regex=r"[A-Z]\d{2}", is_required=True),
    a_field("turnover", type="number"),
    a_field("since", type="date"),
    a_field("wants_news", type="boolean"),
)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param({"code": "A12"}, {"code": "A12"}, id="what is required"),
        pytest.param(
            {"code": "A12", "size": "L", "turnover": 1.5, "since": "2024-02-29", "wants_news": False},
            {"code": "A12", "size": "L", "turnover": 1.5, "since": "2024-02-29", "wants_news": False},
            id="all",
        ),
        pytest.param({"code": "A12", "size": "", "since": None}, {"code": "A12"}, id="empty is not there"),
        pytest.param(
            {"code": "A12", "turnover": 0}, {"code": "A12", "turnover": 0}, id="nought is something"
        ),
    ],
)
def test_what_fits_is_kept(given: dict[str, Any], kept: dict[str, Any]) -> None:
    assert values_of(FIELDS, given) == kept


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        pytest.param({}, {("fields.code", "missing")}, id="what is required is not there"),
        pytest.param(
            {
                "code": "a12",
                "size": "XL",
                "turnover": True,
                "since": "2023-02-29",
                "wants_news": "yes",
                "age": 3,
            },
            {
                ("fields.code", "string_pattern_mismatch"),
                ("fields.size", "literal_error"),
                ("fields.turnover", "no_number_value"),
                ("fields.since", "date_parsing"),
                ("fields.wants_news", "bool_type"),
                ("fields.age", "not_found"),
            },
            id="everything wrong at once",
        ),
        pytest.param(
            {"code": 12, "turnover": "1"},
            {("fields.code", "string_type"), ("fields.turnover", "no_number_value")},
            id="types",
        ),
        pytest.param(
            {"code": "A12", "turnover": float("inf")}, {("fields.turnover", "no_number_value")}, id="endless"
        ),
        pytest.param(
            {"code": "A12", "since": "20240229"}, {("fields.since", "date_parsing")}, id="another writing"
        ),
        pytest.param(
            {"code": "A12 "}, {("fields.code", "string_pattern_mismatch")}, id="the whole text fits"
        ),
    ],
)
def test_what_does_not_fit_is_told_at_once(given: dict[str, Any], faults: set[tuple[str, str]]) -> None:
    with pytest.raises(ManyInvalidError) as told:
        values_of(FIELDS, given)
    assert {(one.field, one.fault) for one in told.value.faults} == faults


def test_a_long_text_does_not_fit() -> None:
    field = a_field("note")
    assert values_of([field], {"note": "x" * 500}) == {"note": "x" * 500}
    with pytest.raises(ManyInvalidError, match="at most 500"):
        values_of([field], {"note": "x" * 501})


def test_no_pattern_takes_more_time_than_the_text_is_long() -> None:
    field = a_field("note", regex="(a+)+b")  # 2^500 ways, tried one after the other
    assert values_of([field], {"note": "aab"}) == {"note": "aab"}
    with pytest.raises(ManyInvalidError):
        values_of([field], {"note": "a" * 500})


def test_a_pattern_of_two_ways_is_of_the_whole_text() -> None:
    field = a_field("note", regex="a|b")
    with pytest.raises(ManyInvalidError):
        values_of([field], {"note": "ab"})


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        pytest.param(a_field("Size"), "key", id="a capital letter"),
        pytest.param(a_field("1st"), "key", id="a digit first"),
        pytest.param(a_field("x" * 41), "key", id="too long"),
        pytest.param(a_field(type="choice"), "options", id="a choice of nothing"),
        pytest.param(a_field(options=("S",)), "options", id="options of a text"),
        pytest.param(a_field(type="number", regex="x"), "regex", id="a pattern of a number"),
        pytest.param(a_field(regex="("), "regex", id="no pattern"),
        pytest.param(a_field(regex="a)|(b"), "regex", id="a pattern that ends the one around it"),
        pytest.param(a_field(regex=r"(a)\1"), "regex", id="a pattern that looks back"),
        pytest.param(a_field(regex=r"((\w{99}){99}){99}"), "regex", id="a pattern too large"),
    ],
)
def test_a_field_that_cannot_be(field: FieldDef, wrong: str) -> None:
    with pytest.raises(InvalidError) as told:
        checked(field)
    assert told.value.field == wrong


def test_a_field_changes_but_for_what_its_values_depend_on() -> None:
    assert changed(SIZE, {"options": ("M",), "label_es": "T"}) == replace(
        SIZE, options=("M",), label_es="T", version=2
    )
    for name in ("type", "key", "entity", "id"):
        with pytest.raises(InvalidError, match="cannot be changed"):
            changed(SIZE, {name: "x"})


def test_a_label_is_in_the_reader_s_language() -> None:
    assert [SIZE.label(language) for language in ("es", "es-MX", "en", "ca")] == [
        "Talla",
        "Talla",
        "Size",
        "Size",
    ]


def test_no_text_is_impersonal() -> None:
    told = [a_field("a", type="number"), a_field("b", pii=True, type="date"), a_field("c")]
    assert impersonal(told) == {"a"}
