"""What must stand in the ledger, and where what stands there differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crm_core.domain.calls import CUSTOMER, Call, untiled

NEAR_S = 0.1
COUNTED = ("talk", "hold", "consult", "conference")

Handed = tuple[str, str, str | None, str | None, str | None]
"""A hand-over: kind, by, to, answered by, result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One call by the wire; instants in seconds since the epoch.

    ``credited``: to each party but the customer his seconds by kind, nobody else has any. ``customer``: the
    customer's own seconds of these kinds. ``waits``: seconds in some of the queues.
    """

    started_at: float
    ended_at: float
    outcome: str
    hung_up_by: str
    direction: str = "inbound"
    credited: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    customer: Mapping[str, float] = field(default_factory=dict)
    transfers: tuple[Handed, ...] = ()
    visits: tuple[tuple[str, str], ...] = ()
    waits: Mapping[str, float] = field(default_factory=dict)


def differences(call: Call, wanted: Expected) -> list[str]:
    """Return what the ledger says otherwise than the wire, in words."""
    return [
        *_unequal("direction", call.direction, wanted.direction),
        *_unequal("outcome", call.outcome, wanted.outcome),
        *_unequal("hung_up_by", call.hung_up_by, wanted.hung_up_by),
        *_apart("started_at", _stamp(call.started_at), wanted.started_at),
        *_apart("ended_at", _stamp(call.ended_at), wanted.ended_at),
        *_unequal(
            "transfers",
            [_handed(call, place) for place in range(len(call.transfers))],
            list(wanted.transfers),
        ),
        *_unequal("visits", [(visit.queue, visit.outcome) for visit in call.visits], list(wanted.visits)),
        *_waits(call, wanted),
        *_credits(call, wanted),
        *untiled(call),
        *(f"anomaly {each.kind}: {each.detail}" for each in call.anomalies),
    ]


def _handed(call: Call, place: int) -> Handed:
    each = call.transfers[place]
    return each.kind, each.by, each.to, each.answered_by, each.result


def _stamp(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


def _unequal(what: str, seen: object, wanted: object) -> Iterator[str]:
    if seen != wanted:
        yield f"{what}: {seen!r}, by the wire {wanted!r}"


def _apart(what: str, seen: float | None, wanted: float) -> Iterator[str]:
    if seen is None or abs(seen - wanted) > NEAR_S:
        yield f"{what}: {seen}, by the wire {wanted} ({(seen or 0) - wanted:+.3f} s)"


def _waits(call: Call, wanted: Expected) -> Iterator[str]:
    seen = {visit.queue: visit.wait_s for visit in call.visits}
    for queue, seconds in wanted.waits.items():
        yield from _apart(f"wait in {queue}", seen.get(queue), seconds)


def _credits(call: Call, wanted: Expected) -> Iterator[str]:
    spent = spent_by(call)
    own = spent.pop(CUSTOMER, {})
    for kind, seconds in wanted.customer.items():
        yield from _apart(f"{CUSTOMER}'s {kind}", own.get(kind, 0.0), seconds)
    for party in sorted({*spent, *wanted.credited}):
        seen, right = spent.get(party, {}), wanted.credited.get(party, {})
        for kind in COUNTED:
            yield from _apart(f"{party}'s {kind}", seen.get(kind, 0.0), right.get(kind, 0.0))


def spent_by(call: Call) -> dict[str, dict[str, float]]:
    """Return each party's seconds by kind."""
    spent: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for segment in call.segments:
        if segment.until is not None:
            spent[segment.party][segment.kind] += (segment.until - segment.at).total_seconds()
    return spent
