"""Rows of CEL that stand for facts of hand-overs, parking, forwards, and what a file may leave out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from unit.ami_bridge.domain.cel_tables import (
    ANA,
    BEA,
    CALLER,
    ONE,
    START,
    THREE,
    TWO,
    calls_in,
    enters,
    hangup,
    queue_call,
    row,
)

from ami_bridge.domain import ami
from ami_bridge.domain.cel import CelRow, QueueLine
from ami_bridge.domain.cel_facts import CelFacts
from ami_bridge.domain.cel_order import GIVEN_UP, in_order, originated
from ami_bridge.domain.queue_log import with_queue_log

LOCAL = "Local/102@from-agents-00000004"


def facts(rows: Sequence[CelRow]) -> list[ami.AmiEvent]:
    """Return the facts of *rows*; those of the births of legs are left out."""
    born = ami.Newchannel | ami.DialBegin | ami.DialState
    ordered = in_order(rows)
    told = CelFacts(ours=originated(ordered))
    found = [fact for one in ordered for _, fact in told.of(one)]
    found += [fact for _, fact in told.left_over(ordered[-1].at)]
    return [fact for fact in found if not isinstance(fact, born)]


def test_an_attended_transfer_names_the_legs_of_both_calls() -> None:
    extra = {
        "channel2_uniqueid": "1.7",
        "transferee_channel_uniqueid": ONE,
        "transfer_target_channel_uniqueid": THREE,
    }
    (told,) = facts([row(5, "ATTENDEDTRANSFER", ANA, extra=extra)])
    assert told == ami.AttendedTransfer(
        uniqueid=TWO, linkedid=ONE, second="1.7", transferee=ONE, target=THREE
    )


def test_a_parked_leg_is_in_a_parking_bridge_until_it_is_fetched() -> None:
    told = facts([calls_in(), row(1, "PARK_START", CALLER), enters(1.1, CALLER), row(9, "PARK_END", CALLER)])
    parked, entered, fetched = told
    assert (type(parked), type(fetched)) == (ami.ParkedCall, ami.ParkedCallTimeOut)
    assert isinstance(entered, ami.BridgeEnter)
    assert entered.bridge_type == "parking"


def test_a_forward_is_of_the_phone_that_was_dialled_last() -> None:
    rows = [calls_in(), row(1, "CHAN_START", ANA), row(2, "CHAN_START", BEA)]
    (told,) = facts([*rows, row(3, "FORWARD", CALLER, extra={"forward": "600111222"})])
    assert told == ami.DialEnd(uniqueid=ONE, dest_uniqueid=THREE, status="", forward="600111222")
    assert facts([calls_in(), row(3, "FORWARD", CALLER, extra={"forward": "600111222"})]) == []


def test_halves_of_a_local_channel_belong_together() -> None:
    halves = [row(n, "CHAN_START", f"{LOCAL};{n}", uniqueid=f"1.{n}", exten="102") for n in (1, 2)]
    (told,) = facts([calls_in(), *halves])
    assert isinstance(told, ami.LocalBridge)
    assert (told.one, told.two) == ("1.1", "1.2")


def test_a_leg_whose_end_is_not_written_ends_with_its_call() -> None:
    rows = [calls_in(), row(1, "CHAN_START", ANA), hangup(3, ANA)[0], hangup(3, CALLER)[0]]
    ends = [ami.Hangup(uniqueid=ONE, cause=16), ami.Hangup(uniqueid=TWO, cause=16)]
    assert sorted(facts([*rows, row(3.1, "LINKEDID_END", CALLER)]), key=repr) == sorted(ends, key=repr)
    assert sorted(facts(rows), key=repr) == sorted(ends, key=repr)


def test_what_comes_twice_or_after_the_end_changes_nothing() -> None:
    assert facts([calls_in(), calls_in(), row(1, "DTMF", CALLER)]) == []
    assert facts([*hangup(3, CALLER), row(3.1, "LINKEDID_END", CALLER)]) == []


def test_music_is_hold_and_other_sounds_are_not() -> None:
    rows = [
        row(1, "STREAM_BEGIN", CALLER, extra={"file": "hello"}),
        row(2, "STREAM_BEGIN", CALLER, extra={"class": "x"}),
    ]
    (told,) = facts([calls_in(), *rows])
    assert isinstance(told, ami.MusicOnHoldStart)


def _leaves(after: float, exten: str = "q1") -> CelRow:
    return row(after, "APP_END", CALLER, app="Queue", app_args="sales,t,,,20", exten=exten)


def test_phones_go_before_the_queue_is_left_however_threads_wrote_it() -> None:
    waits = [calls_in(), row(1, "APP_START", CALLER, app="Queue", app_args="sales,t,,,20", exten="q1")]
    second = row(21, "APP_START", CALLER, app="Queue", app_args="more,t,,,20", exten="q2")
    for phone in (hangup(20.99, ANA, cause=0), hangup(21.01, ANA, cause=0)):
        rows = [*waits, row(2, "CHAN_START", ANA), _leaves(21), second, *phone, row(40, "DTMF", CALLER)]
        kinds = [(one.type, one.channel) for one in in_order(rows)][3:]
        assert kinds == [
            (GIVEN_UP, CALLER),
            ("HANGUP", ANA),
            ("CHAN_END", ANA),
            ("APP_END", CALLER),
            ("APP_START", CALLER),
            ("DTMF", CALLER),
        ]


def test_a_phone_that_is_dialled_next_is_rung_after_the_queue_was_left() -> None:
    rows = [*queue_call()[:3], _leaves(5), row(5.01, "CHAN_START", BEA)]
    assert [one.type for one in in_order(rows)][-3:] == [GIVEN_UP, "APP_END", "CHAN_START"]


def test_a_leg_that_is_swapped_out_of_a_hand_over_enters_no_queue() -> None:
    """In the instant before it goes it stands where the customer stood."""
    second, there = "PJSIP/101-00000007", {"uniqueid": "1.7", "linkedid": "1.7"}
    queue = {"app": "Queue", "app_args": "sales,t,,,20"}
    given_on = {"channel2_uniqueid": "1.7", "transferee_channel_uniqueid": ONE, "app": "Dial"}
    rows = [
        calls_in(),
        row(4, "CHAN_START", second, exten="102", **there),
        row(5, "ATTENDEDTRANSFER", ANA, extra=given_on),
        row(5.001, "APP_END", second, app="Dial", app_args="PJSIP/102", **there),
        row(5.001, "APP_START", second, **queue, **there),
        row(5.002, "APP_END", second, **queue, **there),
    ]
    kinds = {type(fact) for fact in facts(rows)}
    assert ami.AttendedTransfer in kinds
    assert kinds.isdisjoint({ami.QueueCallerJoin, ami.QueueCallerLeave, ami.UserEvent})


def test_half_of_a_pair_that_left_a_queue_unanswered_gave_it_up() -> None:
    """Nobody hangs up there: he who asked by it has gone back to his customer. Why, is in queue_log."""
    half, there = f"{LOCAL};2", {"uniqueid": "1.2", "linkedid": ONE}
    other, with_it = f"{LOCAL};1", {"uniqueid": "1.1", "linkedid": ONE}
    queue, pair = {"app": "Queue", "app_args": "care,t,,,60", "exten": "care"}, {"bridge_id": "b2"}
    rows = [
        calls_in(),
        row(1, "CHAN_START", other, exten="102", **with_it),
        row(1, "CHAN_START", half, exten="102", **there),
        row(1.1, "BRIDGE_ENTER", other, extra=pair, **with_it),
        row(2, "APP_START", half, **queue, **there),
        row(4.999, "BRIDGE_EXIT", other, extra=pair, **with_it),
        row(5, "APP_END", half, **queue, **there),
    ]
    gave_up = QueueLine(
        at=START + timedelta(seconds=5), caller="1.2", queue="care", agent="", event="ABANDON"
    )
    told = facts(with_queue_log(rows, [gave_up]))
    assert [type(fact) for fact in told[-3:]] == [
        ami.BridgeLeave,
        ami.QueueCallerAbandon,
        ami.QueueCallerLeave,
    ]
