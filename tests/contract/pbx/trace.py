"""A stream of the manager interface as a partial order that two exchanges can be compared by.

Asterisk's threads publish side by side, so the whole order of a recording is one of many. What is certain:

- *strands*: the order of what concerns one thing: a leg, a pair of legs, a device, a member, a bridge;
- *pairs* (``CERTAIN``): what always comes before what, over the things;
- *loose*: AgentComplete, OriginateResponse and late NewConnectedLine come from threads of their own: only how
  often they come is certain.

Legs are named by their device and the order of their birth there (``agent101#1``), so that numbers, times
and the order in which several phones are rung do not matter.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

Block = list[tuple[str, str]]
# Registrations are not part of a call; a phone of the lab registers before it and leaves just behind it.
ASIDE = {"PeerStatus", "ContactStatus", "FullyBooted"}
LOOSE = {"AgentComplete", "OriginateResponse"}
# What is told of a moment, besides the event's name.
TOLD = (
    *("ChannelState", "Context", "Exten", "Priority", "CallerIDNum", "DestChannelState", "DialStatus"),
    *(
        "Cause",
        "Cause-txt",
        "TechCause",
        "Reason",
        "Position",
        "OriginalPosition",
        "Count",
        "Class",
        "MusicClass",
    ),
    *("BridgeNumChannels", "Status", "StatusText", "State", "IsExternal", "Extension", "Response", "Result"),
    *("Hint", "Interface", "Paused"),
)
# A thread of its own may have moved these on already, or not yet, when the event is written.
WHEN_READ = {
    "AgentCalled": {"DestChannelState"},
    "DialBegin": {"DestChannelState"},
    "DialState": {"DestChannelState"},
    "HangupRequest": {"Exten"},
    "DialEnd": {"DestChannelState"},
    "BridgeLeave": {"Context", "Exten", "Priority"},
    "NewConnectedLine": {"ChannelState"},
}


SNAPSHOT = {
    *("Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName", "ConnectedLineNum"),
    *("ConnectedLineName", "Language", "AccountCode", "Context", "Exten", "Priority", "Uniqueid", "Linkedid"),
}


@dataclass(slots=True)
class Trace:
    """What happened, by thing; ``headers``: the sets of header names that each kind of event came with."""

    strands: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    loose: Counter[str] = field(default_factory=Counter)
    headers: dict[str, set[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(set))
    order: list[tuple[str, str, str]] = field(default_factory=list)


def blocks(raw: bytes) -> Iterator[Block]:
    """Give each whole message after the log-in: its headers in order."""
    text = raw.decode("utf-8")
    for block in text.split("\r\n\r\n")[:-1]:
        lines = [line.partition(":") for line in block.split("\r\n") if ":" in line]
        yield [(name, value.strip()) for name, _, value in lines]


class Reader:
    """Turns messages into a trace."""

    def __init__(self) -> None:
        self.trace = Trace()
        self._legs: dict[str, str] = {}
        self._bridges: dict[str, str] = {}
        self._births: Counter[str] = Counter()

    def read(self, raw: bytes) -> Trace:
        """Return the trace of a stream."""
        for block in blocks(raw):
            self._take(block)
        return self.trace

    def _take(self, block: Block) -> None:
        event = dict(block)
        kind = event.get("Event", "")
        listed = "ActionID" in event and kind != "OriginateResponse"
        if not kind or kind in ASIDE or listed or _is_registration(kind, event):
            return
        self.trace.headers[kind].add(_names(kind, block))
        if kind == "Newchannel":
            self._name(event)
        things = self._things(kind, event)
        label = self._label(kind, event)
        self.trace.order.append((kind, things[0], label))
        if kind in LOOSE or (kind == "NewConnectedLine" and _is_late(event)):
            self.trace.loose[f"{things[0]} {label}"] += 1
            return
        for thing in things:
            self.trace.strands[thing].append(label)

    def _name(self, event: dict[str, str]) -> None:
        device = re.sub(r"-[0-9a-f]{8}$", "", event["Channel"])
        self._births[device] += 1
        self._legs[event["Uniqueid"]] = f"{device}#{self._births[device]}"

    def _things(self, kind: str, event: dict[str, str]) -> list[str]:
        if kind in {"QueueMemberStatus", "AgentComplete"}:
            return [f"member {event['Queue']} {event['Interface']}"]
        if kind == "DeviceStateChange":
            return [f"device {event['Device']}"]
        if kind == "ExtensionStatus":
            return [f"hint {event['Exten']}"]
        things = []
        if "Uniqueid" in event or "DestUniqueid" in event:
            caller = self._legs.get(event.get("Uniqueid", ""), "nobody")
            called = self._legs.get(event.get("DestUniqueid", ""))
            things.append(f"{caller} > {called}" if called else caller)
        if kind == "BlindTransfer":
            things.append(self._legs[event["TransfererUniqueid"]])
        if "BridgeUniqueid" in event and kind != "BlindTransfer":
            number = len(self._bridges) + 1
            things.append(self._bridges.setdefault(event["BridgeUniqueid"], f"bridge#{number}"))
        return things

    def _label(self, kind: str, event: dict[str, str]) -> str:
        if kind == "AgentComplete":
            return f"{kind} {event['Reason']}"
        unsure = WHEN_READ.get(kind, set())
        told = [f"{name}={event[name]}" for name in TOLD if name in event and name not in unsure]
        leg = self._legs.get(event.get("Uniqueid", ""), "")
        return " ".join([kind, leg, *told])


def _names(kind: str, block: Block) -> tuple[str, ...]:
    """Return the headers in their order. AgentComplete lacks the snapshot of a leg that is gone by then."""
    names = tuple(name for name, _ in block)
    if kind != "AgentComplete":
        return names
    return tuple(name for name in names if name not in SNAPSHOT and name.removeprefix("Dest") not in SNAPSHOT)


def _is_registration(kind: str, event: dict[str, str]) -> bool:
    """A phone of the lab comes before the call or leaves behind it; trunks never register."""
    match kind:
        case "DeviceStateChange":
            return event["Device"].startswith("PJSIP/agent") and event["State"] == "UNAVAILABLE"
        case "ExtensionStatus":
            return event["Status"] == "4"
        case "QueueMemberStatus":
            return event["Status"] == "5"
    return False


def _is_late(event: dict[str, str]) -> bool:
    """Told of a leg that never rang: it is on its way while the leg ends."""
    return event["ChannelState"] == "0" and "agent" in event["Channel"] and event["Exten"].startswith("q")


# (earlier, later): where both happen to the same call they come in this order, seen on Asterisk 22.10.
CERTAIN = [
    ("QueueCallerJoin", "MusicOnHoldStart"),
    ("QueueCallerJoin", "AgentCalled"),
    ("Newchannel", "AgentCalled"),
    ("AgentCalled", "AgentConnect"),
    ("DialEnd", "AgentConnect"),
    ("MusicOnHoldStop", "AgentConnect"),
    ("QueueCallerLeave", "AgentConnect"),
    ("QueueCallerAbandon", "QueueCallerLeave"),
    ("AgentConnect", "BridgeCreate"),
    ("BridgeCreate", "BridgeEnter"),
    ("AgentConnect", "AgentComplete"),
    ("BridgeEnter", "BridgeLeave"),
    ("DialBegin", "DialState"),
    ("DialBegin", "DialEnd"),
    ("Hold", "Unhold"),
    ("BlindTransfer", "BridgeLeave"),
]


def read(raw: bytes) -> Trace:
    """Return the trace of the bytes of a stream."""
    return Reader().read(raw)


def _busy(strand: list[str]) -> list[str]:
    """Return a strand without the phone's idle states at its ends.

    They are of the registration as much as of the call: on a busy machine the one before the call comes
    before anybody listens, and a phone that leaves at once goes from busy to unreachable.
    """
    busy = [place for place, label in enumerate(strand) if not _IDLE.match(label)]
    return strand[busy[0] : busy[-1] + 1] if busy else []


_IDLE = re.compile(
    r"QueueMemberStatus  Status=1 |DeviceStateChange  State=NOT_INUSE$|ExtensionStatus  (?:.* )?Status=0 "
)


def differences(real: Trace, ours: Trace) -> list[str]:
    """Return what the two do not have in common, one line each."""
    found = [
        f"{thing}:\n  asterisk {real.strands.get(thing)}\n  pbxsim   {ours.strands.get(thing)}"
        for thing in sorted({*real.strands, *ours.strands})
        if _busy(real.strands.get(thing, [])) != _busy(ours.strands.get(thing, []))
    ]
    found += [f"loose: {count} x {label}" for label, count in (real.loose - ours.loose).items()]
    found += [f"ours only: {count} x {label}" for label, count in (ours.loose - real.loose).items()]
    found += [
        f"headers of {kind}: asterisk {sorted(real.headers[kind])}, pbxsim {sorted(ours.headers[kind])}"
        for kind in sorted({*real.headers, *ours.headers})
        if ours.headers[kind] != real.headers[kind]
    ]
    return found
