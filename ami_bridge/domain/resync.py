"""After a (re)connect: adopt what is live and unknown, close what is gone, correct the rest.

The exchange's lists are turned into the same facts that the stream would have brought, so that one
ledger tells both. What only a list knows (how long a caller waits already) is laid over afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from ami_bridge.domain import ami, events
from ami_bridge.domain.ledger import Ledger
from ami_bridge.domain.story import Story, birth_order
from crm_core.domain.calls import CUSTOMER


class Resync:
    """One comparison of a ledger with a snapshot taken at *now*."""

    def __init__(
        self, ledger: Ledger, snapshot: ami.Snapshot, now: datetime, *, spared: frozenset[str]
    ) -> None:
        self._ledger, self._snapshot, self._now, self._spared = ledger, snapshot, now, spared
        self._told: list[events.FloorEvent] = []
        self._adopted: set[str] = set()

    def run(self) -> list[events.FloorEvent]:
        """Bring the ledger in line; return what happened, with the counts at the end."""
        closed = self._close_the_gone()
        corrected = self._rebridge()
        for row in sorted(self._snapshot.channels, key=lambda row: birth_order(row.uniqueid)):
            if row.uniqueid not in self._ledger.legs.by_id:
                self._adopt(row)
        self._queue_up()
        self._bridge_adopted()
        self._told.append(
            events.PbxResynced(
                pbx=self._ledger.pbx,
                at=self._now,
                adopted=len(self._adopted),
                closed=closed,
                corrected=corrected,
            )
        )
        return self._told

    def _step(self, event: ami.AmiEvent) -> None:
        self._told += self._ledger.step(event, self._now)

    def _close_the_gone(self) -> int:
        there = {row.uniqueid for row in self._snapshot.channels} | self._spared
        calls = set()
        for leg in list(self._ledger.legs.by_id.values()):
            if leg.uniqueid not in there:
                calls.add(leg.story.record.id)
                self._told += self._ledger.lose(leg, self._now)
        return len(calls)

    def _rebridge(self) -> int:
        """Put known legs into the bridges that the list names."""
        corrected = 0
        for row in self._snapshot.channels:
            leg = self._ledger.legs.by_id.get(row.uniqueid)
            if leg is None or leg.bridge == row.bridge or row.uniqueid in self._spared:
                continue
            corrected += 1
            if row.bridge:
                self._step(self._enter(row))
            else:
                self._step(ami.BridgeLeave(uniqueid=row.uniqueid, channel=row.channel, bridge=leg.bridge))
        return corrected

    def _adopt(self, row: ami.ChannelRow) -> None:
        self._told += self._ledger.adopt(
            ami.Newchannel(
                uniqueid=row.uniqueid,
                linkedid=row.linkedid,
                channel=row.channel,
                state=row.state if row.uniqueid != row.linkedid or row.state else 4,
                num=row.num,
                name=row.name,
                context=row.context,
                exten=row.exten,
            ),
            born=self._now - timedelta(seconds=row.duration),
            is_first_caller=row.uniqueid == row.linkedid,
            now=self._now,
        )
        if story := self._ledger.story_of_leg(row.uniqueid):
            self._adopted.add(story.record.id)
            if row.state == 5:  # noqa: PLR2004 - ringing
                self._step(ami.Newstate(uniqueid=row.uniqueid, channel=row.channel, state=5))

    def _queue_up(self) -> None:
        for entry in self._snapshot.entries:
            story = self._ledger.story_of_leg(entry.uniqueid)
            if story is None or story.visit is not None or story.record.id not in self._adopted:
                continue
            self._step(
                ami.QueueCallerJoin(
                    uniqueid=entry.uniqueid,
                    linkedid=entry.linkedid,
                    queue=entry.queue,
                    position=entry.position,
                    num=entry.num,
                )
            )
            _waits_since(story, self._now - timedelta(seconds=entry.wait))

    def _bridge_adopted(self) -> None:
        mixed: defaultdict[str, list[ami.ChannelRow]] = defaultdict(list)
        for row in self._snapshot.channels:
            story = self._ledger.story_of_leg(row.uniqueid)
            if row.bridge and story is not None and story.record.id in self._adopted:
                mixed[row.bridge].append(row)
        for rows in mixed.values():
            for row in rows:
                self._step(self._enter(row))

    def _enter(self, row: ami.ChannelRow) -> ami.BridgeEnter:
        return ami.BridgeEnter(
            uniqueid=row.uniqueid, linkedid=row.linkedid, channel=row.channel, bridge=row.bridge
        )


def _waits_since(story: Story, since: datetime) -> None:
    """Let an adopted visit begin when the list says that it began, and the call's history with it."""
    if story.visit is None:
        return
    since = max(since, story.record.started_at)
    story.visit.entered_at = since
    for segment in story.record.segments:
        if segment.party == CUSTOMER and segment.kind == "ivr":
            segment.until = since
    waiting = story.open.get(CUSTOMER)
    if waiting is not None:
        waiting.at = since
    story.record.segments[:] = [s for s in story.record.segments if s.until is None or s.at < s.until]
