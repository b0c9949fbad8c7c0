"""What all who take facts share: the live calls, the legs, the house, and what happened in this step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ami_bridge.domain import ami, events
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.legs import Leg, Legs
from ami_bridge.domain.story import Story
from crm_core.domain.calls import Call

ENDED_KEPT, ORIGINATES_KEPT = 20_000, 500

ReadNumber = Callable[[str], str | None]


class Book:
    """The live calls of one exchange.

    ``stories`` finds a call by each linkedid it goes by, ``by_id`` by its id. ``ended`` are the linkedids of
    the last calls that are over. ``changed`` are the stories that must be told again after this fact,
    ``touched`` the devices whose agents may be in another state, ``touched_queues`` the queues that look
    different. ``apart`` are the records of calls that are about to be told anew. ``lost_at``: since
    when the exchange has not been heard. ``tells_requests``: it says who asks for
    an end, so that silence means nobody did. ``strays`` counts facts about nothing that is known.
    """

    def __init__(self, pbx: str, *, inside: Inside, read: ReadNumber, seats: Mapping[str, str]) -> None:
        self.pbx, self.inside, self.read, self.seats = pbx, inside, read, seats
        self.legs = Legs()
        self.stories: dict[str, Story] = {}
        self.by_id: dict[str, Story] = {}
        self.ended: dict[str, None] = {}
        self.asked: list[tuple[datetime, ami.OriginateAsked]] = []
        self.changed: dict[Story, None] = {}
        self.touched: set[str] = set()
        self.touched_queues: set[str] = set()
        self.told: list[events.FloorEvent] = []
        self.apart: dict[str, Call] = {}
        self.lost_at: datetime | None = None
        self.strays = 0
        self.tells_requests = True

    def open(self, story: Story, linkedid: str) -> None:
        """Take a new call, to be found by *linkedid*."""
        self.stories[linkedid] = story
        story.names.add(linkedid)
        self.by_id[story.record.id] = story

    def also_called(self, story: Story, linkedid: str) -> None:
        """Let *story* be found by *linkedid*, too."""
        self.stories[linkedid] = story
        story.names.add(linkedid)

    def forget(self, story: Story) -> None:
        """Let go of a call that is over; its linkedids stay known for a while."""
        self._unlist(story)
        for name in (story.record.linkedid, *story.names):
            self.ended[name] = None
        while len(self.ended) > ENDED_KEPT:
            del self.ended[next(iter(self.ended))]

    def set_apart(self, story: Story) -> None:
        """Forget a live call that shall be told anew, but for its id, version and customer."""
        self._unlist(story)
        for name in story.names - {story.record.linkedid}:
            self.ended[name] = None
        self.apart[story.record.linkedid] = story.record

    def _unlist(self, story: Story) -> None:
        for name in story.names:
            self.stories.pop(name, None)
        self.by_id.pop(story.record.id, None)
        self.changed.pop(story, None)

    def story_of(self, event: ami.ChannelEvent) -> Story | None:
        """Return the live call that a fact is about: by its leg, else by its linkedid."""
        leg = self.legs.by_id.get(event.uniqueid)
        if leg is None:
            return self.stories.get(event.linkedid) if event.linkedid else None
        return None if leg.story.is_closed else leg.story

    def has_known(self, linkedid: str) -> bool:
        """Return whether a call by that linkedid is live, or was lately."""
        return linkedid in self.stories or linkedid in self.ended

    def change(self, story: Story, at: datetime) -> datetime:
        """Have *story* told again after this fact; return its instant.

        What is heard first after a gap may end something that began in it.
        """
        self.changed[story] = None
        at = story.moment(at)
        if self.lost_at is not None and story.record.started_at < self.lost_at:
            story.doubt(self.lost_at, at)
        return at

    def change_around(self, leg: Leg, at: datetime) -> None:
        """Have everybody told again who is mixed with *leg*."""
        for story in self.legs.stories_around(leg):
            if not story.is_closed:
                self.change(story, at)

    def agent_at(self, interface: str | None) -> str | None:
        """Return the code of who is signed in at *interface* now."""
        return self.seats.get(interface) if interface else None

    def say(self, story: Story, event: type[events.CallEvent], at: datetime, /, **facts: Any) -> None:
        """Tell the others what happened to a call."""
        record = story.record
        record.version += 1
        self.told.append(
            event(
                pbx=self.pbx, at=at, call=record.id, linkedid=record.linkedid, version=record.version, **facts
            )
        )

    def take_told(self) -> list[events.FloorEvent]:
        """Return what happened since this was last asked."""
        told, self.told = self.told, []
        return told

    def wonder(self, story: Story, kind: str, detail: str, at: datetime) -> None:
        """Note that the exchange said something that does not fit."""
        story.note(kind, detail, at)
        self.say(story, events.CallAnomaly, at, kind=kind, detail=detail)
