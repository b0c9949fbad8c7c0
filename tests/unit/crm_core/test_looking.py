"""What people type, and by which words a record is found."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.domain.events import CallsRelabelled, ContactCreated, IncidentOpened
from crm_core.domain.found import touched
from crm_core.domain.looking import (
    LONGEST_WORD,
    MOST_TERMS,
    Piece,
    StepName,
    Terms,
    Token,
    fits,
    incident_words,
    is_near,
    number_words,
    pieces_of,
    slips_of,
    terms_at,
    words_in,
)

AT = datetime(2026, 11, 24, tzinfo=UTC)


def spellings(q: str) -> list[tuple[str, ...]]:
    """Return in which spellings what was typed is looked for; words that stand together are joined by +."""
    return [tuple("+".join(one) for one in piece.spellings) for piece in pieces_of(q, region="ES")]


@pytest.mark.parametrize(
    ("q", "looked_for"),
    [
        pytest.param("Íñigo  Núñez", [("inigo",), ("nunez",)], id="without case and accents"),
        pytest.param("ana.ruiz@guadal.es", [("ana",), ("ruiz",), ("guadal",), ("es",)], id="an address"),
        pytest.param("957", [("957",)], id="how a number begins"),
        pytest.param("957212000", [("957212000", "34957212000")], id="a number"),
        pytest.param(
            "957 21 20 00", [("957212000", "34957212000", "957+21+20+00")], id="a number with blanks"
        ),
        pytest.param("+34957212000", [("34957212000", "957212000")], id="with its country"),
        pytest.param(
            "0034957212000", [("0034957212000", "34957212000", "957212000")], id="as dialled abroad"
        ),
        pytest.param("02079460321", [("02079460321", "2079460321")], id="with a zero in front"),
        pytest.param("guadal 957", [("guadal",), ("957",)], id="a word and a number"),
        pytest.param("INC-20418", [("inc20418",)], id="an incident"),
        pytest.param("inc 20418", [("inc20418",)], id="an incident, apart"),
        pytest.param("24horas", [("24horas",)], id="a word that begins with digits"),
        pytest.param("957 24horas", [("957",), ("24horas",)], id="a number before such a word"),
        pytest.param("()", [], id="nothing to look for"),
        pytest.param("'\" OR 1=1; *", [("or",), ("1",), ("1",)], id="what an engine would understand"),
    ],
)
def test_what_is_looked_for(q: str, looked_for: list[tuple[str, ...]]) -> None:
    assert spellings(q) == looked_for


def test_a_number_is_also_looked_for_by_its_end() -> None:
    (piece,) = pieces_of("2000", region="ES")

    assert (Token("x0002", is_beginning=True),) in piece.begun()
    assert (Token("x0002", is_beginning=True),) not in piece.whole()


def test_three_digits_are_no_end() -> None:
    assert pieces_of("200", region="ES")[0].ends == ()


@given(st.text(max_size=120))
def test_whatever_is_typed_is_words_of_letters_and_digits(q: str) -> None:
    pieces = pieces_of(q, region="ES")

    assert len(pieces) <= MOST_TERMS
    for piece in pieces:
        for way in (*piece.begun(), *piece.whole()):
            assert all(0 < len(one.text) <= LONGEST_WORD + 1 and one.text.isalnum() for one in way)


@given(st.text(max_size=80))
def test_each_word_of_a_text_is_found_by_itself(text: str) -> None:
    words = words_in(text)

    assert len(set(words)) == len(words)
    assert [word for word in words if words_in(word) != [word]] == []


def test_words_of_a_number() -> None:
    assert list(number_words(digits="957212000", e164="+34957212000")) == [
        "957212000",
        "x000212759",
        "34957212000",
    ]
    assert list(number_words(digits="1234", e164=None)) == ["1234", "x4321"]


def test_words_of_an_incident() -> None:
    assert list(incident_words("INC-20418")) == ["inc20418", "20418"]


ANA, RUI = Piece(spellings=(("ana",),)), Piece(spellings=(("ruiz",),), word="ruiz")
WHOLE = (((Token("ana"),),), ((Token("ruiz"),),))
TYPED = (((Token("ana"),),), ((Token("ruiz", is_beginning=True),),))
BEGUN = (((Token("ana", is_beginning=True),),), ((Token("ruiz", is_beginning=True),),))


@pytest.mark.parametrize(
    ("step", "asked"),
    [
        pytest.param("whole", WHOLE, id="as it was typed"),
        pytest.param("typed", TYPED, id="the last is not finished"),
        pytest.param("begun", BEGUN, id="beginnings"),
        pytest.param("meant", (BEGUN[0], (*BEGUN[1], (Token("ruis"),))), id="a slip"),
    ],
)
def test_what_is_looked_for_at_a_step(step: StepName, asked: Terms) -> None:
    assert terms_at(step, [ANA, RUI], {"ruiz": ["ruis"]}) == asked


def test_steps_that_would_find_nothing_more_are_none() -> None:
    assert terms_at("begun", [ANA], {}) is None
    assert terms_at("meant", [ANA, RUI], {"ruiz": []}) is None


@pytest.mark.parametrize(
    ("words", "terms", "fit"),
    [
        pytest.param("ana ruiz", WHOLE, True, id="both words"),
        pytest.param("ana ruizgomez", WHOLE, False, id="one only begins so"),
        pytest.param("ana ruizgomez", TYPED, True, id="the last may"),
        pytest.param("anabel ruiz", TYPED, False, id="the first may not"),
        pytest.param("anabel ruiz", BEGUN, True, id="all may"),
        pytest.param("ruiz", BEGUN, False, id="one is missing"),
    ],
)
def test_a_record_fits(words: str, terms: Terms, fit: bool) -> None:
    assert fits(words.split(), terms) is fit


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        pytest.param("gonzalez", "gonzales", True, id="a letter is another"),
        pytest.param("fernandez", "fernande", True, id="the last is missing"),
        pytest.param("rodrigez", "rodriguez", True, id="one is missing"),
        pytest.param("jimenezz", "jimenez", True, id="one too many"),
        pytest.param("matrinez", "martinez", True, id="two changed places"),
        pytest.param("martinez", "martinez", False, id="the same"),
        pytest.param("gonsales", "gonzalez", False, id="two slips"),
        pytest.param("perez", "peral", False, id="two at the end"),
        pytest.param("ruiz", "ruizes", False, id="two more"),
    ],
)
def test_near_words(one: str, other: str, near: bool) -> None:
    assert is_near(one, other) is near
    assert is_near(other, one) is near
    if near:
        assert not set(slips_of(one)).isdisjoint(slips_of(other))


def test_events_tell_which_records_are_others() -> None:
    told = [
        ContactCreated(at=AT, contact_id="c1"),
        IncidentOpened(at=AT, incident_id="i1", contact_id="c2"),
        CallsRelabelled(at=AT, contact_id="c3", calls=()),
    ]

    assert touched(told) == {("contact", "c1"), ("incident", "i1")}
