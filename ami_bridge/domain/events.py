"""What happened to calls, agents and queues: the events everybody else reads.

Each struct is its own JSON: a ``type`` tag, ids, the call's ``version`` (+1 an event; readers keep
the highest) and what changed. The full call stands in ``call.ended`` only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from crm_core.domain.calls import Call, Direction, Match, Origin, Outcome, Party, VisitOutcome

OfferEnd = Literal[
    "answered",
    "answered_elsewhere",
    "caller_left",
    "no_answer",
    "busy",
    "rejected",
    "redirected",
    "unreachable",
    "merged",
    "cut",
]
AgentStateName = Literal[
    "logged_out",
    "ready",
    "reserved",
    "talking",
    "holding",
    "consulting",
    "dialling",
    "wrap_up",
    "paused",
    "unreachable",
]


Intervention = Literal["paused", "unpaused", "logged_out"]


class FloorEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Something happened on the floor of one exchange."""

    pbx: str
    at: datetime


class CallEvent(FloorEvent, frozen=True, kw_only=True):
    """Something happened to a call: ``call`` is its id."""

    call: str
    linkedid: str
    version: int


class CallStarted(CallEvent, frozen=True, kw_only=True, tag="call.started"):
    """A call is there; the look-up of its customer starts now."""

    direction: Direction
    origin: Origin
    ani: str | None = None
    ani_raw: str | None = None
    ani_name: str | None = None
    did: str | None = None
    customer: str | None = None


class CallQueued(CallEvent, frozen=True, kw_only=True, tag="call.queued"):
    """The customer entered a queue."""

    queue: str
    position: int = 0


class CallOffered(CallEvent, frozen=True, kw_only=True, tag="call.offered"):
    """A phone is rung for the customer: the moment of the screen pop."""

    interface: str
    agent: str | None = None
    queue: str | None = None


class OfferEnded(CallEvent, frozen=True, kw_only=True, tag="call.offer_ended"):
    """That phone is no longer rung; ``answered_by`` the interface that has the call now, when one has."""

    interface: str
    agent: str | None = None
    queue: str | None = None
    reason: OfferEnd
    answered_by: str | None = None


class CallAnswered(CallEvent, frozen=True, kw_only=True, tag="call.answered"):
    """The customer is bridged to somebody; ``wait_s`` from queue entry, None for direct calls."""

    interface: str
    agent: str | None = None
    queue: str | None = None
    wait_s: float | None = None


class CallHeld(CallEvent, frozen=True, kw_only=True, tag="call.held"):
    """The customer hears music by an agent."""

    interface: str | None = None
    agent: str | None = None


class CallResumed(CallEvent, frozen=True, kw_only=True, tag="call.resumed"):
    """The customer was taken back."""

    interface: str | None = None
    agent: str | None = None


class CallParked(CallEvent, frozen=True, kw_only=True, tag="call.parked"):
    """The customer is in a parking space."""

    space: str | None = None


class TransferStarted(CallEvent, frozen=True, kw_only=True, tag="call.transfer_started"):
    """An agent hands the customer on."""

    by: str
    agent: str | None = None
    to: str | None = None
    kind: Literal["blind", "attended", "redirect"]


class CallTransferred(CallEvent, frozen=True, kw_only=True, tag="call.transferred"):
    """A hand-over was completed."""

    by: str
    agent: str | None = None
    to: str | None = None
    answered_by: str | None = None
    kind: Literal["blind", "attended", "redirect"]


class CallJoined(CallEvent, frozen=True, kw_only=True, tag="call.joined"):
    """The call met another in a conference room."""

    other: str


class CallLeftQueue(CallEvent, frozen=True, kw_only=True, tag="call.left_queue"):
    """The customer's visit to a queue is over."""

    queue: str
    outcome: VisitOutcome
    wait_s: float | None = None


class CallEnded(CallEvent, frozen=True, kw_only=True, tag="call.ended"):
    """The customer's last leg is gone; the whole call."""

    outcome: Outcome | None
    hung_up_by: Party | None
    record: Call


class CallMatched(CallEvent, frozen=True, kw_only=True, tag="call.matched"):
    """Who the customer is, or may be, is known now."""

    match: Match
    contact_id: str | None = None
    customer: str | None = None


class CallUpdated(CallEvent, frozen=True, kw_only=True, tag="call.updated"):
    """The call's own facts changed (caller ID learnt late, incident tied, note saved)."""

    ani: str | None = None
    ani_name: str | None = None
    did: str | None = None
    customer: str | None = None


class CallMerged(CallEvent, frozen=True, kw_only=True, tag="call.merged"):
    """Two calls turned out to be one: ``gone`` (its id) lives on in ``call``."""

    gone: str


class CallCorrected(CallEvent, frozen=True, kw_only=True, tag="call.corrected"):
    """The exchange's snapshot or records told otherwise; ``why`` says what."""

    why: str
    record: Call | None = None


class CallAnomaly(CallEvent, frozen=True, kw_only=True, tag="anomaly"):
    """The exchange said something that does not fit."""

    kind: str
    detail: str = ""


class AgentLoggedIn(FloorEvent, frozen=True, kw_only=True, tag="agent.logged_in"):
    """An agent took a seat."""

    agent: str
    interface: str


class AgentStateChanged(FloorEvent, frozen=True, kw_only=True, tag="agent.state_changed"):
    """An agent's state since ``at``; ``call`` the id of the call that causes it.

    ``is_kept``: that call is on hold from the desk, not by his phone, and can be taken back from there.
    """

    agent: str
    interface: str
    state: AgentStateName
    reason: str | None = None
    call: str | None = None
    is_kept: bool = False
    before: AgentStateName
    before_s: float


class AgentLoggedOut(FloorEvent, frozen=True, kw_only=True, tag="agent.logged_out"):
    """An agent left the seat."""

    agent: str
    interface: str


class AgentIntervened(FloorEvent, frozen=True, kw_only=True, tag="agent.intervened"):
    """Somebody stepped in at an agent's phone; ``by`` is that person's name, ``reason`` of a pause."""

    agent: str | None
    interface: str
    by: str
    act: Intervention
    reason: str | None = None


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """A queue's member as the board shows it."""

    interface: str
    agent: str | None
    name: str
    paused: bool
    paused_reason: str | None
    status: int


class WaitingView(msgspec.Struct, frozen=True, kw_only=True):
    """A caller in a queue as the board shows him."""

    call: str
    position: int
    since: datetime
    ringing: bool


class QueueChanged(FloorEvent, frozen=True, kw_only=True, tag="queue.changed"):
    """A queue as it is now."""

    queue: str
    waiting: tuple[WaitingView, ...] = ()
    members: tuple[MemberView, ...] = ()


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as the board shows him: in ``state`` since ``since``, because of ``call``.

    ``is_kept``: that call is on hold from the desk, not by his phone, and can be taken back from there.
    """

    agent: str
    interface: str
    state: AgentStateName
    since: datetime
    reason: str | None = None
    call: str | None = None
    is_kept: bool = False


class PbxConnected(FloorEvent, frozen=True, kw_only=True, tag="pbx.connected"):
    """The link to the exchange is up."""


class PbxDisconnected(FloorEvent, frozen=True, kw_only=True, tag="pbx.disconnected"):
    """The link to the exchange is down; what is shown may be old from here on."""

    why: str


class PbxResynced(FloorEvent, frozen=True, kw_only=True, tag="pbx.resynced"):
    """Our picture was laid beside the exchange's own; how many calls had to be changed.

    ``by`` counts what was otherwise, by kind: legs, visits and members. ``is_audit``: nothing had been missed
    as far as we knew. ``took_s`` from asking for the lists.
    """

    adopted: int = 0
    closed: int = 0
    corrected: int = 0
    by: dict[str, int] = {}
    is_audit: bool = False
    took_s: float = 0.0


AnyEvent = (
    CallStarted
    | CallQueued
    | CallOffered
    | OfferEnded
    | CallAnswered
    | CallHeld
    | CallResumed
    | CallParked
    | TransferStarted
    | CallTransferred
    | CallJoined
    | CallLeftQueue
    | CallEnded
    | CallMatched
    | CallUpdated
    | CallMerged
    | CallCorrected
    | CallAnomaly
    | AgentLoggedIn
    | AgentStateChanged
    | AgentLoggedOut
    | QueueChanged
    | PbxConnected
    | PbxDisconnected
    | PbxResynced
)
