"""How exchanges before Asterisk 12 say it: the one place that knows their events and headers.

Which dialect a block is in is decided by the headers that are there, never by the greeting's version: patched
exchanges lie about it. ``parse`` lays these tables over its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ami_bridge.domain import ami, ami_elder
from ami_bridge.wire.shape import Headers, Reading, Shape, Source
from ami_bridge.wire.values import is_text, seconds, state, whole

_HEADER: Final = re.compile(r"(?:Response|Privilege|ActionID|Message): ")
_NAMED: Final = re.compile(r"(?i)ChanVariable\(([^\r\n]{1,200})\): CHANNEL\(linkedid\)=([^\r\n]{1,150})")


class ByHeader:
    """An event with other headers in an older dialect: the first marker that begins a line decides."""

    def __init__(self, *readings: tuple[str, Reading], otherwise: Reading) -> None:
        self._readings = [(f"\r\n{marker}".encode(), reading) for marker, reading in readings]
        self._begins = [(marker.lower(), reading) for marker, reading in readings]
        self._otherwise = otherwise

    def of_block(self, block: bytes) -> ami.AmiEvent:
        """Return the fact that *block* holds."""
        for marker, reading in self._readings:
            if marker in block:
                return reading.of_block(block)
        return self._otherwise.of_block(block)

    def of_headers(self, headers: Headers) -> ami.AmiEvent:
        """Return the fact that *headers* hold."""
        lines = [f"{name}: {value}".lower() for name, value in headers.items()]
        for begin, reading in self._begins:
            if any(line.startswith(begin) for line in lines):
                return reading.of_headers(headers)
        return self._otherwise.of_headers(headers)


_LEG: Final[dict[str, Source]] = {"uniqueid": "uniqueid", "channel": "channel"}
_PAIR: Final[dict[str, Source]] = {"one": "uniqueid1", "two": "uniqueid2"}
_AGENT: Final[dict[str, Source]] = {
    "uniqueid": "uniqueid",
    "queue": "queue",
    "interface": "member|agentcalled",
    "member": "membername|agentname",
}
_TRANSFER: Final[dict[str, Source]] = {**_LEG, "target": "targetuniqueid", "exten": "transferexten"}
_LINKED: Final = Shape(ami_elder.Linked, **_PAIR)
_UNLINKED: Final = Shape(ami_elder.Unlinked, **_PAIR)


def _kind(text: str) -> str:
    return "attended" if text == "Attended" else "blind"


ELDER_EVENTS: Final[dict[bytes, Reading]] = {
    b"Newcallerid": Shape(ami.NewCallerid, **_LEG, num="calleridnum|callerid", name="calleridname"),
    b"Dial": ByHeader(
        ("SubEvent: End", Shape(ami_elder.DialOver, **_LEG, status="dialstatus")),
        otherwise=Shape(
            ami.DialBegin,
            uniqueid="uniqueid|srcuniqueid",
            channel="channel|source",
            dest_uniqueid="destuniqueid",
            dest_channel="destination",
            dial_string="dialstring",
        ),
    ),
    b"Link": _LINKED,
    b"Unlink": _UNLINKED,
    b"Bridge": ByHeader(("Bridgestate: Unlink", _UNLINKED), otherwise=_LINKED),
    b"Rename": Shape(ami_elder.Renamed, uniqueid="uniqueid", channel="channel|oldname", newname="newname"),
    b"Transfer": Shape(ami_elder.Transferred, **_TRANSFER, kind=("transfertype", _kind)),
    b"MusicOnHold": ByHeader(
        ("State: Stop", Shape(ami.MusicOnHoldStop, **_LEG)), otherwise=Shape(ami.MusicOnHoldStart, **_LEG)
    ),
    b"Join": Shape(
        ami.QueueCallerJoin, **_LEG, queue="queue", position=("position", whole), num="calleridnum|callerid"
    ),
    b"Leave": Shape(ami.QueueCallerLeave, **_LEG, queue="queue"),
    b"QueueMemberPaused": Shape(
        ami_elder.MemberPaused,
        queue="queue",
        interface="interface|location",
        member="membername",
        paused=("paused", is_text("1")),
        reason="pausedreason|reason",
    ),
}
"""Events that later exchanges do not have, by the name on the wire."""

_OTHERWISE: Final[dict[bytes, tuple[str, Reading]]] = {
    b"AgentCalled": (
        "Interface:",
        Shape(ami.AgentCalled, **_AGENT, channel="channelcalling", dest_channel="destinationchannel"),
    ),
    b"AgentConnect": (
        "Interface:",
        Shape(ami.AgentConnect, **_AGENT, dest_uniqueid="bridgedchannel", dest_channel="channel"),
    ),
    b"AgentRingNoAnswer": ("Interface:", Shape(ami.AgentRingNoAnswer, **_AGENT, channel="channel")),
    b"ParkedCall": (
        "Parkee",
        Shape(ami.ParkedCall, **_LEG, space="exten", parker="from"),
    ),
    b"UnParkedCall": ("Parkee", Shape(ami.UnParkedCall, **_LEG, retriever="from")),
    b"ParkedCallTimeOut": ("Parkee", Shape(ami.ParkedCallTimeOut, **_LEG)),
    b"ParkedCallGiveUp": ("Parkee", Shape(ami.ParkedCallGiveUp, **_LEG)),
    b"LocalBridge": (
        "LocalOne",
        Shape(
            ami.LocalBridge,
            one="uniqueid1",
            one_channel="channel1",
            two="uniqueid2",
            two_channel="channel2",
        ),
    ),
}
"""Events that bear the same name and other headers; the header that shows a later exchange stands first."""


ELDER_ITEMS: Final[dict[str, Reading]] = {
    "Status": Shape(
        ami.ChannelRow,
        **_LEG,
        state=("channelstate|state", state),
        num="calleridnum|callerid",
        name="calleridname",
        context="context",
        exten="extension",
        duration=("seconds", seconds),
        talks_with="bridgeduniqueid|link",
    ),
}
"""Items of lists that later exchanges are not asked for."""


def with_elders(events: dict[bytes, Reading]) -> dict[bytes, Reading]:
    """Return *events* such that each reads its older forms, too."""
    both: dict[bytes, Reading] = {
        name: ByHeader((marker, events[name]), otherwise=elder)
        for name, (marker, elder) in _OTHERWISE.items()
    }
    both[b"Hold"] = ByHeader(("Status: Off", events[b"Unhold"]), otherwise=events[b"Hold"])
    return events | ELDER_EVENTS | both


def output_of(block: bytes) -> list[str]:
    """Return what a Command wrote, of a ``Response: Follows``: bare lines behind the headers."""
    text = block.decode("utf-8", "replace").partition("--END COMMAND--")[0]
    lines = re.split(r"\r?\n", text.removesuffix("\n"))
    return lines[next((place for place, line in enumerate(lines) if not _HEADER.match(line)), len(lines)) :]


def calls_named(block: bytes) -> Iterator[ami.AmiEvent]:
    """Yield what ``channelvars=CHANNEL(linkedid)`` says of a new channel's call, to be read first."""
    for channel, linkedid in _NAMED.findall(block.decode("utf-8", "replace")):
        yield ami_elder.CallNamed(channel=channel, linkedid=linkedid)
