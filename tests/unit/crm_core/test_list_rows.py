"""Lists from CSV: what is taken, what is rejected and why, and what is no list at all."""

from __future__ import annotations

import pytest

from crm_core.domain.list_rows import MOST_ROWS, ReadList, UnreadableListError, read_list, without

ANA, EVA = "+34957212000", "+34600123456"
PLAIN = "Nombre;Empresa;Teléfono;Producto\nAna Núñez;Acme, S.L.;957 21 20 00;A1\n"


def read(text: str | bytes) -> ReadList:
    return read_list(text if isinstance(text, bytes) else text.encode(), region="ES")


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        pytest.param(PLAIN.encode(), "utf-8", id="UTF-8"),
        pytest.param(PLAIN.encode("utf-8-sig"), "utf-8-sig", id="UTF-8 with its mark"),
        pytest.param(PLAIN.encode("utf-16"), "utf-16", id="UTF-16 with its mark"),
        pytest.param(PLAIN.encode("cp1252"), "cp1252", id="as Excel saves it in Spain"),
        pytest.param(PLAIN.replace("\n", "\r\n").encode(), "utf-8", id="lines of Windows"),
        pytest.param(PLAIN.replace("\n", "\r").encode(), "utf-8", id="lines of old Macs"),
        pytest.param(("\n" + PLAIN).encode(), "utf-8", id="an empty line first"),
    ],
)
def test_the_same_list_in_any_encoding(raw: bytes, encoding: str) -> None:
    found = read(raw)
    (row,) = found.rows
    assert (found.encoding, found.separator, found.rejected) == (encoding, ";", ())
    assert (row.name, row.company, row.numbers) == ("Ana Núñez", "Acme, S.L.", (ANA,))
    assert row.fields == {"Producto": "A1"}


@pytest.mark.parametrize(
    ("text", "name", "numbers", "fields"),
    [
        pytest.param("name,phone\nAna,957212000", "Ana", (ANA,), {}, id="commas"),
        pytest.param("name\tphone\nAna\t957212000", "Ana", (ANA,), {}, id="tabs"),
        pytest.param("phone|name\n957212000|Ana", "Ana", (ANA,), {}, id="bars, another order"),
        pytest.param('"name;x";phone\n"Ana;B";957212000', "957212000", None, {}, id="no name at all"),
        pytest.param(
            'name,phone\n"Ruiz, Ana",957212000', "Ruiz, Ana", (ANA,), {}, id="the separator in quotes"
        ),
        pytest.param(
            "Nombre;Apellidos;Móvil\nAna;Ruiz Gil;957212000", "Ana Ruiz Gil", (ANA,), {}, id="surnames"
        ),
        pytest.param("name;phone1;phone 2\nAna;957212000;600123456", "Ana", (ANA, EVA), {}, id="two numbers"),
        pytest.param("name;phone1;phone2\nAna;x;600123456", "Ana", (EVA,), {}, id="one of them is none"),
        pytest.param(
            "name;phone1;phone2\nAna;957212000;0034957212000", "Ana", (ANA,), {}, id="twice the same"
        ),
        pytest.param("name;phone;country\nAna;020 7946 0321;gb", "Ana", ("+442079460321",), {}, id="abroad"),
        pytest.param("empresa;phone\nAcme;957212000", "Acme", (ANA,), {}, id="a company alone"),
        pytest.param(
            "name;phone;debt\nAna;957212000;=1+1", "Ana", (ANA,), {"debt": "=1+1"}, id="a formula is text"
        ),
        pytest.param(
            'name;phone;n\nAna;957212000;"a\n b"', "Ana", (ANA,), {"n": "a b"}, id="two lines in a cell"
        ),
        pytest.param("name;phone;\nAna;957212000;x", "Ana", (ANA,), {}, id="a column without a name"),
    ],
)
def test_columns(text: str, name: str, numbers: tuple[str, ...] | None, fields: dict[str, str]) -> None:
    found = read(text)
    if numbers is None:
        assert [(one.reason, one.text) for one in found.rejected] == [("no_name", name)]
        return
    (row,) = found.rows
    assert (row.name, row.numbers, row.fields) == (name, numbers, fields)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param("Eva;12", "bad_number", id="an extension"),
        pytest.param("Eva;112", "bad_number", id="an emergency number"),
        pytest.param("Eva;anonymous", "bad_number", id="words"),
        pytest.param("Eva;", "no_number", id="none"),
        pytest.param("Eva", "no_number", id="a short row"),
        pytest.param(";600123456", "no_name", id="nobody"),
        pytest.param("Eva;+34 957 21 20 00", "duplicate_in_file", id="the number of the first row"),
        pytest.param("Eva;600123456;;;x", "too_many_columns", id="a row too long"),
        pytest.param("Eva;600123456;Europe/Madird", "bad_zone", id="a zone that is none"),
        pytest.param("Eva;600123456;;Spain", "bad_region", id="a country by name"),
    ],
)
def test_a_row_is_rejected_with_its_line_and_reason(row: str, reason: str) -> None:
    found = read(f"name;phone;time zone;country\nAna;957212000\n\n{row}\nLuis;600111222;Atlantic/Canary;es\n")
    assert [(one.line, one.reason) for one in found.rejected] == [(4, reason)]
    assert [(one.line, one.name, one.zone) for one in found.rows] == [
        (2, "Ana", None),
        (5, "Luis", "Atlantic/Canary"),
    ]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"\n\n;;\n", "empty", id="nothing but separators"),
        pytest.param(b"name;phone\n", "empty", id="a heading alone"),
        pytest.param(b"name;address\nAna;957212000\n", "no_number_column", id="no column of numbers"),
        pytest.param(b"name;phone\nA\0na;957212000\n", "not_text", id="NUL"),
        pytest.param(b"PK\x03\x04\x14\0\x06\0", "not_text", id="a spreadsheet"),
        pytest.param(b"\xff\xfeA", "not_text", id="half a letter of UTF-16"),
        pytest.param(b"\x81\x8d\n", "not_text", id="signs of no encoding"),
        pytest.param(b"phone;name\n600123456;" + b"x" * 200_000, "not_csv", id="a cell of 200 kB"),
        pytest.param(b"phone" + b";x" * 60, "too_wide", id="61 columns"),
    ],
)
def test_what_is_no_list(raw: bytes, why: str) -> None:
    with pytest.raises(UnreadableListError) as caught:
        read(raw)
    assert caught.value.why == why


def test_a_list_has_an_end() -> None:
    with pytest.raises(UnreadableListError, match="too_many_rows"):
        read("name;phone\n" + "Ana;1\n" * (MOST_ROWS + 1))


def test_an_open_quote_swallows_the_rest_and_harms_nobody() -> None:
    found = read('name;phone\nAna;957212000\nEva;"600123456\nLuis;600111222\n')
    assert [row.name for row in found.rows] == ["Ana"]
    assert [one.reason for one in found.rejected] == ["bad_number"]


def test_long_text_is_cut() -> None:
    (row,) = read(f"name;phone;x\n{'a' * 900};957212000;{'b' * 900}\n").rows
    assert (len(row.name), len(row.fields["x"])) == (200, 500)


def test_numbers_alone_are_a_list_where_no_name_is_needed() -> None:
    found = read_list(b"phone\n957212000\nx\n", region="ES", needs_name=False)
    assert [row.numbers for row in found.rows] == [(ANA,)]
    assert [one.reason for one in found.rejected] == ["bad_number"]


def test_rows_whose_number_is_known_are_left_out() -> None:
    found = without(
        read("name;phone\nAna;957212000\nx;1\nEva;600123456\n"), {EVA}.__contains__, "do_not_call"
    )
    assert [row.name for row in found.rows] == ["Ana"]
    assert [(one.line, one.reason, one.text) for one in found.rejected] == [
        (3, "bad_number", "1"),
        (4, "do_not_call", EVA),
    ]
