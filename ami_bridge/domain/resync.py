"""Brings what we hold in line with the exchange's own lists.

What is gone is closed, what is new adopted, the rest corrected. Differences become the facts that the
stream would have brought, so that one ledger tells both.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from ami_bridge.domain import ami, events
from ami_bridge.domain.adoption import WHOLE_SECONDS, Timed, facts_of, in_order, mark_adopted, youngest_in
from ami_bridge.domain.departures import gone
from ami_bridge.domain.differences import Difference, Listed
from ami_bridge.domain.ledger import Ledger
from ami_bridge.domain.legs import Leg
from ami_bridge.domain.meanwhile import Meanwhile
from ami_bridge.domain.quarantine import LEDGER_ERROR, give_up
from ami_bridge.domain.retelling import retell
from ami_bridge.domain.story import Story
from ami_bridge.domain.visits import leave_queue

CORRECTED = "corrected"


class Resync:
    """One comparison of a ledger with lists that were complete at *now*, and what follows from it.

    *sure_until* is when what we hold was last known to be right: when the exchange was last heard, or last
    found to agree.
    """

    def __init__(
        self,
        ledger: Ledger,
        listed: Listed,
        meanwhile: Meanwhile,
        *,
        now: datetime,
        sure_until: datetime | None,
    ) -> None:
        self._ledger, self._book = ledger, ledger.book
        self._listed, self._meanwhile = listed, meanwhile
        self._now, self._sure_until = now, sure_until
        self._told: list[events.FloorEvent] = []
        self._closed: set[str] = set()
        self._corrected: defaultdict[str, set[str]] = defaultdict(set)
        self._counted: Counter[str] = Counter()

    def run(self, differences: Collection[Difference]) -> tuple[list[events.FloorEvent], events.PbxResynced]:
        """Bring the ledger in line where it differs; return what happened, and the report of it."""
        by_kind: defaultdict[str, list[Difference]] = defaultdict(list)
        for one in differences:
            by_kind[one.kind].append(one)
        apart = self._set_apart([one.about for one in by_kind.pop("apart", [])])
        self._close(by_kind.pop("closed", []))
        unknown = {one.about for one in by_kind.pop("adopted", [])} | apart.keys()
        out_of_queue = [one for one in by_kind.get("queue", []) if not one.facts]
        told = [one for kind in _OF_LEGS for one in by_kind.get(kind, []) if one.facts]
        adopted = self._tell(told, unknown)
        for one in out_of_queue:
            self._end_visit(one)
        for kind in _OF_MEMBERS:
            self._counted[kind] += len(by_kind.get(kind, []))
        self._tell_anew(apart.values())
        self._tell_corrected(adopted | set(apart.values()))
        again = adopted & set(apart.values())
        return self._told, self._report(adopted - again, again)

    def _report(self, adopted: set[str], again: set[str]) -> events.PbxResynced:
        return events.PbxResynced(
            pbx=self._book.pbx,
            at=self._now,
            adopted=len(adopted),
            closed=len(self._closed),
            corrected=len((self._corrected.keys() - adopted) | again),
            by={kind: count for kind, count in sorted(self._counted.items()) if count},
        )

    def _step(self, fact: ami.AmiEvent, at: datetime) -> None:
        self._told += self._ledger.step(fact, at)

    def _collect(self) -> None:
        """Finish a step that was not made of a fact."""
        for story in self._book.changed:
            retell(self._book, story, story.last_at)
        self._book.changed.clear()
        self._told += self._book.take_told()

    # --- what is gone

    def _close(self, differences: Collection[Difference]) -> None:
        """Close legs that are not listed, at the last sign of life."""
        for one in differences:
            if leg := self._book.legs.by_id.get(one.about):
                self._counted["closed"] += 1
                self._closed.add(leg.story.record.id)
                self._lose(leg)

    def _lose(self, leg: Leg) -> None:
        book, story = self._book, leg.story
        if story.is_closed:
            book.legs.drop(leg)
            del story.legs[leg.uniqueid]
            return
        if leg is story.customer or story.record.answered_at is None:
            story.asked_by = "system"
        at = story.moment(self._sure_until or story.last_at)
        story.doubt(at, self._now)
        story.is_cut = True
        gone(book, leg, at)
        story.is_cut = False
        self._collect()

    def _right_until(self, story: Story) -> datetime:
        """Return until when what we hold of a call was right; what is heard since a gap proves nothing."""
        return self._book.lost_at or max(story.last_at, self._sure_until or story.last_at)

    def _joined_unheard(self, leg: Leg) -> None:
        """Take that a call we know got a leg that only the lists tell of; its age comes in whole seconds."""
        self._corrected[leg.story.record.id].add("adopted")
        born_at = leg.born_at - timedelta(seconds=WHOLE_SECONDS)
        leg.story.doubt(max(born_at, self._sure_until or born_at), self._now)

    # --- what our own code failed on

    def _set_apart(self, calls: Collection[str]) -> dict[str, str]:
        """Let go of quarantined calls, to adopt them anew; return the ids of their calls by their legs."""
        apart: dict[str, str] = {}
        for story in filter(None, map(self._book.by_id.get, calls)):
            legs = [leg.uniqueid for leg in story.legs.values() if leg.uniqueid in self._listed.rows]
            for leg in list(story.legs.values()):
                self._book.legs.drop(leg)
            story.legs.clear()
            if legs:
                self._book.set_apart(story)
                apart |= dict.fromkeys(legs, story.record.id)
            else:
                self._closed.add(story.record.id)
                give_up(self._book, story, self._sure_until or self._now)
                self._collect()
            self._counted["apart"] += 1
        return apart

    def _tell_anew(self, calls: Collection[str]) -> None:
        for story in filter(None, map(self._book.by_id.get, dict.fromkeys(calls))):
            self._book.say(story, events.CallCorrected, self._now, why=LEDGER_ERROR, record=story.record)
            self._collect()

    # --- what is new, and what is otherwise

    def _tell(self, differences: Collection[Difference], unknown: Collection[str]) -> set[str]:
        """Tell the ledger what it missed, in order of time; return the ids of new calls."""
        known = set(self._book.by_id)
        for one in differences:
            self._counted[one.kind] += 1
            self._corrects(one)
        self._counted["adopted"] += len(unknown)
        for at, fact in in_order(self._missed(differences, unknown)):
            self._step(fact, at)
        adopted = set(self._book.by_id) - known
        for uniqueid in unknown:
            if (leg := self._book.legs.by_id.get(uniqueid)) and leg.story.record.id not in adopted:
                self._joined_unheard(leg)
        for call in adopted:
            mark_adopted(self._book.by_id[call], self._now)
        for at, fact in self._meanwhile.said_of(set(unknown)):
            self._step(fact, at)
        return adopted

    def _missed(self, differences: Collection[Difference], unknown: Collection[str]) -> Iterator[Timed]:
        yield from facts_of(self._listed, unknown, self._now)
        mixed_at = self._mixed_at()
        for one in differences:
            for fact in one.facts:
                bridge = fact.bridge if isinstance(fact, ami.BridgeEnter) else ""
                yield mixed_at.get(bridge, self._now), fact

    def _mixed_at(self) -> dict[str, datetime]:
        """Return since when legs may have been mixed, after a time that nothing was heard of."""
        lost_at = self._book.lost_at
        if lost_at is None:
            return {}
        legs = (self._book.legs.by_id.get(uniqueid) for uniqueid in self._listed.rows)
        born = {leg.uniqueid: leg.born_at for leg in legs if leg is not None}
        return {bridge: max(at, lost_at) for bridge, at in youngest_in(self._listed, born, self._now).items()}

    def _corrects(self, one: Difference) -> None:
        leg = self._book.legs.by_id.get(one.about)
        if leg is not None:
            story = leg.story
            self._corrected[story.record.id].add(one.kind)
            story.doubt(self._right_until(story), self._now)

    def _end_visit(self, one: Difference) -> None:
        """End a visit whose caller the queue no longer lists and who does not talk; why is not known."""
        story = self._book.by_id.get(one.about)
        if story is None or story.visit is None:
            return
        self._counted["queue"] += 1
        self._corrected[story.record.id].add("queue")
        story.doubt(self._right_until(story), self._now)
        leave_queue(self._book, story, self._book.change(story, self._now), "redirected")
        self._collect()

    def _tell_corrected(self, new: Collection[str]) -> None:
        """Tell of each call that lives on which of its facts were corrected."""
        for call, kinds in self._corrected.items():
            story = self._book.by_id.get(call)
            if story is None or call in new:
                continue
            why = ", ".join(sorted(kinds))
            story.note(CORRECTED, why, self._now)
            self._book.say(story, events.CallCorrected, story.moment(self._now), why=why)
        self._collect()


_OF_LEGS = ("pair", "name", "state", "queue", "bridge", "parked")
_OF_MEMBERS = ("member", "member_removed")
