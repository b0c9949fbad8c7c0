"""In whose history a call stands, and how it is told in a line."""

from __future__ import annotations

from collections.abc import Iterator

from crm_core.domain.calls import CUSTOMER, Attempt, Call, Outcome, SegmentKind, seconds
from crm_core.domain.cards import CardCall, CardSegment

LOST: frozenset[Outcome] = frozenset(  # nobody took it, and no machine did what he called for
    ("abandoned", "timeout", "refused", "busy", "no_answer", "failed", "cut")
)
_WITH_CUSTOMER: frozenset[SegmentKind] = frozenset(("talk", "hold", "consult", "conference"))
_NOT_TAKEN = frozenset(("no_answer", "busy", "rejected", "unreachable"))


def agents_of(call: Call) -> dict[str, bool]:
    """Return the agents in whose history the call stands, each with whether he missed it.

    He did when his phone was rung and he did not take it: it rang out, was busy, refused or dead, or the
    caller left and nobody had answered. Who was spared because another one was quicker missed nothing.
    """
    talked = set(_talked(call))
    missed = {rung.agent for rung in _rung(call) if rung.agent and _is_missed(rung, call)}
    return dict.fromkeys(sorted(missed - talked), True) | dict.fromkeys(sorted(talked), False)


def last_agent(call: Call) -> str | None:
    """Return the code of who talked with the customer last; None when nobody did, or nobody known."""
    return next((one.agent for one in reversed(call.segments) if one.kind == "talk" and one.agent), None)


def last_queue(call: Call) -> str | None:
    """Return the queue in which the customer was last; None when he was in none."""
    return call.visits[-1].queue if call.visits else None


def as_card_call(call: Call, *, agent: str | None) -> CardCall:
    """Return an ended call in a line; *agent* is the name of who talked last."""
    until = call.ended_at or call.started_at
    return CardCall(
        id=call.id,
        started_at=call.started_at,
        duration_s=seconds(call.started_at, until),
        outcome=call.outcome,
        agent=agent,
        queue=last_queue(call),
        segments=tuple(
            CardSegment(kind=one.kind, at=one.at, until=one.until)
            for one in call.segments
            if one.party == CUSTOMER and one.until is not None
        ),
    )


def _talked(call: Call) -> Iterator[str]:
    for one in call.segments:
        if one.agent and one.party != CUSTOMER and one.kind in _WITH_CUSTOMER:
            yield one.agent
    for rung in _rung(call):
        if rung.agent and rung.result == "answered":
            yield rung.agent


def _rung(call: Call) -> Iterator[Attempt]:
    for visit in call.visits:
        yield from visit.attempts
    yield from call.attempts


def _is_missed(rung: Attempt, call: Call) -> bool:
    return rung.result in _NOT_TAKEN or (rung.result == "cancelled" and call.answered_at is None)
