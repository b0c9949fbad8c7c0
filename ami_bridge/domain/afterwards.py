"""Calls told from the exchange's own records, by the ledger that tells them live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from ami_bridge.domain.book import ReadNumber
from ami_bridge.domain.cel import CelRow
from ami_bridge.domain.cel_facts import CelFacts, Dated
from ami_bridge.domain.cel_order import in_order, originated
from ami_bridge.domain.events import CallEnded, FloorEvent
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.ledger import Ledger
from crm_core.domain.calls import Call

TICK = timedelta(milliseconds=250)
AFTERWARDS = timedelta(seconds=5)


def tell(
    pbx: str, rows: Sequence[CelRow], *, inside: Inside, read: ReadNumber, seats: Mapping[str, str]
) -> Iterator[Call]:
    """Yield the calls that ended in *rows*, in the order of their ends, then those that had not ended."""
    ledger = Ledger(pbx, inside=inside, read=read, seats=seats)
    due = None
    for at, fact in _facts(rows):
        due = due or at
        while due <= at:
            yield from _ended(ledger.tick(due))
            due = max(due + TICK, at - AFTERWARDS) if due + TICK <= at else due + TICK
        yield from _ended(ledger.step(fact, at))
    if due is not None:
        yield from _ended(ledger.tick(due + AFTERWARDS))
    for call in ledger.calls():
        call.source = "backfill"
        yield call


def _facts(rows: Sequence[CelRow]) -> Iterator[Dated]:
    ordered = in_order(rows)
    facts = CelFacts(ours=originated(ordered))
    for row in ordered:
        yield from facts.of(row)
    if ordered:
        yield from facts.left_over(ordered[-1].at)


def _ended(happened: Sequence[FloorEvent]) -> Iterator[Call]:
    for event in happened:
        if isinstance(event, CallEnded):
            event.record.source = "backfill"
            yield event.record
