"""How an application of the dialplan ends, and what Dial and Queue tell in the same words."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Literal

from pbxsim.world.channel import Channel
from pbxsim.world.exchange import Exchange, Moved
from pbxsim.world.kernel import Lane
from pbxsim.world.wire import headers


@dataclass(slots=True)
class Ending:
    """How an application ended: what the leg still does, what others do beside it, and why.

    ``cause`` and ``code`` (SIP) stand in the leg's Hangup, ``soft_code`` in its SoftHangupRequest.
    ``advance`` is 1 when the dialplan went one priority further. ``moved``: the leg goes on there;
    ``alone``: the leg it talked to does.
    """

    own: Lane = field(default_factory=list)
    others: list[Lane] = field(default_factory=list)
    cause: int = 16
    code: int | None = None
    soft_code: int | None = None
    advance: int = 1
    moved: Moved | None = None
    alone: Moved | None = None


App = Generator[float | None, Any, Ending]

DialStatus = Literal["RINGING", "ANSWER", "BUSY", "NOANSWER", "CANCEL", "CONGESTION"]


def dial_state(world: Exchange, channel: Channel, leg: Channel, status: DialStatus) -> None:
    """Tell that a dialled leg rings (DialState), or how its dialling ended (DialEnd)."""
    kind = "DialState" if status == "RINGING" else "DialEnd"
    world.tell(kind, channel.told, leg.dest + headers(DialStatus=status))


STATUS_OF_CAUSE: dict[int, DialStatus] = {17: "BUSY", 34: "CONGESTION"}
PRESENTED = "CID-CallingPres: 0 (Presentation Allowed, Not Screened)\r\n"
