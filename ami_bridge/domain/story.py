"""One call while it lives: its record, and the cursors that keep the record whole.

Whoever changes a story says at which instant; a story's time never runs backwards. Segments are
opened and closed here only, so the customer's tile the call by construction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ami_bridge.domain.legs import Leg
from crm_core.domain.calls import (
    CUSTOMER,
    Anomaly,
    Attempt,
    AttemptResult,
    Call,
    Party,
    Segment,
    SegmentKind,
    Visit,
    VisitOutcome,
    seconds,
)

ANOMALIES_KEPT = 50


@dataclass(slots=True, eq=False)
class Offer:
    """A phone that is rung for the customer. ``is_pop`` is False for phones that get no card (the
    customer's own, and the first leg of a click-to-call)."""

    attempt: Attempt
    queue: str | None
    is_pop: bool
    leg: str = ""
    has_rung: bool = False
    is_answered: bool = False
    is_joined: bool = False
    said: AttemptResult | None = None


@dataclass(slots=True)
class Story:
    """A live call: ``record`` is what others see of it."""

    record: Call
    last_at: datetime
    legs: dict[str, Leg] = field(default_factory=dict)
    customer: Leg | None = None
    caller: Leg | None = None
    visit: Visit | None = None
    is_connected: bool = False
    has_left_queue: bool = False
    was_given_up: bool = False
    offers: dict[str, Offer] = field(default_factory=dict)
    asked_by: Party | None = None
    last_cause: int | None = None
    idle_since: datetime | None = None
    is_quarantined: bool = False
    open: dict[str, Segment] = field(default_factory=dict)

    def moment(self, now: datetime) -> datetime:
        """Return *now*, or the call's last instant when that is later."""
        if now > self.last_at:
            self.last_at = now
        return self.last_at

    # --- segments

    def show(
        self,
        party: str,
        kind: SegmentKind,
        at: datetime,
        *,
        with_: tuple[str, ...] = (),
        queue: str | None = None,
        agent: str | None = None,
    ) -> Segment | None:
        """Let *party* be in *kind* from *at* on; return the segment it was in when that changed kind."""
        before = self.open.get(party)
        if before is not None:
            if before.kind == kind and before.with_ == with_ and before.queue == queue:
                return None
            self._close(before, at)
        self.open[party] = self._reopened(party, kind, with_, queue, at) or self._opened(
            Segment(kind=kind, party=party, agent=agent, with_=with_, queue=queue, at=at)
        )
        return before

    def close(self, party: str, at: datetime) -> None:
        """End the open segment of *party*."""
        if before := self.open.pop(party, None):
            self._close(before, at)

    def _opened(self, segment: Segment) -> Segment:
        self.record.segments.append(segment)
        return segment

    def _close(self, segment: Segment, at: datetime) -> None:
        segment.until = at
        if segment.at >= at:
            self._remove(segment)

    def _remove(self, segment: Segment) -> None:
        segments = self.record.segments
        for index in range(len(segments) - 1, -1, -1):
            if segments[index] is segment:
                del segments[index]
                return

    def _reopened(
        self, party: str, kind: SegmentKind, with_: tuple[str, ...], queue: str | None, at: datetime
    ) -> Segment | None:
        """Go on with the segment that ended just now when it says the same: flicker leaves no trace."""
        for segment in reversed(self.record.segments):
            if segment.party == party:
                same = segment.kind == kind and segment.with_ == with_ and segment.queue == queue
                if same and segment.until == at:
                    segment.until = None
                    return segment
                return None
        return None

    # --- queues and phones

    def enter_queue(self, queue: str, at: datetime) -> None:
        """Begin a visit."""
        self.visit = Visit(queue=queue, entered_at=at)
        self.is_connected = self.has_left_queue = self.was_given_up = False
        self.record.visits.append(self.visit)

    def leave_queue(self, outcome: VisitOutcome, at: datetime) -> Visit | None:
        """End the visit with *outcome*; return it, or None when there is none."""
        visit, self.visit = self.visit, None
        if visit is not None:
            visit.left_at, visit.outcome = at, outcome
            visit.wait_s = seconds(visit.entered_at, at)
        return visit

    def ring(
        self, interface: str, at: datetime, *, leg: str, agent: str | None, is_pop: bool, to: str | None
    ) -> Offer:
        """Begin an attempt at *interface*: in the visit when it is the queue that rings, else the call's."""
        attempt = Attempt(interface=interface, agent=agent, started_at=at, to=to)
        visit = self.visit if is_pop else None
        (visit.attempts if visit else self.record.attempts).append(attempt)
        offer = Offer(attempt, visit.queue if visit else None, is_pop, leg)
        self.offers[interface] = offer
        return offer

    def stop_ringing(self, interface: str, result: AttemptResult, at: datetime) -> Offer | None:
        """End the attempt at *interface*; return its offer, or None when it does not ring."""
        offer = self.offers.pop(interface, None)
        if offer is not None:
            offer.attempt.result = result
            offer.attempt.ring_s = seconds(offer.attempt.started_at, at)
        return offer

    def rings(self) -> bool:
        """Return whether a phone rings for the customer, or was picked up and is not joined to him yet."""
        return any(not offer.is_joined for offer in self.offers.values()) or self.is_connected

    def is_taken(self) -> bool:
        """Return whether somebody's phone was picked up for the customer."""
        return any(offer.is_answered and offer.is_pop for offer in self.offers.values())

    # --- the rest

    def note(self, kind: str, detail: str, at: datetime) -> None:
        """Keep an anomaly, up to a bound."""
        if len(self.record.anomalies) < ANOMALIES_KEPT:
            self.record.anomalies.append(Anomaly(at=at, kind=kind, detail=detail))

    def swallow(self, other: Story, at: datetime) -> None:
        """Take over everything of *other*, which turned out to be the same call."""
        record, gone = self.record, other.record
        other.close(CUSTOMER, at)
        for party in list(other.open):
            other.close(party, at)
        record.merged_ids += [gone.linkedid, *gone.merged_ids]
        record.visits += gone.visits
        record.attempts += gone.attempts
        record.transfers += gone.transfers
        record.segments += _without_customer(other)
        for uniqueid, leg in other.legs.items():
            leg.story = self
            self.legs[uniqueid] = leg
        self.offers = {**other.offers, **self.offers}
        self.moment(other.last_at)


def _without_customer(other: Story) -> list[Segment]:
    """Return *other*'s segments as those of a party: an agent who played the customer keeps only his own."""
    played_by_agent = other.customer is None or other.customer.is_inside
    party = f"tel:{other.record.customer or other.record.ani or 'unknown'}"
    kept = []
    for segment in other.record.segments:
        if segment.party == CUSTOMER:
            if played_by_agent:
                continue
            segment.party = party
        kept.append(segment)
    return kept


def birth_order(linkedid: str) -> tuple[int, int]:
    """Return what sorts linkedids by age: the second and the counter; unknown shapes come last."""
    second, _, counter = linkedid.rpartition("-")[2].partition("#")[0].partition(".")
    if second.isdigit() and counter.isdigit():
        return int(second), int(counter)
    return 1 << 62, 0


Seats = Mapping[str, str]
NO_TIME = timedelta()
