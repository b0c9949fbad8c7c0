"""Calls told from the exchange's own records, by the ledger that tells them live."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ami_bridge.domain.ami import Snapshot
from ami_bridge.domain.cel import UNSURE, CelRow, QueueLine
from ami_bridge.domain.cel_facts import CelFacts, Dated
from ami_bridge.domain.cel_order import in_order, originated
from ami_bridge.domain.events import CallEnded, FloorEvent
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.queue_log import with_queue_log
from crm_core.domain.calls import Call, birth_of, seconds

TICK = timedelta(milliseconds=100)
AFTERWARDS = timedelta(seconds=5)
FINE_S, WHOLE_S = 0.1, 1.0
"""How far off instants may be: records are written a moment after; some keep whole seconds only."""
BEGINS_WITHIN_S = 2.0
AGAIN = "#"
"""Stands in the linkedid of a call that came again after its end."""


def tell(
    floor: Floor,
    rows: Sequence[CelRow],
    lines: Sequence[QueueLine] = (),
    *,
    gone_at: datetime | None = None,
) -> Iterator[Call]:
    """Yield the calls that ended in *rows*, in the order of their ends, then those that had not ended.

    *floor* has no calls yet. With *gone_at* nothing of what the rows tell was live any more then: what was
    not written to its end was cut.
    """
    precision_s = precision_of(rows)
    unsure = {row.linkedid: float(row.extra[UNSURE]) for row in rows if UNSURE in row.extra}
    for call in _told(floor, rows, lines, gone_at=gone_at):
        lost_s = _beginning_lost_s(call)
        if lost_s and AGAIN in call.linkedid:
            continue  # the rest of a call that seemed over, as only its end is written there: no other call
        call.source = "backfill"
        unsure_s = max(unsure.get(call.linkedid, 0.0), lost_s)
        call.precision_s = max(call.precision_s, precision_s, unsure_s)
        yield call


def precision_of(rows: Sequence[CelRow]) -> float:
    """Return how far off the instants of *rows* may be, in seconds."""
    return FINE_S if any(row.at.microsecond for row in rows) else WHOLE_S


def _told(
    floor: Floor, rows: Sequence[CelRow], lines: Sequence[QueueLine], *, gone_at: datetime | None
) -> Iterator[Call]:
    due = last = None
    for at, fact in _facts(rows, lines):
        due, last = due or at, at
        while due <= at:
            yield from _ended(floor.tick(due))
            due = max(due + TICK, at - AFTERWARDS)
        yield from _ended(floor.step(fact, at))
    if last is None:
        return
    yield from _ended(floor.tick(last + AFTERWARDS))
    if gone_at is not None:
        yield from _cut(floor, max(gone_at, last + AFTERWARDS))
    yield from floor.calls()


def _cut(floor: Floor, at: datetime) -> Iterator[Call]:
    """Yield the calls that were not written to their ends, as the exchange left them when it stopped."""
    yield from _ended(floor.resync(Snapshot(), at))
    yield from _ended(floor.tick(at + AFTERWARDS))


def _facts(rows: Sequence[CelRow], lines: Sequence[QueueLine]) -> Iterator[Dated]:
    ordered = in_order(with_queue_log(rows, lines))
    facts = CelFacts(ours=originated(ordered))
    for row in ordered:
        yield from facts.of(row)
    if ordered:
        yield from facts.left_over(ordered[-1].at)


def _ended(happened: Sequence[FloorEvent]) -> Iterator[Call]:
    for event in happened:
        if isinstance(event, CallEnded):
            yield event.record


def _beginning_lost_s(call: Call) -> float:
    """Return how much of the beginning of *call* the rows lack, whatever clock they were written by."""
    born = birth_of(call.linkedid)
    late_s = abs(seconds(born, call.started_at)) if born else 0.0
    return late_s if late_s > BEGINS_WITHIN_S else 0.0
