"""The card that pops, as HTML: who it says is calling, and that no text from outside is more than text."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.screenpop.fakes import START

from crm_core.domain.calls import Attempt, Call, Candidate, Match, Segment, Transfer, Visit
from crm_core.domain.cards import (
    Card,
    CardAccount,
    CardCall,
    CardContact,
    CardIncident,
    CardNote,
    CardPerson,
    CardProblem,
    CardProduct,
    CardSegment,
)
from crm_core.domain.entitlement import Entitlement
from screenpop.i18n import translator
from screenpop.pages.card import render, ringing_since, wait_of
from screenpop.pages.desk_records import talked_with

NUMBER = "+34957212000"
EMPTY = Card(number=NUMBER)
MARIA = CardContact(id="c1", name="María Ruiz", language="es", vip=True, number=NUMBER)
HOTEL = CardAccount(id="a1", name="Hostelería Guadalquivir", tier="Oro")
ANA, LUIS = "PJSIP/agent101", "PJSIP/agent102"


def after(seconds: float) -> Any:
    return START + timedelta(seconds=seconds)


def call_of(**facts: Any) -> Call:
    known = {"ani": NUMBER, "ani_raw": "957212000", "customer": NUMBER, "did": "5551001"} | facts
    return Call(id="call-1", pbx="main", linkedid="1.0", started_at=START, **known)


class Page(HTMLParser):
    """The elements of a piece of HTML, and the texts by the class of the nearest element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return elements and the names of their attributes."""
        return [(tag, tuple(facts)) for tag, facts in self.elements]

    def having(self, name: str) -> list[dict[str, str | None]]:
        """Return the attributes of the elements that have the attribute *name*."""
        return [facts for _, facts in self.elements if name in facts]

    def text(self) -> str:
        return " ".join(self.texts)


def drawn(call: Call, card: Card | None = EMPTY, *, language: str = "es") -> Page:
    return Page(render(call, card, language=language, role="agent"))


def people(*names: str) -> tuple[CardPerson, ...]:
    return tuple(
        CardPerson(contact_id=f"c-{name}", name=name, company="Guadalquivir", why="spoken") for name in names
    )


@pytest.mark.parametrize(
    ("call", "card", "kind", "says"),
    [
        pytest.param(
            call_of(),
            Card(contact=MARIA, account=HOTEL),
            "known",
            ["María Ruiz", "Hostelería Guadalquivir", "957 21 20 00", "VIP", "Oro", "español"],
            id="a contact",
        ),
        pytest.param(
            call_of(), Card(account=HOTEL), "known", ["Hostelería Guadalquivir", "957 21 20 00"], id="a line"
        ),
        pytest.param(
            call_of(),
            Card(account=HOTEL, people=people("Ana", "Luis")),
            "several",
            ["Hostelería Guadalquivir", "¿Quién llama?", "1", "Ana", "2", "Luis", "ya habló con nosotros"],
            id="several people of a company",
        ),
        pytest.param(
            call_of(),
            Card(people=people("Ana", "Luis")),
            "several",
            ["957 21 20 00", "Ana", "Luis"],
            id="several people who share a number",
        ),
        pytest.param(
            call_of(ani_name="Zoë"), EMPTY, "unknown", ["957 21 20 00", "Sin ficha", "Zoë"], id="a stranger"
        ),
        pytest.param(
            call_of(ani_name="Zoë"),
            None,
            "looking",
            ["957 21 20 00", "Buscando la ficha", "Zoë"],
            id="no card yet",
        ),
        pytest.param(
            call_of(ani=None, ani_raw="anonymous", customer=None),
            EMPTY,
            "withheld",
            ["Número oculto"],
            id="withheld",
        ),
        pytest.param(
            call_of(ani=None, ani_raw=None, customer=None),
            None,
            "withheld",
            ["Número oculto"],
            id="no number at all",
        ),
        pytest.param(
            call_of(ani=None, ani_raw="0099", customer=None),
            EMPTY,
            "unknown",
            ["0099"],
            id="a number that cannot be read",
        ),
        pytest.param(
            call_of(ani=None, ani_raw="102", ani_name="Luis Gil", customer=None, direction="internal"),
            EMPTY,
            "inside",
            ["Luis Gil"],
            id="a colleague",
        ),
    ],
)
def test_the_card_says_who_is_calling(call: Call, card: Card | None, kind: str, says: list[str]) -> None:
    page = drawn(call, card)
    assert page.having("data-kind")[0]["data-kind"] == kind
    assert [text for text in says if text not in page.text()] == []


def test_of_who_is_called_it_is_not_said_what_the_caller_is_shown_as() -> None:
    ours = call_of(direction="outbound", ani_name="Agent 101", did="957212000")
    text = drawn(ours, EMPTY).text()
    assert [one for one in ("Agent 101", "Marcó", "Cola", "Lleva llamando") if one in text] == []
    assert "Sonó" in text


@pytest.mark.parametrize(
    ("language", "says"),
    [
        pytest.param("es", ["Suena en tu teléfono", "Lleva llamando", "Número oculto"], id="Spanish"),
        pytest.param("en", ["Ringing at your phone", "Calling for", "Number withheld"], id="English"),
        pytest.param(
            "fr", ["Ringing at your phone", "Calling for", "Number withheld"], id="one we do not speak"
        ),
    ],
)
def test_the_card_speaks_the_language_of_who_reads(language: str, says: list[str]) -> None:
    text = drawn(call_of(ani=None, ani_raw=None, customer=None), language=language).text()
    assert [one for one in says if one not in text] == []


@pytest.mark.parametrize(
    ("number", "raw", "shown"),
    [
        pytest.param(
            "+34957212000", "957212000", "957 21 20 00", id="delivered as at home: written as at home"
        ),
        pytest.param("+34957212000", "0034957212000", "+34 957 21 20 00", id="delivered with its country"),
        pytest.param("+442079460321", "00442079460321", "+44 20 7946 0321", id="from abroad"),
        pytest.param("+442079460321", "+442079460321", "+44 20 7946 0321", id="from abroad, with a plus"),
        pytest.param("+999123", "999123", "+999123", id="of no country: as it is"),
    ],
)
def test_numbers_are_written_as_people_write_them(number: str, raw: str, shown: str) -> None:
    assert shown in drawn(call_of(ani=number, customer=number, ani_raw=raw)).texts


@pytest.mark.parametrize(
    ("visits", "answered", "since", "until"),
    [
        pytest.param([], None, 0, None, id="direct: since the call began"),
        pytest.param([], 9, 0, 9, id="direct, answered"),
        pytest.param([(5, None)], None, 5, None, id="in a queue: since it was entered"),
        pytest.param([(5, 20), (21, None)], None, 5, None, id="in the second queue: since the first"),
        pytest.param([(5, 20)], 20, 5, 20, id="served: the time stands"),
    ],
)
def test_how_long_the_customer_waits(
    visits: list[tuple[int, int | None]], answered: int | None, since: int, until: int | None
) -> None:
    call = call_of(answered_at=None if answered is None else after(answered))
    call.visits = [
        Visit(queue="q", entered_at=after(entered), left_at=None if left is None else after(left))
        for entered, left in visits
    ]
    wait = wait_of(call, translator("en"))
    assert (wait.since, wait.until) == (after(since), None if until is None else after(until))


def test_the_ringing_is_that_of_the_newest_phone() -> None:
    call = call_of()
    assert ringing_since(call) == START
    tried = [Attempt(interface=ANA, started_at=after(3)), Attempt(interface=LUIS, started_at=after(9))]
    call.visits = [Visit(queue="q", entered_at=after(1), attempts=tried)]
    assert ringing_since(call) == after(9)
    call.attempts = [Attempt(interface=ANA, started_at=after(30))]
    assert ringing_since(call) == after(30)


@pytest.mark.parametrize(
    ("match", "says"),
    [
        pytest.param(Match(kind="exact"), "su propio número", id="by the kind of the match"),
        pytest.param(
            Match(
                kind="exact",
                candidates=(Candidate(contact_id="c1", account_id=None, kind="exact", why="open_incident"),),
            ),
            "su propio número",
            id="alone behind his number, by the number",
        ),
        pytest.param(
            Match(
                kind="exact",
                candidates=(
                    Candidate(contact_id="c9", account_id=None, kind="exact", why="spoken"),
                    Candidate(contact_id="c1", account_id=None, kind="exact", why="open_incident"),
                ),
            ),
            "una incidencia abierta",
            id="by what speaks for this one",
        ),
    ],
)
def test_the_card_says_how_the_caller_is_known(match: Match, says: str) -> None:
    assert says in drawn(call_of(), Card(contact=MARIA, match=match)).text()


def test_who_was_handed_the_call_reads_by_whom() -> None:
    call = call_of(transfers=[Transfer(kind="blind", by=LUIS, started_at=START)])
    assert "agent102" in drawn(call).texts
    call.transfers[0].agent = "102"
    assert "102" in drawn(call).texts


def test_a_past_call_is_a_bar_with_widths_and_words() -> None:
    spans = (("ivr", 0, 31), ("wait", 31, 227))
    past = CardCall(
        id="p1",
        started_at=START,
        duration_s=227.0,
        outcome="abandoned",
        segments=tuple(CardSegment(kind=kind, at=after(at), until=after(until)) for kind, at, until in spans),
    )
    page = drawn(call_of(), Card(contact=MARIA, last_calls=(past,)), language="en")
    assert [facts["data-s"] for facts in page.having("data-s")] == ["31.0", "196.0"]
    assert [facts["aria-label"] for facts in page.having("aria-label") if facts.get("role") == "img"] == [
        "menu 00:31, in queue 03:16, hung up"
    ]
    assert ("i", {"class": "g-lost"}) in page.elements
    assert "03:47" in page.texts


def test_ten_people_have_nine_keys() -> None:
    page = drawn(call_of(), Card(people=people(*map(str, range(10)))))
    assert [facts["aria-keyshortcuts"] for facts in page.having("data-choose")] == list("123456789")


# --- text from outside is text


def with_text(text: str) -> tuple[Call, Card]:
    """A call and a card that hold *text* in every field that comes from outside."""
    call = call_of(ani_name=text, did=text)
    call.visits = [Visit(queue=text, entered_at=START)]
    card = Card(
        account=CardAccount(id="a", name=text, tier=text),
        contact=CardContact(id=text, name=text, language=text),
        open_incidents=(
            CardIncident(id="i", number="INC-1", subject=text, state="new", priority=2, opened_at=START),
        ),
        last_calls=(CardCall(id=text, started_at=START, duration_s=1.0, outcome="answered", agent=text),),
        products=(
            CardProduct(
                name_es=text,
                name_en=text,
                serial=text,
                entitlement=Entitlement(is_covered=True, by=text),
            ),
        ),
        problems=(CardProblem(name_es=text, name_en=text, incidents=3),),
        notes=(CardNote(text=text, agent=text, at=START),),
        match=Match(
            kind="exact", candidates=(Candidate(contact_id=text, account_id=None, kind="exact", why="exact"),)
        ),
    )
    return call, card


PLAIN = drawn(*with_text("plain")).shape
PLAIN_STRANGER = drawn(call_of(ani_name="plain")).shape
PLAIN_PEOPLE = drawn(call_of(ani_name="plain"), Card(people=people("plain"))).shape


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<script>alert(1)</script>", id="a script"),
        pytest.param('"><img src=x onerror=alert(1)>', id="out of an attribute"),
        pytest.param("' onmouseover='alert(1)", id="out of single quotes"),
        pytest.param("{{ 7 * 7 }}{% raw %}", id="a template"),
        pytest.param("&lt;b&gt;", id="entities"),
        pytest.param("\u202egnp.exe\u2066", id="text that turns round"),
        pytest.param("\x00\x07\r\n", id="control characters"),
        pytest.param("</section></main>", id="the end of everything"),
        pytest.param("%(name)s %s {0}", id="formats"),
    ],
)
def test_hostile_text_adds_no_element_and_no_attribute(text: str) -> None:
    page = drawn(*with_text(text))
    assert page.shape == PLAIN
    assert drawn(call_of(ani_name=text), Card(people=people(text))).shape == PLAIN_PEOPLE
    assert drawn(call_of(ani_name=text)).shape == PLAIN_STRANGER
    assert "49" not in page.text()


@settings(max_examples=60, deadline=None)
@given(text=st.text(min_size=1, max_size=40))
def test_no_text_adds_an_element_or_an_attribute(text: str) -> None:
    assert drawn(*with_text(text)).shape == PLAIN


def test_long_text_is_cut() -> None:
    page = drawn(*with_text("x" * 5000))
    said = [*page.texts, *(value or "" for _, facts in page.elements for value in facts.values())]
    assert max(map(len, said)) == 200


def test_no_style_and_no_handler_stands_in_the_card() -> None:
    names = {name for _, facts in drawn(*with_text("plain")).elements for name in facts}
    assert {name for name in names if name == "style" or name.startswith("on")} == set()


# --- who talked


@pytest.mark.parametrize(
    ("segments", "agent"),
    [
        pytest.param([], None, id="nobody"),
        pytest.param([("ring", ANA, "101")], None, id="it only rang"),
        pytest.param([("talk", "customer", None), ("talk", ANA, "101")], "101", id="one"),
        pytest.param([("talk", ANA, "101"), ("talk", LUIS, "102")], "102", id="the last of two"),
        pytest.param([("talk", ANA, None)], None, id="nobody was signed in there"),
    ],
)
def test_who_talked_with_the_customer_last(
    segments: list[tuple[Any, str, str | None]], agent: str | None
) -> None:
    call = call_of()
    call.segments = [Segment(kind=kind, party=party, agent=who, at=START) for kind, party, who in segments]
    assert talked_with(call) == agent


def test_a_call_of_which_only_the_queue_is_known_was_talked_by_who_served_it() -> None:
    visits = [
        Visit(queue="q", entered_at=START, agent="101", outcome="answered"),
        Visit(queue="q", entered_at=START, agent="102", outcome="abandoned"),
    ]
    assert talked_with(call_of(visits=visits)) == "101"
