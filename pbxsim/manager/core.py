"""Actions about the session, the core and variables."""

from __future__ import annotations

import re

from pbxsim.manager import items
from pbxsim.manager.action import Asked, Perform, find
from pbxsim.manager.session import commands, may
from pbxsim.world.agi import read_variable
from pbxsim.world.wire import EVERYTHING, headers, rights

VERSION = "22.10.1~pbxsim"


def _ping(asked: Asked) -> str:
    return asked.reply("Success", f"Ping: Pong\r\nTimestamp: {asked.world.now:.6f}\r\n")


def _login(asked: Asked) -> str:
    return asked.done("Already authenticated")


def _events(asked: Asked) -> str:
    mask = asked.get("eventmask").lower()
    if not mask:
        return asked.refused("Invalid event mask")
    try:
        asked.session.wanted = {"on": EVERYTHING, "off": 0}.get(mask, -1)
        asked.session.wanted = rights(mask) if asked.session.wanted < 0 else asked.session.wanted
    except ValueError:
        return asked.refused("Invalid event mask")
    return asked.reply("Success", f"Events: {'On' if asked.session.wanted else 'Off'}\r\n")


def _filter(asked: Asked) -> str:
    if asked.get("operation").lower() != "add":
        return asked.refused("Unknown operation")
    text = asked.get("filter")
    try:
        pattern = re.compile(text.removeprefix("!"))
    except re.error:
        return asked.refused("Filter did not compile.  Check the syntax of the filter given.")
    (asked.session.never if text.startswith("!") else asked.session.only).append(pattern)
    return asked.done("Success")


def _list_commands(asked: Asked) -> str:
    rows = [
        f"{name}: {synopsis}  (Priv: {needs + ',all' if needs else '<none>'})\r\n"
        for name, needs, synopsis in commands().values()
        if may(asked.session, needs)
    ]
    return asked.reply("Success", "".join(rows))


def _core_status(asked: Asked) -> str:
    day, clock = items.day_and_time(asked.world.started_at)
    told = headers(
        CoreStartupDate=day,
        CoreStartupTime=clock,
        CoreReloadDate=day,
        CoreReloadTime=clock,
        CoreCurrentCalls=len(asked.world.channels),
        CoreProcessedCalls=asked.world.processed,
    )
    return asked.reply("Success", told)


def _core_settings(asked: Asked) -> str:
    told = headers(
        AMIversion="11.0.0",
        AsteriskVersion=VERSION,
        SystemName="",
        CoreMaxCalls=0,
        CoreMaxLoadAvg="0.000000",
        CoreRunUser="",
        CoreRunGroup="",
        CoreMaxFilehandles=0,
        CoreRealTimeEnabled="No",
        CoreCDRenabled="Yes",
        CoreHTTPenabled="No",
        SoundsSearchCustomDir="No",
    )
    return asked.reply("Success", told)


def _command(asked: Asked) -> str:
    words, world = " ".join(asked.get("command").split()), asked.world
    uptime = int(world.now - world.started_at)
    known = {
        "core show version": [f"Asterisk {VERSION} (simulated)"],
        "core show uptime": [f"System uptime: {uptime} seconds", f"Last reload: {uptime} seconds"],
        "core show channels count": [
            f"{len(world.channels)} active channels",
            f"{items.calls(world)} active calls",
            f"{world.processed} calls processed",
        ],
    }
    unknown = [f"No such command '{words}' (type 'core show help {words}' for other possible commands)"]
    output = "".join(f"Output: {line}\r\n" for line in known.get(words, unknown))
    result = "Success" if words in known else "Error"
    return asked.reply(result, f"Message: Command output follows\r\n{output}")


def _getvar(asked: Asked) -> str:
    name = asked.get("variable")
    if not name:
        return asked.refused("No variable specified")
    value = asked.world.variables.get(name, "")
    if asked.get("channel"):
        channel = find(asked.world, asked.get("channel"))
        if channel is None:
            return asked.refused("No such channel")
        value = read_variable(channel, name)
    return asked.reply("Success", headers(Variable=name, Value=value))


def _setvar(asked: Asked) -> str:
    name, value = asked.get("variable"), asked.get("value")
    if not name:
        return asked.refused("No variable specified")
    if asked.get("channel"):
        channel = find(asked.world, asked.get("channel"))
        if channel is None:
            return asked.refused("No such channel")
        asked.world.set_variable(channel, name, value)
    else:
        asked.world.variables[name] = value
    return asked.done("Variable Set")


def _user_event(asked: Asked) -> str:
    told = f"UserEvent: {asked.get('userevent')}\r\n"
    for name, value in asked.order:
        if name.lower() not in {"action", "userevent"}:
            told += f"{name}: {value}\r\n"
    asked.world.tell("UserEvent", told)
    return asked.done("Event Sent")


ACTIONS: dict[str, Perform] = {
    "ping": _ping,
    "login": _login,
    "events": _events,
    "filter": _filter,
    "listcommands": _list_commands,
    "corestatus": _core_status,
    "coresettings": _core_settings,
    "command": _command,
    "getvar": _getvar,
    "setvar": _setvar,
    "userevent": _user_event,
}
