"""A floor in full swing: queues with callers, calls in every state, agents in every state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from unit.screenpop.fakes import START, Stage, card_of

from ami_bridge.domain import events
from crm_core.domain.calls import Attempt, Call, Segment, SegmentKind, Visit, call_id

# name, code, state, for how many seconds, reason, with which call
AGENTS: tuple[tuple[str, str, events.AgentStateName, int, str | None, int | None], ...] = (
    ("Rubén Etxeberria", "104", "paused", 2468, "Formación", None),
    ("Iván Quesada", "105", "wrap_up", 171, None, None),
    ("Siobhán Doyle", "106", "talking", 895, None, 0),
    ("Javier Montalbán", "107", "reserved", 6, None, 4),
    ("Íñigo Echeverría", "108", "holding", 70, None, 1),
    ("Francisco Javier de la Peña y Montenegro", "109", "ready", 52, None, None),
    ("Aitana Vilarrubí", "110", "ready", 195, None, None),
    ("Tom Okonkwo-Bright", "111", "consulting", 48, None, 2),
    ("Chloé Marchand", "112", "talking", 129, None, 3),
    ("Olatz Zabalbeascoa", "113", "unreachable", 310, None, None),
    ("Hugo Villalobos", "114", "dialling", 9, None, None),
)
# customer, number, with agent's code, segments and their seconds
CALLS: tuple[tuple[str | None, str | None, str | None, tuple[tuple[SegmentKind, int], ...]], ...] = (
    (
        "Ashworth Lettings Ltd",
        "+442079460321",
        "106",
        (("ivr", 12), ("wait", 64), ("ring", 5), ("talk", 760), ("hold", 60), ("talk", 75)),
    ),
    (
        "Pescaderías del Estrecho",
        "+34956000001",
        "108",
        (("ivr", 18), ("wait", 41), ("ring", 9), ("talk", 212), ("hold", 70)),
    ),
    ("Cárnicas Montellano", "+34955000002", "111", (("wait", 15), ("ring", 5), ("talk", 130), ("hold", 48))),
    ("Talleres Hnos. Bermúdez", "+34953000003", "112", (("ring", 11), ("talk", 129))),
    (None, "+34633000418", None, (("ivr", 8), ("wait", 55), ("ring", 6))),
    ("Logística Valdepeñas", "+34926000004", None, (("ivr", 21), ("wait", 192))),
    ("Residencia Santa Eulalia, Fundación para la Atención a Mayores", "+34971000005", None, (("wait", 12),)),
    (None, None, None, (("wait", 4),)),
)
WAITING = {"Soporte": (5, 4, 6), "Frío industrial": (7,)}
MEMBERS = {
    "Soporte": ("104", "106", "107", "109", "110", "112"),
    "Frío industrial": ("105", "108", "111"),
    "Cobros": ("113", "114"),
}


def fill(stage: Stage, *, at: datetime = START) -> None:
    """Let *stage* be busy since before *at*."""
    calls = [_call(stage, n, at) for n in range(len(CALLS))]
    agents = [
        events.AgentView(
            agent=code,
            interface=f"PJSIP/agent{code}",
            state=state,
            since=at - timedelta(seconds=seconds),
            reason=reason,
            call=calls[call].id if call is not None else None,
        )
        for _, code, state, seconds, reason, call in AGENTS
    ]
    queues = [_queue(name, calls, at) for name in MEMBERS]
    stage.floor.agents_now, stage.floor.queues_now = agents, queues


def _call(stage: Stage, n: int, at: datetime) -> Call:
    name, number, agent, stretches = CALLS[n]
    start = at - timedelta(seconds=sum(seconds for _, seconds in stretches))
    linkedid = f"{int(start.timestamp())}.{n}"
    queue = next((queue for queue, waiting in WAITING.items() if n in waiting), None)
    call = Call(
        id=call_id("main", linkedid),
        pbx="main",
        linkedid=linkedid,
        version=len(stretches) + 1,
        started_at=start,
        ani=number,
        customer=number,
        segments=list(_segments(stretches, start, agent)),
        visits=[_visit(queue, start, rings=stretches[-1][0] == "ring")] if queue else [],
    )
    stage.floor.live[call.id] = call
    if name:
        stage.cards.cards[call.id] = card_of(name)
    return call


def _segments(
    stretches: Sequence[tuple[SegmentKind, int]], start: datetime, agent: str | None
) -> list[Segment]:
    made, at = [], start
    for n, (kind, seconds) in enumerate(stretches, start=1):
        until = at + timedelta(seconds=seconds)
        made.append(
            Segment(
                kind=kind,
                party="customer",
                at=at,
                until=None if n == len(stretches) else until,
                with_=(f"PJSIP/agent{agent}",) if agent and kind in {"talk", "hold"} else (),
            )
        )
        at = until
    return made


def _visit(queue: str, at: datetime, *, rings: bool) -> Visit:
    rung = [Attempt(interface="PJSIP/agent107", agent="107", started_at=at)] if rings else []
    return Visit(queue=queue, entered_at=at, attempts=rung)


def _queue(name: str, calls: Sequence[Call], at: datetime) -> events.QueueChanged:
    names = {code: who for who, code, *_ in AGENTS}
    return events.QueueChanged(
        pbx="main",
        at=at,
        queue=name,
        waiting=tuple(
            events.WaitingView(
                call=calls[n].id,
                position=place,
                since=next(one.at for one in calls[n].segments if one.kind == "wait"),
                ringing=CALLS[n][3][-1][0] == "ring",
            )
            for place, n in enumerate(WAITING.get(name, ()), start=1)
        ),
        members=tuple(
            events.MemberView(
                interface=f"PJSIP/agent{code}",
                agent=code,
                name=names[code],
                paused=False,
                paused_reason=None,
                status=1,
            )
            for code in MEMBERS[name]
        ),
    )
