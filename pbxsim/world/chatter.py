"""What only a reader of the dialplan's class hears: Newexten and VarSet, two thirds of what Asterisk says.

They are there for the weight of the stream; nobody draws conclusions from them. Words as in a recording.
"""

from __future__ import annotations

from pbxsim.world.channel import Channel
from pbxsim.world.exchange import Exchange

_ROUTE: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("Set", "AGIEXITONHANGUP=yes", (("LOCAL(ARGC)", "0"), ("AGIEXITONHANGUP", "yes"))),
    ("Set", "TIMEOUT(absolute)=0.5", ()),
    ("Set", "TIMEOUT(absolute)=0", ()),
    ("Set", "AGIEXITONHANGUP=", (("AGIEXITONHANGUP", ""),)),
    ("Set", "CENTRALITA_TO=", (("CENTRALITA_TO", ""),)),
    ("ExecIf", "1?Set(CENTRALITA_TO=)", (("CENTRALITA_TO", ""),)),
    ("ExecIf", "0?Set(QUEUE_PRIO=)", ()),
    ("ExecIf", "0?Set(CHANNEL(language)=)", ()),
    ("Return", "", (("ARGC", ""), ("GOSUB_RETVAL", ""))),
)
_RESET = ("ANSWEREDTIME", "ANSWEREDTIME_MS", "DIALEDTIME", "DIALEDTIME_MS", "QUEUEWAIT", "QUEUEWAIT_MS")
_QUALITY = {
    "RTPAUDIOQOS": (
        "ssrc=860936495;themssrc=0;lp=0;rxjitter=0.000000;rxcount=0;txjitter=0.000000;txcount=0;rlp=0;"
        "rtt=0.000000;rxmes=0.000000;txmes=0.000000"
    ),
    "RTPAUDIOQOSJITTER": "minrxjitter=000.000000;maxrxjitter=000.000000;avgrxjitter=000.000000;" * 2,
    "RTPAUDIOQOSLOSS": "  minrxlost=000.000000;  maxrxlost=000.000000;  avgrxlost=000.000000;" * 2,
    "RTPAUDIOQOSRTT": "     minrtt=000.000000;     maxrtt=000.000000;     avgrtt=000.000000;" * 2,
    "RTPAUDIOQOSMES": "   minrxmes=000.000000;   maxrxmes=000.000000;   avgrxmes=000.000000;" * 2,
}


def route(world: Exchange, channel: Channel, did: str) -> None:
    """A call comes to one of our numbers and is asked about."""
    world.newexten(channel, "Set", f"CENTRALITA_DID={did}")
    world.set_variable(channel, "CENTRALITA_DID", did)
    if not world.verbose:
        return
    world.told_variables(channel, {"SIPDOMAIN": "127.0.0.1"})
    for application, arguments, variables in _ROUTE:
        world.newexten(channel, application, arguments)
        world.told_variables(channel, dict(variables))


def reset(world: Exchange, channel: Channel) -> None:
    """Queue() clears its figures."""
    world.told_variables(channel, dict.fromkeys(_RESET, ""))


def joined(world: Exchange, channels: tuple[Channel, ...]) -> None:
    """Two legs meet in a bridge: each learns the other's name, thrice."""
    if not world.verbose:
        return
    for _ in range(3):
        for each, other in zip(channels, reversed(channels), strict=True):
            world.told_variables(
                each, {"BRIDGEPEER": other.name, "BRIDGEPVTCALLID": f"1-{other.uniqueid}@pbx"}
            )


def parted(world: Exchange, channel: Channel, leg: Channel) -> None:
    """Two legs part: the quality of the media, for both, and the peers are forgotten."""
    if not world.verbose:
        return
    for each in (channel, leg):
        world.told_variables(each, _QUALITY)
        world.told_variables(each, {"BRIDGEPEER": "", "BRIDGEPVTCALLID": ""})
    world.told_variables(channel, {f"{name}BRIDGED": value for name, value in _QUALITY.items()})
    world.told_variables(channel, dict.fromkeys(_RESET[:4], "1"))
