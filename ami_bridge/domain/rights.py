"""What our manager user may do and hear at an exchange, as far as it shows.

The exchange lists the actions that we may use. Which events it lets us hear it does not say: that shows by
what comes. ``system`` by FullyBooted, ``user`` by our own event that comes back, ``call`` and ``agent`` by
events, or by lists that hold callers whose events never came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from ami_bridge.domain import ami

ReadClass = Literal["system", "call", "agent", "user"]
READ_CLASSES: tuple[ReadClass, ...] = ("system", "call", "agent", "user")
ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "CoreShowChannels": "reporting",
        "PJSIPShowEndpoints": "system",
        "Originate": "originate",
        "Hangup": "call",
        "QueuePause": "agent",
        "QueueAdd": "agent",
        "QueueRemove": "agent",
        "UserEvent": "user",
    }
)
"""The actions that we use and that need a right, each with the narrowest write class that gives it."""
COMMANDS = frozenset(("Originate", "Hangup", "QueuePause", "QueueAdd", "QueueRemove", "UserEvent"))
READING = frozenset(
    (
        "Challenge",
        "Login",
        "Ping",
        "ListCommands",
        "CoreShowChannels",
        "BridgeList",
        "ParkedCalls",
        "Status",
        "PJSIPShowEndpoints",
        "ExtensionStateList",
        "QueueStatus",
        "ShowDialPlan",
        "GetConfig",
        "SIPpeers",
    )
)
"""All that is sent to an exchange that is only observed, besides the Logoff: nothing changes by it."""
HELPFUL = frozenset(("write=system (PJSIPShowEndpoints)", "write=user (UserEvent)"))
"""Rights that can be done without: phones show themselves in time, and only this check says things itself."""
_OF_AGENTS = (
    ami.AgentEvent,
    ami.QueueCallerJoin,
    ami.QueueCallerLeave,
    ami.QueueCallerAbandon,
    ami.QueueMember,
    ami.QueueMemberRemoved,
)
_OLD_ENOUGH_S = 2.0
GONE_KEPT = 5_000


@dataclass(slots=True)
class Heard:
    """What the stream of one connection has shown. ``nonce`` marks our own event."""

    nonce: str
    was_booted: bool = False
    was_answered: bool = False
    _legs: set[str] = field(default_factory=set)
    _gone: dict[str, None] = field(default_factory=dict)
    _has_agents: bool = False
    _silent: set[ReadClass] = field(default_factory=set)

    def note(self, events: Iterable[ami.AmiEvent]) -> None:
        """Take events as they come."""
        for event in events:
            if isinstance(event, _OF_AGENTS):
                self._has_agents = True
            elif isinstance(event, ami.FullyBooted):
                self.was_booted = True
            elif isinstance(event, ami.UserEvent):
                self.was_answered |= event.headers.get("nonce") == self.nonce
            elif isinstance(event, ami.ChannelEvent):
                self._note_leg(event)

    def _note_leg(self, event: ami.ChannelEvent) -> None:
        """Keep who is there, and who left lately: a list that is on its way may still have him.

        What does not show, as where there is no queue, is looked for as long as we run.
        """
        leg = event.uniqueid
        if isinstance(event, ami.Hangup):
            self._legs.discard(leg)
            self._gone[leg] = None
            if len(self._gone) > GONE_KEPT:
                del self._gone[next(iter(self._gone))]
        elif leg not in self._gone:
            self._legs.add(leg)

    def compare(self, snapshot: ami.Snapshot, *, listens_for_s: float) -> None:
        """Lay the exchange's lists beside what came: who was born since we listen must have been heard of."""
        if any(
            row.duration + _OLD_ENOUGH_S < listens_for_s
            and row.uniqueid not in self._legs
            and row.uniqueid not in self._gone
            for row in snapshot.channels
        ):
            self._silent.add("call")
        if not self._has_agents and any(row.wait + _OLD_ENOUGH_S < listens_for_s for row in snapshot.entries):
            self._silent.add("agent")

    def read(self, *, has_asked: bool) -> dict[ReadClass, bool | None]:
        """Return for each class of events whether we hear it; None when nothing shows it either way.

        *has_asked* is True when our own event had time to come back.
        """
        return {
            "system": self.was_booted,
            "call": False if "call" in self._silent else bool(self._legs or self._gone) or None,
            "agent": False if "agent" in self._silent else self._has_agents or None,
            "user": self.was_answered or (False if has_asked else None),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What we may: ``write`` by action, ``read`` by class; None where it cannot be known."""

    write: Mapping[str, bool | None]
    read: Mapping[ReadClass, bool | None]

    @property
    def missing(self) -> tuple[str, ...]:
        """The rights that we lack, as ``read=call`` or ``write=originate``."""
        return tuple(_named(self.write, self.read, is_held=False))

    @property
    def unknown(self) -> tuple[str, ...]:
        """The rights that did not show either way."""
        return tuple(_named(self.write, self.read, is_held=None))


def may_use(listed: Iterable[str] | None, *, is_observed: bool) -> dict[str, bool | None]:
    """Return for each action that we use whether it stands among those *listed*; None: no list was given.

    Where an exchange is only observed, commands are not used and so not asked about.
    """
    known = None if listed is None else {name.casefold() for name in listed}
    return {
        action: None if known is None else action.casefold() in known
        for action in ACTIONS
        if not (is_observed and action in COMMANDS)
    }


def _named(
    write: Mapping[str, bool | None], read: Mapping[ReadClass, bool | None], *, is_held: bool | None
) -> Iterable[str]:
    for name, held in read.items():
        if held is is_held:
            yield f"read={name}"
    for action, held in write.items():
        if held is is_held:
            yield f"write={ACTIONS[action]} ({action})"
