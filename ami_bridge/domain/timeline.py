"""Segments: where each party of a call was, stretch by stretch.

They are opened and closed here only, one open stretch a party, each beginning where the one before
ends: so a party's segments tile its time by construction. Stretches of no length are not kept.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import msgspec

from crm_core.domain.calls import Segment, SegmentKind

LATELY = 4
"""So many of a party's stretches, the last ones, may be told anew."""


class Timeline:
    """The segments of one call (``segments`` is the record's own list) and which of them are open."""

    __slots__ = ("open", "segments")

    def __init__(self, segments: list[Segment]) -> None:
        self.segments = segments
        self.open: dict[str, Segment] = {}

    def show(
        self,
        party: str,
        kind: SegmentKind,
        at: datetime,
        *,
        with_: tuple[str, ...] = (),
        queue: str | None = None,
        agent: str | None = None,
    ) -> None:
        """Let *party* be in *kind* from *at* on; nothing happens when it is there already."""
        before = self.open.get(party)
        if before is not None:
            if before.kind == kind and before.with_ == with_ and before.queue == queue:
                return
            at = max(at, before.at)
            self._end(before, at)
        opened = self._taken_up(party, kind, with_, queue, at)
        if opened is None:
            opened = Segment(kind=kind, party=party, agent=agent, with_=with_, queue=queue, at=at)
            self.segments.append(opened)
        self.open[party] = opened

    def close(self, party: str, at: datetime) -> None:
        """End the open stretch of *party*, when there is one."""
        if before := self.open.pop(party, None):
            self._end(before, at)

    def make_room(self, told: Segment) -> None:
        """Take the time of *told*, which is not of this timeline yet, out of its party's stretches here."""
        for mine in [segment for segment in self.segments if segment.party == told.party]:
            if (
                told.until is None
                or mine.at >= told.until
                or (mine.until is not None and mine.until <= told.at)
            ):
                continue
            if mine.at < told.at:
                self.segments.append(msgspec.structs.replace(mine, until=told.at))
            mine.at = told.until
            if mine.until is not None and mine.until <= mine.at:
                self._remove(mine)

    def go_on_holding(self, party: str, with_: tuple[str, ...], since: datetime) -> None:
        """Take the talk with *with_* after a hold, if it began at *since* or later, for more of that hold."""
        mine = [segment for segment in self.segments if segment.party == party]
        for before, after in pairwise(mine[-LATELY:]):
            if (before.kind, after.kind) != ("hold", "talk") or not before.with_ == after.with_ == with_:
                continue
            if before.until == after.at >= since:
                before.until = after.until
                self._remove(after)
                if self.open.get(party) is after:
                    self.open[party] = before

    def _end(self, segment: Segment, at: datetime) -> None:
        segment.until = max(at, segment.at)
        if segment.at >= at:
            self._remove(segment)

    def _remove(self, segment: Segment) -> None:
        for index in range(len(self.segments) - 1, -1, -1):  # it is among the last
            if self.segments[index] is segment:
                del self.segments[index]
                return

    def _taken_up(
        self, party: str, kind: SegmentKind, with_: tuple[str, ...], queue: str | None, at: datetime
    ) -> Segment | None:
        """Go on with the stretch that ended just now when it says the same: flicker leaves no trace."""
        for segment in reversed(self.segments):
            if segment.party == party:
                same = segment.kind == kind and segment.with_ == with_ and segment.queue == queue
                if not (same and segment.until == at):
                    return None
                segment.until = None
                return segment
        return None
