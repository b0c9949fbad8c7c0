"""Calls told from CEL alone: each table of rows is a call, and what it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from unit.ami_bridge.domain.cel_tables import (
    ANA,
    BEA,
    CALLER,
    NUMBERS,
    ONE,
    START,
    THREE,
    TWO,
    calls_in,
    enters,
    hangup,
    leaves,
    queue_call,
    row,
)

from ami_bridge.domain.afterwards import tell
from ami_bridge.domain.cel import CelRow, QueueLine
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from crm_core.domain.calls import Call, call_id, untiled

FIRST_LEG = "PJSIP/101-00000009"
WHOLE = frozenset(("CHAN_START", "APP_START", "BRIDGE_ENTER", "BRIDGE_EXIT"))


def told(
    rows: list[CelRow], lines: Sequence[QueueLine] = (), *, gone_at: datetime | None = None
) -> list[Call]:
    inside = Inside(patterns=(r"PJSIP/\d{3}",))
    floor = Floor("main", inside=inside, read=lambda raw: f"+34{raw}" if len(raw) == 9 else None)
    return list(tell(floor, rows, lines, gone_at=gone_at))


def only(rows: list[CelRow], lines: Sequence[QueueLine] = (), *, gone_at: datetime | None = None) -> Call:
    (call,) = told(rows, lines, gone_at=gone_at)
    assert untiled(call) == []
    assert (call.source, call.id) == ("backfill", call_id("main", call.linkedid))
    return call


def test_a_queue_call_has_its_times_and_people() -> None:
    call = only(queue_call())
    (visit,) = call.visits
    assert (call.ani, call.did, call.direction) == ("+34957212000", "5551001", "inbound")
    assert (call.outcome, call.hung_up_by, call.hangup_cause) == ("answered", "customer", 16)
    assert (call.ivr_s, call.wait_s, call.ring_s, call.talk_s) == (1.0, 5.0, 3.0, 10.001)
    assert (visit.queue, visit.outcome, visit.interface) == ("sales", "answered", "PJSIP/101")
    assert [(one.interface, one.result, one.ring_s) for one in visit.attempts] == [
        ("PJSIP/101", "answered", 3.0)
    ]


WAITS = [
    calls_in(),
    row(0.5, "ANSWER", CALLER),
    row(1, "APP_START", CALLER, app="Queue", app_args="sales,t,,,20"),
]
RINGS = row(2, "CHAN_START", ANA, exten="s")


def _leaves_queue(after: float) -> CelRow:
    return row(after, "APP_END", CALLER, app="Queue", app_args="sales,t,,,20")


def _end(after: float) -> list[CelRow]:
    return [*hangup(after, CALLER), row(after, "LINKEDID_END", CALLER)]


def test_a_phone_that_refuses_just_before_the_caller_gives_up_is_no_hang_up_of_his() -> None:
    rows = [
        *WAITS,
        RINGS,
        *hangup(3, ANA, by=ANA, cause=17),
        _leaves_queue(3.3),
        *hangup(3.3, CALLER, by=CALLER),
    ]
    call = only(rows)
    assert (call.outcome, call.hung_up_by) == ("abandoned", "customer")
    assert call.visits[0].wait_s == 2.301  # to the end of his leg


@pytest.mark.parametrize(
    ("rows", "outcome", "visit", "attempts"),
    [
        pytest.param(
            [
                *WAITS,
                RINGS,
                *hangup(5, ANA, cause=0),
                _leaves_queue(5),
                *hangup(5, CALLER, by=CALLER, cause=0),
            ],
            "abandoned",
            "abandoned",
            ["cancelled"],
            id="the caller gives up while a phone rings",
        ),
        pytest.param(
            [*WAITS, _leaves_queue(21), *_end(21.2)],
            "timeout",
            "timeout",
            [],
            id="waited as long as the queue lets",
        ),
        pytest.param(
            [*WAITS, _leaves_queue(1.01), *_end(1.2)], "refused", "refused", [], id="out of the queue at once"
        ),
        pytest.param(
            [*WAITS, _leaves_queue(8), *_end(12)],
            "self_service",
            "exit_key",
            [],
            id="left by a key, and the menu went on",
        ),
        pytest.param(
            [*WAITS, RINGS, *hangup(3, ANA, by=ANA, cause=17), _leaves_queue(21), *_end(21.2)],
            "timeout",
            "timeout",
            ["busy"],
            id="a busy phone",
        ),
        pytest.param(
            [*WAITS, RINGS, *hangup(17, ANA, cause=0), _leaves_queue(21), *_end(21.2)],
            "timeout",
            "timeout",
            ["no_answer"],
            id="a phone that nobody picked up",
        ),
        pytest.param(
            [*WAITS, RINGS, _leaves_queue(21), *hangup(21.01, ANA, cause=0), *_end(21.2)],
            "timeout",
            "timeout",
            ["cancelled"],
            id="a phone that was rung to the last",
        ),
    ],
)
def test_how_a_caller_left_the_queue(
    rows: list[CelRow], outcome: str, visit: str, attempts: list[str]
) -> None:
    call = only(rows)
    assert (call.outcome, call.visits[0].outcome) == (outcome, visit)
    assert [one.result for one in call.visits[0].attempts] == attempts


@pytest.mark.parametrize(
    ("status", "outcome", "result"), [("BUSY", "busy", "busy"), ("CHANUNAVAIL", "failed", "unreachable")]
)
def test_a_phone_that_refused_and_is_written_as_gone_after_who_called_it(
    status: str, outcome: str, result: str
) -> None:
    """As Asterisk 22 writes it now and then: a third of a millisecond decides."""
    rings, gone = row(0.5, "CHAN_START", ANA, exten="s", context="from-agents"), hangup(0.6, CALLER, cause=17)
    gone[0].extra["dialstatus"] = status
    call = only([calls_in(), rings, *gone, *hangup(0.602, ANA, by=ANA, cause=16)])
    assert (call.outcome, call.hung_up_by) == (outcome, "system")
    assert [one.result for one in call.attempts] == [result]


@pytest.mark.parametrize("hour", [0, -3_600], ids=["long ago", "by a clock an hour ahead"])
def test_a_call_of_which_only_the_end_is_written_is_one_and_not_sure(hour: float) -> None:
    """Its leg goes before the caller's is heard of: that is no second call."""
    rows = [
        leaves(16 + hour, ANA),
        *hangup(16 + hour, ANA, by=ANA),
        leaves(16.1 + hour, CALLER),
        *hangup(16.1 + hour, CALLER, by=ANA),
    ]
    call = only(rows)
    assert (call.linkedid, call.precision_s) == (ONE, abs(16 + hour))


def test_who_hangs_up_as_he_enters_the_queue_has_not_hung_up_before() -> None:
    """A script ends 2 ms before the queue is entered, and 18 ms before the caller is gone."""
    rows = [
        calls_in(),
        row(0.1, "ANSWER", CALLER),
        row(0.5, "APP_START", CALLER, app="AGI", app_args="agi://127.0.0.1/menu"),
        row(2.0, "APP_END", CALLER, app="AGI", app_args="agi://127.0.0.1/menu"),
        row(2.002, "APP_START", CALLER, app="Queue", app_args="sales,t,,,60"),
        row(2.018, "APP_END", CALLER, app="Queue", app_args="sales,t,,,60"),
        *hangup(2.018, CALLER, by=CALLER),
    ]
    call = only(rows)
    assert (call.outcome, call.hung_up_by, call.visits[0].outcome) == ("abandoned", "customer", "abandoned")


def test_an_end_by_the_agent_is_the_agents() -> None:
    rows = [one for one in queue_call() if one.type not in ("HANGUP", "CHAN_END", "APP_END")]
    call = only([*rows, *hangup(16, ANA, by=ANA), *hangup(16.001, CALLER, by=ANA)])
    assert call.hung_up_by == "agent"


def test_bridges_without_a_name_are_known_by_peers_or_by_who_waits_there() -> None:
    rows = [_without_bridge(one) for one in queue_call()]
    assert only(rows).talk_s == only(queue_call()).talk_s


def _without_bridge(one: CelRow) -> CelRow:
    return row(
        (one.at - queue_call()[0].at).total_seconds(),
        one.type,
        one.channel,
        extra={key: value for key, value in one.extra.items() if not key.startswith("bridge")},
        exten=one.exten,
        app=one.app,
        app_args=one.app_args,
    )


def test_before_asterisk_12_a_bridge_is_one_row() -> None:
    rows: list[CelRow] = [
        calls_in(),
        row(1, "CHAN_START", ANA, exten="s"),
        row(3, "ANSWER", ANA),
        row(3.1, "ANSWER", CALLER),
        row(3.2, "BRIDGE_START", CALLER, peer=ANA),
        row(9, "BRIDGE_END", CALLER, peer=ANA),
        *hangup(9, ANA),
        *hangup(9.001, CALLER),
    ]
    call = only(rows)
    assert (call.outcome, call.talk_s) == ("answered", 5.802)  # until his own leg's end


def test_a_leg_that_the_exchange_began_is_the_agents_own() -> None:
    def of(after: float, kind: str, **more: str) -> CelRow:
        return row(after, kind, FIRST_LEG, uniqueid=ONE, **more)

    target = "PJSIP/trunk-00000004"
    call = only(
        [
            of(0, "CHAN_START", exten="s", context="from-agents", num="101"),
            of(2, "ANSWER", app="AppDial2", num="957212000"),
            of(2.1, "APP_START", app="Dial", app_args="PJSIP/957212000@trunk,30", exten="957212000"),
            row(2.2, "CHAN_START", target, uniqueid=TWO, exten="s"),
            row(6, "ANSWER", target, uniqueid=TWO),
            row(6, "BRIDGE_ENTER", target, uniqueid=TWO, extra={"bridge_id": "b"}),
            row(6, "BRIDGE_ENTER", FIRST_LEG, uniqueid=ONE, extra={"bridge_id": "b"}),
            row(9, "CHAN_END", target, uniqueid=TWO),
            of(9, "CHAN_END"),
        ]
    )
    assert (call.direction, call.outcome, call.talk_s) == ("outbound", "answered", 3.0)
    assert call.customer == "+34957212000"
    assert [(one.interface, one.result, one.to) for one in call.attempts] == [
        ("PJSIP/101", "answered", "957212000"),
        ("PJSIP/trunk", "answered", "957212000"),
    ]


def test_a_phone_that_did_not_pick_up_for_the_exchange_failed() -> None:
    rows = [
        row(0, "CHAN_START", FIRST_LEG, uniqueid=ONE, exten="s", num="101"),
        *(replace(one, uniqueid=ONE) for one in hangup(4, FIRST_LEG, cause=19)),
    ]
    call = only(rows)
    assert (call.outcome, [one.result for one in call.attempts]) == ("failed", ["no_answer"])


def test_a_picked_up_call_is_one_call() -> None:
    def interceptor(after: float, kind: str, **more: Any) -> CelRow:
        return row(after, kind, BEA, **({"linkedid": THREE} | more))

    rows = [
        *WAITS,
        RINGS,
        interceptor(3, "CHAN_START", exten="*8101"),
        interceptor(3.1, "ANSWER", app="Pickup"),
        *hangup(3.2, ANA, cause=26),
        interceptor(3.3, "BRIDGE_ENTER", extra={"bridge_id": "b"}),
        interceptor(3.3, "LINKEDID_END"),
        row(3.4, "BRIDGE_ENTER", CALLER, extra={"bridge_id": "b"}),
        interceptor(9, "BRIDGE_EXIT", linkedid=ONE, extra={"bridge_id": "b"}),
        *hangup(9, BEA, by=BEA),
        *hangup(9.001, CALLER, by=BEA),
    ]
    call = only(rows)
    assert (call.merged_ids, call.outcome) == ([THREE], "answered")
    assert call.answered_at == rows[-6].at


def test_hold_shows_by_its_music() -> None:
    rows = [
        *queue_call(),
        row(8, "STREAM_BEGIN", CALLER, extra={"class": "default"}),
        row(11, "STREAM_END", CALLER),
    ]
    call = only(rows)
    assert (call.hold_s, call.talk_s) == (3.0, 7.001)


def test_a_transfer_by_the_phone_is_told() -> None:
    rows = [
        *(one for one in queue_call() if one.at < queue_call()[7].at),
        row(9, "BLINDTRANSFER", ANA, extra={"extension": "102", "transferee_channel_uniqueid": ONE}),
        leaves(9, ANA),
        leaves(9, CALLER),
        *hangup(9.1, ANA),
        row(9.2, "CHAN_START", BEA, exten="s"),
        row(11, "ANSWER", BEA),
        enters(11, BEA, "second"),
        enters(11, CALLER, "second"),
        *hangup(15, BEA, by=BEA),
        *hangup(15, CALLER, by=BEA),
    ]
    call = only(rows)
    (transfer,) = call.transfers
    assert (transfer.kind, transfer.by, transfer.to) == ("blind", "PJSIP/101", NUMBERS[BEA])
    assert (transfer.answered_by, transfer.result) == ("PJSIP/102", "completed")


def test_a_table_that_begins_in_the_midst_of_a_call_tells_the_rest() -> None:
    (call,) = told(queue_call()[5:])
    assert (call.outcome, call.linkedid) == ("answered", ONE)


def test_what_had_not_ended_is_live() -> None:
    (call,) = told(queue_call()[:7])
    assert (call.ended_at, call.outcome, call.source) == (None, None, "backfill")


def test_nothing_is_told_of_nothing() -> None:
    assert told([]) == []


def test_what_the_exchange_took_with_it_was_cut() -> None:
    rows = [one for one in queue_call() if one.at <= queue_call()[6].at]
    call = only([*rows, row(9, "ANSWER", CALLER)], gone_at=START + timedelta(seconds=60))
    assert (call.outcome, call.hung_up_by, call.talk_s, call.precision_s) == ("answered", "system", 3.0, 51.0)
    waited = only(WAITS, gone_at=START + timedelta(seconds=60))
    assert (waited.outcome, waited.visits[0].outcome) == ("cut", "cut")


@pytest.mark.parametrize(
    ("rows", "precision_s"),
    [
        pytest.param(queue_call(), 0.1, id="with fractions of a second"),
        pytest.param([one for one in queue_call() if one.type in WHOLE], 1.0, id="whole seconds"),
        pytest.param(queue_call()[2:], 0.1, id="the first second of it is lacking"),
        pytest.param(queue_call()[4:], 6.0, id="the first six seconds are lacking"),
    ],
)
def test_how_far_off_a_call_may_be_is_said(rows: list[CelRow], precision_s: float) -> None:
    assert told(rows)[0].precision_s == precision_s


def line(after: float, event: str, *args: str, queue: str = "sales", agent: str = "Ana") -> QueueLine:
    at = (START + timedelta(seconds=after)).replace(microsecond=0)
    return QueueLine(at=at, caller=ONE, queue=queue, agent=agent, event=event, args=args)


@pytest.mark.parametrize(
    ("left", "outcome"),
    [
        pytest.param(line(8, "EXITWITHTIMEOUT", "1", "1", "7"), "timeout", id="timeout"),
        pytest.param(line(8, "EXITEMPTY", "1", "1", "7"), "left_empty", id="nobody there any more"),
        pytest.param(line(8, "EXITWITHKEY", "5", "1"), "exit_key", id="by a key"),
    ],
)
def test_queue_log_says_why_a_caller_left(left: QueueLine, outcome: str) -> None:
    call = only([*WAITS, _leaves_queue(8), *_end(12)], [line(1, "ENTERQUEUE"), left])
    (visit,) = call.visits
    assert (visit.outcome, visit.wait_s) == (outcome, 7.0)


SILENT = [one for one in queue_call() if one.app != "Queue"]


def test_queue_log_tells_of_a_visit_that_cel_is_silent_about() -> None:
    call = only(
        SILENT, [line(1.4, "ENTERQUEUE"), line(6, "CONNECT", "5", TWO, "3"), line(16, "COMPLETECALLER")]
    )
    (visit,) = call.visits
    assert (visit.queue, visit.outcome, visit.wait_s, visit.interface) == (
        "sales",
        "answered",
        5.0,
        "PJSIP/101",
    )
    assert (call.outcome, call.hung_up_by) == ("answered", "customer")


def test_a_caller_who_gave_up_in_a_queue_that_only_queue_log_knows() -> None:
    rows = [calls_in(), row(0.5, "ANSWER", CALLER), *hangup(9.4, CALLER, by=CALLER)]
    call = only(rows, [line(0, "ENTERQUEUE"), line(9, "ABANDON", "1", "1", "9")])
    assert (call.outcome, call.visits[0].outcome, call.visits[0].wait_s) == ("abandoned", "abandoned", 9.0)


def test_a_member_on_an_outside_line_is_known_by_queue_log() -> None:
    mobile = "PJSIP/trunk-00000005"
    rows = [
        replace(one, channel=mobile, num="600111222") if one.channel == ANA else one for one in queue_call()
    ]
    call = only(rows, [line(1, "ENTERQUEUE"), line(6, "CONNECT", "5", TWO, "3")])
    assert (call.visits[0].interface, call.outcome) == ("PJSIP/trunk", "answered")


def test_lines_of_calls_that_cel_does_not_know_add_nothing() -> None:
    assert told([], [line(1, "ENTERQUEUE")]) == []
