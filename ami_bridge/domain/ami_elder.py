"""What only exchanges before Asterisk 12 say: pairs that are linked, names that move, ends of a Dial().

``elder`` retells these as the facts of ``ami``; nobody else reads them.

Source: https://docs.asterisk.org/Asterisk_11_Documentation/API_Documentation/AMI_Events/
"""

from __future__ import annotations

from typing import Literal

from ami_bridge.domain.ami import AmiEvent, ChannelEvent


class Linked(AmiEvent, frozen=True, kw_only=True):
    """Two legs talk to each other."""

    one: str
    two: str


class Unlinked(AmiEvent, frozen=True, kw_only=True):
    """Two legs do not talk to each other any more, be it for a digit's length."""

    one: str
    two: str


class Renamed(ChannelEvent, frozen=True, kw_only=True):
    """``uniqueid`` was called ``channel`` and is called ``newname`` from now on."""

    newname: str


class DialOver(ChannelEvent, frozen=True, kw_only=True):
    """Dial() of ``uniqueid`` returned; whom it dialled is not said. An answer is told at the talk's end."""

    status: str


class Transferred(ChannelEvent, frozen=True, kw_only=True):
    """The phone of ``uniqueid`` handed over: to ``exten``, or to whom its second leg ``target`` talks."""

    kind: Literal["blind", "attended"]
    target: str = ""
    exten: str = ""


class MemberPaused(AmiEvent, frozen=True, kw_only=True):
    """A member was paused or released; nothing else is said of it."""

    queue: str
    interface: str
    member: str = ""
    paused: bool = False
    reason: str = ""


class CallNamed(AmiEvent, frozen=True, kw_only=True):
    """By ``channelvars=CHANNEL(linkedid)``: ``channel``, of which a fact comes next, is of that call."""

    channel: str
    linkedid: str
