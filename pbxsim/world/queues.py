"""Waiting lines: members, who is rung next, who waits at which place."""

from __future__ import annotations

from dataclasses import dataclass, field

from pbxsim.config import Chance, Queue
from pbxsim.world.channel import Channel
from pbxsim.world.devices import MEMBER_STATUS, UNAVAILABLE, Device
from pbxsim.world.wire import headers


@dataclass(slots=True, eq=False)
class Member:
    """A device in a queue."""

    queue: Line
    device: Device
    title: str
    login_at: int
    dynamic: bool = False
    penalty: int = 0
    calls: int = 0
    last_call: int = 0
    last_pause: int = 0
    in_call: bool = False
    paused: bool = False
    reason: str = ""

    @property
    def status(self) -> int:
        """As in QueueMemberStatus: 1 free, 2 in use, 5 unavailable, 6 ringing, 7 both."""
        return MEMBER_STATUS[self.device.told]

    @property
    def works(self) -> bool:
        """His phone can be reached."""
        return self.status != UNAVAILABLE

    def is_free(self, now: float) -> bool:
        """Can be rung: not paused, not on the phone, not within the time for wrapping up."""
        wrapping = self.last_call and now < self.last_call + self.queue.settings.wrap_up
        return not self.paused and not wrapping and self.device.state == "NOT_INUSE"

    @property
    def membership(self) -> str:
        """``static`` (from the configuration) or ``dynamic`` (by QueueAdd)."""
        return "dynamic" if self.dynamic else "static"

    @property
    def told(self) -> str:
        """The headers of the events about it."""
        return headers(
            Queue=self.queue.name,
            MemberName=self.title,
            Interface=self.device.name,
            StateInterface=self.device.name,
            Membership=self.membership,
            Penalty=self.penalty,
            CallsTaken=self.calls,
            LastCall=self.last_call,
            LastPause=self.last_pause,
            LoginTime=self.login_at,
            InCall=int(self.in_call),
            Status=self.status,
            Paused=int(self.paused),
            PausedReason=self.reason,
            Ringinuse=0,
            Wrapuptime=int(self.queue.settings.wrap_up),
        )


@dataclass(slots=True, eq=False)
class Entry:
    """A caller in the line."""

    channel: Channel
    joined_at: float
    priority: int
    original_position: int = 0


@dataclass(slots=True, eq=False)
class Line:
    """A queue: its members and the callers in it, first in front."""

    settings: Queue
    members: list[Member] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    hold_time: int = 0
    talk_time: int = 0
    completed: int = 0
    abandoned: int = 0
    in_time: int = 0
    told_free: bool | None = None
    _last_rung: Member | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.settings.name

    def free(self, now: float) -> list[Member]:
        """Return who could be rung now."""
        return [member for member in self.members if member.is_free(now)]

    @property
    def refusal(self) -> str:
        """Why nobody is let in now, as QUEUESTATUS has it; empty when callers are."""
        if self.settings.max_callers and len(self.entries) >= self.settings.max_callers:
            return "FULL"
        working = any(each.works and not each.paused for each in self.members)
        return "" if self.settings.join_empty or working else "JOINEMPTY"

    def admit(self, channel: Channel, *, now: float, priority: int) -> Entry:
        """Put a caller behind everybody of the same or a higher priority."""
        entry = Entry(channel, now, priority)
        place = sum(1 for each in self.entries if each.priority >= priority)
        self.entries.insert(place, entry)
        entry.original_position = place + 1
        return entry

    def position(self, entry: Entry) -> int:
        """Return the place in the line, 1 in front."""
        return self.entries.index(entry) + 1

    def is_turn(self, entry: Entry, now: float) -> bool:
        """There is somebody free for this caller after all who wait in front of him."""
        ahead = 0
        for each in self.entries:
            if each is entry:
                break
            ahead += not each.channel.dialled
        return ahead < len(self.free(now))

    def choose(self, now: float, *, tried: list[Member], last: Member | None, chance: Chance) -> list[Member]:
        """Return who is rung next, by the strategy; empty when nobody can be.

        *tried* were rung in this round, *last* was rung for this caller last.
        """
        free = [member for member in self.free(now) if member not in tried]
        if not free:
            return []
        least = min(member.penalty for member in free)
        equals = [member for member in free if member.penalty == least]
        if self.settings.strategy == "ringall":
            return equals[::-1]
        self._last_rung = self._one(equals, last, chance)
        return [self._last_rung]

    def _one(self, equals: list[Member], last: Member | None, chance: Chance) -> Member:
        match self.settings.strategy:
            case "leastrecent":
                return min(equals, key=lambda member: member.last_call)
            case "fewestcalls":
                return min(equals, key=lambda member: member.calls)
            case "random":
                return equals[int(chance.random() * len(equals))]
            case "linear":
                return self._behind(last, equals)
        return self._behind(self._last_rung, equals)

    def _behind(self, member: Member | None, equals: list[Member]) -> Member:
        """Return the first of *equals* behind *member* in the order of the queue, round and round."""
        if member not in self.members:
            return equals[0]
        start = self.members.index(member) + 1
        turn = self.members[start:] + self.members[:start]
        return min(equals, key=turn.index)

    def answered(self, waited: int) -> None:
        """Count a caller who was answered after so many seconds."""
        self.hold_time = (self.hold_time * 3 + waited) >> 2 if self.hold_time else waited
        self.in_time += waited <= self.settings.service_level

    def talked(self, seconds: int) -> None:
        """Count a conversation that ended."""
        self.talk_time = (self.talk_time * 3 + seconds) >> 2 if self.talk_time else seconds
        self.completed += 1
