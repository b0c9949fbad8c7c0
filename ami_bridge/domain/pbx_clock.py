"""The exchange's clock, laid on ours: when did it happen?

Order is arrival. An instant is the fact's Timestamp minus the running offset of the exchange's
clock (the median of Timestamp - arrival over the last minute), and never before the instant before. A jump of
more than a second is a step of that clock: time goes on by ours.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from statistics import median

WINDOW_S, EACH_S, STEP_S = 60, 1.0, 1.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PbxClock:
    """Gives each fact its instant; ``steps`` counts the jumps of the exchange's clock."""

    def __init__(self) -> None:
        self.steps = 0
        self.offset = 0.0
        self._samples: deque[float] = deque(maxlen=WINDOW_S)
        self._next_sample = float("-inf")
        self._last = 0.0

    def instant(self, stamp: float | None, *, arrival: float) -> datetime:
        """Return when a fact happened; *stamp* and *arrival* are seconds of the two wall clocks."""
        at = arrival if stamp is None else self._ours(stamp, arrival)
        self._last = max(self._last, at)
        return EPOCH + timedelta(seconds=self._last)

    def _ours(self, stamp: float, arrival: float) -> float:
        offset = stamp - arrival
        if self._samples and abs(offset - self.offset) > STEP_S:
            self.steps += 1
            self._samples.clear()
            self._next_sample = float("-inf")
        if arrival >= self._next_sample:
            self._samples.append(offset)
            self.offset = median(self._samples)
            self._next_sample = arrival + EACH_S
        return min(stamp - self.offset, arrival)
