"""The exchange's clock, laid on ours: when did it happen?

Order is arrival. An instant is the fact's Timestamp minus the running offset of the exchange's
clock, and never before the instant before. The offset is Timestamp - arrival of what came with the least
delay in the last minute: nothing arrives before it happened, and when we are slow most of it comes late.

What comes late (we, or the line, stood still for a moment) keeps its time. A Timestamp that is ahead, or late
for longer than any line would be, is a step of the exchange's clock: time goes on by ours.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime

WINDOW_S, EACH_S, STEP_S = 60, 1.0, 1.0
LATE_S = 10.0
"""A link that lags by more is given up by its keepalive."""


class PbxClock:
    """Gives each fact its instant; ``steps`` counts the jumps of the exchange's clock."""

    def __init__(self) -> None:
        self.steps = 0
        self.offset = 0.0
        self._samples: deque[float] = deque(maxlen=WINDOW_S)
        self._next_sample = float("-inf")
        self._late_since: float | None = None
        self._last = 0.0

    def instant(self, stamp: float | None, *, arrival: float) -> datetime:
        """Return when a fact happened.

        Args:
            stamp: its Timestamp, in seconds of the exchange's wall clock; None when it has none.
            arrival: when it was read, in seconds of our wall clock.
        """
        at = arrival if stamp is None else self._ours(stamp, arrival)
        if at > self._last or at < self._last - LATE_S:  # so far back only when our own clock was set back
            self._last = at
        return datetime.fromtimestamp(self._last, UTC)

    def _ours(self, stamp: float, arrival: float) -> float:
        offset = stamp - arrival
        if self._samples and abs(offset - self.offset) > STEP_S:
            if self._is_late(self.offset - offset, arrival):
                return stamp - self.offset
            self.steps += 1
            self._samples.clear()
            self._next_sample = float("-inf")
        self._late_since = None
        if arrival >= self._next_sample:
            self._samples.append(offset)
            self.offset = max(self._samples)
            self._next_sample = arrival + EACH_S
        elif offset > self._samples[-1]:
            self._samples[-1] = offset
            self.offset = max(self.offset, offset)
        return min(stamp - self.offset, arrival)

    def _is_late(self, late_s: float, arrival: float) -> bool:
        if not 0 < late_s <= LATE_S:
            return False
        if self._late_since is None:
            self._late_since = arrival
        return arrival - self._late_since <= LATE_S
