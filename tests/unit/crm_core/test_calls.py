"""The call's identity, its sums, and its segments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from crm_core.domain.calls import (
    Call,
    Segment,
    Visit,
    birth_of,
    call_from_json,
    call_id,
    call_to_json,
    seconds,
    untiled,
    with_sums,
)

BORN = datetime(2026, 11, 22, 1, 31, 26, tzinfo=UTC)  # date -u -d @1795311086


def at(second: float) -> datetime:
    return BORN + timedelta(seconds=second)


def segment(kind: Any, begin: float, end: float | None, party: str = "customer") -> Segment:
    return Segment(kind=kind, party=party, at=at(begin), until=None if end is None else at(end))


def a_call(*segments: Segment, ended: float | None = 60, **more: Any) -> Call:
    return Call(
        id="x",
        pbx="main",
        linkedid="1795311086.0",
        started_at=BORN,
        ended_at=None if ended is None else at(ended),
        segments=list(segments),
        **more,
    )


@pytest.mark.parametrize(
    ("linkedid", "born"),
    [
        ("1795311086.0", BORN),
        ("1795311086.123456", BORN),
        ("pbx1-1795311086.7", BORN),
        ("our-pbx-1795311086.7", BORN),
        ("1795311086.0#2", BORN),
        ("0.0", datetime(1970, 1, 1, tzinfo=UTC)),
        ("", None),
        ("x", None),
        ("٣.0", None),
        ("999999999999.0", None),
    ],
)
def test_a_linkedid_tells_the_second_of_birth(linkedid: str, born: datetime | None) -> None:
    assert birth_of(linkedid) == born


def test_an_id_is_computed_as_a_uuid_of_its_second() -> None:
    one = UUID(call_id("main", "1795311086.0"))

    assert (one.version, one.variant) == (7, "specified in RFC 4122")
    assert one.int >> 80 == 1795311086000
    assert str(one) == call_id("main", "1795311086.0")


def test_ids_differ_by_exchange_linkedid_and_repetition() -> None:
    named = [
        ("main", "1.0"),
        ("main", "1.1"),
        ("other", "1.0"),
        ("main", "1.0#2"),
        ("main", "x"),
        ("mai", "n1.0"),
    ]

    assert len({call_id(*one) for one in named}) == len(named)
    assert UUID(call_id("main", "x")).int >> 80 == 0


def test_ids_sort_by_birth() -> None:
    ids = [call_id("main", f"{second}.0") for second in (1, 1795311086, 1795311087, 9999999999)]

    assert ids == sorted(ids)


def test_seconds_are_told_to_the_millisecond() -> None:
    assert seconds(BORN, at(1.5076)) == 1.508


TALKED = (
    segment("ivr", 0, 0.5),
    segment("wait", 0.5, 10.5),
    segment("ring", 10.5, 12),
    segment("talk", 12, 30),
    segment("hold", 30, 35),
    segment("talk", 35, 40),
    segment("park", 40, 48),
    segment("conference", 48, 60),
    segment("talk", 12, 60, party="PJSIP/agent101"),
)


def test_sums_are_those_of_the_customer_s_segments() -> None:
    visits = [
        Visit(queue="sales", entered_at=at(0.5), wait_s=11.5),
        Visit(queue="help", entered_at=at(1), wait_s=None),
    ]
    call = with_sums(a_call(*TALKED, visits=visits))

    # by hand: talk 18 + 5 and conference 12; the visit that is not over yet adds nothing
    assert (call.ivr_s, call.wait_s, call.ring_s, call.talk_s, call.hold_s, call.park_s) == (
        0.5,
        11.5,
        1.5,
        35.0,
        5.0,
        8.0,
    )


def test_a_direct_call_has_no_wait_and_a_live_one_no_sums() -> None:
    assert with_sums(a_call(*TALKED)).wait_s is None
    live = with_sums(a_call(*TALKED, ended=None))
    assert (live.talk_s, live.hold_s, live.wait_s) == (None, None, None)


def test_open_segments_count_nothing() -> None:
    assert with_sums(a_call(segment("talk", 0, None), segment("talk", 0, 4))).talk_s == 4.0


@pytest.mark.parametrize(
    ("call", "faults"),
    [
        pytest.param(a_call(*TALKED), [], id="tiled"),
        pytest.param(a_call(ended=None), [], id="live"),
        pytest.param(a_call(ended=0), [], id="no time at all"),
        pytest.param(a_call(), ["no segment at all"], id="nothing"),
        pytest.param(a_call(segment("talk", 1, 60)), ["begins at"], id="late"),
        pytest.param(a_call(segment("talk", 0, 59)), ["ends at"], id="early"),
        pytest.param(a_call(segment("wait", 0, 5), segment("talk", 6, 60)), ["wait until"], id="a gap"),
        pytest.param(a_call(segment("wait", 0, 7), segment("talk", 6, 60)), ["wait until"], id="an overlap"),
    ],
)
def test_gaps_and_overlaps_are_found(call: Call, faults: list[str]) -> None:
    found = untiled(call)

    assert len(found) == len(faults)
    assert all(fault.startswith(begin) for fault, begin in zip(found, faults, strict=True))


def test_a_call_is_its_own_json() -> None:
    call = a_call(*TALKED)

    assert call_from_json(call_to_json(call)) == call
    assert b'"with":[]' in call_to_json(call)
    with pytest.raises(msgspec.ValidationError):
        call_from_json(b'{"id": 7}')
