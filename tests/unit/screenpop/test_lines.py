"""The book of lines hears of changes; the card says the brand, and text from outside stays text."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from unit.screenpop.fakes import START
from unit.screenpop.test_card import HOTEL, MARIA, Page, call_of

from crm_core.domain.calls import Visit
from crm_core.domain.cards import Card
from crm_core.domain.events import LineChanged, LineRemoved
from crm_core.domain.lines import Line
from screenpop.lines import CrmPage, LineBook
from screenpop.pages.card import render

BRAND = Line(
    pbx="main",
    kind="did",
    code="5551001",
    name="Hostelería Sur",
    colour="blue",
    greeting_es="Buenos días",
    crm_url="https://crm.example.com/?q={number}",
    crm_mode="frame",
)
COLD = Line(pbx="main", kind="queue", code="q-7", name="Averías de frío")


def book_of(*lines: Line, frames: tuple[str, ...] = ()) -> LineBook:
    book = LineBook(frame_origins=frames)
    book.learn(lines)
    return book


def drawn(book: LineBook, card: Card | None = None) -> Page:
    call = call_of()
    call.visits = [Visit(queue="q-7", entered_at=START)]
    return Page(render(call, card, language="es", role="agent", book=book))


def test_a_change_is_heard_and_a_removal() -> None:
    book, call = book_of(), call_of()
    book.on_events([(1, LineChanged(at=START, line=BRAND)), (2, LineChanged(at=START, line=COLD))])
    assert (book.brand_of(call).name, book.queue_name("main", "q-7")) == ("Hostelería Sur", "Averías de frío")
    assert book.queue_names() == {"main": {"q-7": "Averías de frío"}}

    book.on_events(
        [(3, LineChanged(at=START, line=replace(BRAND, name="Sur"))), (4, LineRemoved(at=START, line=COLD))]
    )
    assert (book.brand_of(call).name, book.queue_name("main", "q-7")) == ("Sur", "q-7")
    book.on_events([(5, LineRemoved(at=START, line=COLD))])
    assert book.queue_name("main", None) is None


def test_the_brand_is_the_first_that_the_card_says() -> None:
    page = drawn(book_of(BRAND, COLD), Card(contact=MARIA, account=HOTEL))
    assert page.texts[:2] == ["Hostelería Sur", "Buenos días"]
    assert "Averías de frío" in page.texts
    assert page.elements[0][1]["class"] == "panel callcard branded b-blue"


def test_without_a_name_the_card_is_as_it_was() -> None:
    page = drawn(book_of())
    assert page.having("data-brand") == []
    assert page.elements[0][1]["class"] == "panel callcard"


@pytest.mark.parametrize(
    ("frames", "mode"),
    [
        pytest.param(("https://crm.example.com",), "frame", id="allowed"),
        pytest.param(("https://other.example.com",), "tab", id="another's"),
        pytest.param((), "tab", id="none allowed"),
    ],
)
def test_a_page_that_may_not_stand_in_a_frame_gets_a_tab(frames: tuple[str, ...], mode: str) -> None:
    (link,) = drawn(book_of(BRAND, frames=frames)).having("data-crm")
    assert (link["href"], link["data-crm"]) == ("https://crm.example.com/?q=%2B34957212000", mode)
    assert link["rel"] == "noopener noreferrer"


def test_who_withheld_his_number_has_an_address_without_it() -> None:
    book, call = book_of(BRAND), call_of(ani=None, ani_raw="anonymous", customer=None)
    assert book.crm_page(call, None, book.brand_of(call)) == CrmPage("https://crm.example.com/?q=", "tab")


@pytest.mark.parametrize(
    "text", ['"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "<script>", "a' onclick='b"]
)
def test_names_and_greetings_are_no_more_than_text(text: str) -> None:
    plain = drawn(book_of(BRAND, COLD))
    hostile = drawn(book_of(replace(BRAND, name=text, greeting_es=text), replace(COLD, name=text)))
    assert hostile.shape == plain.shape
    assert text in hostile.texts
