"""What the hub keeps for its clients: outboxes with a bound, the ring to resume from, seats (pure)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from screenpop.identity import Seat
from screenpop.masks import Masks

View = tuple[str, str, Masks | None]
"""What a message depends on: language and role of who gets it, and what he is not shown."""
RING = 10_000
OUTBOX_FRAMES, OUTBOX_BYTES = 256, 1 << 20
SEAT_GRACE = timedelta(seconds=30)
Desk = TypeVar("Desk")


class Frame(Protocol):
    """A message for who hears one of ``keys``; drawn once for each view."""

    @property
    def keys(self) -> frozenset[str]:
        """Return what one must hear to get it."""

    def drawn_for(self, view: View) -> bytes:
        """Return the message, JSON in UTF-8."""


@dataclass(slots=True)
class Outbox:
    """Frames that wait because the socket is full, with the bound of a slow client."""

    frames: int = OUTBOX_FRAMES
    size: int = OUTBOX_BYTES
    _waiting: deque[bytes] = field(default_factory=deque)
    _bytes: int = 0

    def put(self, frame: bytes, *, buffered: int) -> bool:
        """Keep *frame*; False when the client is too slow, counting the *buffered* bytes of its socket."""
        if len(self._waiting) >= self.frames or self._bytes + len(frame) + buffered > self.size:
            return False
        self._waiting.append(frame)
        self._bytes += len(frame)
        return True

    def take(self) -> bytes | None:
        """Return the frame that waits longest, None when there is none."""
        if not self._waiting:
            return None
        frame = self._waiting.popleft()
        self._bytes -= len(frame)
        return frame

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)


class Ring:
    """The frames of the last events. ``last`` is the number of the newest, 0 before the first."""

    def __init__(self, size: int = RING) -> None:
        self.last = 0
        self._events: deque[tuple[int, tuple[Frame, ...]]] = deque(maxlen=size)

    def add(self, n: int, frames: tuple[Frame, ...]) -> None:
        """Keep the frames of event *n*, which comes after all others."""
        self._events.append((n, frames))
        self.last = n

    def holds_all_after(self, n: int) -> bool:
        """Return whether nothing that came after event *n* is lost."""
        if n > self.last:
            return False
        return n == self.last or (bool(self._events) and self._events[0][0] <= n + 1)

    def after(self, n: int, keys: frozenset[str], view: View) -> Iterator[bytes]:
        """Yield what who hears *keys* was sent, or would have been, after event *n*."""
        missed: list[tuple[Frame, ...]] = []
        for number, frames in reversed(self._events):
            if number <= n:
                break
            missed.append(frames)
        for frames in reversed(missed):
            for frame in frames:
                if not keys.isdisjoint(frame.keys):
                    yield frame.drawn_for(view)
                    break


@dataclass(slots=True)
class _Sitting(Generic[Desk]):
    agent: str
    user: str
    desks: set[Desk] = field(default_factory=set)
    leaves_at: datetime | None = None


class Seats(Generic[Desk]):
    """Who sits where. A seat is left at sign-out, or some time after its last desk was closed."""

    def __init__(
        self,
        *,
        take: Callable[[Seat, str], None],
        leave: Callable[[Seat, str], None],
        grace: timedelta = SEAT_GRACE,
    ) -> None:
        self._take, self._leave, self._grace = take, leave, grace
        self._taken: dict[Seat, _Sitting[Desk]] = {}

    def sit(self, seat: Seat, *, agent: str, user: str, desk: Desk) -> list[Desk]:
        """Let *user* sit at *seat*; return the desks of another user who sat there until now."""
        sitting = self._taken.get(seat)
        if sitting and sitting.user == user and sitting.agent == agent:
            sitting.desks.add(desk)
            sitting.leaves_at = None
            return []
        self._taken[seat] = _Sitting(agent, user, {desk})
        if sitting and sitting.agent != agent:
            self._leave(seat, sitting.agent)
        self._take(seat, agent)
        return list(sitting.desks) if sitting else []

    def who(self, seat: Seat) -> tuple[str, str, tuple[Desk, ...]] | None:
        """Return the agent and the user who sit at *seat*, and their desks; None when nobody does."""
        sitting = self._taken.get(seat)
        return (sitting.agent, sitting.user, tuple(sitting.desks)) if sitting else None

    def close(self, seat: Seat, *, desk: Desk, now: datetime, at_once: bool) -> None:
        """A desk was closed; the last one leaves the seat, *at_once* after a sign-out, else later."""
        sitting = self._taken.get(seat)
        if sitting is None or desk not in sitting.desks:
            return
        sitting.desks.discard(desk)
        if sitting.desks:
            return
        if at_once:
            self._stand_up(seat)
        else:
            sitting.leaves_at = now + self._grace

    def leave_user(self, user: str) -> None:
        """Empty the seats where *user* sat last and has no desk open."""
        for seat, sitting in list(self._taken.items()):
            if sitting.user == user and not sitting.desks:
                self._stand_up(seat)

    def empty(self, seat: Seat) -> list[Desk]:
        """Let who sits at *seat* leave it; return the desks that were open there."""
        sitting = self._taken.get(seat)
        if sitting is None:
            return []
        self._stand_up(seat)
        return list(sitting.desks)

    def pass_time(self, now: datetime) -> None:
        """Empty the seats whose time is over."""
        for seat, sitting in list(self._taken.items()):
            if sitting.leaves_at is not None and sitting.leaves_at <= now:
                self._stand_up(seat)

    def _stand_up(self, seat: Seat) -> None:
        self._leave(seat, self._taken.pop(seat).agent)
