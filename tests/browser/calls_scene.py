"""A day's calls in the records: taken, given up, handed over, written about, and one that is told badly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from browser.kit import Place
from unit.screenpop.fakes import START

from crm_core.domain.calls import (
    Anomaly,
    Attempt,
    Call,
    Direction,
    Outcome,
    Segment,
    SegmentKind,
    Transfer,
    Visit,
    VisitOutcome,
    call_id,
    with_sums,
)
from crm_core.domain.contacts import Contact, Phone
from crm_core.domain.traces import Steps
from crm_core.services import calls, contacts, incidents

MARIA, HOME = "c0000000-0000-7000-8000-000000000001", "c0000000-0000-7000-8000-000000000002"
MARIAS, HOMES, STRANGERS, OWN = "+34957212000", "+34971000005", "+34633000418", "+34600000007"
PEOPLE = (
    (MARIA, "María del Carmen", "Fernández", MARIAS),
    (HOME, "", "Residencia Santa Eulalia, Fundación para la Atención a Mayores", HOMES),
)
Stretch = tuple[SegmentKind, float]
TWICE: tuple[Stretch, ...] = (("wait", 20), ("ring", 12), ("talk", 75), ("hold", 40), ("talk", 66))
# minutes ago, number, direction, outcome, the stay's outcome, stretches
DAY: tuple[tuple[int, str | None, Direction, Outcome, VisitOutcome | None, tuple[Stretch, ...]], ...] = (
    (200, MARIAS, "inbound", "answered", "answered", (("ivr", 9), ("wait", 8), ("ring", 5), ("talk", 301))),
    (150, HOMES, "inbound", "abandoned", "abandoned", (("ivr", 12), ("wait", 97))),
    (140, HOMES, "inbound", "abandoned", "abandoned", (("ivr", 11), ("wait", 31), ("ring", 9), ("wait", 20))),
    (100, STRANGERS, "inbound", "timeout", "timeout", (("ivr", 4), ("wait", 300))),
    (60, STRANGERS, "outbound", "no_answer", None, (("setup", 4), ("ring", 25))),
    (29, OWN, "inbound", "abandoned", "abandoned", (("wait", 3),)),
    (25, OWN, "inbound", "answered", "answered", TWICE),
    (9, None, "inbound", "refused", "refused", (("ivr", 2),)),
)  # fmt: skip


async def fill_day(place: Place, *, at: datetime = START) -> list[Call]:
    """Put people and a day's calls into the records; return the calls, oldest first."""
    for key, given, family, number in PEOPLE:
        contact = Contact(
            id=key,
            given=given,
            family=family,
            created_at=at,
            updated_at=at,
            phones=(Phone(id=f"p{key[1:]}", raw=number),),
        )
        await place.db.run(contacts.create, contact=contact, region="ES", by=None, now=at)
    told = [_call(n, at) for n in range(len(DAY))]
    await place.db.run(calls.record, calls=told, events=[])
    return told


def steps_of(call: Call) -> Steps:
    """Return steps of all kinds, one with a name as long as they get."""
    at, phone = call.started_at, "PJSIP/agent102"
    born = {"uniqueid": call.linkedid, "channel": "Local/" + "600123123@from-internal-" * 4, "state": 4}
    told: list[tuple[float, str, dict[str, object]]] = [
        (0, "Newchannel", born),
        (0.1, "call.matched", {"match": {"kind": "exact", "candidates": [{"why": "exact"}]}}),
        (1, "call.offered", {"interface": phone, "agent": "102"}),
        (1.25, "pop", {"interface": phone, "user": "luis", "socket": "192.0.2.7:50123"}),
        (60, "call.corrected", {"why": "the lists told another bridge"}),
        (90, "call.ended", {"outcome": "answered", "hung_up_by": "customer"}),
    ]
    steps = [(at + timedelta(seconds=after), what, detail) for after, what, detail in told]
    return Steps(call_id=call.id, at=at, steps=steps, left_out=3)


async def tell_much(place: Place, call: Call) -> None:
    """Let much be known of *call*: a hand-over, notes, an incident, something that did not fit."""
    at = call.started_at
    call.version += 1
    call.transfers = [
        Transfer(
            kind="attended",
            by="PJSIP/agent101",
            agent="101",
            to="102",
            answered_by="PJSIP/agent102",
            started_at=at + timedelta(seconds=200),
            completed_at=at + timedelta(seconds=230),
            result="completed",
        )
    ]
    call.anomalies = [Anomaly(at=at, kind="doubled", detail="QueueCallerJoin")]
    call.attempts = [
        Attempt(interface="PJSIP/agent102", agent="102", started_at=at, ring_s=4.0, result="answered")
    ]
    await place.db.run(calls.record, calls=[call], events=[steps_of(call)])
    notes = "Pide que le llamen el lunes.\nNo suena el timbre de la cámara 2."
    for agent, disposition in (("101", "Venta"), ("102", None)):
        await place.db.run(
            calls.save_work, call_id=call.id, agent=agent, notes=notes, disposition=disposition, now=at
        )
    await place.db.run(
        incidents.open_incident,
        call_id=call.id,
        contact_id=None,
        subject="La cámara 2 no enfría",
        description=None,
        priority=2,
        key="k",
        by="u-ana",
        now=at,
    )


def _call(n: int, now: datetime) -> Call:
    minutes, number, direction, outcome, stay, stretches = DAY[n]
    start = now - timedelta(minutes=minutes)
    linkedid = f"{int(start.timestamp())}.{n}"
    segments = _segments(stretches, start)
    answered = next((one.at for one in segments if one.kind == "talk"), None)
    return with_sums(
        Call(
            id=call_id("main", linkedid),
            pbx="main",
            linkedid=linkedid,
            version=5,
            direction=direction,
            ani=number,
            customer=number,
            did="957000400",
            started_at=start,
            answered_at=answered,
            ended_at=segments[-1].until,
            outcome=outcome,
            hung_up_by="customer",
            visits=[_visit(stay, segments, answered)] if stay else [],
            segments=segments + _agents(segments),
        )
    )


def _segments(stretches: Sequence[Stretch], start: datetime) -> list[Segment]:
    made, at = [], start
    for kind, length in stretches:
        until = at + timedelta(seconds=length)
        phone = ("PJSIP/agent101",) if kind in ("ring", "talk", "hold") else ()
        made.append(Segment(kind=kind, party="customer", with_=phone, at=at, until=until))
        at = until
    return made


def _agents(segments: Sequence[Segment]) -> list[Segment]:
    return [
        Segment(kind=one.kind, party="PJSIP/agent101", agent="101", at=one.at, until=one.until)
        for one in segments
        if one.kind in ("talk", "hold")
    ]


def _visit(outcome: VisitOutcome, segments: Sequence[Segment], answered: datetime | None) -> Visit:
    entered = next((one.at for one in segments if one.kind == "wait"), segments[0].at)
    left = answered or segments[-1].until
    assert left is not None
    rung = [
        Attempt(
            interface="PJSIP/agent101",
            agent="101",
            started_at=one.at,
            ring_s=(one.until - one.at).total_seconds(),
            result="answered" if outcome == "answered" else "no_answer",
        )
        for one in segments
        if one.kind == "ring" and one.until
    ]
    is_answered = outcome == "answered"
    return Visit(
        queue="Soporte",
        entered_at=entered,
        left_at=left,
        wait_s=0.0 if outcome == "refused" else (left - entered).total_seconds(),
        agent="101" if is_answered else None,
        interface="PJSIP/agent101" if is_answered else None,
        outcome=outcome,
        attempts=rung,
    )
