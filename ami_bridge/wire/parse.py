"""From bytes to facts: framing, and one table from Asterisk's event names to ``ami_bridge.domain.ami``.

The gain is in not parsing: a block whose event nobody reads is dropped after a look at its name.
Nothing here raises for any bytes; what cannot be read is counted.
Source: https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ami_bridge.domain import ami

BLOCK_LIMIT: Final = 1 << 20
_END: Final = b"\r\n\r\n"
_NOTHING: Final = frozenset(("<unknown>", "<null>", "(null)"))

Headers = dict[str, str]


class Framer:
    """Cuts a byte stream into blocks (without their empty line), however the reads fall.

    A block longer than *limit* bytes is thrown away as it comes; ``too_long`` counts them.
    """

    def __init__(self, *, limit: int = BLOCK_LIMIT) -> None:
        self.too_long = 0
        self._limit = limit
        self._kept = b""
        self._is_skipping = False

    def feed(self, read: bytes) -> list[bytes]:
        """Return the blocks that *read* completes."""
        if self._kept:
            # only the seam is searched again: three bytes of a broken end of block may stand in what was kept
            seam = self._kept[-3:] + read[:3]
            if _END not in seam and _END not in read:
                return self._keep(self._kept, read)
            read = self._kept + read
        *blocks, rest = read.split(_END)
        self._kept = b""
        if self._is_skipping and blocks:
            self._is_skipping = False
            del blocks[0]
        self._keep(b"", rest)
        return blocks

    def _keep(self, kept: bytes, read: bytes) -> list[bytes]:
        if len(kept) + len(read) > self._limit:
            if not self._is_skipping:
                self.too_long += 1
            self._is_skipping = True
            self._kept = (kept + read)[-3:]
        else:
            self._kept = kept + read
        return []


def headers_of(block: bytes) -> Headers:
    """Return a block's headers, names in lower case; of a repeated one the last."""
    headers = {}
    for line in block.decode("utf-8", "replace").split("\r\n"):
        name, found, value = line.partition(":")
        if found:
            value = value.removeprefix(" ")
            headers[name.lower()] = "" if value in _NOTHING else value
    return headers


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
    make = EVENTS.get(name) if name is not None else None
    return make(headers_of(block)) if make is not None else None


def read_headers(name: str, headers: Headers) -> ami.AmiEvent | None:
    """Return the fact of an event whose headers were parsed already (an item of a list)."""
    make = EVENTS.get(name.encode()) or LIST_ITEMS.get(name.encode())
    return make(headers) if make is not None else None


def _stamp(h: Headers) -> float | None:
    try:
        return float(h["timestamp"])
    except (KeyError, ValueError):
        return None


def _int(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.lstrip("-").isdigit() and len(text) < 12 else 0  # noqa: PLR2004


def _cause(h: Headers) -> int | None:
    text = h.get("cause", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None  # noqa: PLR2004


def _seconds(text: str) -> int:
    parts = text.split(":")
    total = 0
    for part in parts:
        total = total * 60 + _int(part)
    return total


def _newchannel(h: Headers) -> ami.Newchannel:
    get = h.get
    return ami.Newchannel(
        stamp=_stamp(h),
        uniqueid=get("uniqueid", ""),
        linkedid=get("linkedid", ""),
        channel=get("channel", ""),
        state=_int(get("channelstate")),
        num=get("calleridnum", ""),
        name=get("calleridname", ""),
        account=get("accountcode", ""),
        context=get("context", ""),
        exten=get("exten", ""),
    )


def _newstate(h: Headers) -> ami.Newstate:
    get = h.get
    return ami.Newstate(
        stamp=_stamp(h),
        uniqueid=get("uniqueid", ""),
        linkedid=get("linkedid", ""),
        channel=get("channel", ""),
        state=_int(get("channelstate")),
        num=get("calleridnum", ""),
        connected=get("connectedlinenum", ""),
    )


def _new_callerid(h: Headers) -> ami.NewCallerid:
    return ami.NewCallerid(
        stamp=_stamp(h),
        uniqueid=h.get("uniqueid", ""),
        linkedid=h.get("linkedid", ""),
        channel=h.get("channel", ""),
        num=h.get("calleridnum", ""),
        name=h.get("calleridname", ""),
    )


def _dial_begin(h: Headers) -> ami.DialBegin:
    get = h.get
    return ami.DialBegin(
        stamp=_stamp(h),
        uniqueid=get("uniqueid", ""),
        linkedid=get("linkedid", ""),
        channel=get("channel", ""),
        dest_uniqueid=get("destuniqueid", ""),
        dest_linkedid=get("destlinkedid", ""),
        dest_channel=get("destchannel", ""),
        dest_num=get("destcalleridnum", ""),
        dial_string=get("dialstring", ""),
    )


def _dial_state(h: Headers) -> ami.DialState:
    return ami.DialState(
        stamp=_stamp(h),
        uniqueid=h.get("uniqueid", ""),
        dest_uniqueid=h.get("destuniqueid", ""),
        status=h.get("dialstatus", ""),
    )


def _dial_end(h: Headers) -> ami.DialEnd:
    get = h.get
    return ami.DialEnd(
        stamp=_stamp(h),
        uniqueid=get("uniqueid", ""),
        linkedid=get("linkedid", ""),
        channel=get("channel", ""),
        dest_uniqueid=get("destuniqueid", ""),
        dest_channel=get("destchannel", ""),
        status=get("dialstatus", ""),
        forward=get("forward", ""),
    )


def _bridge_enter(h: Headers) -> ami.BridgeEnter:
    get = h.get
    return ami.BridgeEnter(
        stamp=_stamp(h),
        uniqueid=get("uniqueid", ""),
        linkedid=get("linkedid", ""),
        channel=get("channel", ""),
        bridge=get("bridgeuniqueid", ""),
        technology=get("bridgetechnology", ""),
        bridge_type=get("bridgetype", ""),
        size=_int(get("bridgenumchannels")),
        swap=get("swapuniqueid", ""),
    )


def _bridge_leave(h: Headers) -> ami.BridgeLeave:
    get = h.get
    return ami.BridgeLeave(
        stamp=_stamp(h),
        uniqueid=get("uniqueid", ""),
        linkedid=get("linkedid", ""),
        channel=get("channel", ""),
        bridge=get("bridgeuniqueid", ""),
        bridge_type=get("bridgetype", ""),
        size=_int(get("bridgenumchannels")),
    )


def _local_bridge(h: Headers) -> ami.LocalBridge:
    get = h.get
    return ami.LocalBridge(
        stamp=_stamp(h),
        one=get("localoneuniqueid", ""),
        one_channel=get("localonechannel", ""),
        one_linkedid=get("localonelinkedid", ""),
        two=get("localtwouniqueid", ""),
        two_channel=get("localtwochannel", ""),
        two_linkedid=get("localtwolinkedid", ""),
    )


def _plain(kind: type[ami.ChannelEvent]) -> Callable[[Headers], ami.AmiEvent]:
    """Return the reading of an event that says only which leg it is about."""

    def make(h: Headers) -> ami.AmiEvent:
        return kind(
            stamp=_stamp(h),
            uniqueid=h.get("uniqueid", ""),
            linkedid=h.get("linkedid", ""),
            channel=h.get("channel", ""),
        )

    return make


def _parked(kind: type[ami.ChannelEvent], **names: str) -> Callable[[Headers], ami.AmiEvent]:
    """Return the reading of a parking event: the leg is the parkee, *names* are further headers."""

    def make(h: Headers) -> ami.AmiEvent:
        return kind(
            stamp=_stamp(h),
            uniqueid=h.get("parkeeuniqueid", ""),
            linkedid=h.get("parkeelinkedid", ""),
            channel=h.get("parkeechannel", ""),
            **{field: h.get(header, "") for field, header in names.items()},
        )

    return make


def _hangup_request(*, soft: bool) -> Callable[[Headers], ami.AmiEvent]:
    def make(h: Headers) -> ami.AmiEvent:
        return ami.HangupRequest(
            stamp=_stamp(h),
            uniqueid=h.get("uniqueid", ""),
            linkedid=h.get("linkedid", ""),
            channel=h.get("channel", ""),
            cause=_cause(h),
            soft=soft,
        )

    return make


def _hangup(h: Headers) -> ami.Hangup:
    return ami.Hangup(
        stamp=_stamp(h),
        uniqueid=h.get("uniqueid", ""),
        linkedid=h.get("linkedid", ""),
        channel=h.get("channel", ""),
        cause=_cause(h),
        num=h.get("calleridnum", ""),
        connected=h.get("connectedlinenum", ""),
    )


def _queue_join(h: Headers) -> ami.QueueCallerJoin:
    return ami.QueueCallerJoin(
        stamp=_stamp(h),
        uniqueid=h.get("uniqueid", ""),
        linkedid=h.get("linkedid", ""),
        channel=h.get("channel", ""),
        queue=h.get("queue", ""),
        position=_int(h.get("position")),
        num=h.get("calleridnum", ""),
    )


def _queue(kind: type[ami.QueueCallerLeave | ami.QueueCallerAbandon]) -> Callable[[Headers], ami.AmiEvent]:
    def make(h: Headers) -> ami.AmiEvent:
        return kind(
            stamp=_stamp(h),
            uniqueid=h.get("uniqueid", ""),
            linkedid=h.get("linkedid", ""),
            channel=h.get("channel", ""),
            queue=h.get("queue", ""),
        )

    return make


def _agent(kind: type[ami.AgentEvent], **names: str) -> Callable[[Headers], ami.AmiEvent]:
    def make(h: Headers) -> ami.AmiEvent:
        get = h.get
        return kind(
            stamp=_stamp(h),
            uniqueid=get("uniqueid", ""),
            linkedid=get("linkedid", ""),
            channel=get("channel", ""),
            queue=get("queue", ""),
            interface=get("interface", ""),
            member=get("membername", ""),
            dest_uniqueid=get("destuniqueid", ""),
            dest_channel=get("destchannel", ""),
            **{field: get(header, "") for field, header in names.items()},
        )

    return make


def _member(h: Headers) -> ami.QueueMember:
    get = h.get
    return ami.QueueMember(
        stamp=_stamp(h),
        queue=get("queue", ""),
        interface=get("interface") or get("location", ""),
        state_interface=get("stateinterface", ""),
        member=get("membername") or get("name", ""),
        paused=get("paused") == "1",
        paused_reason=get("pausedreason", ""),
        status=_int(get("status")),
        in_call=get("incall") == "1",
        penalty=_int(get("penalty")),
        dynamic=get("membership") == "dynamic",
    )


def _member_removed(h: Headers) -> ami.QueueMemberRemoved:
    return ami.QueueMemberRemoved(
        stamp=_stamp(h), queue=h.get("queue", ""), interface=h.get("interface") or h.get("location", "")
    )


def _blind_transfer(h: Headers) -> ami.BlindTransfer:
    get = h.get
    return ami.BlindTransfer(
        stamp=_stamp(h),
        uniqueid=get("transfereruniqueid", ""),
        linkedid=get("transfererlinkedid", ""),
        channel=get("transfererchannel", ""),
        transferee=get("transfereeuniqueid", ""),
        transferee_channel=get("transfereechannel", ""),
        exten=get("extension", ""),
        result=get("result", ""),
    )


def _attended_transfer(h: Headers) -> ami.AttendedTransfer:
    get = h.get
    return ami.AttendedTransfer(
        stamp=_stamp(h),
        uniqueid=get("origtransfereruniqueid", ""),
        linkedid=get("origtransfererlinkedid", ""),
        channel=get("origtransfererchannel", ""),
        second=get("secondtransfereruniqueid", ""),
        transferee=get("transfereeuniqueid", ""),
        target=get("transfertargetuniqueid", ""),
        target_channel=get("transfertargetchannel", ""),
        result=get("result", ""),
    )


def _originate_response(h: Headers) -> ami.OriginateResponse:
    return ami.OriginateResponse(
        stamp=_stamp(h),
        action_id=h.get("actionid", ""),
        success=h.get("response") == "Success",
        reason=_int(h.get("reason")),
        uniqueid=h.get("uniqueid", ""),
        channel=h.get("channel", ""),
    )


def _conference(kind: type[ami.ConfbridgeJoin | ami.ConfbridgeLeave]) -> Callable[[Headers], ami.AmiEvent]:
    def make(h: Headers) -> ami.AmiEvent:
        return kind(
            stamp=_stamp(h),
            uniqueid=h.get("uniqueid", ""),
            linkedid=h.get("linkedid", ""),
            channel=h.get("channel", ""),
            room=h.get("conference", ""),
            bridge=h.get("bridgeuniqueid", ""),
        )

    return make


def _user_event(h: Headers) -> ami.UserEvent:
    return ami.UserEvent(
        stamp=_stamp(h),
        uniqueid=h.get("uniqueid", ""),
        linkedid=h.get("linkedid", ""),
        channel=h.get("channel", ""),
        name=h.get("userevent", ""),
        headers=h,
    )


_REGISTRATIONS = ("Registered", "Created", "NonQualified")
"""What a registration makes of a peer or contact; Reachable is said of a trunk that answers again, too."""


def _registered(h: Headers) -> ami.PhoneRegistered:
    interface = h.get("peer") or (f"PJSIP/{h['endpointname']}" if h.get("endpointname") else "")
    status = h.get("peerstatus") or h.get("contactstatus", "")
    return ami.PhoneRegistered(
        stamp=_stamp(h),
        interface=interface,
        registered=status in _REGISTRATIONS,
    )


def _booted(h: Headers) -> ami.FullyBooted:
    return ami.FullyBooted(stamp=_stamp(h), uptime=_int(h.get("uptime")))


def _shutdown(h: Headers) -> ami.Shutdown:
    return ami.Shutdown(stamp=_stamp(h), restart=h.get("restart") == "True")


def _channel_row(h: Headers) -> ami.ChannelRow:
    get = h.get
    return ami.ChannelRow(
        uniqueid=get("uniqueid", ""),
        linkedid=get("linkedid", ""),
        channel=get("channel", ""),
        state=_int(get("channelstate")),
        num=get("calleridnum", ""),
        name=get("calleridname", ""),
        connected=get("connectedlinenum", ""),
        context=get("context", ""),
        exten=get("exten", ""),
        application=get("application", ""),
        duration=_seconds(get("duration", "")),
        bridge=get("bridgeid", ""),
    )


def _queue_entry(h: Headers) -> ami.QueueEntry:
    return ami.QueueEntry(
        uniqueid=h.get("uniqueid", ""),
        channel=h.get("channel", ""),
        queue=h.get("queue", ""),
        position=_int(h.get("position")),
        num=h.get("calleridnum", ""),
        wait=_int(h.get("wait")),
    )


def _queue_params(h: Headers) -> ami.QueueParams:
    return ami.QueueParams(queue=h.get("queue", ""), strategy=h.get("strategy", ""))


EVENTS: dict[bytes, Callable[[Headers], ami.AmiEvent]] = {
    b"Newchannel": _newchannel,
    b"Newstate": _newstate,
    b"NewCallerid": _new_callerid,
    b"DialBegin": _dial_begin,
    b"DialState": _dial_state,
    b"DialEnd": _dial_end,
    b"BridgeEnter": _bridge_enter,
    b"BridgeLeave": _bridge_leave,
    b"LocalBridge": _local_bridge,
    b"Hold": _plain(ami.Hold),
    b"Unhold": _plain(ami.Unhold),
    b"MusicOnHoldStart": _plain(ami.MusicOnHoldStart),
    b"MusicOnHoldStop": _plain(ami.MusicOnHoldStop),
    b"HangupRequest": _hangup_request(soft=False),
    b"SoftHangupRequest": _hangup_request(soft=True),
    b"Hangup": _hangup,
    b"BlindTransfer": _blind_transfer,
    b"AttendedTransfer": _attended_transfer,
    b"ParkedCall": _parked(ami.ParkedCall, space="parkingspace", parker="parkerdialstring"),
    b"UnParkedCall": _parked(ami.UnParkedCall, retriever="retrieverchannel"),
    b"ParkedCallTimeOut": _parked(ami.ParkedCallTimeOut),
    b"ParkedCallGiveUp": _parked(ami.ParkedCallGiveUp),
    b"QueueCallerJoin": _queue_join,
    b"QueueCallerLeave": _queue(ami.QueueCallerLeave),
    b"QueueCallerAbandon": _queue(ami.QueueCallerAbandon),
    b"AgentCalled": _agent(ami.AgentCalled),
    b"AgentRingNoAnswer": _agent(ami.AgentRingNoAnswer),
    b"AgentConnect": _agent(ami.AgentConnect),
    b"QueueMemberAdded": _member,
    b"QueueMemberStatus": _member,
    b"QueueMemberPause": _member,
    b"QueueMemberPenalty": _member,
    b"QueueMemberRemoved": _member_removed,
    b"OriginateResponse": _originate_response,
    b"UserEvent": _user_event,
    b"PeerStatus": _registered,
    b"ContactStatus": _registered,
    b"FullyBooted": _booted,
    b"Shutdown": _shutdown,
}
"""What is read of the live stream, by the name on the wire."""

LIST_ITEMS: dict[bytes, Callable[[Headers], ami.AmiEvent]] = {
    b"CoreShowChannel": _channel_row,
    b"QueueParams": _queue_params,
    b"QueueMember": _member,
    b"QueueEntry": _queue_entry,
}
"""What is read of the replies to our lists."""
