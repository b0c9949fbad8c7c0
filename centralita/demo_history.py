"""Made-up calls of the demo's customers in the weeks before, so that a card has something to tell."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from crm_core.domain.calls import (
    CUSTOMER,
    Attempt,
    Call,
    Candidate,
    Match,
    Origin,
    Segment,
    SegmentKind,
    Visit,
    call_id,
    seconds,
    with_sums,
)
from crm_core.domain.contacts import Contact

DAYS, MOST_CALLS, NEVER_CALLED, GAVE_UP, CUSTOMER_ENDS = 60, 4, 0.35, 0.15, 0.7
WORKS_FROM, WORKS_HOURS = 9, 8
QUEUES = (("ventas", "957000300", ("103", "104")), ("soporte", "957000400", ("106", "107")))


def past_calls(contact: Contact, *, chance: random.Random, now: datetime) -> Iterator[Call]:
    """Yield the calls that a customer made before *now*, none for some."""
    if chance.random() < NEVER_CALLED:
        return
    for _ in range(chance.randint(1, MOST_CALLS)):
        day = (now - timedelta(days=chance.randint(1, DAYS))).replace(hour=WORKS_FROM, minute=0, second=0)
        yield _call(contact, chance, day + timedelta(hours=WORKS_HOURS * chance.random()))


def _call(contact: Contact, chance: random.Random, at: datetime) -> Call:
    at = at.replace(microsecond=0)
    queue, did, agents = chance.choice(QUEUES)
    linkedid, number = f"{int(at.timestamp())}.{chance.randint(0, 99_999)}", contact.phones[0].raw
    gave_up = chance.random() < GAVE_UP
    call = Call(
        id=call_id("main", linkedid),
        pbx="main",
        linkedid=linkedid,
        version=1,
        origin=Origin(kind="caller"),
        ani=number,
        ani_raw=number,
        did=did,
        customer=number,
        contact_id=contact.id,
        match=Match(
            kind="exact",
            candidates=(Candidate(contact_id=contact.id, account_id=None, kind="exact", why="number"),),
        ),
        started_at=at,
        outcome="abandoned" if gave_up else "answered",
        hung_up_by="customer" if gave_up or chance.random() < CUSTOMER_ENDS else "agent",
    )
    call.segments = list(_segments(at, chance, queue=queue, agent=None if gave_up else chance.choice(agents)))
    call.ended_at = call.segments[-1].until
    call.visits = [_visit(call.segments)]
    call.answered_at = call.segments[-1].at if call.outcome == "answered" else None
    return with_sums(call)


def _segments(at: datetime, chance: random.Random, *, queue: str, agent: str | None) -> Iterator[Segment]:
    lengths: list[tuple[SegmentKind, float]] = [("ivr", 0.5), ("wait", chance.uniform(1, 90))]
    if agent:
        lengths += [("ring", chance.uniform(2, 8)), ("talk", chance.uniform(20, 400))]
    for kind, length in lengths:
        until = at + timedelta(seconds=round(length, 3))
        phone = (f"PJSIP/agent{agent}",) if kind in ("ring", "talk") else ()
        yield Segment(kind=kind, party=CUSTOMER, agent=agent, with_=phone, queue=queue, at=at, until=until)
        at = until


def _visit(segments: list[Segment]) -> Visit:
    """Return the stay in the queue: all but the first segment, up to the answer."""
    agent, queue = segments[-1].agent, segments[-1].queue or ""
    entered, left = segments[1].at, segments[-1].at if agent else segments[-1].until
    interface = f"PJSIP/agent{agent}" if agent else None
    visit = Visit(queue=queue, entered_at=entered, left_at=left, agent=agent, interface=interface)
    visit.outcome = "answered" if agent else "abandoned"
    visit.wait_s = seconds(entered, left) if left else None
    if interface:
        ring = segments[2]
        visit.attempts = [Attempt(interface=interface, agent=agent, started_at=ring.at, result="answered")]
        visit.attempts[0].ring_s = seconds(ring.at, ring.until) if ring.until else None
    return visit
