"""vCards by hand from RFC 6350, and as another program reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import vobject

from crm_core.domain.contacts import Contact, Email, Phone, PostalAddress
from crm_core.domain.vcard import LONGEST_LINE, vcard

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
ZORAIDA = {"id": "0192", "given": "Zoraida", "family": "Quintanilla", "created_at": NOW, "updated_at": NOW}


def lines(**more: Any) -> list[str]:
    return vcard(Contact(**ZORAIDA | more)).split("\r\n")


def test_the_least_that_there_is() -> None:
    assert lines() == [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:0192",
        "KIND:individual",
        "FN:Zoraida Quintanilla",
        "N:Quintanilla;Zoraida;;;",
        "REV:20261124T160000Z",
        "END:VCARD",
        "",
    ]


@pytest.mark.parametrize(
    ("more", "line"),
    [
        # RFC 9554 §2.2: the secondary surname has a place of its own and stands among the family names
        ({"second_family": "Ruiz"}, "N:Quintanilla,Ruiz;Zoraida;;;;Ruiz;"),
        ({"prefix": "Dª", "additional": "M.", "suffix": "PhD"}, "N:Quintanilla;Zoraida;M.;Dª;PhD"),
        ({"company": "Ñu, S.L."}, "ORG:Ñu\\, S.L."),
        ({"note": "one;\r\ntwo\\"}, "NOTE:one\\;\\ntwo\\\\"),
        ({"birthday": date(1980, 2, 3)}, "BDAY:19800203"),
        ({"language": "es", "time_zone": None}, "LANG:es"),
        (
            {"phones": (Phone(id="p", raw="x", e164="+34957212345", ext="12", is_primary=True),)},
            "TEL;VALUE=uri;TYPE=work;PREF=1:tel:+34957212345;ext=12",
        ),
        ({"phones": (Phone(id="p", raw="ask, me", label="mobile"),)}, "TEL;VALUE=text;TYPE=cell:ask\\, me"),
        ({"emails": (Email(id="e", address="z@example.org", label="other"),)}, "EMAIL:z@example.org"),
        (
            {
                "addresses": (
                    PostalAddress(street="Mayor, 1", city="Córdoba", postal_code="14001", country="ES"),
                )
            },
            "ADR;TYPE=work:;;Mayor\\, 1;Córdoba;;14001;ES",
        ),
        ({"given": "", "family": "", "company": "Ñu"}, "KIND:org"),
    ],
)
def test_a_property(more: dict[str, Any], line: str) -> None:
    assert line in lines(**more)


def test_long_lines_are_folded_and_no_letter_is_cut() -> None:
    text = vcard(Contact(**ZORAIDA, note="ñ€😀 " * 60))
    assert all(len(line.encode()) <= LONGEST_LINE for line in text.split("\r\n"))
    assert text.replace("\r\n ", "").count("ñ€😀 ") == 60


def test_another_program_reads_it() -> None:
    phones = (Phone(id="p", raw="957", e164="+34957212345"), Phone(id="q", raw="ask; me", label="mobile"))
    card = vobject.readOne(
        vcard(
            Contact(
                **ZORAIDA,
                second_family="Ruiz; y, Más",
                company="Ñu, S.L.",
                note="one\ntwo; three, four " * 9,
                phones=phones,
                emails=(Email(id="e", address="z@example.org"),),
                addresses=(PostalAddress(street="C/ Mayor, 1", city="Córdoba", country="ES"),),
            )
        )
    )
    assert card.fn.value == "Zoraida Quintanilla Ruiz; y, Más"
    assert (card.n.value.family, card.n.value.given) == (["Quintanilla", "Ruiz; y, Más"], "Zoraida")
    assert card.org.value == ["Ñu, S.L."]
    assert card.note.value == "one\ntwo; three, four " * 9
    assert [one.value for one in card.tel_list] == ["tel:+34957212345", "ask; me"]
    assert (card.adr.value.street, card.adr.value.city) == ("C/ Mayor, 1", "Córdoba")
