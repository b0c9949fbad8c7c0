"""Why: each card stands with the ringing of the phone for which it went out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crm_core.domain.calls import Attempt, Call, Visit, call_id
from crm_core.domain.traces import Line
from crm_core.domain.why import teller_of, why

AT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
ANA, LUIS = "PJSIP/agent101", "PJSIP/agent102"


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def line(seconds: float, what: str, **detail: str) -> Line:
    return Line(at=at(seconds), what=what, detail=detail)


def test_cards_stand_with_the_ringing_they_belong_to() -> None:
    rung = [Attempt(interface=phone, started_at=at(n)) for n, phone in ((1, ANA), (6, LUIS), (11, ANA))]
    direct = Attempt(interface=LUIS, started_at=at(20))
    call = Call(
        id=call_id("main", "1.0"),
        pbx="main",
        linkedid="1.0",
        started_at=AT,
        visits=[Visit(queue="sales", entered_at=AT, attempts=rung)],
        attempts=[direct],
    )
    steps = [
        line(1.1, "pop", interface=ANA, user="ana", socket="a:1"),
        line(6.1, "pop", interface=LUIS, user="luis", socket="b:1"),
        line(7, "call.corrected", why="a leg was gone"),
        line(11.1, "pop", interface=ANA, user="ana", socket="a:2"),
        line(11.2, "pop", interface=ANA, user="ana", socket="a:3"),
    ]
    told = why(call, steps, left_out=0)
    assert [(one.interface, one.queue, [each.socket for each in one.reached]) for one in told.offered] == [
        (ANA, "sales", ["a:1"]),
        (LUIS, "sales", ["b:1"]),
        (ANA, "sales", ["a:2", "a:3"]),
        (LUIS, None, []),
    ]
    assert [step.detail["why"] for step in told.corrections] == ["a leg was gone"]


def test_who_said_a_step() -> None:
    steps = [line(0, what) for what in ("Newchannel", "call.started", "anomaly", "pop")]
    assert [teller_of(step) for step in steps] == ["exchange", "ledger", "ledger", "desk"]
