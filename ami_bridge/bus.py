"""The ordered fan-out: one numbering of everything that happened, in order of sending.

``publish`` hands each event to every reader before it returns, so nothing waits and nothing queues
here; a reader that has slow work (the recorder, the look-up) keeps its own bounded queue.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import structlog

log = structlog.get_logger(__name__)

Numbered = tuple[int, msgspec.Struct]
Reader = Callable[[Sequence[Numbered]], None]


class Bus:
    """Numbers events from 1 within *epoch* and hands them to its readers in the order of subscription."""

    def __init__(self, *, epoch: str) -> None:
        self.epoch = epoch
        self.last = 0
        self._readers: list[Reader] = []
        self._pending: list[msgspec.Struct] = []
        self._is_publishing = False

    def subscribe(self, reader: Reader) -> None:
        """Let *reader* hear everything published from now on."""
        self._readers.append(reader)

    def publish(self, events: Sequence[msgspec.Struct]) -> None:
        """Number *events* and hand them on; what a reader publishes meanwhile follows after them."""
        self._pending.extend(events)
        if self._is_publishing:
            return
        self._is_publishing = True
        try:
            while self._pending:
                batch, self._pending = self._pending, []
                self._hand_out(batch)
        finally:
            self._is_publishing = False

    def _hand_out(self, batch: Sequence[msgspec.Struct]) -> None:
        first = self.last + 1
        self.last += len(batch)
        numbered = list(enumerate(batch, start=first))
        for reader in self._readers:
            try:
                reader(numbered)
            except Exception:  # one reader's bug must not stop the others or the stream
                log.exception("a reader of the bus failed", first=first, events=len(batch))
