"""The end of the exchange, as ``core stop now`` makes it."""

from __future__ import annotations

from pbxsim.world.exchange import Exchange
from pbxsim.world.wire import headers


def shut_down(world: Exchange) -> None:
    """Hang up every leg, tell it, and say Shutdown; what was still to come never comes."""
    legs = list(world.channels.values())
    for leg in legs:
        world.on("HangupRequest", leg)
    for leg in legs:
        if leg.completes is not None:
            leg.completes("caller")
    for leg in legs:
        if leg.bridge is not None:
            world.together(*world.leave(leg))
        world.together([world.death(leg)])
    world.forget()
    world.tell("Shutdown", headers(Shutdown="Cleanly", Restart="False"))
