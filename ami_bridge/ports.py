"""What the live part asks of the world."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ami_bridge.domain.ami import AmiEvent, QueueMember, Snapshot
from ami_bridge.domain.cel import CelRow, QueueLine
from ami_bridge.domain.events import AgentView, FloorEvent, QueueChanged
from ami_bridge.domain.keeping import Pair
from crm_core.domain.calls import Call, CampaignRef, Match
from crm_core.domain.cards import Card


class AmiSink(Protocol):
    """Whoever takes the exchange's one ordered stream, called in the event loop, never concurrently."""

    def heard(self, events: Sequence[AmiEvent], *, arrival: float) -> None:
        """Take the events of one read; *arrival* in seconds of the wall clock."""

    def connected(self) -> None:
        """The link is up and logged in; no event was passed on yet."""

    def disconnected(self, why: str) -> None:
        """The link is down; no event comes until ``connected``."""


class EventSink(Protocol):
    """Where what happened goes: bounded and in order."""

    def publish(self, events: Sequence[FloorEvent]) -> None:
        """Number *events* and hand them to every reader, in this order."""


class CallControl(Protocol):
    """What we may ask of an exchange; one that ``is_observed`` takes no commands.

    Each coroutine returns when the exchange accepted the action; whether it happened is told by events.

    Raises:
        ActionRejectedError: the exchange answered ``Response: Error``.
        LinkDownError: not connected, or the link was lost before the answer; never asked again by itself.
        ActionTimeoutError: no answer in time.
        ObserveOnlyError: this exchange is only observed.
    """

    is_observed: bool

    async def originate(
        self,
        *,
        interface: str,
        number: str,
        caller_id: str | None,
        agent: str | None,
        ref: str | None = None,
        campaign: CampaignRef | None = None,
    ) -> str:
        """Ring *interface*, then dial *number* (dialable text); return the action id of the request."""

    async def hang_up(self, uniqueid: str) -> None:
        """End a leg."""

    async def hold(self, pair: Pair) -> None:
        """Part two who talk: the other hears music, who holds him nothing, until ``resume``.

        Raises:
            HoldNotPossibleError: the exchange has no place for that.
        """

    async def resume(self, pair: Pair) -> None:
        """Join two again who were parted by ``hold``."""

    async def pause(self, interface: str, *, is_paused: bool, reason: str = "") -> None:
        """Pause a member in all its queues, or let it be rung again."""

    async def join_queue(
        self, queue: str, interface: str, *, name: str, penalty: int, is_paused: bool
    ) -> None:
        """Make a phone a member of a queue; *name* is whose phone it is there."""

    async def leave_queue(self, queue: str, interface: str) -> None:
        """Let a phone be no member of a queue any more."""

    async def snapshot(self) -> Snapshot:
        """Return what the exchange says is so."""


class LiveFloor(Protocol):
    """What one exchange's floor looks like now; read in the event loop, never blocking."""

    pbx: str
    is_connected: bool

    def calls(self) -> Sequence[Call]:
        """Return the live calls as they are now (to be read at once, not kept)."""

    def call(self, call_id: str) -> Call | None:
        """Return one live call, or None when it is not (or no longer) live."""

    def pair(self, call_id: str, interface: str) -> Pair | None:
        """Return whom the one at *interface* could put on hold in a live call, or holds by our doing."""

    def ringing_at(self, interface: str) -> Sequence[Call]:
        """Return the calls that ring at *interface* now."""

    def agents(self) -> Sequence[AgentView]:
        """Return everybody who has a seat."""

    def queues(self) -> Sequence[QueueChanged]:
        """Return every queue as it is now."""

    def phones(self) -> Sequence[str]:
        """Return the phones of the house, as far as they have shown themselves."""

    def memberships(self, interface: str) -> Sequence[QueueMember]:
        """Return a phone as a member of its queues, each as it was last told.

        What the exchange tells anew is another object, even when it says the same.
        """

    def queues_of(self, interface: str) -> Sequence[str]:
        """Return the names of the queues that *interface* serves; asked at every change of a state."""

    def note_pop(self, call_id: str, interface: str) -> None:
        """Say that the card of a call went out to the agent at *interface*, now."""

    def take_seat(self, *, interface: str, agent: str) -> None:
        """Say that *agent* signed in at *interface*."""

    def leave_seat(self, *, interface: str, agent: str) -> None:
        """Say that *agent* signed out of *interface*."""


class CardSource(Protocol):
    """Who knows the customers of live calls."""

    def card(self, call_id: str) -> Card | None:
        """Return the card prepared for a live call; None while it is looked up or when it failed."""

    def choose(self, call_id: str, *, contact_id: str, match: Match) -> None:
        """Say that a person chose who calls; a new card follows with ``call.matched``."""


class CallRecords(Protocol):
    """What an exchange writes down itself; asked in a thread, may block.

    Raises:
        RecordsError: it cannot be read.
    """

    def rows(self, since: datetime, until: datetime) -> list[CelRow]:
        """Return the rows of CEL of that time, as they stand."""

    def lines(self, since: datetime, until: datetime) -> list[QueueLine]:
        """Return the lines of queue_log of that time; none when there is no such log."""
