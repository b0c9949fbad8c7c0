"""What finds a person in texts, and what is left of his calls: figures as they were, nobody in them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from contract.crm_core.kit import a_call, a_contact

from crm_core.domain.calls import Attempt, Call, Candidate, Match, Segment, call_to_json
from crm_core.domain.contacts import Phone
from crm_core.domain.erasure import GONE, Erasure, LegalHoldError, anonymous, marks_of, spellings, without
from crm_core.domain.erasure import without_candidate as let_go

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
PHONE = Phone(id="p", raw="957 21-20.00", e164="+34957212000")
LUCIA = msgspec.structs.replace(
    a_contact("c1", "Lucía", "Ortega Ruiz", emails=["lucia@example.com"]), phones=(PHONE,)
)
FOUND = marks_of(LUCIA, heard=["ORTEGA L", None, "Al"]).pattern()


@pytest.mark.parametrize(
    "text",
    [
        "+34957212000",
        "34957212000",
        "0034957212000",
        "957212000",
        "957 21 20 00",
        "(957) 21-20-00",
        "0957212000",
        "9000034957212000",
        "SIP/957212000-0000001",
        "PJSIP/trunk/sip:957212000@192.0.2.1",
        "lucía ortega ruiz",
        "LUCIA@EXAMPLE.COM",
        "Ortega L",
    ],
)
def test_a_person_is_found_however_she_is_written(text: str) -> None:
    assert GONE in FOUND.sub(GONE, f"<{text}>")
    assert "957" not in FOUND.sub(GONE, text)


@pytest.mark.parametrize(
    "text",
    ["1795721200.0", "1957212000.123", "9572120001", "957212001", "Lucía", "Ortega", "Al", "PJSIP/agent101"],
)
def test_who_is_somebody_else_stays(text: str) -> None:
    assert FOUND.sub(GONE, f"<{text}>") == f"<{text}>"


def test_nobody_is_found_by_nothing() -> None:
    nobody = msgspec.structs.replace(a_contact("c2", "", ""), phones=(), emails=())
    assert marks_of(nobody).pattern().sub(GONE, "anything at all") == "anything at all"


@pytest.mark.parametrize(
    ("e164", "text", "left"),
    [
        ("+390612345678", "06 1234 5678", GONE),
        ("+390612345678", "+39 06 12345678", GONE),
        ("+12125550123", "(212) 555-0123", f"({GONE}"),
    ],
)
def test_numbers_of_other_countries(e164: str, text: str, left: str) -> None:
    somebody = msgspec.structs.replace(a_contact("c2"), phones=(Phone(id="p", raw="", e164=e164),))
    assert marks_of(somebody).pattern().sub(GONE, text) in {left, GONE}


def a_strange_call() -> Call:
    call = a_call(0, ani_raw="957212000", ani_name="ORTEGA L", contact_id="c1", direction="outbound")
    call.match = Match(
        kind="exact", candidates=(Candidate(contact_id="c1", account_id=None, kind="exact", why="957212000"),)
    )
    call.did = "0957212000"
    call.attempts = [Attempt(interface="SIP/957212000@out", started_at=call.started_at, to="957212000")]
    call.segments.append(
        Segment(kind="talk", party="tel:+34957212000", at=call.started_at, until=call.ended_at)
    )
    return call


def test_a_call_keeps_its_figures_and_loses_its_customer() -> None:
    before = a_strange_call()
    after = anonymous(before, FOUND)

    text = call_to_json(after).decode()
    assert "957" not in text
    assert "ORTEGA" not in text
    figures: tuple[str, ...] = (
        "id",
        "linkedid",
        "contact_id",
        "started_at",
        "answered_at",
        "ended_at",
        "outcome",
    )
    figures += ("wait_s", "talk_s", "visits", "direction", "hung_up_by")
    assert {one: getattr(after, one) for one in figures} == {one: getattr(before, one) for one in figures}
    assert [(one.kind, one.at, one.until) for one in after.segments] == [
        (one.kind, one.at, one.until) for one in before.segments
    ]
    assert after.version == before.version + 1
    assert after.match == Match(kind="exact")


def test_our_own_number_stays_in_calls_that_came_in() -> None:
    assert anonymous(a_call(0), FOUND).did == "5551001"


def test_a_call_that_may_be_anothers_is_left_to_him() -> None:
    both = tuple(
        Candidate(contact_id=one, account_id=None, kind="exact", why="number") for one in ("c1", "c2")
    )
    after = let_go(a_call(0, match=Match(kind="exact", candidates=both)), "c1")
    assert [one.contact_id for one in after.match.candidates] == ["c2"]
    assert after.customer == "+34957212000"


@pytest.mark.parametrize(
    ("value", "is_his", "left"),
    [
        ({"a": ["x 957212000"], "n": 1}, False, {"a": [f"x {GONE}"], "n": 1}),
        ({"ani_name": "L", "name": "sales", "at": "t"}, True, {"ani_name": None, "name": None, "at": "t"}),
        ({"ani_name": "L"}, False, {"ani_name": "L"}),
    ],
)
def test_what_is_left_of_json(value: Any, *, is_his: bool, left: Any) -> None:
    assert without(value, FOUND, is_his=is_his) == left


def test_numbers_are_spelt_as_records_have_them() -> None:
    assert spellings(["+34957212000"]) == ["+34957212000"]
    assert set(spellings(["+5215512345678"])) >= {"+5215512345678", "+525512345678"}


def test_an_erasure_says_how_far_it_is() -> None:
    asked = Erasure(contact_id="c1", by="eva", asked_at=NOW, due_at=NOW)
    assert asked.state == "asked"
    assert msgspec.structs.replace(asked, done_at=NOW).state == "done"
    assert str(LegalHoldError("lawsuit 7/26")) == "these records must be kept: lawsuit 7/26"
