"""Past calls to put into the records."""

from __future__ import annotations

from datetime import timedelta

from unit.screenpop.fakes import START

from crm_core.domain.calls import Attempt, Call, Segment, Visit, call_id, with_sums


def past_call(n: int = 0, *, agent: str = "101", outcome: str = "answered") -> Call:
    """Return the *n*-th call of +34957212000: rings 10 s at *agent*, and talks for 60 s when answered."""
    linkedid = f"{1795311086 + n * 60}.0"
    at = START + timedelta(minutes=n)
    answered, end = at + timedelta(seconds=10), at + timedelta(seconds=70)
    phone = f"PJSIP/agent{agent}"
    is_answered = outcome == "answered"
    rung = Attempt(
        interface=phone,
        agent=agent,
        started_at=at,
        ring_s=10.0,
        result="answered" if is_answered else "cancelled",
    )
    visit = Visit(
        queue="sales",
        entered_at=at,
        left_at=answered,
        wait_s=10.0,
        agent=agent if is_answered else None,
        interface=phone if is_answered else None,
        outcome="answered" if is_answered else "abandoned",
        attempts=[rung],
    )
    talk = Segment(kind="talk", party="customer", agent=agent, with_=(phone,), at=answered, until=end)
    return with_sums(
        Call(
            id=call_id("main", linkedid),
            pbx="main",
            linkedid=linkedid,
            version=9,
            ani="+34957212000",
            customer="+34957212000",
            did="5551001",
            started_at=at,
            answered_at=answered if is_answered else None,
            ended_at=end if is_answered else answered,
            outcome=outcome,
            visits=[visit],
            segments=[
                Segment(kind="wait", party="customer", at=at, until=answered),
                *([talk] if is_answered else []),
            ],
        )
    )
