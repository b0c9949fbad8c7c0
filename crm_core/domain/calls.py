"""The call: what one customer lived through, as a ledger of segments.

One record type serves REST, ``centralita replay``, events and the database. Durations are
seconds (fields ending in ``_s``), instants aware UTC datetimes, numbers E.164.
``None`` means "live" or "not known", never 0 or "".
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Literal
from uuid import UUID

import msgspec

Direction = Literal["inbound", "outbound", "internal"]
OriginKind = Literal["caller", "click", "callback", "virtual_hold", "campaign", "api", "unknown"]
MatchKind = Literal["exact", "equated", "national", "range", "ivr_id", "chosen", "none"]
Source = Literal["live", "adopted", "backfill"]
Outcome = Literal[
    "answered",
    "abandoned",
    "timeout",
    "refused",
    "voicemail",
    "self_service",
    "busy",
    "no_answer",
    "failed",
    "machine",
    "nuisance",
    "cut",
]
Party = Literal["customer", "agent", "system"]
VisitOutcome = Literal[
    "answered",
    "abandoned",
    "timeout",
    "exit_key",
    "redirected",
    "left_empty",
    "withdrawn",
    "refused",
    "cut",
]
AttemptResult = Literal["answered", "no_answer", "busy", "rejected", "cancelled", "unreachable", "forwarded"]
SegmentKind = Literal[
    "setup",
    "ivr",
    "wait",
    "ring",
    "talk",
    "hold",
    "park",
    "conference",
    "voicemail",
    "consult",
    "wrap_up",
    "spy",
]
CUSTOMER = "customer"
KEPT_IDS = 4_096  # each leg of a call asks for it, and so does who routes it
LATEST_EPOCH_DIGITS = 11  # until the year 5138


class Origin(msgspec.Struct, kw_only=True, frozen=True):
    """Why the call exists; ``ref`` names the click, callback or lead that caused it."""

    kind: OriginKind = "unknown"
    ref: str | None = None


class CampaignRef(msgspec.Struct, kw_only=True, frozen=True):
    """For whom a campaign dials: its id, the lead's, and the try's."""

    campaign_id: str
    lead_id: str
    attempt_id: str


class Candidate(msgspec.Struct, kw_only=True, frozen=True):
    """Somebody who may be calling, and why we think so."""

    contact_id: str | None
    account_id: str | None
    kind: MatchKind
    why: str


class Match(msgspec.Struct, kw_only=True, frozen=True):
    """Who the customer is; candidates best first."""

    kind: MatchKind = "none"
    candidates: tuple[Candidate, ...] = ()
    relabelled_at: datetime | None = None


class Attempt(msgspec.Struct, kw_only=True):
    """One phone that was rung. ``result`` is None while it rings."""

    interface: str
    agent: str | None = None
    started_at: datetime
    ring_s: float | None = None
    pop_at: datetime | None = None
    result: AttemptResult | None = None
    to: str | None = None
    forwarded_to: str | None = None


class Visit(msgspec.Struct, kw_only=True):
    """One stay in one queue."""

    queue: str
    entered_at: datetime
    left_at: datetime | None = None
    wait_s: float | None = None
    agent: str | None = None
    interface: str | None = None
    outcome: VisitOutcome | None = None
    attempts: list[Attempt] = msgspec.field(default_factory=list)


class Transfer(msgspec.Struct, kw_only=True):
    """A hand-over: who did it, to whom, and what became of it."""

    kind: Literal["blind", "attended", "redirect"]
    by: str
    agent: str | None = None
    to: str | None = None
    answered_by: str | None = None
    started_at: datetime
    completed_at: datetime | None = None
    result: Literal["completed", "cancelled", "failed"] | None = None


class Segment(msgspec.Struct, kw_only=True):
    """A stretch of one party's time. ``party`` is "customer", an interface or ``tel:+34…``."""

    kind: SegmentKind
    party: str
    agent: str | None = None
    with_: tuple[str, ...] = msgspec.field(default=(), name="with")
    queue: str | None = None
    room: str | None = None
    at: datetime
    until: datetime | None = None


class Joined(msgspec.Struct, kw_only=True, frozen=True):
    """Another call met in a conference room."""

    call: str
    at: datetime
    until: datetime | None = None


class Work(msgspec.Struct, kw_only=True):
    """What an agent wrote about the call."""

    agent: str
    disposition: str | None = None
    notes: str | None = None
    wrap_up_s: float | None = None
    saved_at: datetime


class Recording(msgspec.Struct, kw_only=True, frozen=True):
    """Where a stretch of sound lies."""

    id: str
    at: datetime
    until: datetime | None = None
    party: str | None = None
    path: str


class Anomaly(msgspec.Struct, kw_only=True, frozen=True):
    """Something the exchange said that does not fit; nothing was changed for it."""

    at: datetime
    kind: str
    detail: str = ""


class Call(msgspec.Struct, kw_only=True):
    """One customer's call, from the first leg to the end of his last one."""

    id: str
    pbx: str
    linkedid: str
    merged_ids: list[str] = msgspec.field(default_factory=list)
    version: int = 0
    source: Source = "live"
    precision_s: float = 0.0
    direction: Direction = "inbound"
    origin: Origin = Origin()
    ani: str | None = None
    ani_raw: str | None = None
    ani_name: str | None = None
    did: str | None = None
    customer: str | None = None
    contact_id: str | None = None
    match: Match = Match()
    started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    hung_up_by: Party | None = None
    hangup_cause: int | None = None
    wait_s: float | None = None
    ring_s: float | None = None
    talk_s: float | None = None
    hold_s: float | None = None
    park_s: float | None = None
    ivr_s: float | None = None
    visits: list[Visit] = msgspec.field(default_factory=list)
    attempts: list[Attempt] = msgspec.field(default_factory=list)
    transfers: list[Transfer] = msgspec.field(default_factory=list)
    segments: list[Segment] = msgspec.field(default_factory=list)
    joined: list[Joined] = msgspec.field(default_factory=list)
    work: list[Work] = msgspec.field(default_factory=list)
    incident_ids: list[str] = msgspec.field(default_factory=list)
    campaign_id: str | None = None
    lead_id: str | None = None
    attempt_id: str | None = None
    recordings: list[Recording] = msgspec.field(default_factory=list)
    anomalies: list[Anomaly] = msgspec.field(default_factory=list)


def birth_of(linkedid: str) -> datetime | None:
    """Return the second in which the call's oldest channel was born; None when the id does not tell.

    A uniqueid is ``epoch.counter``, with ``systemname-`` before it when the exchange has a system name.
    """
    stem = linkedid.rpartition("#")[0] or linkedid
    epoch = stem.rpartition("-")[2].partition(".")[0]
    if not (epoch.isascii() and epoch.isdigit() and len(epoch) <= LATEST_EPOCH_DIGITS):
        return None
    return datetime.fromtimestamp(int(epoch), UTC)


@lru_cache(maxsize=KEPT_IDS)
def call_id(pbx: str, linkedid: str) -> str:
    """Return the call's id: UUIDv7-shaped, but computed, so that every source gives the same one.

    The time is the linkedid's birth second; the other bits are SHA-256 of pbx and linkedid.
    Layout: RFC 9562 §5.7.
    """
    born = birth_of(linkedid)
    millis = int(born.timestamp()) * 1000 if born else 0
    noise = int.from_bytes(hashlib.sha256(f"{pbx}\0{linkedid}".encode()).digest()[:10], "big")
    rand_a, rand_b = noise >> 68, noise & ((1 << 62) - 1)
    value = (millis & ((1 << 48) - 1)) << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b
    return str(UUID(int=value))


def seconds(at: datetime, until: datetime) -> float:
    """Return the seconds from *at* to *until*, rounded to the millisecond."""
    return round((until - at).total_seconds(), 3)


def with_sums(call: Call) -> Call:
    """Fill the call's sums from its segments and visits, and return it.

    ``wait_s`` is the sum over the visits (entry to answer or leaving), None without a visit;
    ``ring_s`` the customer's ring; ``talk_s`` talk and conference; the rest their own kind.
    A call that is still live keeps None.
    """
    if call.ended_at is None:
        return call
    waits = [v.wait_s for v in call.visits if v.wait_s is not None]
    call.wait_s = round(sum(waits), 3) if waits else None
    spent = _spent(call.segments)
    call.ring_s = round(spent["ring"], 3)
    call.talk_s = round(spent["talk"] + spent["conference"], 3)
    call.hold_s = round(spent["hold"], 3)
    call.park_s = round(spent["park"], 3)
    call.ivr_s = round(spent["ivr"], 3)
    return call


def _spent(segments: Iterable[Segment]) -> defaultdict[SegmentKind, float]:
    """Return the customer's seconds by kind; segments still open count nothing."""
    spent: defaultdict[SegmentKind, float] = defaultdict(float)
    for segment in segments:
        if segment.party == CUSTOMER and segment.until is not None:
            spent[segment.kind] += (segment.until - segment.at).total_seconds()
    return spent


def untiled(call: Call) -> list[str]:
    """Return where the customer's segments leave a gap or overlap; empty when they tile the call."""
    mine = [s for s in call.segments if s.party == CUSTOMER]
    if call.ended_at is None:
        return []
    if not mine:
        return [] if call.started_at == call.ended_at else ["no segment at all"]
    faults = []
    if mine[0].at != call.started_at:
        faults.append(f"begins at {mine[0].at.isoformat()}, call at {call.started_at.isoformat()}")
    for one, following in pairwise(mine):
        if one.until != following.at:
            faults.append(f"{one.kind} until {one.until}, {following.kind} at {following.at}")
    if mine[-1].until != call.ended_at:
        faults.append(f"ends at {mine[-1].until}, call at {call.ended_at.isoformat()}")
    return faults


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Call)


def call_to_json(call: Call) -> bytes:
    """Return the call as JSON (the contract of REST, replay and events)."""
    return _ENCODER.encode(call)


def call_from_json(text: bytes | str) -> Call:
    """Return the call that *text* holds.

    Raises:
        msgspec.ValidationError: if *text* is not a call.
    """
    return _DECODER.decode(text)
