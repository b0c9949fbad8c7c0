"""Calls told from CDR alone: what a pair of legs and its seconds tell, and what they leave open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from scenes import read
from unit.ami_bridge.domain.cel_tables import ANA, BEA, CALLER, ONE, START, TWO

from ami_bridge.domain.afterwards import WHOLE_S, tell
from ami_bridge.domain.cdr import Cdr, as_cel
from ami_bridge.domain.cel import QueueLine
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from crm_core.domain.calls import Call, untiled

LOCAL_ONE, LOCAL_TWO = "Local/101@from-queue-00000004;1", "Local/101@from-queue-00000004;2"


def cdr(
    after: int, duration: int, billed: int, peer: str = ANA, disposition: str = "ANSWERED", **more: str
) -> Cdr:
    given = {"channel": CALLER, "uniqueid": ONE, "linkedid": ONE, "num": "957212000", "dialled": "5551001"}
    return Cdr(
        start=START + timedelta(seconds=after),
        duration=timedelta(seconds=duration),
        billed=timedelta(seconds=billed),
        peer_channel=peer,
        disposition=disposition,
        **(given | more),
    )


def only(*records: Cdr, lines: Sequence[QueueLine] = (), precision_s: float = WHOLE_S) -> Call:
    floor = Floor("main", inside=Inside(patterns=(r"PJSIP/\d{3}",)), read=read)
    (call,) = tell(floor, as_cel(records, lines), lines)
    assert untiled(call) == []
    assert (call.source, call.precision_s) == ("backfill", precision_s)
    return call


def line(after: int, event: str, *args: str) -> QueueLine:
    at = START + timedelta(seconds=after)
    return QueueLine(at=at, caller=ONE, queue="sales", agent="Ana", event=event, args=args)


def test_an_answered_call() -> None:
    call = only(cdr(0, 25, 20))
    assert (call.ani, call.did, call.direction) == ("+34957212000", "5551001", "inbound")
    assert (call.outcome, call.ring_s, call.talk_s) == ("answered", 5.0, 20.0)
    assert [(one.interface, one.result) for one in call.attempts] == [("PJSIP/101", "answered")]


@pytest.mark.parametrize(
    ("disposition", "outcome", "result"),
    [("BUSY", "busy", "busy"), ("NO ANSWER", "no_answer", "no_answer"), ("FAILED", "failed", "unreachable")],
)
def test_a_phone_that_did_not_pick_up(disposition: str, outcome: str, result: str) -> None:
    call = only(cdr(0, 15, 0, disposition=disposition))
    assert (call.outcome, [one.result for one in call.attempts]) == (outcome, [result])


QUEUE = {"app": "Queue", "app_args": "sales,t,,,60"}


def test_a_queue_that_rang_two_phones_before_one_picked_up() -> None:
    """All seconds of a waiting caller are billed: when he was taken is known by queue_log."""
    call = only(
        cdr(0, 15, 15, disposition="NO ANSWER", **QUEUE),
        cdr(16, 30, 30, peer=BEA, **QUEUE),
        lines=[line(1, "ENTERQUEUE"), line(26, "CONNECT", "25", "1.9", "9"), line(46, "COMPLETEAGENT")],
    )
    (visit,) = call.visits
    assert (visit.queue, visit.outcome, visit.interface) == ("sales", "answered", "PJSIP/102")
    assert (visit.wait_s, call.talk_s) == (25.0, 20.0)
    assert [(one.interface, one.result) for one in visit.attempts] == [("PJSIP/102", "answered")]


def test_without_queue_log_when_a_member_took_him_is_not_sure() -> None:
    call = only(cdr(0, 30, 30, **QUEUE), precision_s=30.0)
    assert (call.outcome, call.visits[0].interface) == ("answered", "PJSIP/101")


def test_a_caller_who_waited_in_vain() -> None:
    call = only(cdr(0, 20, 20, peer="", app="Queue", app_args="sales,t,,,20"))
    assert (call.outcome, call.visits[0].outcome, call.visits[0].wait_s) == ("timeout", "timeout", 20.0)


def test_a_member_behind_a_local_channel() -> None:
    call = only(
        cdr(0, 30, 30, peer=LOCAL_ONE, **QUEUE),
        cdr(2, 28, 20, channel=LOCAL_TWO, uniqueid=TWO, num="957212000", dialled="101"),
        lines=[line(0, "ENTERQUEUE"), line(10, "CONNECT", "10", "1.9", "8")],
    )
    assert (call.outcome, call.talk_s) == ("answered", 20.0)
    assert call.visits[0].interface == "PJSIP/101"
