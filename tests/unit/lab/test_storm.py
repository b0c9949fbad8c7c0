"""What counts as right after a storm, by the wire, whatever was killed; and what is seen when it is not."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import pytest
from lab.storm.by_wire import Fate, expected
from lab.storm.load import Load
from lab.storm.office import KINDS, Kind
from lab.storm.site import Outage
from lab.storm.verdict import judge
from lab.wire import Wire

from crm_core.domain.calls import Call, Segment, call_id

AGENT_ENDS, CALLER_ENDS, GIVES_UP, CLOSED, HANDED_ON, BUSY, AWAY, MENU = KINDS
NUMBER, PHONE = "600000001", "101"


def wire(**seen: Any) -> Wire:
    return Wire(**{"call_id": "1", "shown": NUMBER, "invite_at": 100.0, "was_heard": True} | seen)


def leg(**seen: Any) -> Wire:
    return Wire(**{"call_id": "2", "number": PHONE, "shown": NUMBER, "invite_at": 100.1} | seen)


TALKED = wire(answered_at=100.0, bye_at=103.0, bye_by="us")
TALKER = leg(answered_at=100.5, bye_at=103.0, bye_by="them")
LEFT = wire(answered_at=100.0, bye_at=102.0, bye_by="us")
ENDED = wire(answered_at=100.0, bye_at=102.0, bye_by="them")
ON = wire(answered_at=100.0)
HANDED = leg(answered_at=100.5, refer_at=101.7, bye_at=101.8, bye_by="us")
DIALLED = leg(number="151", invite_at=101.75, cancel_at=102.0)
KILLED = Outage(101.0, 103.5)


@pytest.mark.parametrize(
    ("kind", "caller", "legs", "outages", "fates"),
    [
        (CALLER_ENDS, TALKED, [TALKER], [], {("answered", "customer")}),
        (AGENT_ENDS, ENDED, [leg(answered_at=100.5, bye_at=102.0, bye_by="us")], [], {("answered", "agent")}),
        (HANDED_ON, ENDED, [HANDED, DIALLED], [], {("answered", "system")}),
        (HANDED_ON, ENDED, [HANDED], [], {("answered", "agent")}),  # it was not taken: he ended the call
        (GIVES_UP, LEFT, [leg(cancel_at=102.0)], [], {("abandoned", "customer")}),
        (GIVES_UP, ENDED, [leg(cancel_at=102.0)], [], {("timeout", "system")}),
        (CLOSED, ENDED, [], [], {("refused", "system")}),
        (BUSY, wire(refused_at=100.2, status=486), [leg(refused_at=100.2)], [], {("busy", "system")}),
        (AWAY, wire(cancel_at=101.5), [leg(cancel_at=101.5)], [], {("abandoned", "customer")}),
        (MENU, LEFT, [], [], {("self_service", "customer"), ("abandoned", "customer")}),
        (MENU, LEFT, [leg(cancel_at=102.0)], [], {("abandoned", "customer")}),
        (CALLER_ENDS, TALKED, [TALKER], [KILLED], {("answered", "system")}),
        (GIVES_UP, ON, [leg()], [KILLED], {("cut", "system")}),
        (CALLER_ENDS, TALKED, [TALKER], [Outage(99.0, 99.9)], {("answered", "customer")}),
        (CALLER_ENDS, TALKED, [leg(answered_at=102.0)], [KILLED], {("cut", "system")}),
        (AGENT_ENDS, ON, [leg(answered_at=100.9)], [KILLED], {("answered", "system"), ("cut", "system")}),
        (GIVES_UP, LEFT, [], [Outage(102.1)], {("cut", "system"), ("abandoned", "customer")}),
    ],
)
def test_how_a_call_ended(
    kind: Kind, caller: Wire, legs: list[Wire], outages: list[Outage], fates: set[Fate]
) -> None:
    wanted = expected(kind, caller, legs, outages)
    assert wanted is not None
    assert set(wanted.fates) == fates


@pytest.mark.parametrize(
    ("caller", "is_sure"),
    [
        (wire(invite_at=100.0, answered_at=100.0), True),
        (wire(invite_at=100.9, answered_at=100.9), False),  # it came as the exchange died
        (wire(invite_at=103.0, refused_at=103.1, status=404), False),  # and was not there yet
        (wire(invite_at=108.0, refused_at=108.1, status=404), True),
    ],
)
def test_whether_the_exchange_took_it_at_all(caller: Wire, *, is_sure: bool) -> None:
    wanted = expected(GIVES_UP, caller, [], [KILLED])
    assert wanted is not None
    assert wanted.is_sure is is_sure


def test_nobody_heard_of_who_was_never_answered() -> None:
    assert expected(GIVES_UP, wire(was_heard=False), [], [KILLED]) is None


def test_until_when_he_talked() -> None:
    handed = leg(answered_at=100.5, refer_at=101.5, bye_at=102.0, bye_by="us")
    took = leg(number="151", answered_at=102.0, bye_at=103.0, bye_by="us")
    whole = expected(HANDED_ON, TALKED, [handed, took], [])
    short = expected(HANDED_ON, TALKED, [handed, took], [KILLED])
    assert whole is not None
    assert short is not None
    assert whole.talked == {"PJSIP/101": 1.0, "PJSIP/151": 1.0}
    assert (short.talked, short.ended_at) == ({"PJSIP/101": 0.5}, 101.0)


# --- the verdict


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def told(**otherwise: Any) -> Call:
    """Return how the history has the call ``TALKED``."""
    segments = [
        Segment(kind="ring", party="customer", at=at(100.0), until=at(100.5)),
        Segment(kind="talk", party="customer", at=at(100.5), until=at(103.0)),
        Segment(kind="talk", party="PJSIP/101", at=at(100.5), until=at(103.0)),
    ]
    known = {"ani_raw": NUMBER, "started_at": at(100.0), "ended_at": at(103.0), "outcome": "answered"}
    known |= {"hung_up_by": "customer", "segments": segments}
    linkedid = "100.1"
    about = {"id": call_id("main", linkedid), "pbx": "main", "linkedid": linkedid, "version": 1}
    return Call(**about | known | otherwise)


def the_load() -> Load:
    rung = defaultdict(list, {NUMBER: [TALKER]})
    return Load({}, [], called={NUMBER: (CALLER_ENDS, TALKED)}, rung=rung)


@pytest.mark.parametrize(
    ("history", "differs"),
    [
        ([told()], None),
        ([], "0 times"),
        ([told(), told()], "2 times"),
        ([told(), told(ani_raw="957000000")], "957000000"),
        ([told(outcome="abandoned")], "('abandoned', 'customer')"),
        ([told(hung_up_by="system")], "('answered', 'system')"),
        ([told(started_at=at(99.5))], "begins"),
        ([told(ended_at=at(103.2))], "+0.200 s"),
        ([told(segments=told().segments[:2])], "PJSIP/101 talked 0.000"),
        ([told(segments=told().segments[1:])], "begins at"),
    ],
)
def test_what_is_otherwise_is_seen(history: list[Call], differs: str | None) -> None:
    verdict = judge(the_load(), history, [])
    found = [one for kind in verdict.differ.values() for one in kind]
    assert verdict.is_right is (differs is None)
    assert differs is None or any(differs in one for one in found)


def test_seconds_marked_imprecise_may_differ_by_as_much() -> None:
    assert judge(the_load(), [told(precision_s=1.0)], []).is_right
    assert judge(the_load(), [told(precision_s=1.0, outcome="cut")], []).as_json()["differ"] == 1
