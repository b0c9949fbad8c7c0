"""The steps of a call: facts and what was concluded of them, bounded, and gone when the call is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ami_bridge.domain import ami, events
from ami_bridge.services.traces import FACTS_MOST, NAMES_KEPT, Traces
from crm_core.domain.calls import Call, Origin, call_id
from crm_core.domain.traces import MOST, packed, unpacked

AT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
ONE, OTHER = "1795536000.0", "1795536001.7"


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def call(linkedid: str = ONE, *merged: str) -> Call:
    return Call(
        id=call_id("main", linkedid), pbx="main", linkedid=linkedid, merged_ids=list(merged), started_at=AT
    )


def born(linkedid: str = ONE, uniqueid: str = "") -> ami.Newchannel:
    return ami.Newchannel(uniqueid=uniqueid or linkedid, linkedid=linkedid, channel="PJSIP/trunk-1")


def started(linkedid: str = ONE) -> events.CallStarted:
    one = call(linkedid)
    return events.CallStarted(
        pbx="main", at=AT, call=one.id, linkedid=linkedid, version=1, direction="inbound", origin=Origin()
    )


def ended(one: Call) -> events.CallEnded:
    return events.CallEnded(
        pbx="main",
        at=at(9),
        call=one.id,
        linkedid=one.linkedid,
        version=2,
        outcome="answered",
        hung_up_by="agent",
        record=one,
    )


def whats(traces: Traces, one: Call) -> list[str]:
    return [line.what for line in unpacked([packed(traces.steps(one))])[0]]


def test_facts_and_what_was_concluded_stand_in_order_with_what_they_say() -> None:
    traces = Traces()
    note = traces.hears("main")
    note(born(), AT)
    traces.on_events([(1, started())])
    traces.popped(call().id, "PJSIP/agent101", at=at(1), user="ana", socket="127.0.0.1:5")
    traces.on_events([(2, ended(call()))])
    lines, left_out = unpacked([packed(traces.take(call()))])
    assert [(line.at, line.what) for line in lines] == [
        (AT, "Newchannel"),
        (AT, "call.started"),
        (at(1), "pop"),
        (at(9), "call.ended"),
    ]
    assert lines[0].detail == {"uniqueid": ONE, "linkedid": ONE, "channel": "PJSIP/trunk-1", "state": 0}
    assert lines[2].detail == {"interface": "PJSIP/agent101", "user": "ana", "socket": "127.0.0.1:5"}
    assert lines[3].detail == {"outcome": "answered", "hung_up_by": "agent"}  # the call itself is kept apart
    assert left_out == 0


def test_each_exchange_has_its_own_calls_of_the_same_name() -> None:
    traces = Traces()
    traces.hears("main")(born(), AT)
    traces.hears("other")(born(), AT)
    assert whats(traces, call()) == ["Newchannel"]


def test_calls_that_turned_out_to_be_one_are_told_as_one() -> None:
    traces = Traces()
    note = traces.hears("main")
    note(born(OTHER), at(1))
    note(born(), AT)
    assert len(whats(traces, call(ONE, OTHER))) == 2


def test_a_call_that_is_over_is_forgotten_and_late_facts_begin_nothing() -> None:
    traces = Traces()
    note = traces.hears("main")
    note(born(), AT)
    traces.take(call())
    note(ami.Hangup(uniqueid=ONE, linkedid=ONE), at(1))
    assert whats(traces, call()) == []


def test_nothing_is_left_of_calls_that_are_over_nor_of_facts_about_none() -> None:
    traces = Traces()
    note = traces.hears("main")
    note(born(), AT)
    traces.on_events([(1, started()), (2, ended(call()))])
    note(ami.UserEvent(uniqueid="", name="Centralita"), AT)
    traces.take(call())
    assert (traces._calls, traces._names) == ({}, {})


def test_what_is_put_right_afterwards_is_kept_too() -> None:
    traces = Traces()
    traces.hears("main")(born(), AT)
    traces.take(call())
    told = events.CallCorrected(
        pbx="main", at=at(60), call=call().id, linkedid=ONE, version=3, why="records", record=call()
    )
    traces.on_events([(1, told)])
    (line,) = unpacked([packed(traces.take(call()))])[0]
    assert (line.what, line.detail["why"]) == ("call.corrected", "records")


def test_a_chatty_exchange_leaves_room_for_what_was_concluded_and_all_is_bounded() -> None:
    traces = Traces()
    note = traces.hears("main")
    for n in range(FACTS_MOST + 5):
        note(born(uniqueid=str(n)), at(n))
    for _ in range(MOST):
        traces.on_events([(1, started())])
    lines, left_out = unpacked([packed(traces.take(call()))])
    assert len(lines) == MOST
    assert left_out == 5 + MOST - (MOST - FACTS_MOST)


def test_calls_that_never_end_are_forgotten_past_a_bound() -> None:
    traces = Traces()
    note = traces.hears("main")
    for n in range(NAMES_KEPT + 1):
        note(born(f"{1795536000 + n}.0"), AT)
    assert whats(traces, call()) == []
    assert whats(traces, call("1795536001.0")) == ["Newchannel"]
