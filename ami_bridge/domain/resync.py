"""After a (re)connect: close what is gone, adopt what is live and unknown, correct the rest.

The exchange's lists are turned into the facts that the stream would have brought, each with its likely
instant (a leg's age, a caller's wait), so that one ledger tells both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from ami_bridge.domain import ami, events
from ami_bridge.domain.births import DOWN, RING, RINGING, UP
from ami_bridge.domain.departures import gone
from ami_bridge.domain.ledger import Ledger
from ami_bridge.domain.legs import Leg
from ami_bridge.domain.quarantine import LEDGER_ERROR
from ami_bridge.domain.retelling import retell
from ami_bridge.domain.story import Story, birth_order
from ami_bridge.domain.visits import leave_queue
from crm_core.domain.calls import seconds

WHOLE_SECONDS, RINGS_AT_MOST_S = 1.0, 60.0
"""How far off an adopted call's instants may be: ages come in whole seconds; a call that talks already was
answered some time after its youngest leg was born, and phones seldom ring for longer than a minute."""

_ORDER: dict[Any, int] = {ami.Newchannel: 0, ami.Newstate: 1, ami.QueueCallerJoin: 2, ami.BridgeEnter: 3}


class Resync:
    """One comparison of a ledger with a snapshot taken at *now*.

    ``spared`` are uniqueids that were heard of while the lists were taken: the lists may be older than that.
    """

    def __init__(
        self, ledger: Ledger, snapshot: ami.Snapshot, now: datetime, *, spared: frozenset[str]
    ) -> None:
        self._ledger, self._book = ledger, ledger.book
        self._now, self._spared = now, spared
        self._rows = {row.uniqueid: row for row in snapshot.channels}
        self._entries = {entry.uniqueid: entry for entry in snapshot.entries}
        self._told: list[events.FloorEvent] = []

    def run(self) -> list[events.FloorEvent]:
        """Bring the ledger in line; return what happened, with the counts at the end."""
        apart = self._forget_quarantined()
        closed = self._close_the_gone()
        corrected = self._correct()
        adopted = self._adopt()
        for call in apart & adopted:
            self._tell_anew(self._book.by_id[call])
        self._told.append(
            events.PbxResynced(
                pbx=self._book.pbx,
                at=self._now,
                adopted=len(adopted - apart),
                closed=closed,
                corrected=len(corrected | (adopted & apart)),
            )
        )
        return self._told

    def _step(self, fact: ami.AmiEvent, at: datetime) -> None:
        self._told += self._ledger.step(fact, at)

    def _collect(self) -> None:
        """Finish a step that was not made of a fact."""
        for story in self._book.changed:
            retell(self._book, story, story.last_at)
        self._book.changed.clear()
        self._told += self._book.take_told()

    # --- what is gone

    def _close_the_gone(self) -> int:
        """Close every leg that is not listed, at the last sign of life; return of how many calls."""
        calls = set()
        for leg in list(self._book.legs.by_id.values()):
            if leg.uniqueid not in self._rows and leg.uniqueid not in self._spared:
                calls.add(leg.story.record.id)
                self._lose(leg)
        return len(calls)

    def _lose(self, leg: Leg) -> None:
        book, story = self._book, leg.story
        if story.is_closed:
            book.legs.drop(leg)
            del story.legs[leg.uniqueid]
            return
        if leg is story.customer or story.record.answered_at is None:
            story.asked_by = "system"
        at = story.moment(book.lost_at or story.last_at)
        story.record.precision_s = max(story.record.precision_s, seconds(at, self._now))
        story.is_cut = True
        gone(book, leg, at)
        story.is_cut = False
        self._collect()

    def _forget_quarantined(self) -> set[str]:
        """Let go of the calls that were set apart, to adopt them anew under the same id; return their ids."""
        apart = [story for story in self._book.by_id.values() if story.is_quarantined]
        for story in apart:
            for leg in list(story.legs.values()):
                self._book.legs.drop(leg)
            self._book.set_apart(story)
        return {story.record.id for story in apart}

    def _tell_anew(self, story: Story) -> None:
        self._book.say(story, events.CallCorrected, self._now, why=LEDGER_ERROR, record=story.record)
        self._collect()

    # --- what is known, and otherwise

    def _correct(self) -> set[str]:
        """Bring known legs in line with their rows; return the ids of the calls that were otherwise."""
        corrected = set()
        for row in self._rows.values():
            leg = self._book.legs.by_id.get(row.uniqueid)
            if leg is None or row.uniqueid in self._spared or leg.story.is_closed:
                continue
            facts = list(self._otherwise(leg, row))
            for fact in facts:
                self._step(fact, self._now)
            if facts or self._is_out_of_queue(leg.story):
                corrected.add(leg.story.record.id)
        return corrected

    def _otherwise(self, leg: Leg, row: ami.ChannelRow) -> Iterator[ami.AmiEvent]:
        if row.state == UP and not leg.is_up:
            yield _newstate(row)
        entry = self._entries.get(row.uniqueid)
        if entry and leg.story.visit is None:
            yield _join(entry)
        if row.bridge and row.bridge != leg.bridge:
            yield _enter(row)
        elif leg.bridge and not row.bridge:
            yield ami.BridgeLeave(uniqueid=row.uniqueid, bridge=leg.bridge)

    def _is_out_of_queue(self, story: Story) -> bool:
        """End a visit whose caller the queue no longer lists and who does not talk; why is not known."""
        legs = story.legs.keys()
        if story.visit is None or legs & self._entries.keys() or legs & self._spared:
            return False
        if story.is_taken():
            return False
        leave_queue(self._book, story, self._book.change(story, self._now), "redirected")
        self._collect()
        return True

    # --- what is new

    def _adopt(self) -> set[str]:
        """Tell the unknown legs from their births on; return the ids of the calls that are new by it."""
        known = set(self._book.by_id)
        rows = [row for row in self._rows.values() if row.uniqueid not in self._book.legs.by_id]
        facts = sorted(self._facts(rows), key=lambda fact: (fact[0], _ORDER[type(fact[1])]))
        for at, fact in facts:
            self._step(fact, at)
        adopted = set(self._book.by_id) - known
        for call in adopted:
            self._mark_adopted(self._book.by_id[call])
        return adopted

    def _facts(self, rows: Iterable[ami.ChannelRow]) -> Iterator[tuple[datetime, ami.AmiEvent]]:
        """Yield what the stream would have said of *rows*, at its likely instants; older legs come first."""
        born: dict[str, datetime] = {}
        oldest: dict[str, datetime] = {}
        bridged: defaultdict[str, datetime] = defaultdict(
            lambda: datetime.min.replace(tzinfo=self._now.tzinfo)
        )
        unknown = sorted(rows, key=lambda row: birth_order(row.uniqueid))
        for row in unknown:
            at = self._now - timedelta(seconds=row.duration)
            at = max(at, oldest.setdefault(row.linkedid or row.uniqueid, at))
            born[row.uniqueid] = at
            bridged[row.bridge] = max(bridged[row.bridge], at)
        for row in unknown:
            at = born[row.uniqueid]
            yield at, _newchannel(row)
            if row.state in (RINGING, UP):
                yield at, _newstate(row)
            if entry := self._entries.get(row.uniqueid):
                yield max(at, self._now - timedelta(seconds=entry.wait)), _join(entry)
            if row.bridge:
                yield bridged[row.bridge], _enter(row)

    def _mark_adopted(self, story: Story) -> None:
        record = story.record
        record.source, record.precision_s = "adopted", WHOLE_SECONDS
        if record.answered_at is not None:
            since = seconds(record.answered_at, self._now)
            record.precision_s = max(WHOLE_SECONDS, min(RINGS_AT_MOST_S, since))
        story.moment(self._now)


def _newchannel(row: ami.ChannelRow) -> ami.Newchannel:
    is_first = row.uniqueid == (row.linkedid or row.uniqueid)
    return ami.Newchannel(
        uniqueid=row.uniqueid,
        linkedid=row.linkedid,
        channel=row.channel,
        state=RING if is_first and row.state in (RING, UP) else DOWN,
        num=row.num,
        name=row.name,
        context=row.context,
        exten=row.exten if is_first and row.exten.lstrip("+").isdecimal() else "",
    )


def _newstate(row: ami.ChannelRow) -> ami.Newstate:
    return ami.Newstate(uniqueid=row.uniqueid, linkedid=row.linkedid, channel=row.channel, state=row.state)


def _enter(row: ami.ChannelRow) -> ami.BridgeEnter:
    return ami.BridgeEnter(
        uniqueid=row.uniqueid, linkedid=row.linkedid, channel=row.channel, bridge=row.bridge
    )


def _join(entry: ami.QueueEntry) -> ami.QueueCallerJoin:
    return ami.QueueCallerJoin(
        uniqueid=entry.uniqueid,
        linkedid=entry.linkedid,
        queue=entry.queue,
        position=entry.position,
        num=entry.num,
    )
