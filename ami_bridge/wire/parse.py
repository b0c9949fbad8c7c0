"""From bytes to facts: framing, and one table from Asterisk's event names to ``ami_bridge.domain.ami``.

The gain is in not parsing: a block whose event nobody reads is dropped after a look at its name.
Nothing here raises for any bytes; what cannot be read is counted.
Source: https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/
"""

from __future__ import annotations

from typing import Final

from ami_bridge.domain import ami
from ami_bridge.wire.dialect import ELDER_ITEMS, with_elders
from ami_bridge.wire.names import Named
from ami_bridge.wire.shape import Headers, Reading, Shape, Source, headers_in, stamp_of
from ami_bridge.wire.values import is_text, number, seconds, state, whole

BLOCK_LIMIT: Final = 4 << 20
_END: Final = b"\r\n\r\n"
_SEAM: Final = len(_END) - 1


class Framer:
    """Cuts a byte stream into blocks (without their empty line), however the reads fall.

    A block longer than *limit* bytes is thrown away as it comes.
    """

    def __init__(self, *, limit: int = BLOCK_LIMIT) -> None:
        self._limit = limit
        self._too_long = 0
        self._kept: list[bytes] = []
        self._size = 0
        self._tail = b""
        self._is_skipping = False

    def feed(self, read: bytes) -> list[bytes]:
        """Return the blocks that *read* completes."""
        if self._kept:
            # what was kept holds no end of a block; only at the seam one may have come together
            if _END not in read and _END not in self._tail + read[:_SEAM]:
                self._keep(read)
                return []
            read = b"".join((*self._kept, read))
            self._kept.clear()
        *blocks, rest = read.split(_END)
        self._size, self._tail = 0, b""
        if self._is_skipping and blocks:
            self._is_skipping = False
            del blocks[0]
        if rest:
            self._keep(rest)
        return blocks

    def take_too_long(self) -> int:
        """Return how many blocks were thrown away since this was last asked."""
        counted, self._too_long = self._too_long, 0
        return counted

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        self._tail = (self._tail + piece[-_SEAM:])[-_SEAM:]
        if self._size <= self._limit and not self._is_skipping:
            self._kept.append(piece)
            return
        self._too_long += not self._is_skipping
        self._is_skipping = True
        self._kept[:] = [self._tail]


def headers_of(block: bytes) -> Headers:
    """Return a block's headers, names in lower case; of a repeated one the last."""
    return headers_in(block.decode("utf-8", "replace"))


def header_lines(block: bytes, name: str) -> list[str]:
    """Return every value of a header that may be repeated, in order."""
    wanted = name.lower() + ":"
    lines = block.decode("utf-8", "replace").split("\r\n")
    return [line[len(wanted) :].removeprefix(" ") for line in lines if line.lower().startswith(wanted)]


def event_name(block: bytes) -> bytes | None:
    """Return a block's event name, None when it is no event; looks at the start of the block only."""
    if block.startswith(b"Event: "):
        end = block.find(b"\r\n", 7)
        return block[7:end] if end >= 0 else block[7:]
    return None


def read_event(block: bytes) -> ami.AmiEvent | None:
    """Return the fact a block holds; None when nobody reads such events or it cannot be read."""
    name = event_name(block)
    reading = EVENTS.get(name) if name is not None else None
    return reading.of_block(block) if reading is not None else None


def read_item(headers: Headers) -> ami.AmiEvent | None:
    """Return the fact of an item of a list, whose headers were read already."""
    reading = LIST_ITEMS.get(headers.get("event", ""))
    return reading.of_headers(headers) if reading is not None else None


class _UserEvent:
    """A UserEvent has headers of its own choice: all are kept."""

    def of_block(self, block: bytes) -> ami.AmiEvent:
        return self.of_headers(headers_of(block))

    def of_headers(self, headers: Headers) -> ami.AmiEvent:
        return ami.UserEvent(
            stamp=stamp_of(headers.get("timestamp", "")),
            uniqueid=headers.get("uniqueid", ""),
            linkedid=headers.get("linkedid", ""),
            channel=headers.get("channel", ""),
            name=headers.get("userevent", ""),
            headers=headers,
        )


def _pjsip(endpoint: str) -> str:
    return f"PJSIP/{endpoint}" if endpoint else ""


def _is_registration(status: str) -> bool:
    """Return whether a peer or contact registered; Reachable is said of a trunk that answers again, too."""
    return status in ("Registered", "Created", "NonQualified")


# --- the table

_LEG: Final[dict[str, Source]] = {"uniqueid": "uniqueid", "linkedid": "linkedid", "channel": "channel"}
_PARKEE: Final[dict[str, Source]] = {
    "uniqueid": "parkeeuniqueid",
    "linkedid": "parkeelinkedid",
    "channel": "parkeechannel",
}
_BRIDGE: Final[dict[str, Source]] = {
    **_LEG,
    "bridge": "bridgeuniqueid",
    "bridge_type": "bridgetype",
    "size": ("bridgenumchannels", whole),
    "exten": "exten",
}
_AGENT: Final[dict[str, Source]] = {
    **_LEG,
    "queue": "queue",
    "interface": "interface",
    "member": "membername",
    "dest_uniqueid": "destuniqueid",
    "dest_channel": "destchannel",
}
_MEMBER: Final = Shape(
    ami.QueueMember,
    queue="queue",
    interface="interface|location",
    state_interface="stateinterface",
    member="membername|name",
    paused=("paused", is_text("1")),
    paused_reason="pausedreason",
    status=("status", whole),
    in_call=("incall", is_text("1")),
    penalty=("penalty", whole),
    dynamic=("membership", is_text("dynamic")),
)

_EVENTS: Final[dict[bytes, Reading]] = {
    b"Newchannel": Named(
        Shape(
            ami.Newchannel,
            **_LEG,
            state=("channelstate|state", state),
            num="calleridnum|callerid",
            name="calleridname",
            account="accountcode",
            context="context",
            exten="exten",
        )
    ),
    b"Newstate": Shape(
        ami.Newstate,
        **_LEG,
        state=("channelstate|state", state),
        num="calleridnum|callerid",
        connected="connectedlinenum",
    ),
    b"NewCallerid": Named(Shape(ami.NewCallerid, **_LEG, num="calleridnum", name="calleridname")),
    b"DialBegin": Shape(
        ami.DialBegin,
        **_LEG,
        dest_uniqueid="destuniqueid",
        dest_linkedid="destlinkedid",
        dest_channel="destchannel",
        dest_num="destcalleridnum",
        dial_string="dialstring",
    ),
    b"DialState": Shape(ami.DialState, **_LEG, dest_uniqueid="destuniqueid", status="dialstatus"),
    b"DialEnd": Shape(
        ami.DialEnd,
        **_LEG,
        dest_uniqueid="destuniqueid",
        dest_channel="destchannel",
        status="dialstatus",
        forward="forward",
    ),
    b"BridgeEnter": Shape(ami.BridgeEnter, **_BRIDGE, technology="bridgetechnology", swap="swapuniqueid"),
    b"BridgeLeave": Shape(ami.BridgeLeave, **_BRIDGE),
    b"LocalBridge": Shape(
        ami.LocalBridge,
        one="localoneuniqueid",
        one_channel="localonechannel",
        one_linkedid="localonelinkedid",
        two="localtwouniqueid",
        two_channel="localtwochannel",
        two_linkedid="localtwolinkedid",
    ),
    b"Hold": Shape(ami.Hold, **_LEG),
    b"Unhold": Shape(ami.Unhold, **_LEG),
    b"MusicOnHoldStart": Shape(ami.MusicOnHoldStart, **_LEG),
    b"MusicOnHoldStop": Shape(ami.MusicOnHoldStop, **_LEG),
    b"HangupRequest": Shape(ami.HangupRequest, **_LEG, cause=("cause", number)),
    b"Hangup": Shape(
        ami.Hangup, **_LEG, cause=("cause", number), num="calleridnum", connected="connectedlinenum"
    ),
    b"BlindTransfer": Shape(
        ami.BlindTransfer,
        uniqueid="transfereruniqueid",
        linkedid="transfererlinkedid",
        channel="transfererchannel",
        transferee="transfereeuniqueid",
        transferee_channel="transfereechannel",
        exten="extension",
        result="result",
    ),
    b"AttendedTransfer": Shape(
        ami.AttendedTransfer,
        uniqueid="origtransfereruniqueid",
        linkedid="origtransfererlinkedid",
        channel="origtransfererchannel",
        second="secondtransfereruniqueid",
        transferee="transfereeuniqueid",
        target="transfertargetuniqueid",
        target_channel="transfertargetchannel",
        result="result",
    ),
    b"ParkedCall": Shape(ami.ParkedCall, **_PARKEE, space="parkingspace", parker="parkerdialstring"),
    b"UnParkedCall": Shape(ami.UnParkedCall, **_PARKEE, retriever="retrieverchannel"),
    b"ParkedCallTimeOut": Shape(ami.ParkedCallTimeOut, **_PARKEE),
    b"ParkedCallGiveUp": Shape(ami.ParkedCallGiveUp, **_PARKEE),
    b"QueueCallerJoin": Shape(
        ami.QueueCallerJoin,
        **_LEG,
        queue="queue",
        position=("position", whole),
        num="calleridnum",
        exten="exten",
    ),
    b"QueueCallerLeave": Shape(ami.QueueCallerLeave, **_LEG, queue="queue"),
    b"QueueCallerAbandon": Shape(ami.QueueCallerAbandon, **_LEG, queue="queue", exten="exten"),
    b"AgentCalled": Shape(ami.AgentCalled, **_AGENT),
    b"AgentRingNoAnswer": Shape(ami.AgentRingNoAnswer, **_AGENT),
    b"AgentConnect": Shape(ami.AgentConnect, **_AGENT),
    b"QueueMemberAdded": _MEMBER,
    b"QueueMemberStatus": _MEMBER,
    b"QueueMemberPause": _MEMBER,
    b"QueueMemberPenalty": _MEMBER,
    b"QueueMemberRemoved": Shape(ami.QueueMemberRemoved, queue="queue", interface="interface|location"),
    b"OriginateResponse": Shape(
        ami.OriginateResponse,
        action_id="actionid",
        success=("response", is_text("Success")),
        reason=("reason", number),
        uniqueid="uniqueid",
        channel="channel",
    ),
    b"UserEvent": _UserEvent(),
    b"PeerStatus": Shape(ami.PhoneRegistered, interface="peer", registered=("peerstatus", _is_registration)),
    b"ContactStatus": Shape(
        ami.PhoneRegistered,
        interface=("endpointname", _pjsip),
        registered=("contactstatus", _is_registration),
    ),
    b"FullyBooted": Shape(ami.FullyBooted, uptime=("uptime", number)),
    b"Shutdown": Shape(ami.Shutdown, restart=("restart", is_text("True"))),
}
EVENTS: Final = with_elders(_EVENTS)
"""What is read of the live stream, by the name on the wire."""

LIST_ITEMS: Final[dict[str, Reading]] = ELDER_ITEMS | {
    "CoreShowChannel": Named(
        Shape(
            ami.ChannelRow,
            **_LEG,
            state=("channelstate", whole),
            num="calleridnum",
            name="calleridname",
            connected="connectedlinenum",
            context="context",
            exten="exten|extension",
            application="application",
            duration=("duration", seconds),
            bridge="bridgeid",
            talks_with="bridgeduniqueid",
        )
    ),
    "BridgeListItem": Shape(ami.BridgeRow, bridge="bridgeuniqueid", bridge_type="bridgetype"),
    "ParkedCall": EVENTS[b"ParkedCall"],
    "QueueParams": Shape(ami.QueueParams, queue="queue", strategy="strategy"),
    "QueueMember": _MEMBER,
    "QueueEntry": Shape(
        ami.QueueEntry,
        uniqueid="uniqueid",
        channel="channel",
        queue="queue",
        position=("position", whole),
        num="calleridnum",
        wait=("wait", seconds),
    ),
}
"""What is read of the replies to our lists."""
