"""The question to the FastAGI server, as the dialplan sees it, and what a script may do to the call.

The network is elsewhere: ``Exchange.questions`` holds what is to be asked, ``execute`` does a command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from pbxsim.world.channel import Channel
from pbxsim.world.exchange import Exchange, Gone, Moved
from pbxsim.world.wire import clean


@dataclass(frozen=True, slots=True)
class Question:
    """A call that waits for the FastAGI server: arguments as the dialplan gives them, patience in seconds."""

    channel: Channel
    script: str
    arguments: tuple[str, ...]
    patience: float


@dataclass(frozen=True, slots=True)
class Replied:
    """Letter: the script is over; ``status`` as in AGISTATUS."""

    status: str


def ask_service(
    world: Exchange, channel: Channel, did: str
) -> Generator[float | None, Any, Gone | Moved | None]:
    """Ask who calls, within the patience that is set; return what took the caller away meanwhile, or None."""
    agi = world.config.agi
    if agi is None:
        return None
    url = f"agi://{agi.host}:{agi.port}/{agi.script}"
    arguments = (channel.linkedid, did)
    world.newexten(channel, "AGI", ",".join((url, *arguments)))
    world.questions.append(Question(channel, agi.script, arguments, agi.patience))
    deadline = world.now + agi.patience
    while world.now < deadline:
        letter = yield deadline - world.now
        if isinstance(letter, Gone | Moved):
            return letter
        if isinstance(letter, Replied):
            world.set_variable(channel, "AGISTATUS", letter.status)
            break
    language = channel.variables.get("CENTRALITA_LANGUAGE", "")
    if re.fullmatch(r"[A-Za-z_]+", language):
        channel.language = language
    return None


_PATTERN = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


def words(line: str) -> list[str]:
    """Return the words of an AGI command; quotes hold words together, a backslash escapes."""
    found = _PATTERN.findall(line)
    return [plain or re.sub(r"\\(.)", r"\1", quoted) for quoted, plain in found]


def execute(world: Exchange, channel: Channel, line: str) -> str:
    """Do one AGI command and return the answer as Asterisk gives it, without the line's end."""
    spoken = words(line)
    for length in (2, 1):
        command = _COMMANDS.get(" ".join(spoken[:length]).upper())
        if command is None:
            continue
        least, do = command
        arguments = spoken[length:]
        if len(arguments) < least:
            usage = " ".join(spoken[:length]).upper()
            return f"520-Invalid command syntax.  Proper usage follows:\n{usage}\n520 End of proper usage."
        if channel.gone and do in _NEEDS_A_CALL:
            return "511 Command Not Permitted on a dead channel or intercept routine"
        return do(world, channel, arguments)
    return "510 Invalid or unknown command"


def _set(world: Exchange, channel: Channel, arguments: list[str]) -> str:
    name, value = arguments[0], clean(arguments[1])
    if name == "CHANNEL(language)":
        channel.language = value
    world.set_variable(channel, name, value)
    return "200 result=1"


def _get(world: Exchange, channel: Channel, arguments: list[str]) -> str:
    del world
    value = read_variable(channel, arguments[0])
    return f"200 result=1 ({value})" if value else "200 result=0"


def read_variable(channel: Channel, name: str) -> str:
    """Return a variable of a leg, or one of the functions that scripts ask for."""
    functions = {
        "CHANNEL(linkedid)": channel.linkedid,
        "CHANNEL(uniqueid)": channel.uniqueid,
        "CHANNEL(language)": channel.language,
        "CALLERID(num)": channel.num,
        "CALLERID(name)": channel.title,
    }
    return functions.get(name) or channel.variables.get(name, "")


def _execute_application(world: Exchange, channel: Channel, arguments: list[str]) -> str:
    if arguments[0].lower() != "userevent":
        return "200 result=0"
    name, *pairs = ",".join(arguments[1:]).split(",")
    told = [f"UserEvent: {clean(name)}\r\n"]
    for pair in pairs:
        key, _, value = pair.partition(":")
        told.append(f"{clean(key).strip()}: {clean(value).strip()}\r\n")
    world.tell("UserEvent", channel.told, "".join(told))
    return "200 result=0"


def _status(world: Exchange, channel: Channel, arguments: list[str]) -> str:
    del world, arguments
    return f"200 result={-1 if channel.gone else channel.state}"


def _priority(world: Exchange, channel: Channel, arguments: list[str]) -> str:
    del world
    channel.priority = int(arguments[0]) if arguments[0].isdigit() else channel.priority
    return "200 result=0"


def _hang_up(world: Exchange, channel: Channel, arguments: list[str]) -> str:
    del arguments
    world.post_gone(channel)
    return "200 result=1"


def _nothing(world: Exchange, channel: Channel, arguments: list[str]) -> str:
    del world, channel, arguments
    return "200 result=0"


def _said(world: Exchange, channel: Channel, arguments: list[str]) -> str:
    del world, channel, arguments
    return "200 result=1"


_COMMANDS: dict[str, tuple[int, Callable[[Exchange, Channel, list[str]], str]]] = {
    "ANSWER": (0, _nothing),
    "CHANNEL STATUS": (0, _status),
    "EXEC": (1, _execute_application),
    "GET VARIABLE": (1, _get),
    "HANGUP": (0, _hang_up),
    "NOOP": (0, _nothing),
    "SET PRIORITY": (1, _priority),
    "SET VARIABLE": (2, _set),
    "STREAM FILE": (2, _nothing),
    "VERBOSE": (1, _said),
    "WAIT FOR": (1, _nothing),
}
_NEEDS_A_CALL = {_nothing, _execute_application, _hang_up}
