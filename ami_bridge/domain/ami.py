"""What the exchange says, in one vocabulary: that of Asterisk 12 and later.

Every dialect is mapped to these facts before anything else reads it; nothing behind the wire
knows a version. Names are Asterisk's own event names, fields shortened. An empty string
means that the exchange did not say (``<unknown>``, ``<null>`` and a missing header alike).

Source: https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Events/
"""

from __future__ import annotations

from typing import Literal

import msgspec

from crm_core.domain.calls import CampaignRef


class AmiEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One fact; ``stamp`` is its Timestamp header in seconds of the exchange's own clock."""

    stamp: float | None = None


class ChannelEvent(AmiEvent, frozen=True, kw_only=True):
    """A fact about one leg."""

    uniqueid: str
    linkedid: str = ""
    channel: str = ""


class Newchannel(ChannelEvent, frozen=True, kw_only=True):
    """A leg is born. ``state`` as in Newstate; ``exten`` the digits as delivered."""

    state: int = 0
    num: str = ""
    name: str = ""
    account: str = ""
    context: str = ""
    exten: str = ""


class Newstate(ChannelEvent, frozen=True, kw_only=True):
    """0 down, 4 ring (calling), 5 ringing (called), 6 up, 7 busy."""

    state: int
    num: str = ""
    connected: str = ""


class Relinked(ChannelEvent, frozen=True, kw_only=True):
    """The leg belongs to the call ``linkedid`` from now on: nothing else happened."""


class NewCallerid(ChannelEvent, frozen=True, kw_only=True):
    """The leg's caller ID changed."""

    num: str = ""
    name: str = ""


class DialBegin(ChannelEvent, frozen=True, kw_only=True):
    """A leg is dialled; ``uniqueid`` (the dialling leg) is empty for the first leg of an Originate."""

    dest_uniqueid: str
    dest_linkedid: str = ""
    dest_channel: str = ""
    dest_num: str = ""
    dial_string: str = ""


class DialState(ChannelEvent, frozen=True, kw_only=True):
    """RINGING, PROGRESS or PROCEEDING at the dialled leg."""

    dest_uniqueid: str
    status: str


class DialEnd(ChannelEvent, frozen=True, kw_only=True):
    """ANSWER, BUSY, NOANSWER, CANCEL, CONGESTION, CHANUNAVAIL… of a dialled leg."""

    dest_uniqueid: str
    dest_channel: str = ""
    status: str
    forward: str = ""


class BridgeEnter(ChannelEvent, frozen=True, kw_only=True):
    """A leg entered a bridge; ``swap`` is the uniqueid whose place it took."""

    bridge: str
    technology: str = ""
    bridge_type: str = ""
    size: int = 0
    swap: str = ""
    exten: str = ""


class BridgeLeave(ChannelEvent, frozen=True, kw_only=True):
    """A leg left a bridge; ``exten`` is where the dialplan goes on with it."""

    bridge: str
    bridge_type: str = ""
    size: int = 0
    exten: str = ""


class LocalBridge(AmiEvent, frozen=True, kw_only=True):
    """The two halves of a Local channel belong together."""

    one: str
    one_channel: str
    one_linkedid: str = ""
    two: str
    two_channel: str
    two_linkedid: str = ""


class Hold(ChannelEvent, frozen=True, kw_only=True):
    """The phone behind this leg put the other side on hold."""


class Unhold(ChannelEvent, frozen=True, kw_only=True):
    """The phone behind this leg took the other side back."""


class MusicOnHoldStart(ChannelEvent, frozen=True, kw_only=True):
    """Music plays to this leg (in a queue, on hold, parked)."""


class MusicOnHoldStop(ChannelEvent, frozen=True, kw_only=True):
    """Music to this leg ended."""


class HangupRequest(ChannelEvent, frozen=True, kw_only=True):
    """The far end of this leg, or a manager, asked for its end (the core's own wish is not read)."""

    cause: int | None = None


class Hangup(ChannelEvent, frozen=True, kw_only=True):
    """The leg is gone. ``cause`` is ISDN (16 normal, 17 busy, 19 no answer, 21 rejected, 26 elsewhere).

    An exchange that does not say who asks for an end (``tells_requests``) leaves open who hung up.
    """

    cause: int | None = None
    num: str = ""
    connected: str = ""
    tells_requests: bool = True


class BlindTransfer(ChannelEvent, frozen=True, kw_only=True):
    """``uniqueid`` (the transferer) sent the transferee to ``exten``."""

    transferee: str = ""
    transferee_channel: str = ""
    exten: str = ""
    result: str = ""


class AttendedTransfer(ChannelEvent, frozen=True, kw_only=True):
    """``uniqueid`` is the transferer's first leg, ``second`` his consultation leg."""

    second: str = ""
    transferee: str = ""
    target: str = ""
    target_channel: str = ""
    result: str = ""


class ParkedCall(ChannelEvent, frozen=True, kw_only=True):
    """``uniqueid`` (the parkee) went to a parking space."""

    space: str = ""
    parker: str = ""


class UnParkedCall(ChannelEvent, frozen=True, kw_only=True):
    """``uniqueid`` (the parkee) was picked up by ``retriever``."""

    retriever: str = ""


class ParkedCallTimeOut(ChannelEvent, frozen=True, kw_only=True):
    """Nobody picked ``uniqueid`` up in time."""


class ParkedCallGiveUp(ChannelEvent, frozen=True, kw_only=True):
    """``uniqueid`` hung up while parked."""


class QueueCallerJoin(ChannelEvent, frozen=True, kw_only=True):
    """A caller entered a queue; ``position`` counts from 1."""

    queue: str
    position: int = 0
    num: str = ""
    exten: str = ""


class QueueCallerLeave(ChannelEvent, frozen=True, kw_only=True):
    """A caller is no longer an entry of the queue; the reason comes with other events."""

    queue: str


class QueueCallerAbandon(ChannelEvent, frozen=True, kw_only=True):
    """A caller left unanswered: by hanging up, by the queue's timeout, or sent to another ``exten``."""

    queue: str
    exten: str = ""


class AgentEvent(ChannelEvent, frozen=True, kw_only=True):
    """``uniqueid`` is the caller's leg ("" when the event lacks it); ``dest_*`` the member's."""

    queue: str
    interface: str
    member: str = ""
    dest_uniqueid: str = ""
    dest_channel: str = ""


class AgentCalled(AgentEvent, frozen=True, kw_only=True):
    """A member's phone is being rung for a caller."""


class AgentRingNoAnswer(AgentEvent, frozen=True, kw_only=True):
    """A member's phone was rung in vain."""


class AgentConnect(AgentEvent, frozen=True, kw_only=True):
    """A member answered a caller."""


class QueueMember(AmiEvent, frozen=True, kw_only=True):
    """A member as it is now: of QueueMemberAdded/Status/Pause/Penalty/RingInUse, and of QueueStatus."""

    queue: str
    interface: str
    state_interface: str = ""
    member: str = ""
    paused: bool = False
    paused_reason: str = ""
    status: int = 0
    in_call: bool = False
    penalty: int = 0
    dynamic: bool = False


class QueueMemberRemoved(AmiEvent, frozen=True, kw_only=True):
    """A member left the queue."""

    queue: str
    interface: str


class OriginateResponse(AmiEvent, frozen=True, kw_only=True):
    """What became of an Originate's first leg; ``reason``: 3 no answer, 4 answered, 5 busy, 8 congestion."""

    action_id: str = ""
    success: bool = False
    reason: int | None = None
    uniqueid: str = ""
    channel: str = ""


class UserEvent(ChannelEvent, frozen=True, kw_only=True):
    """A UserEvent; ours is called "Centralita". ``headers`` holds its own headers, names in lower case."""

    name: str
    headers: dict[str, str] = {}


class PhoneRegistered(AmiEvent, frozen=True, kw_only=True):
    """An endpoint's state changed, of PeerStatus and ContactStatus; one that ``registered`` is inside."""

    interface: str
    registered: bool = True


class FullyBooted(AmiEvent, frozen=True, kw_only=True):
    """The exchange is up and we are logged in; ``uptime`` in seconds."""

    uptime: int | None = None


class Shutdown(AmiEvent, frozen=True, kw_only=True):
    """The exchange is about to stop."""

    restart: bool = False


# --- what only a snapshot tells


class ChannelRow(ChannelEvent, frozen=True, kw_only=True):
    """One leg of CoreShowChannels; ``duration`` in seconds.

    ``dnid`` are the digits first dialled, which only Status tells; ``exten`` is where the dialplan is by now.
    ``talks_with`` is the leg it is linked with, said before Asterisk 12, where there was no ``bridge``.
    """

    state: int = 0
    num: str = ""
    name: str = ""
    connected: str = ""
    context: str = ""
    exten: str = ""
    dnid: str = ""
    application: str = ""
    duration: int = 0
    bridge: str = ""
    talks_with: str = ""


class QueueEntry(ChannelEvent, frozen=True, kw_only=True):
    """A caller in a queue, of QueueStatus; ``wait`` in whole seconds."""

    queue: str
    position: int = 0
    num: str = ""
    wait: int = 0


class QueueParams(AmiEvent, frozen=True, kw_only=True):
    """A queue of QueueStatus."""

    queue: str
    strategy: str = ""


ListName = Literal["channels", "bridges", "parked", "queues"]


class BridgeRow(AmiEvent, frozen=True, kw_only=True):
    """A bridge of BridgeList; ``bridge_type`` as in BridgeEnter ("parking", "basic", "base")."""

    bridge: str
    bridge_type: str = ""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What the exchange says is so, row by row while it goes on living; ``phones`` are its endpoints.

    ``untold`` are the lists that cannot be had: ``channels`` or ``queues`` for want of a right, ``bridges``
    before Asterisk 12, where a channel may not say either that it is in one.
    """

    channels: tuple[ChannelRow, ...] = ()
    bridges: tuple[BridgeRow, ...] = ()
    parked: tuple[ParkedCall, ...] = ()
    queues: tuple[QueueParams, ...] = ()
    members: tuple[QueueMember, ...] = ()
    entries: tuple[QueueEntry, ...] = ()
    phones: tuple[str, ...] = ()
    untold: frozenset[ListName] = frozenset()


# --- what we know ourselves and the exchange does not say


class SeatTaken(AmiEvent, frozen=True, kw_only=True):
    """*agent* signed in at *interface*."""

    interface: str
    agent: str


class SeatLeft(AmiEvent, frozen=True, kw_only=True):
    """*agent* signed out of *interface*."""

    interface: str
    agent: str


class OriginateAsked(AmiEvent, frozen=True, kw_only=True):
    """We asked for a call, by a click or for a campaign: *interface* rings, then *number* is dialled."""

    action_id: str
    interface: str
    number: str
    agent: str | None = None
    ref: str | None = None
    campaign: CampaignRef | None = None
