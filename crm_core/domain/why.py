"""Why a call was told as it was: whom it was taken for, who was offered it, what was put right (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from crm_core.domain.calls import Anomaly, Attempt, AttemptResult, Call, Match, Source
from crm_core.domain.traces import Line

POP, CORRECTED = "pop", "call.corrected"
Teller = Literal["exchange", "ledger", "desk"]


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """A card that was written to the socket of somebody's desk."""

    at: datetime
    user: str
    socket: str


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """A phone that was rung, and whom its card reached; ``queue`` is None outside of queues."""

    interface: str
    agent: str | None
    queue: str | None
    at: datetime
    ring_s: float | None
    result: AttemptResult | None
    pop_at: datetime | None
    reached: tuple[Reached, ...]


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that explains a call; ``left_out`` counts the steps beyond those that are kept."""

    id: str
    pbx: str
    linkedid: str
    merged_ids: tuple[str, ...]
    source: Source
    precision_s: float
    match: Match
    contact_id: str | None
    offered: tuple[Offered, ...]
    corrections: tuple[Line, ...]
    anomalies: tuple[Anomaly, ...]
    steps: tuple[Line, ...]
    left_out: int


def why(call: Call, steps: Sequence[Line], *, left_out: int) -> Why:
    """Return what explains *call*, whose steps are known by time."""
    return Why(
        id=call.id,
        pbx=call.pbx,
        linkedid=call.linkedid,
        merged_ids=tuple(call.merged_ids),
        source=call.source,
        precision_s=call.precision_s,
        match=call.match,
        contact_id=call.contact_id,
        offered=tuple(_offered(call, steps)),
        corrections=tuple(step for step in steps if step.what == CORRECTED),
        anomalies=tuple(call.anomalies),
        steps=tuple(steps),
        left_out=left_out,
    )


def teller_of(step: Line) -> Teller:
    """Return who said it: the exchange by its own words, the ledger, or a desk's socket."""
    if step.what == POP:
        return "desk"
    return "exchange" if step.what[:1].isupper() else "ledger"


def _offered(call: Call, steps: Sequence[Line]) -> Iterable[Offered]:
    rung: list[tuple[str | None, Attempt]] = [
        (visit.queue, attempt) for visit in call.visits for attempt in visit.attempts
    ]
    rung += [(None, attempt) for attempt in call.attempts]
    rung.sort(key=lambda one: one[1].started_at)
    for n, (queue, attempt) in enumerate(rung):
        again = [later.started_at for _, later in rung[n + 1 :] if later.interface == attempt.interface]
        pops = _pops_at(attempt, steps, until=again[0] if again else None)
        yield Offered(
            interface=attempt.interface,
            agent=attempt.agent,
            queue=queue,
            at=attempt.started_at,
            ring_s=attempt.ring_s,
            result=attempt.result,
            pop_at=attempt.pop_at,
            reached=tuple(pops),
        )


def _pops_at(attempt: Attempt, steps: Sequence[Line], *, until: datetime | None) -> Iterable[Reached]:
    """Yield whom the card reached at the phone of *attempt*, before it was rung *until* again."""
    for step in steps:
        is_his = step.what == POP and step.detail.get("interface") == attempt.interface
        if is_his and step.at >= attempt.started_at and (until is None or step.at < until):
            yield Reached(
                at=step.at, user=str(step.detail.get("user", "")), socket=str(step.detail.get("socket", ""))
            )
