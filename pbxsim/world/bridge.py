"""The mixer that joins two legs."""

from __future__ import annotations

from dataclasses import dataclass, field

from pbxsim.world.channel import Channel
from pbxsim.world.wire import headers


@dataclass(slots=True, eq=False)
class Bridge:
    """Who is in it now; ``technology`` is simple_bridge until media flow, native_rtp then."""

    uniqueid: str
    technology: str = "simple_bridge"
    channels: list[Channel] = field(default_factory=list)

    @property
    def told(self) -> str:
        """The headers that every event about it carries."""
        return headers(
            BridgeUniqueid=self.uniqueid,
            BridgeType="basic",
            BridgeTechnology=self.technology,
            BridgeCreator="<unknown>",
            BridgeName="<unknown>",
            BridgeNumChannels=len(self.channels),
            BridgeVideoSourceMode="none",
        )

    def other(self, channel: Channel) -> Channel | None:
        """Return who else is in it."""
        return next((each for each in self.channels if each is not channel), None)
