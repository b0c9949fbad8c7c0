"""Who may be calling, best first; and when there is no doubt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_core.domain.calls import Match
from crm_core.domain.entries import Entry, found_by
from crm_core.domain.matching import Found, attached, digits_agree, match_of

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def found(contact: str | None, account: str | None = None, kind: Any = "exact", **more: Any) -> Found:
    return Found(contact_id=contact, account_id=account, kind=kind, **more)


@pytest.mark.parametrize(
    ("people", "order", "why"),
    [
        pytest.param([found("a")], ["a"], ["exact"], id="one"),
        pytest.param([found("b"), found("a")], ["a", "b"], ["exact", "exact"], id="nothing else: by id"),
        pytest.param(
            [found("a"), found("b", has_open_incident=True)],
            ["b", "a"],
            ["open_incident", "exact"],
            id="who has an open incident",
        ),
        pytest.param(
            [
                found("a"),
                found("b", last_spoken_at=NOW),
                found("c", last_spoken_at=NOW + timedelta(days=1)),
            ],
            ["c", "b", "a"],
            ["spoken", "spoken", "exact"],
            id="who was spoken with last",
        ),
        pytest.param(
            [found("a"), found("b", is_parent_account=True)],
            ["b", "a"],
            ["exact", "exact"],
            id="the parent of other companies",
        ),
        pytest.param(
            [found("a", last_spoken_at=NOW), found("b", has_open_incident=True)],
            ["b", "a"],
            ["open_incident", "spoken"],
            id="an incident counts more than a talk",
        ),
        pytest.param(
            [
                found("range", kind="range", has_open_incident=True),
                found("national", kind="national"),
                found("equated", kind="equated"),
                found("exact"),
                found("chosen", kind="chosen"),
                found("named", kind="ivr_id"),
            ],
            ["named", "chosen", "exact", "equated", "national", "range"],
            ["ivr_id", "chosen", "exact", "equated", "national", "open_incident"],
            id="the surer kind counts most",
        ),
        pytest.param(
            [found("a", kind="equated"), found("a"), found("b")],
            ["a", "b"],
            ["exact", "exact"],
            id="each person once, by the surest",
        ),
        pytest.param(
            [found(None, "acme"), found("a", "acme")],
            ["a", None],
            ["exact", "exact"],
            id="a person before a line",
        ),
    ],
)
def test_candidates_come_best_first(people: list[Found], order: list[str | None], why: list[str]) -> None:
    match = match_of(people)

    assert [one.contact_id for one in match.candidates] == order
    assert [one.why for one in match.candidates] == why
    assert match.kind == match.candidates[0].kind


def test_nobody_is_no_match() -> None:
    assert match_of([]) == Match()


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        pytest.param([], (None, None), id="nobody"),
        pytest.param([found("a", "acme")], ("a", "acme"), id="one person"),
        pytest.param([found("a")], ("a", None), id="one person without a company"),
        pytest.param([found("a", "acme"), found("b", "acme")], (None, "acme"), id="one company"),
        pytest.param([found("a", "acme"), found("b", "zeta")], (None, None), id="two companies"),
        pytest.param([found("a", "acme"), found("b")], (None, None), id="a company and a person without"),
        pytest.param([found(None, "acme")], (None, "acme"), id="a company's own line"),
        pytest.param(
            [found(None, "acme"), found("a", "acme")], ("a", "acme"), id="its line and its one person"
        ),
        pytest.param(
            [found(None, "zeta"), found("a", "acme")], ("a", "acme"), id="a person on another's line"
        ),
        pytest.param([found("a", "acme", "equated")], (None, None), id="equated is not sure"),
        pytest.param([found("a", "acme", "national")], (None, None), id="national digits are not"),
        pytest.param([found(None, "acme", "range")], (None, None), id="a range is not"),
        pytest.param([found("a"), found("b", kind="equated")], ("a", None), id="one sure, another not"),
        pytest.param(
            [found("a", "acme"), found("b", "zeta", "chosen")], ("b", "zeta"), id="who was chosen before"
        ),
        pytest.param(
            [found("a", "acme"), found("b", "zeta", "chosen"), found("c", kind="ivr_id")],
            ("c", None),
            id="who named himself",
        ),
    ],
)
def test_a_call_is_attached_only_without_doubt(
    people: list[Found], expected: tuple[str | None, str | None]
) -> None:
    assert attached(match_of(people)) == expected


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("957212000", "957212000", True),
        ("957212000", "0957212000", True),
        ("34957212000", "957212000", True),
        ("57212000", "957212000", True),
        ("7212000", "957212000", False),
        ("957212000", "857212000", False),
        ("", "957212000", False),
        ("957212000", "9572120001", False),
    ],
)
def test_digits_agree_when_one_ends_with_the_other(one: str, other: str, agree: bool) -> None:
    assert digits_agree(one, other) is agree
    assert digits_agree(other, one) is agree


def test_an_entry_tells_what_speaks_for_it() -> None:
    entry = Entry(
        contact_id="a", account_id="acme", open_incidents=2, spoken_at=NOW, is_parent=True, name="Ana"
    )

    assert found_by(entry, "equated") == found(
        "a", "acme", "equated", has_open_incident=True, last_spoken_at=NOW, is_parent_account=True
    )
    assert not found_by(Entry(contact_id="a", account_id=None), "exact").has_open_incident
