"""vCards as phones and address books write them, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import get_args

import pytest

from crm_core.domain.contacts import Contact, Email, Phone, PlaceLabel, PostalAddress
from crm_core.domain.person_cells import place_label_in, places_in
from crm_core.domain.typed_cells import tags_in
from crm_core.domain.vcard import VERSIONS, Version, vcard
from crm_core.domain.vcard_rows import CARD_COLUMNS, LONGEST, MOST, Line, card_rows

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def lines(text: str) -> Iterator[Line]:
    return (Line(n, line) for n, line in enumerate(text.splitlines(keepends=True), 1))


def card(*properties: str, version: str = "3.0") -> str:
    return "\r\n".join(("BEGIN:VCARD", f"VERSION:{version}", *properties, "END:VCARD", ""))


def read(text: str) -> dict[str, str]:
    ((_, cells),) = card_rows(lines(text))
    assert cells is not None
    return {column: cell for column, cell in zip(CARD_COLUMNS, cells, strict=True) if cell}


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        pytest.param(
            card("N:Muñoz Gil;Ana;María;;", "FN:Ana", "ORG:Talleres Ruiz\\, S.L.;Ventas", "TITLE:Jefa"),
            {
                "given": "Ana María",
                "additional": "María",
                "family": "Muñoz Gil",
                "company": "Talleres Ruiz, S.L.",
                "title": "Jefa",
            },
            id="names and company",
        ),
        pytest.param(
            card("N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Mu=C3=B1oz;Jos=\r\n=C3=A9;;;", version="2.1"),
            {"given": "José", "family": "Muñoz"},
            id="2.1 in quoted-printable over two lines",
        ),
        pytest.param(
            card("FN;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Pe=F1a", "TEL;CELL:600123456", version="2.1"),
            {"name": "Peña", "mobile": "600123456"},
            id="2.1 in Latin-1",
        ),
        pytest.param(
            card("FN;QUOTED-PRINTABLE;CHARSET=U\0TF:Pe=C3=B1a", "TEL:600123456", version="2.1"),
            {"name": "Peña", "work": "600123456"},
            id="2.1 in what is called no charset",
        ),
        pytest.param(
            card("FN:A", "NOTE:one\\ntwo \r\n three\\; four", "item1.EMAIL;TYPE=INTERNET:a@example.org"),
            {"name": "A", "note": "one\ntwo three; four", "email": "a@example.org"},
            id="folded, grouped and escaped",
        ),
        pytest.param(
            card(
                'TEL;VALUE=uri;TYPE="voice,home":tel:+34957212000;ext=5',
                "TEL;TYPE=CELL,VOICE:600 123 456",
                "TEL;TYPE=WORK;TYPE=FAX:957000001",
                "TEL:957000002",
                "LANG;PREF=1:es-ES",
                "N:;;;;",
                "FN:Bar Sol",
                "ORG:Bar Sol",
                version="4.0",
            ),
            {
                "home": "+34957212000;ext=5",
                "mobile": "600 123 456",
                "fax": "957000001",
                "work": "957000002",
                "language": "es-ES",
                "company": "Bar Sol",
            },
            id="4.0, a company with numbers of each kind",
        ),
        pytest.param(
            card("FN:A", "ADR;TYPE=WORK:;;Calle Mayor 1;Córdoba;Córdoba;14001;España", "LANG:no language"),
            {
                "name": "A",
                "street": "Calle Mayor 1",
                "city": "Córdoba",
                "province": "Córdoba",
                "postal_code": "14001",
            },
            id="where",
        ),
        pytest.param(
            card(
                "UID:urn:uuid:17",
                "N:Ruiz,Gil;Ana;;Dª;PhD;Gil;",
                "FN:Ana",
                "ROLE:decide",
                "BDAY:19800203",
                "TZ:Europe/Madrid",
                "CATEGORIES:VIP,uno\\, dos",
                "CATEGORIES:tres",
                "TEL;TYPE=cell;PREF=1;VALUE=uri:tel:+34600123456",
                "EMAIL;TYPE=home:ana@example.org",
                "ADR;TYPE=home:;;Mayor 1;Lugo;;27001;ES",
                "ADR;TYPE=billing:;;Rúa\\; 2;Vigo;;;",
                version="4.0",
            ),
            {
                "uid": "urn:uuid:17",
                "given": "Ana",
                "family": "Ruiz Gil",
                "second_family": "Gil",
                "prefix": "Dª",
                "suffix": "PhD",
                "role": "decide",
                "birthday": "1980-02-03",
                "time_zone": "Europe/Madrid",
                "tags": "VIP\nuno, dos\ntres",
                "mobile": "+34600123456",
                "primary": "+34600123456",
                "home_email": "ana@example.org",
                "street": "Mayor 1",
                "city": "Lugo",
                "postal_code": "27001",
                "country": "ES",
                "place_label": "home",
                "places": "billing; Rúa\\; 2; ; Vigo; ; ",
            },
            id="4.0, all of a person",
        ),
        pytest.param(
            card(
                "FN:A",
                "BDAY:--0203",
                "TZ:+01:00",
                "TEL;TYPE=CELL,PREF:1",
                "EMAIL;PREF;INTERNET:a@b",
                version="2.1",
            ),
            {"name": "A", "mobile": "1", "email": "a@b", "primary": "1\na@b"},
            id="no year and no zone; the first choices of 2.1 and 3.0",
        ),
        pytest.param(
            card("FN:A", "BDAY:1980-02-03T00:00:00Z", "X-LANG:ca"),
            {"name": "A", "birthday": "1980-02-03", "language": "ca"},
            id="a birthday of 3.0",
        ),
        pytest.param(
            card("FN:A", "PHOTO;ENCODING=b:AA", " BB", "AGENT:", card("FN:B").strip(), "TITLE:C"),
            {"name": "A", "title": "C"},
            id="a picture, and a card within the card",
        ),
    ],
)
def test_what_stands_in_a_card(text: str, cells: dict[str, str]) -> None:
    assert read(text) == cells


def test_what_we_write_we_read() -> None:
    ana = Contact(
        id="a",
        given="Ana",
        family="Muñoz",
        second_family="Gil",
        company="Ruiz; hijos, S.L.",
        note="uno\ndos " * 40,
        language="es",
        phones=(Phone(id="p", raw="957", e164="+34957212000", ext="7", label="mobile"),),
        emails=(Email(id="e", address="ana@example.org"),),
        addresses=(PostalAddress(street="Mayor, 1", city="Córdoba"),),
        created_at=NOW,
        updated_at=NOW,
    )
    found = read(vcard(ana))
    assert (found["given"], found["family"], found["company"]) == ("Ana", "Muñoz Gil", "Ruiz; hijos, S.L.")
    assert (found["mobile"], found["email"]) == ("+34957212000;ext=7", "ana@example.org")
    assert (found["note"], found["street"]) == (("uno\ndos " * 40).strip(), "Mayor, 1")


def endless(n: int, line: str) -> Iterator[Line]:
    return (Line(number, line) for number in range(1, n))


@pytest.mark.parametrize(
    ("told", "begun"),
    [
        pytest.param(lines("BEGIN:VCARD\nFN:A\n"), [1], id="no end"),
        pytest.param(lines("END:VCARD\nFN:A\nnothing\n\n=\n"), [], id="no begin"),
        pytest.param(endless(100_000, "BEGIN:VCARD\n"), [1], id="nested without end"),
        pytest.param(lines(card(*["TEL:1"] * (MOST + 1))), [1], id="too many properties"),
        pytest.param(lines(card(f"NOTE:{'x' * LONGEST}y")), [1], id="a note that is too long"),
        pytest.param(
            [Line(1, "BEGIN:VCARD"), Line(2, "NOTE:x", is_whole=False)], [1], id="a line without end"
        ),
        pytest.param(lines(card("NOTE;QUOTED-PRINTABLE:=") + "x=\n" * 9_999), [1], id="goes on"),
    ],
)
def test_a_card_that_cannot_be_read_is_one_row(told: Iterable[Line], begun: list[int]) -> None:
    assert list(card_rows(told)) == [(line, None) for line in begun]


def test_a_picture_without_end_harms_nobody() -> None:
    told = [
        Line(1, "BEGIN:VCARD\n"),
        Line(2, "PHOTO:" + "A" * LONGEST, is_whole=False),
        *endless(50_000, f" {'A' * 74}\n"),
        Line(9, "FN:A\n"),
        Line(10, "END:VCARD\n"),
    ]
    ((_, cells),) = card_rows(told)
    assert cells is not None
    assert "A" in cells


@pytest.mark.parametrize(
    "day",
    [
        "BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-05",
        "BDAY;VALUE=date;X-APPLE-OMIT-YEAR=1980:1980-03-05",
        "BDAY:1980-02-30",
        "BDAY:1849-12-31",
        "BDAY:00000000",
    ],
)
def test_a_day_on_which_nobody_was_born_keeps_no_card_out(day: str) -> None:
    assert read(card("FN:A", day)) == {"name": "A"}
    assert read(card("FN:A", day, "BDAY:1980-02-29")) == {"name": "A", "birthday": "1980-02-29"}


def test_tags_that_cannot_be_kept_keep_no_card_out() -> None:
    long, many = "x" * 50, [f"t{n}" for n in range(25)]
    found = read(card("FN:A", f"CATEGORIES:{long},a#b,VIP", f"CATEGORIES:{','.join(many)}"))
    assert found["tags"].split("\n") == ["VIP", *many[:19]]
    assert len(tags_in(found["tags"])) == 20
    assert "tags" not in read(card("FN:A", f"CATEGORIES:{long}"))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_kind_of_an_address_comes_back(version: Version) -> None:
    places = tuple(PostalAddress(label=one, city="Lugo") for one in get_args(PlaceLabel))
    one = Contact(id="1", given="A", created_at=NOW, updated_at=NOW, addresses=places)
    found = read(vcard(one, version=version))
    first = PostalAddress(label=place_label_in(found.get("place_label", "work")), city=found["city"])
    assert (first, *places_in(found["places"])) == places
