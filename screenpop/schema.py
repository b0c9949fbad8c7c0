"""Messages on the websocket, subprotocol ``centralita.v1``: JSON text frames (pure).

Every message to the client carries ``seq`` = ``<epoch>-<n>``, the number of the event that caused it. For
one event a client gets one message at most, so ``seq`` strictly increases and resuming with the last
one seen loses nothing and repeats nothing: where a screen pop (or its end) goes out, it carries the
event that caused it in ``event`` instead of a message of its own beside it.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

from ami_bridge.domain.events import AgentView, FloorEvent, OfferEnd, QueueChanged
from crm_core.domain.calls import Call
from crm_core.domain.cards import Card

SUBPROTOCOL = "centralita.v1"
MAX_TOPICS = 64
LARGEST_HELLO = 8 * 1024

NOT_SIGNED_IN, NOT_ALLOWED, TOO_SLOW, SEAT_TAKEN, RESTARTING = 4001, 4003, 4008, 4009, 4010

TAKEN, LEFT, IN_USE = "taken", "left", "in use"
"""Why a seat is lost, first in the reason of its close frame; ``: `` and who did it follow."""

Topic = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class Seq(NamedTuple):
    """A place in the stream: the *n*-th event since the service started as *epoch*."""

    epoch: str
    n: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.n}"

    @classmethod
    def read(cls, text: str | None) -> Seq | None:
        """Return the place that *text* names; None when it names none."""
        epoch, _, n = (text or "").rpartition("-")
        if not (epoch and n.isascii() and n.isdigit() and len(n) <= 18):  # noqa: PLR2004 - below 2**63
            return None
        return cls(epoch, int(n))


class Hello(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="hello"):
    """Client: what I want to hear, and the last ``seq`` I saw.

    Topics are ``desk``, ``floor``, ``incidents`` and ``queue:NAME``.
    """

    topics: Annotated[tuple[Topic, ...], msgspec.Meta(min_length=1, max_length=MAX_TOPICS)]
    resume: str | None = None


class Resumed(msgspec.Struct, frozen=True, tag_field="op", tag="resumed"):
    """Server: what you missed follows; ``seq`` is where you will be then."""

    seq: str


class ShownCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call on a desk; ``html`` is its card as the desktop shows it."""

    call: Call
    card: Card | None
    html: str
    interface: str
    is_ringing: bool


class DeskView(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's desk. All but ``calls`` are None for who takes no calls; ringing calls come first."""

    agent: str | None = None
    pbx: str | None = None
    interface: str | None = None
    state: AgentView | None = None
    calls: tuple[ShownCall, ...] = ()


class FloorAgent(AgentView, frozen=True, kw_only=True):
    """An agent at an exchange, now."""

    pbx: str


class FloorCall(msgspec.Struct, frozen=True, kw_only=True):
    """A live call; ``name`` the customer in one line, None for a stranger."""

    call: Call
    name: str | None


class FloorView(msgspec.Struct, frozen=True, kw_only=True):
    """The floor, or the part of it that belongs to one queue."""

    queues: tuple[QueueChanged, ...]
    agents: tuple[FloorAgent, ...]
    calls: tuple[FloorCall, ...]


class FloorNow(msgspec.Struct, frozen=True, kw_only=True):
    """The floor by REST; ``pbx`` says of each exchange whether what is shown of it is live."""

    pbx: dict[str, bool]
    floor: FloorView


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="snapshot"):
    """Server: everything needed to draw; throw away what you had.

    ``version`` is the service's: a page drawn by another one loads itself anew when nobody works on it.
    ``pbx`` says of each exchange whether what is shown of it is live; ``queues`` holds a view for each
    ``queue:NAME`` asked for.
    """

    seq: str
    version: str
    pbx: dict[str, bool]
    desk: DeskView | None = None
    floor: FloorView | None = None
    queues: dict[str, FloorView] = {}


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="op", tag="event"):
    """Server: something happened. With ``call.matched``, ``name`` is the customer in one line."""

    seq: str
    event: msgspec.Struct
    name: str | None = None


class ScreenPop(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="screen_pop"):
    """Server to agent: this is the caller at your phone; a later one for the same call replaces it.

    ``card`` is None while the look-up is under way. ``replaces`` is another call whose card this one
    takes the place of: both turned out to be one. ``html`` is the card as the desktop shows it.
    """

    seq: str
    interface: str
    call: msgspec.Raw
    card: Card | None
    html: str
    replaces: str | None = None
    event: FloorEvent


class ScreenPopEnd(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="screen_pop_end"):
    """Server to agent: it no longer rings at your phone. After ``answered`` the card stays for the talk."""

    seq: str
    call: str
    interface: str
    reason: OfferEnd
    answered_by: str | None = None
    event: FloorEvent
