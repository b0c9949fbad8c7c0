"""Which desks a call concerns: where it rings, where it is served, who hears of it to its end (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from screenpop.identity import Seat


@dataclass(slots=True)
class Concern:
    """The desks of one call.

    ``ringing`` and ``serving`` show its card; ``heard`` have served it and are told what becomes of it.
    """

    pbx: str
    queue: str | None = None
    ringing: set[Seat] = field(default_factory=set)
    serving: set[Seat] = field(default_factory=set)
    heard: set[Seat] = field(default_factory=set)

    @property
    def shown(self) -> set[Seat]:
        """The desks with its card on them."""
        return self.ringing | self.serving


class Concerns:
    """The desks of all live calls, by the call's id."""

    def __init__(self) -> None:
        self._of: dict[str, Concern] = {}
        self._served_at: dict[Seat, set[str]] = {}

    def get(self, call: str) -> Concern | None:
        """Return the desks of *call*; None when it concerns none."""
        return self._of.get(call)

    def of(self, call: str, *, pbx: str) -> Concern:
        """Return the desks of *call*, which is live at *pbx*."""
        concern = self._of.get(call)
        if concern is None:
            concern = self._of[call] = Concern(pbx)
        return concern

    def rings(self, call: str, seat: Seat) -> None:
        """*call* rings at *seat*."""
        self.of(call, pbx=seat.pbx).ringing.add(seat)

    def stops_ringing(self, call: str, seat: Seat, *, is_answered: bool) -> None:
        """*call* no longer rings at *seat*; answered there, its card stays."""
        if concern := self._of.get(call):
            concern.ringing.discard(seat)
            if is_answered:
                self._serve(call, concern, seat)

    def serves(self, call: str, seat: Seat) -> bool:
        """The agent at *seat* is with *call*; return whether its card was not there yet."""
        concern = self.of(call, pbx=seat.pbx)
        is_new = seat not in concern.shown
        self._serve(call, concern, seat)
        return is_new

    def is_with(self, call: str | None, seat: Seat) -> None:
        """The agent at *seat* is with *call*, or with none: no other call is served there any more."""
        served = self._served_at.pop(seat, set())
        for other in served - {call}:
            if concern := self._of.get(other):
                concern.serving.discard(seat)
        if call in served:
            self._served_at[seat] = {call}

    def end(self, call: str) -> None:
        """Forget *call*: who sits nowhere is never told to be with another one."""
        if concern := self._of.pop(call, None):
            for seat in concern.heard:
                self._leaves(call, seat)

    def merge(self, gone: str, *, into: str, pbx: str) -> frozenset[Seat]:
        """Let *into* have the desks of *gone*; return those that showed the card of *gone*."""
        before = self._of.get(gone)
        self.end(gone)
        concern = self.of(into, pbx=pbx)
        if before is None:
            return frozenset()
        concern.ringing |= before.ringing
        concern.heard |= before.heard
        for seat in before.serving:
            self._serve(into, concern, seat)
        concern.queue = concern.queue or before.queue
        return frozenset(before.shown)

    def keep_only(self, calls: Iterable[str], *, pbx: str) -> None:
        """Forget the calls of *pbx* that are not among *calls*: a resync knows best."""
        live = set(calls)
        for call, concern in list(self._of.items()):
            if concern.pbx == pbx and call not in live:
                self.end(call)

    def _leaves(self, call: str, seat: Seat) -> None:
        served = self._served_at.get(seat, set())
        served.discard(call)
        if not served:
            self._served_at.pop(seat, None)

    def _serve(self, call: str, concern: Concern, seat: Seat) -> None:
        concern.serving.add(seat)
        concern.heard.add(seat)
        self._served_at.setdefault(seat, set()).add(call)

    def __len__(self) -> int:
        return len(self._of)
