"""Phones and trunks as devices: their state, the hints on them, and who is told when it changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pbxsim.config import Manners
from pbxsim.world.channel import Channel
from pbxsim.world.wire import RING, RINGING, UP

if TYPE_CHECKING:
    from pbxsim.world.queues import Member

State = Literal["UNAVAILABLE", "NOT_INUSE", "RINGING", "INUSE", "RINGINUSE", "ONHOLD"]
MEMBER_STATUS = {"NOT_INUSE": 1, "INUSE": 2, "UNAVAILABLE": 5, "RINGING": 6, "RINGINUSE": 7, "ONHOLD": 8}
UNAVAILABLE = MEMBER_STATUS["UNAVAILABLE"]
HINT = {
    "NOT_INUSE": (0, "Idle"),
    "INUSE": (1, "InUse"),
    "UNAVAILABLE": (4, "Unavailable"),
    "RINGING": (8, "Ringing"),
    "RINGINUSE": (9, "InUse&Ringing"),
    "ONHOLD": (16, "Hold"),
}
WORDS = {
    "NOT_INUSE": "Not in use",
    "INUSE": "In use",
    "UNAVAILABLE": "Unavailable",
    "RINGING": "Ringing",
    "RINGINUSE": "Ring+Inuse",
    "ONHOLD": "On Hold",
}


@dataclass(slots=True, eq=False)
class Device:
    """A phone (with an extension) or a trunk (without). ``reachable``: calls can be sent to it."""

    name: str
    extension: str = ""
    title: str = ""
    manners: Manners = ()
    reachable: bool = True
    contact: str = ""
    channels: list[Channel] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    told: State = "NOT_INUSE"

    @property
    def endpoint(self) -> str:
        """The part behind the technology: agent101."""
        return self.name.partition("/")[2]

    @property
    def state(self) -> State:
        """What its legs and its registration make of it."""
        ringing = any(each.state == RINGING for each in self.channels)
        in_use = any(each.state in {RING, UP} for each in self.channels)
        if ringing:
            return "RINGINUSE" if in_use else "RINGING"
        if in_use:
            return "ONHOLD" if all(each.held for each in self.channels) else "INUSE"
        return "NOT_INUSE" if self.reachable else "UNAVAILABLE"
