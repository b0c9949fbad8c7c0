"""One call while it lives: its record, and what must be remembered to go on telling it.

Whoever changes a story says at which instant; a story's time never runs backwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ami_bridge.domain.legs import Leg
from ami_bridge.domain.timeline import Timeline
from crm_core.domain.calls import (
    CUSTOMER,
    Anomaly,
    Attempt,
    AttemptResult,
    Call,
    Party,
    Segment,
    Transfer,
    Visit,
    VisitOutcome,
    seconds,
)

ANOMALIES_KEPT = 50
UNKNOWN_AGE = (1 << 62, 0)
DIGITS_AT_MOST = 40


@dataclass(slots=True, eq=False)
class Offer:
    """A phone that is rung: ``attempt`` is its place in the record, ``legs`` the channels that ring.

    ``is_pop`` is False for phones that get no card: the customer's own, and the first leg of a
    click-to-call. ``was_dialled``: by a Dial() or Queue() that will say what became of it, ``said``.
    ``is_answered`` lasts until the customer is bridged to it; then the offer is over.
    """

    attempt: Attempt
    queue: str | None
    is_pop: bool
    legs: set[str] = field(default_factory=set)
    was_dialled: bool = False
    has_rung: bool = False
    is_answered: bool = False
    said: AttemptResult | None = None


@dataclass(slots=True, eq=False)
class Story:
    """A live call: ``record`` is what others see of it.

    ``names`` are the linkedids it goes by. ``customer`` is None before an outbound call's customer is
    dialled, and between two attempts to reach him (``lost_at``: since when). ``is_connected``: a member
    picked up for the open visit; ``has_left_queue``, ``was_given_up``: the queue said so, why comes later;
    ``was_sent_away``: taken out of the queue, to another extension than ``queued_at``, that of the queue.
    ``has_music``: the queue plays some to him, ``was_silenced``: not any more when it gave him up.
    ``consultation``: an agent asks somebody while the customer waits. ``is_unserved``: he is in our menu and
    got nothing there yet. ``is_in_voicemail``: he was sent there, and ``has_left_message``.
    ``idle_since``: the customer is between two things since then. ``is_cut``: we lost sight of a leg.
    ``is_quarantined``: our own code failed on it, it is only followed to its end. ``is_closed``: told whole.
    """

    record: Call
    last_at: datetime
    timeline: Timeline = field(init=False)
    names: set[str] = field(default_factory=set)
    legs: dict[str, Leg] = field(default_factory=dict)
    caller: Leg | None = None
    customer: Leg | None = None
    lost_at: datetime | None = None
    visit: Visit | None = None
    is_connected: bool = False
    has_left_queue: bool = False
    was_given_up: bool = False
    was_sent_away: bool = False
    queued_at: str = ""
    has_music: bool = False
    was_silenced: bool = False
    consultation: Transfer | None = None
    is_unserved: bool = False
    is_in_voicemail: bool = False
    has_left_message: bool = False
    offers: dict[str, Offer] = field(default_factory=dict)
    taken_by: str | None = None
    asked_by: Party | None = None
    last_cause: int | None = None
    idle_since: datetime | None = None
    is_cut: bool = False
    is_quarantined: bool = False
    is_closed: bool = False

    def __post_init__(self) -> None:
        self.timeline = Timeline(self.record.segments)

    def moment(self, now: datetime) -> datetime:
        """Return *now*, or the call's last instant when that is later."""
        self.last_at = max(self.last_at, now)
        return self.last_at

    def doubt(self, since: datetime, until: datetime) -> None:
        """Say in the record that something in it happened between *since* and *until*, unheard."""
        self.record.precision_s = max(self.record.precision_s, seconds(since, until))

    # --- queues and phones

    def enter_queue(self, queue: str, at: datetime) -> None:
        """Begin a visit."""
        self.visit = Visit(queue=queue, entered_at=at)
        self.is_connected = self.has_left_queue = self.was_given_up = self.was_sent_away = False
        self.has_music = self.was_silenced = False
        self.taken_by = None
        self.record.visits.append(self.visit)

    def leave_queue(self, outcome: VisitOutcome, at: datetime) -> Visit | None:
        """End the visit with *outcome*; return it, or None when there is none."""
        visit, self.visit = self.visit, None
        if visit is not None:
            visit.left_at, visit.outcome = max(at, visit.entered_at), outcome
            visit.wait_s = seconds(visit.entered_at, visit.left_at)
        return visit

    def ring(
        self,
        interface: str,
        at: datetime,
        *,
        leg: str,
        agent: str | None,
        is_pop: bool,
        to: str | None,
        is_dialled: bool,
    ) -> Offer:
        """Begin an attempt at *interface*: in the visit when it is the queue that rings, else the call's.

        A phone that is dialled when the customer has left the queue is not rung by it.
        """
        attempt = Attempt(interface=interface, agent=agent, started_at=at, to=to)
        visit = self.visit if is_pop and not (is_dialled and self.is_leaving()) else None
        (visit.attempts if visit else self.record.attempts).append(attempt)
        offer = Offer(attempt, visit.queue if visit else None, is_pop, {leg} if leg else set(), is_dialled)
        self.offers[interface] = offer
        return offer

    def rings(self) -> bool:
        """Return whether a phone is rung for the customer, or was picked up and is not bridged to him yet."""
        return bool(self.offers) or self.is_connected

    def is_taken(self) -> bool:
        """Return whether somebody picked up for the customer in this round of ringing."""
        return self.is_connected or self.taken_by is not None

    def is_leaving(self) -> bool:
        """Return whether the customer left the queue untaken, and what for is not known yet."""
        return self.visit is not None and self.has_left_queue and not self.is_taken()

    def rings_outside_the_queue(self) -> bool:
        """Return whether a phone is rung for the customer, and not by a queue."""
        return any(offer.is_pop and offer.queue is None for offer in self.offers.values())

    def has_customer_left(self) -> bool:
        """Return whether the customer hung up, as far as is known now."""
        return self.customer is None or self.customer.asked_to_end

    def is_on_the_line(self) -> bool:
        """Return whether the customer's leg still lives."""
        return self.customer is not None and self.customer.uniqueid in self.legs

    # --- the rest

    def shut(self) -> None:
        """The call is told whole; its legs are let go, as a circle through them would keep it for minutes."""
        self.is_closed = True
        self.caller = self.customer = None

    def note(self, kind: str, detail: str, at: datetime) -> None:
        """Keep an anomaly, up to a bound."""
        if len(self.record.anomalies) < ANOMALIES_KEPT:
            self.record.anomalies.append(Anomaly(at=at, kind=kind, detail=detail))

    def swallow(self, other: Story) -> None:
        """Take over everything of *other*, which turned out to be the same call.

        The customer's time is told by this story alone; who was *other*'s customer becomes a party.
        """
        record, gone = self.record, other.record
        at = self.moment(other.last_at)
        for party in list(other.timeline.open):
            other.timeline.close(party, at)
        record.merged_ids += [gone.linkedid, *gone.merged_ids]
        record.visits += gone.visits
        record.attempts += gone.attempts
        record.transfers += gone.transfers
        record.anomalies += gone.anomalies
        told = _without_customer(other)
        for segment in told:
            if segment.kind == "consult":
                self.timeline.make_room(segment)
        record.segments += told
        record.segments.sort(key=_begin)
        record.version = max(record.version, gone.version)
        for uniqueid, leg in other.legs.items():
            leg.story = self
            self.legs[uniqueid] = leg
        self.names |= {gone.linkedid, *other.names}
        self.offers.update(other.offers)


def _begin(segment: Segment) -> datetime:
    return segment.at


def _without_customer(other: Story) -> list[Segment]:
    """Return *other*'s segments as those of a party of this call."""
    customer = other.customer
    if customer is None or customer.is_inside:
        return _as_consultation(other.record.segments, customer.interface if customer else None)
    party = f"tel:{other.record.customer or other.record.ani or 'unknown'}"
    for segment in other.record.segments:
        segment.party = party if segment.party == CUSTOMER else segment.party
    return other.record.segments


def _as_consultation(segments: list[Segment], agent: str | None) -> list[Segment]:
    """Return what was said in a call that *agent* made and that was joined to his customer's.

    He asked: also while he waited for somebody to pick up, in a queue or not. Who dialled a service of the
    exchange and got the customer by it (a pick-up) asked nobody.
    """
    asked = any(segment.party == CUSTOMER and segment.kind in _ASKS for segment in segments)
    kept = []
    for segment in segments:
        if segment.party == CUSTOMER:
            if agent is None or not asked:
                continue
            segment.party, segment.queue = agent, None
        elif segment.kind not in _TALKS:
            kept.append(segment)
            continue
        segment.kind = "consult"
        segment.with_ = tuple(agent if agent and party == CUSTOMER else party for party in segment.with_)
        kept.append(segment)
    return kept


_TALKS = frozenset(("talk", "hold", "conference"))
_ASKS = _TALKS | {"ring", "wait"}


def birth_order(linkedid: str) -> tuple[int, int]:
    """Return what sorts linkedids by age: the second and the counter; unknown shapes come last."""
    second, _, counter = linkedid.rpartition("-")[2].partition("#")[0].partition(".")
    if second.isdecimal() and counter.isdecimal() and len(second) + len(counter) <= DIGITS_AT_MOST:
        return int(second), int(counter)
    return UNKNOWN_AGE
