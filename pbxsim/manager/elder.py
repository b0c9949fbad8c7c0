"""The dialect of Asterisk 11 (AMI 1.3), made of what the simulated exchange says in that of 22.

Events and lists are put into older words as they leave: pairs are linked instead of bridged, queues say Join
and Leave and dial without a word, no Linkedid is told, devices are chan_sip's. What is not shown: channels do
not masquerade, as the simulated exchange has no Local channels and no attended transfers.

Names, headers and their order: https://github.com/asterisk/asterisk/tree/11 (``manager_event``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pbxsim.manager.action import Action
from pbxsim.world.wire import BIT, Event

VERSION = "1.3"
Block = dict[str, str]
Pairs = tuple[tuple[str, str], ...]
ANNOUNCED = frozenset(("coreshowchannels",))
"""The lists that say ``EventList: start``."""
UNKNOWN = frozenset(
    ("bridgelist", "bridgeinfo", "pjsipshowendpoints", "pjsipshowcontacts", "devicestatelist")
)
"""The actions that came later."""


def _same(*names: str) -> Pairs:
    return tuple((name, name) for name in names)


_NUMBERS = _same("CallerIDNum", "CallerIDName", "ConnectedLineNum", "ConnectedLineName")
_MEMBER: Pairs = (
    *(("Queue", "Queue"), ("Location", "Interface"), ("MemberName", "MemberName")),
    *_same("StateInterface", "Membership", "Penalty", "CallsTaken", "LastCall", "Status", "Paused"),
)
_ENTRY = _same("Queue", "Position", "Count")
_AGENT: Pairs = (("Member", "Interface"), ("MemberName", "MemberName"))
WORDS: dict[str, tuple[str, Pairs, dict[str, str]]] = {
    "FullyBooted": ("FullyBooted", _same("Status"), {}),
    "Shutdown": ("Shutdown", _same("Shutdown", "Restart"), {}),
    "PeerStatus": ("PeerStatus", _same("ChannelType", "Peer", "PeerStatus"), {}),
    "Newchannel": (
        "Newchannel",
        _same("Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName")
        + _same("AccountCode", "Exten", "Context", "Uniqueid"),
        {},
    ),
    "Newstate": (
        "Newstate",
        (*_same("Channel", "ChannelState", "ChannelStateDesc"), *_NUMBERS, ("Uniqueid", "Uniqueid")),
        {},
    ),
    "NewCallerid": ("NewCallerid", _same("Channel", "CallerIDNum", "CallerIDName", "Uniqueid"), {}),
    "MusicOnHoldStart": (
        "MusicOnHold",
        (("Channel", "Channel"), ("UniqueID", "Uniqueid"), ("Class", "Class")),
        {"State": "Start"},
    ),
    "MusicOnHoldStop": (
        "MusicOnHold",
        (("Channel", "Channel"), ("UniqueID", "Uniqueid")),
        {"State": "Stop"},
    ),
    "Hold": ("Hold", _same("Channel", "Uniqueid"), {"Status": "On"}),
    "Unhold": ("Hold", _same("Channel", "Uniqueid"), {"Status": "Off"}),
    "HangupRequest": ("HangupRequest", _same("Channel", "Uniqueid", "Cause"), {}),
    "SoftHangupRequest": ("SoftHangupRequest", _same("Channel", "Uniqueid", "Cause"), {}),
    "Hangup": (
        "Hangup",
        (*_same("Channel", "Uniqueid"), *_NUMBERS, *_same("AccountCode", "Cause", "Cause-txt")),
        {},
    ),
    "QueueCallerJoin": ("Join", (("Channel", "Channel"), *_NUMBERS, *_ENTRY, ("Uniqueid", "Uniqueid")), {}),
    "QueueCallerLeave": ("Leave", _same("Channel", "Queue", "Count", "Position", "Uniqueid"), {}),
    "QueueCallerAbandon": (
        "QueueCallerAbandon",
        _same("Queue", "Uniqueid", "Position", "OriginalPosition", "HoldTime"),
        {},
    ),
    "AgentCalled": (
        "AgentCalled",
        (
            *(("Queue", "Queue"), ("AgentCalled", "Interface"), ("AgentName", "MemberName")),
            *(("ChannelCalling", "Channel"), ("DestinationChannel", "DestChannel")),
            *_NUMBERS,
            *(("Context", "Context"), ("Extension", "Exten"), ("Uniqueid", "Uniqueid")),
        ),
        {},
    ),
    "AgentConnect": (
        "AgentConnect",
        (
            *_same("Queue", "Uniqueid"),
            *(("Channel", "DestChannel"), *_AGENT, ("HoldTime", "HoldTime")),
            *(("BridgedChannel", "DestUniqueid"), ("RingTime", "RingTime")),
        ),
        {},
    ),
    "AgentComplete": (
        "AgentComplete",
        (
            *_same("Queue", "Uniqueid"),
            *(("Channel", "DestChannel"), *_AGENT),
            *_same("HoldTime", "TalkTime", "Reason"),
        ),
        {},
    ),
    "AgentRingNoAnswer": (
        "AgentRingNoAnswer",
        (*_same("Queue", "Uniqueid", "Channel"), *_AGENT, ("RingTime", "RingTime")),
        {},
    ),
    "QueueMemberStatus": ("QueueMemberStatus", _MEMBER, {}),
    "QueueMemberAdded": ("QueueMemberAdded", _MEMBER, {}),
    "QueueMemberRemoved": ("QueueMemberRemoved", _MEMBER[:3], {}),
    "QueueMemberPenalty": ("QueueMemberPenalty", (*_MEMBER[:2], ("Penalty", "Penalty")), {}),
    "QueueMemberPause": (
        "QueueMemberPaused",
        (*_MEMBER[:3], ("Paused", "Paused"), ("Reason", "PausedReason")),
        {},
    ),
    "CoreShowChannel": (
        "CoreShowChannel",
        (
            *_same("ActionID", "Channel"),
            *(("UniqueID", "Uniqueid"), ("Context", "Context"), ("Extension", "Exten")),
            *_same("Priority", "ChannelState", "ChannelStateDesc", "Application", "ApplicationData"),
            *(("CallerIDnum", "CallerIDNum"), ("Duration", "Duration"), ("AccountCode", "AccountCode")),
            *_same("BridgedChannel", "BridgedUniqueID"),
        ),
        {},
    ),
}
"""By the later event's name: the older one's, its headers with those that fill them, and what is new."""
AS_IT_IS = frozenset(("OriginateResponse", "UserEvent", "QueueParams", "QueueMember", "QueueEntry"))
_PEERS = frozenset(("EndpointList", "EndpointListComplete"))
OF_CALLS = frozenset(("Join", "Leave"))


class ElderTongue:
    """Says of one exchange in the words of Asterisk 11 what it says in those of 22."""

    def __init__(self) -> None:
        self._there: dict[str, list[Block]] = {}
        self._queued: set[str] = set()
        self._dialled: set[str] = set()
        self._special: dict[str, Callable[[Block], Iterable[str]]] = {
            "DialBegin": self._dial_begin,
            "DialEnd": self._dial_end,
            "BridgeEnter": self._enters,
            "BridgeLeave": self._leaves,
        }

    def events(self, told: Iterable[Event]) -> list[Event]:
        """Return the older events for those of one turn."""
        return [older for event in told for older in self._event(event)]

    def asked(self, action: Action) -> Action:
        """Return what is asked for in the words of today."""
        if action.name == "sippeers":
            action.headers["action"] = "PJSIPShowEndpoints"
        action.headers |= {name: value.replace("SIP/", "PJSIP/") for name, value in action.headers.items()}
        return action

    def reply(self, action: str, text: str) -> str:
        """Return an action's answer, a list with all its items, as it was said then."""
        if action in UNKNOWN:
            response = _block(text.partition("\r\n\r\n")[0])
            return _said(f"Response: Error\r\n{_id(response)}Message: Invalid/unknown command\r\n")
        blocks = [block for block in text.split("\r\n\r\n") if block]
        return "".join(self._answered(action, block) for block in blocks)

    def _answered(self, action: str, block: str) -> str:
        found = _block(block)
        if "Event" not in found:
            if "EventList" in found and action not in ANNOUNCED:
                found = {"Response": "Success"} | (
                    {"ActionID": found["ActionID"]} if "ActionID" in found else {}
                )
                found["Message"] = "The list will follow"
            return _said("".join(f"{name}: {value}\r\n" for name, value in found.items()))
        if found["Event"] in _PEERS:
            return _peer(found)
        if found["Event"] == "CoreShowChannel":
            found |= self._talks_with(found.get("Channel", ""))
        gone = {"Linkedid"} if action in ANNOUNCED else {"Linkedid", "EventList", "ListItems"}
        kept = (f"{name}: {value}\r\n" for name, value in found.items() if name not in gone)
        return _older(found) or _said("".join(kept))

    def _event(self, event: Event) -> Iterator[Event]:
        found = _block(event.text)
        if event.kind in {"QueueCallerJoin", "QueueCallerLeave"}:
            (self._queued.add if event.kind == "QueueCallerJoin" else self._queued.discard)(found["Uniqueid"])
        if (special := self._special.get(event.kind)) is not None:
            for text in special(found):
                yield Event(event.mask, event.kind, text)
            return
        if event.kind == "Hangup" and found["Uniqueid"] in self._dialled:
            self._dialled.discard(found["Uniqueid"])
            yield Event(event.mask, "Dial", _dial_over(found, "ANSWER"))
        if event.kind in AS_IT_IS:
            yield Event(event.mask, event.kind, _without_linkedid(event.text))
        elif text := _older(found):
            name = WORDS[event.kind][0]
            yield Event(BIT["call"] if name in OF_CALLS else event.mask, name, text)

    def _dial_begin(self, found: Block) -> Iterator[str]:
        """Dial() says so; Queue(), before Asterisk 12, dials without a word."""
        if "Channel" in found and found["Uniqueid"] not in self._queued:
            yield _event_of(
                "Dial",
                SubEvent="Begin",
                Channel=found["Channel"],
                Destination=found["DestChannel"],
                CallerIDNum=found["CallerIDNum"],
                UniqueID=found["Uniqueid"],
                DestUniqueID=found["DestUniqueid"],
                Dialstring=found.get("DialString", ""),
            )

    def _dial_end(self, found: Block) -> Iterator[str]:
        """Dial() returns at once when nobody answered, else at the end of the talk."""
        if "Channel" not in found or found["Uniqueid"] in self._queued:
            return
        if found["DialStatus"] == "ANSWER":
            self._dialled.add(found["Uniqueid"])
        else:
            yield _dial_over(found, found["DialStatus"])

    def _enters(self, found: Block) -> Iterator[str]:
        there = self._there.setdefault(found["BridgeUniqueid"], [])
        there.append(found)
        if len(there) == 2:  # noqa: PLR2004 - a pair
            yield _linked("Link", there)

    def _leaves(self, found: Block) -> Iterator[str]:
        there = self._there.get(found["BridgeUniqueid"], [])
        if len(there) == 2:  # noqa: PLR2004 - a pair
            yield _linked("Unlink", there)
        there[:] = [one for one in there if one["Uniqueid"] != found["Uniqueid"]]
        if not there:
            self._there.pop(found["BridgeUniqueid"], None)

    def _talks_with(self, channel: str) -> Block:
        for there in self._there.values():
            others = [one for one in there if one["Channel"] != channel]
            if len(others) == 1 < len(there):
                return {"BridgedChannel": others[0]["Channel"], "BridgedUniqueID": others[0]["Uniqueid"]}
        return {}


def _peer(found: Block) -> str:
    """Return a phone or trunk as SIPpeers lists it; who registers is dynamic."""
    if found["Event"] == "EndpointListComplete":
        return _said(f"Event: PeerlistComplete\r\n{_id(found)}ListItems: {found['ListItems']}\r\n")
    dynamic = "yes" if found["Auths"] else "no"
    told = f"Channeltype: SIP\r\nObjectName: {found['ObjectName']}\r\nDynamic: {dynamic}\r\n"
    return _said(f"Event: PeerEntry\r\n{_id(found)}{told}")


def _block(text: str) -> Block:
    return dict(line.partition(": ")[::2] for line in text.split("\r\n") if line)


def _id(found: Block) -> str:
    return f"ActionID: {found['ActionID']}\r\n" if "ActionID" in found else ""


def _said(text: str) -> str:
    return text.replace("PJSIP/", "SIP/") + "\r\n"


def _older(found: Block) -> str:
    """Return an event in its older words; empty when there was none."""
    if (words := WORDS.get(found["Event"])) is None:
        return ""
    name, pairs, more = words
    values = {old: found.get(new, "") for old, new in pairs}
    values |= {old: "" for old, value in values.items() if value == "<unknown>" and name.startswith("New")}
    return _event_of(name, privilege=found.get("Privilege", ""), **more, **values)


def _event_of(name: str, *, privilege: str = "call,all", **values: str) -> str:
    told = f"Privilege: {'call,all' if name in OF_CALLS else privilege}\r\n" if privilege else ""
    text = "".join(f"{key}: {value}\r\n" for key, value in values.items())
    return _said(f"Event: {name}\r\n{told}{text}")


def _dial_over(found: Block, status: str) -> str:
    return _event_of(
        "Dial",
        SubEvent="End",
        Channel=found["Channel"],
        UniqueID=found["Uniqueid"],
        DialStatus=status,
    )


def _linked(state: str, pair: list[Block]) -> str:
    one, two = pair
    return _event_of(
        "Bridge",
        Bridgestate=state,
        Bridgetype="core",
        Channel1=one["Channel"],
        Channel2=two["Channel"],
        Uniqueid1=one["Uniqueid"],
        Uniqueid2=two["Uniqueid"],
        CallerID1=one["CallerIDNum"],
        CallerID2=two["CallerIDNum"],
    )


def _without_linkedid(text: str) -> str:
    lines = [line for line in text.split("\r\n") if line and not line.startswith("Linkedid:")]
    return _said("\r\n".join(lines) + "\r\n")
