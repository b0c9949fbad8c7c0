"""The figures of queues: sums and counts of visits, and one function for each figure made of them.

A visit belongs to the interval in which it began. Sums add up, so a day is the sum of its hours and a
centre the sum of its queues; there is no average of averages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo

import msgspec

from crm_core.domain.calls import Call, SegmentKind, Visit
from crm_core.domain.sla import Target, Targets, counted_as, is_in_time

HANDLING: frozenset[SegmentKind] = frozenset(("talk", "hold", "consult", "conference", "wrap_up"))


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Visits counted and summed up. ``wait_s`` is that of the answered, ``longest_s`` of all who were let in.

    ``handled`` are the answered visits whose agent is done, ``handled_s`` his time for them.
    """

    answered: int = 0
    in_time: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    left: int = 0
    refused: int = 0
    wait_s: float = 0.0
    longest_s: float | None = None
    handled: int = 0
    handled_s: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        """Return what both count together."""
        longest = [one.longest_s for one in (self, other) if one.longest_s is not None]
        return Tally(
            answered=self.answered + other.answered,
            in_time=self.in_time + other.in_time,
            abandoned=self.abandoned + other.abandoned,
            short_abandoned=self.short_abandoned + other.short_abandoned,
            left=self.left + other.left,
            refused=self.refused + other.refused,
            wait_s=self.wait_s + other.wait_s,
            longest_s=max(longest, default=None),
            handled=self.handled + other.handled,
            handled_s=self.handled_s + other.handled_s,
        )


class QueueTally(msgspec.Struct, frozen=True, kw_only=True):
    """The visits to one queue of one exchange."""

    pbx: str
    queue: str
    tally: Tally


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of an interval. Shares are 0.0 to 1.0; None where there is nothing to divide by."""

    offered: int
    answered: int
    in_time: int
    abandoned: int
    short_abandoned: int
    left: int
    refused: int
    service_level: float | None
    abandonment: float | None
    asa_s: float | None
    aht_s: float | None
    longest_wait_s: float | None


def tally_of(visits: Iterable[tuple[Visit, float | None]], target: Target, *, now: datetime) -> Tally:
    """Return the count of *visits*, each with the seconds its agent was busy with it (None: not known).

    Of who waits still, only the wait until *now* counts, for the longest.
    """
    total = Tally()
    for visit, busy_s in visits:
        total += _one(visit, busy_s, target, now)
    return total


def _one(visit: Visit, busy_s: float | None, target: Target, now: datetime) -> Tally:
    kind = counted_as(visit, target)
    if kind == "refused":
        return Tally(refused=1)
    if kind is None:
        return Tally(longest_s=max(0.0, (now - visit.entered_at).total_seconds()))
    if kind != "answered":
        return msgspec.structs.replace(Tally(longest_s=visit.wait_s), **{kind: 1})
    return Tally(
        answered=1,
        in_time=int(is_in_time(visit, target)),
        wait_s=visit.wait_s or 0.0,
        longest_s=visit.wait_s,
        handled=int(busy_s is not None),
        handled_s=busy_s or 0.0,
    )


def offered(of: Tally) -> int:
    """Return how many callers were let in and have been served or are gone.

    answered + abandoned + short abandoned + left; who was refused is beside.
    """
    return of.answered + of.abandoned + of.short_abandoned + of.left


def service_level(of: Tally) -> float | None:
    """Return the share of counted callers who were answered in time.

        answered within the target / (answered + abandoned after the short-abandon time)

    0.0 to 1.0; None when nobody counts: an empty interval is not perfect.

    Source:
        callcentrehelper.com, "Service Level Threshold Calculations", formula 4.
    """
    return _share(of.in_time, of.answered + of.abandoned)


def abandonment(of: Tally) -> float | None:
    """Return the share of counted callers who hung up: abandoned / (answered + abandoned), or None."""
    return _share(of.abandoned, of.answered + of.abandoned)


def asa_s(of: Tally) -> float | None:
    """Return the mean wait of the answered in seconds, from entry to answer (ASA); None when nobody was."""
    return _share(of.wait_s, of.answered)


def aht_s(of: Tally) -> float | None:
    """Return the mean talk, hold and wrap-up of answered visits in seconds (AHT); None when none is over."""
    return _share(of.handled_s, of.handled)


def figures_of(of: Tally) -> Figures:
    """Return every figure of a tally."""
    return Figures(
        offered=offered(of),
        answered=of.answered,
        in_time=of.in_time,
        abandoned=of.abandoned,
        short_abandoned=of.short_abandoned,
        left=of.left,
        refused=of.refused,
        service_level=service_level(of),
        abandonment=abandonment(of),
        asa_s=asa_s(of),
        aht_s=aht_s(of),
        longest_wait_s=of.longest_s,
    )


def total(of: Iterable[Tally]) -> Tally:
    """Return what all count together."""
    return sum(of, start=Tally())


def summed(of: Iterable[QueueTally]) -> list[QueueTally]:
    """Return one tally for each queue, by exchange and name; what is told of a queue twice is added."""
    kept: dict[tuple[str, str], Tally] = {}
    for one in of:
        key = (one.pbx, one.queue)
        kept[key] = kept.get(key, Tally()) + one.tally
    return [QueueTally(pbx=pbx, queue=queue, tally=tally) for (pbx, queue), tally in sorted(kept.items())]


def tallies_of(
    calls: Iterable[Call], targets: Targets, *, since: datetime, now: datetime
) -> list[QueueTally]:
    """Return the tally of each queue that *calls* entered from *since* on."""
    return summed(
        QueueTally(
            pbx=call.pbx,
            queue=visit.queue,
            tally=tally_of([(visit, busy_s(call, n))], targets.of(call.pbx, visit.queue), now=now),
        )
        for call in calls
        for n, visit in enumerate(call.visits)
        if visit.entered_at >= since
    )


def busy_s(call: Call, n: int) -> float | None:
    """Return the seconds of talk, hold, consult and wrap-up of who answered visit *n*, until the next one.

    None when the visit was not answered, or the call goes on.
    """
    visit = call.visits[n]
    if call.ended_at is None or visit.outcome != "answered" or visit.left_at is None:
        return None
    until = _next_entry(call.visits, n)
    spans = [
        (one.until - one.at).total_seconds()
        for one in call.segments
        if one.party == visit.interface
        and one.kind in HANDLING
        and one.until is not None
        and visit.left_at <= one.at
        and (until is None or one.at < until)
    ]
    return round(sum(spans), 3)


def day_start(now: datetime, zone: tzinfo) -> datetime:
    """Return the instant at which the day of *now* began in *zone*."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return midnight.astimezone(UTC)


def _next_entry(visits: Sequence[Visit], n: int) -> datetime | None:
    return visits[n + 1].entered_at if n + 1 < len(visits) else None


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
