"""What somebody said last counts, at the time that is asked about; who shares a number refuses for all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_core.domain.consents import Consent, Standing, Stands, all_standing, checked, standing, strictest
from crm_core.domain.errors import InvalidError

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def said(status: str, days_ago: float = 1, *, key: str = "k", **more: Any) -> Consent:
    at = NOW - timedelta(days=days_ago)
    facts: dict[str, Any] = {
        "id": key,
        "contact_id": "c1",
        "purpose": "marketing",
        "channel": "call",
        "basis": "consent",
        "status": status,
        "source": "web form",
        "at": at,
        "noted_at": at,
    }
    return Consent(**facts | more)


SOON, PAST = NOW + timedelta(seconds=1), NOW


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([], "unknown", id="nobody asked"),
        pytest.param([said("given")], "given", id="given"),
        pytest.param([said("given", 9), said("withdrawn", 1)], "withdrawn", id="withdrawn since"),
        pytest.param([said("withdrawn", 1), said("given", 9)], "withdrawn", id="in any order"),
        pytest.param([said("refused", 9), said("given", 1)], "given", id="changed his mind"),
        pytest.param([said("given", expires_at=SOON)], "given", id="ends in a second"),
        pytest.param([said("given", expires_at=PAST)], "expired", id="ends now"),
        pytest.param(
            [said("given", 9, expires_at=PAST), said("refused", 2)],
            "refused",
            id="what ended was not the last",
        ),
        pytest.param(
            [said("given", key="a"), said("withdrawn", key="b")], "withdrawn", id="at once: the later id"
        ),
    ],
)
def test_the_last_word_counts(entries: list[Consent], expected: Standing) -> None:
    assert standing(entries, now=NOW) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], "unknown"),
        (["given", "unknown"], "given"),
        (["given", "withdrawn", "unknown"], "withdrawn"),
        (["refused", "withdrawn"], "refused"),
        (["expired", "unknown"], "expired"),
    ],
)
def test_who_shares_a_number_refuses_for_all(found: list[Standing], expected: Standing) -> None:
    assert strictest(found) == expected


def test_each_purpose_and_channel_stands_for_itself() -> None:
    to_calls, to_mail = said("given", key="a"), said("refused", key="b", channel="email")
    to_recording = said("withdrawn", key="c", purpose="recording")
    assert all_standing([to_recording, to_calls, to_mail], now=NOW) == [
        Stands(purpose="marketing", channel="call", standing="given", last=to_calls),
        Stands(purpose="marketing", channel="email", standing="refused", last=to_mail),
        Stands(purpose="recording", channel="call", standing="withdrawn", last=to_recording),
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"source": " "}, "source"),
        ({"source": "x" * 81}, "source"),
        ({"at": NOW + timedelta(seconds=1)}, "at"),
        ({"status": "refused", "expires_at": SOON}, "expires_at"),
        ({"expires_at": NOW - timedelta(days=1)}, "expires_at"),
    ],
)
def test_what_cannot_be_kept(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        checked(said(wrong.pop("status", "given"), **wrong), now=NOW)
    assert caught.value.field == field
    assert checked(said("given"), now=NOW) == said("given")
