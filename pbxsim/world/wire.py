"""Events as text: which class each belongs to, and the blocks of headers they are put together from.

Names, headers and their order are those of Asterisk 22.10, taken from recordings of it.
"""

from __future__ import annotations

from typing import NamedTuple

CLASSES = (
    *("system", "call", "log", "verbose", "command", "agent", "user", "config", "dtmf", "reporting"),
    *("cdr", "dialplan", "originate", "agi", "cc", "aoc", "test", "security", "message"),
)
BIT = {name: 1 << place for place, name in enumerate(CLASSES)}
EVERYTHING = (1 << len(CLASSES)) - 1

_KINDS = {
    "system": "FullyBooted Shutdown PeerStatus ContactStatus",
    "agent": (
        "QueueCallerJoin QueueCallerLeave QueueCallerAbandon AgentCalled AgentConnect AgentComplete "
        "AgentRingNoAnswer QueueMemberStatus QueueMemberAdded QueueMemberRemoved QueueMemberPause "
        "QueueMemberPenalty"
    ),
    "user": "UserEvent",
    "dialplan": "Newexten VarSet",
    "agi": "AGIExecStart AGIExecEnd",
    "call": (
        "Newchannel Newstate NewCallerid NewConnectedLine DialBegin DialState DialEnd BridgeCreate "
        "BridgeEnter BridgeLeave BridgeDestroy MusicOnHoldStart MusicOnHoldStop Hold Unhold HangupRequest "
        "SoftHangupRequest Hangup BlindTransfer OriginateResponse DeviceStateChange ExtensionStatus"
    ),
}
CLASS = {kind: name for name, kinds in _KINDS.items() for kind in kinds.split()}
HEAD = {kind: f"Event: {kind}\r\nPrivilege: {name},all\r\n" for kind, name in CLASS.items()}
MASK = {kind: BIT[name] for kind, name in CLASS.items()}


DOWN, RING, RINGING, UP = 0, 4, 5, 6
STATES = {DOWN: "Down", RING: "Ring", RINGING: "Ringing", UP: "Up"}


class Event(NamedTuple):
    """One event: the bits of the classes that may read it, its name, and its text with the empty line."""

    mask: int
    kind: str
    text: str


def rights(words: str) -> int:
    """Return the bits of a list of classes as in manager.conf: ``system,call``, ``all`` or nothing.

    Raises:
        ValueError: a class is not known.
    """
    bits = 0
    for word in filter(None, (each.strip() for each in words.split(","))):
        if word != "all" and word not in BIT:
            raise ValueError(f"no such class of rights: {word!r}")
        bits |= EVERYTHING if word == "all" else BIT[word]
    return bits


def headers(**values: object) -> str:
    """Return headers as they stand on the wire; underscores in names become hyphens."""
    return "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in values.items())


def clean(text: str) -> str:
    """Return *text* without control characters, which would begin another header."""
    return "".join(sign for sign in text if sign >= " " and sign != "\x7f")


_ESCAPES = str.maketrans({sign: f"\\{sign}" for sign in "\\'\"?"})


def escaped(name: str) -> str:
    """Return a name as Asterisk prints it in snapshots: with a backslash before quotes and the like."""
    return name.translate(_ESCAPES)


CAUSES = {
    0: "Unknown",
    3: "No route to destination",
    16: "Normal Clearing",
    17: "User busy",
    19: "User alerting, no answer",
    21: "Call Rejected",
    26: "Answered elsewhere",
    34: "Circuit/channel congestion",
    127: "Interworking, unspecified",
}
