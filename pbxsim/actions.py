"""What the manager interface does when it is asked; replies in the words of Asterisk 22.10. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from pbxsim import lists
from pbxsim.world import phone
from pbxsim.world.agi import read_variable
from pbxsim.world.channel import Channel
from pbxsim.world.exchange import Exchange, Gone, Moved
from pbxsim.world.originate import Order, originate
from pbxsim.world.queues import Member
from pbxsim.world.ringing import pause
from pbxsim.world.wire import EVERYTHING, clean, headers, rights

VERSION = "22.10.1~pbxsim"


@dataclass(slots=True)
class Action:
    """An action as it came: headers by their name in lower case, the last of each; variables apart."""

    headers: dict[str, str]
    variables: tuple[tuple[str, str], ...] = ()
    order: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """What is asked for, in lower case."""
        return self.get("action").lower()

    def get(self, name: str, default: str = "") -> str:
        """Return a header, or *default* when it did not come."""
        return self.headers.get(name.lower(), default)

    def reply(self, result: str, more: str = "") -> str:
        """Return a response with our ActionID."""
        action_id = self.get("actionid")
        told = f"ActionID: {action_id}\r\n" if action_id else ""
        return f"Response: {result}\r\n{told}{more}\r\n"

    def done(self, message: str) -> str:
        """Return the response of success."""
        return self.reply("Success", f"Message: {message}\r\n")

    def refused(self, message: str) -> str:
        """Return the response of failure."""
        return self.reply("Error", f"Message: {message}\r\n")

    def listing(
        self, message: str, items: Iterable[str], *, last: str, more: str = "", count: int = -1
    ) -> str:
        """Return a list: the response, its events, and the event that ends it."""
        action_id = self.get("actionid")
        told = f"ActionID: {action_id}\r\n" if action_id else ""
        found = list(items)
        start = f"Response: Success\r\n{told}EventList: start\r\nMessage: {message}\r\n\r\n"
        body = "".join(item.replace(lists.HERE, told) + "\r\n" for item in found)
        total = headers(EventList="Complete", ListItems=len(found) if count < 0 else count)
        return f"{start}{body}Event: {last}\r\n{told}{total}{more}\r\n"


def parse(block: bytes) -> Action:
    """Return the action in a block of headers; lines that are none are left out, as Asterisk does."""
    found: list[tuple[str, str]] = []
    for line in block.decode("utf-8", errors="replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            found.append((name.strip(), value.strip()))
    variables = [value.partition("=")[::2] for name, value in found if name.lower() == "variable"]
    return Action({name.lower(): value for name, value in found}, tuple(variables), tuple(found))


@dataclass(slots=True)
class Session:
    """What the exchange knows of one connection; ``waits``: an action of its is not answered yet."""

    read: int = 0
    write: int = 0
    user: str = ""
    wanted: int = EVERYTHING
    challenge: str = ""
    only: list[re.Pattern[str]] = field(default_factory=list)
    never: list[re.Pattern[str]] = field(default_factory=list)
    later: Callable[[str], object] = len
    waits: bool = False

    @property
    def mask(self) -> int:
        """The classes whose events it gets."""
        return self.read & self.wanted

    def hears(self, text: str) -> bool:
        """Return whether its filters let an event through."""
        if self.only and not any(each.search(text) for each in self.only):
            return False
        return not any(each.search(text) for each in self.never)


@cache
def commands() -> dict[str, tuple[str, str, str]]:
    """Return name, rights and synopsis of each action of Asterisk, by its name in lower case."""
    text = resources.files("pbxsim").joinpath("commands.txt").read_text(encoding="utf-8")
    rows = [line.split("|", 2) for line in text.splitlines()]
    return {name.lower(): (name, needs, synopsis) for name, needs, synopsis in rows}


def may(session: Session, needs: str) -> bool:
    """Return whether a session has one of the rights that an action *needs*; an empty list needs none."""
    return not needs or bool(session.write & rights(needs))


@dataclass(slots=True, kw_only=True)
class Asked(Action):
    """An action, who sent it, and the exchange it is for."""

    world: Exchange
    session: Session


def perform(world: Exchange, session: Session, action: Action) -> str:
    """Do what a logged-in session asks for and return the reply; events come by themselves."""
    known = commands().get(action.name)
    do = _ACTIONS.get(action.name)
    if known is None or do is None:
        name = action.get("action")
        return action.refused(
            f"Invalid/unknown command: {name}. Use Action: ListCommands to show available commands."
        )
    if not may(session, known[1]):
        return action.refused("Permission denied")
    fields = (action.headers, action.variables, action.order)
    return do(Asked(*fields, world=world, session=session))


Perform = Callable[[Asked], str]
_ACTIONS: dict[str, Perform] = {}


def _action(do: Perform) -> Perform:
    """Put a function under its name without underscores: ``_core_status`` is CoreStatus."""
    _ACTIONS[do.__name__.replace("_", "")] = do
    return do


# --- the session


@_action
def _ping(asked: Asked) -> str:
    return asked.reply("Success", f"Ping: Pong\r\nTimestamp: {asked.world.now:.6f}\r\n")


@_action
def _login(asked: Asked) -> str:
    return asked.done("Already authenticated")


@_action
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


@_action
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


@_action
def _list_commands(asked: Asked) -> str:
    rows = [
        f"{name}: {synopsis}  (Priv: {needs + ',all' if needs else '<none>'})\r\n"
        for name, needs, synopsis in commands().values()
        if may(asked.session, needs)
    ]
    return asked.reply("Success", "".join(rows))


# --- the core


@_action
def _core_status(asked: Asked) -> str:
    day, clock = lists.day_and_time(asked.world.started_at)
    told = headers(
        CoreStartupDate=day,
        CoreStartupTime=clock,
        CoreReloadDate=day,
        CoreReloadTime=clock,
        CoreCurrentCalls=len(asked.world.channels),
        CoreProcessedCalls=asked.world.processed,
    )
    return asked.reply("Success", told)


@_action
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


@_action
def _command(asked: Asked) -> str:
    words, world = " ".join(asked.get("command").split()), asked.world
    uptime = int(world.now - world.started_at)
    known = {
        "core show version": [f"Asterisk {VERSION} (simulated)"],
        "core show uptime": [f"System uptime: {uptime} seconds", f"Last reload: {uptime} seconds"],
        "core show channels count": [
            f"{len(world.channels)} active channels",
            f"{lists.calls(world)} active calls",
            f"{world.processed} calls processed",
        ],
    }
    unknown = [f"No such command '{words}' (type 'core show help {words}' for other possible commands)"]
    output = "".join(f"Output: {line}\r\n" for line in known.get(words, unknown))
    result = "Success" if words in known else "Error"
    return asked.reply(result, f"Message: Command output follows\r\n{output}")


@_action
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


@_action
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


@_action
def _user_event(asked: Asked) -> str:
    told = f"UserEvent: {asked.get('userevent')}\r\n"
    for name, value in asked.order:
        if name.lower() not in {"action", "userevent"}:
            told += f"{name}: {value}\r\n"
    asked.world.tell("UserEvent", told)
    return asked.done("Event Sent")


# --- calls


def find(world: Exchange, name: str) -> Channel | None:
    """Return the leg of that name or Uniqueid."""
    known = world.channels.get(name)
    return known or next((each for each in world.channels.values() if each.uniqueid == name), None)


@_action
def _hangup(asked: Asked) -> str:
    if not asked.get("channel"):
        return asked.refused("No channel specified")
    channel = find(asked.world, asked.get("channel"))
    if channel is None:
        return asked.refused("No such channel")
    cause = asked.get("cause")
    if channel.thread is not None:
        asked.world.post(channel.thread, Gone(channel, headers(Cause=int(cause) if cause.isdigit() else 16)))
    return asked.done("Channel Hungup")


@_action
def _redirect(asked: Asked) -> str:
    name = asked.get("channel")
    if not name:
        return asked.refused("Channel not specified")
    channel = find(asked.world, name)
    if channel is None or channel.thread is None:
        return asked.refused(f"Channel does not exist: {name}")
    priority = asked.get("priority", "1")
    asked.world.post(
        channel.thread,
        Moved(
            channel,
            asked.get("context"),
            asked.get("exten"),
            int(priority) if priority.isdigit() else 1,
        ),
    )
    return asked.done("Redirect successful")


@_action
def _blind_transfer(asked: Asked) -> str:
    if not asked.get("channel"):
        return asked.refused("No channel specified")
    if not asked.get("exten"):
        return asked.refused("No extension specified")
    channel = find(asked.world, asked.get("channel"))
    if channel is None:
        return asked.refused("Channel specified does not exist")
    context = asked.get("context") or channel.context
    if not phone.transfer(asked.world, channel, context, asked.get("exten")):
        return asked.refused("Transfer failed")
    return asked.done("Transfer succeeded")


@_action
def _originate(asked: Asked) -> str:
    fault = _fault_of_order(asked)
    if fault:
        return asked.refused(fault)
    timeout = asked.get("timeout", "30000")
    order = Order(
        dial=asked.get("channel"),
        context=asked.get("context"),
        exten=asked.get("exten"),
        priority=int(asked.get("priority")) if asked.get("priority").isdigit() else 1,
        application=asked.get("application"),
        arguments=asked.get("data"),
        caller_id=clean(asked.get("callerid")),
        timeout=int(timeout) / 1000 if timeout.isdigit() else 30.0,
        variables=asked.variables,
        action_id=asked.get("actionid"),
    )
    if asked.get("async").lower() in {"true", "yes", "1", "on"}:
        originate(asked.world, order)
        return asked.done("Originate successfully queued")

    def done(answered: bool) -> None:  # noqa: FBT001
        text = asked.done("Originate successful") if answered else asked.refused("Originate failed")
        asked.session.later(text)

    asked.session.waits = True
    originate(asked.world, order, done)
    return ""


def _fault_of_order(action: Action) -> str:
    if not action.get("channel"):
        return "Channel not specified"
    if "/" not in action.get("channel"):
        return "Invalid channel"
    if not action.get("application") and not (action.get("context") and action.get("priority")):
        return "Originate with 'Exten' requires 'Context' and 'Priority'"
    return ""


# --- queues


def _members(world: Exchange, action: Action) -> list[Member]:
    interface, queue = action.get("interface"), action.get("queue")
    return [
        member
        for line in world.lines.values()
        if not queue or line.name == queue
        for member in line.members
        if member.device.name == interface
    ]


@_action
def _queue_add(asked: Asked) -> str:
    for needed in ("Queue", "Interface"):
        if not asked.get(needed):
            return asked.refused(f"'{needed}' not specified.")
    line, device = (
        asked.world.lines.get(asked.get("queue")),
        asked.world.devices.get(asked.get("interface")),
    )
    if line is None or device is None:
        return asked.refused("Unable to add interface to queue: No such queue")
    if any(member.device is device for member in line.members):
        return asked.refused("Unable to add interface: Already there")
    penalty = asked.get("penalty", "0")
    member = asked.world.enlist(
        line,
        device,
        title=clean(asked.get("membername")) or device.name,
        penalty=int(penalty) if penalty.isdigit() else 0,
        dynamic=True,
    )
    member.paused = asked.get("paused").lower() in {"true", "yes", "1"}
    state = headers(
        Device=f"Queue:{line.name}_pause_{device.name}", State="INUSE" if member.paused else "NOT_INUSE"
    )
    asked.world.tell("DeviceStateChange", state)
    asked.world.tell("QueueMemberAdded", member.told)
    asked.world.tell_free(line)
    return asked.done("Added interface to queue")


@_action
def _queue_remove(asked: Asked) -> str:
    for needed in ("Queue", "Interface"):
        if not asked.get(needed):
            return asked.refused("Need 'Queue' and 'Interface' parameters.")
    if asked.get("queue") not in asked.world.lines:
        return asked.refused("Unable to remove interface from queue: No such queue")
    members = _members(asked.world, asked)
    if not members:
        return asked.refused("Unable to remove interface: Not there")
    (member,) = members
    if not member.dynamic:
        return asked.refused("Member not dynamic")
    member.queue.members.remove(member)
    member.device.members.remove(member)
    asked.world.tell("QueueMemberRemoved", member.told)
    asked.world.tell_free(member.queue)
    return asked.done("Removed interface from queue")


@_action
def _queue_pause(asked: Asked) -> str:
    if not asked.get("interface") or not asked.get("paused"):
        return asked.refused("Need 'Interface' and 'Paused' parameters.")
    members = _members(asked.world, asked)
    if not members:
        return asked.refused("Interface not found")
    paused = asked.get("paused").lower() in {"true", "yes", "1"}
    for member in members:
        pause(asked.world, member, paused=paused, reason=clean(asked.get("reason")) if paused else "")
    return asked.done(f"Interface {'paused' if paused else 'unpaused'} successfully")


@_action
def _queue_penalty(asked: Asked) -> str:
    penalty, members = asked.get("penalty"), _members(asked.world, asked)
    if not asked.get("interface") or not penalty:
        return asked.refused("Need 'Interface' and 'Penalty' parameters.")
    if not members or not penalty.isdigit():
        return asked.refused("Invalid interface, queuename or penalty")
    for member in members:
        member.penalty = int(penalty)
        asked.world.tell("QueueMemberPenalty", member.told)
    return asked.done("Interface penalty set successfully")


@_action
def _queue_status(asked: Asked) -> str:
    items = lists.queue_status(asked.world, asked.get("queue"), asked.get("member"))
    return asked.listing("Queue status will follow", items, last="QueueStatusComplete")


@_action
def _queue_summary(asked: Asked) -> str:
    items = lists.queue_summary(asked.world, asked.get("queue"))
    return asked.listing("Queue summary will follow", items, last="QueueSummaryComplete")


# --- lists


@_action
def _core_show_channels(asked: Asked) -> str:
    return asked.listing("Channels will follow", lists.channels(asked.world), last="CoreShowChannelsComplete")


@_action
def _status(asked: Asked) -> str:
    if asked.get("channel"):
        channel = find(asked.world, asked.get("channel"))
        if channel is None:
            return asked.refused("No such channel")
        items = [lists.status(asked.world, channel)]
    else:
        items = [lists.status(asked.world, each) for each in asked.world.channels.values()]
    more = headers(Items=len(items))
    return asked.listing("Channel status will follow", items, last="StatusComplete", more=more)


@_action
def _bridge_list(asked: Asked) -> str:
    return asked.listing("Bridge listing will follow", lists.bridges(asked.world), last="BridgeListComplete")


@_action
def _bridge_info(asked: Asked) -> str:
    if not asked.get("bridgeuniqueid"):
        return asked.refused("BridgeUniqueid must be provided")
    bridge = asked.world.bridges.get(asked.get("bridgeuniqueid"))
    if bridge is None:
        return asked.refused("Specified BridgeUniqueid not found")
    items = [f"Event: BridgeInfoChannel\r\n{lists.HERE}{each.told}" for each in bridge.channels]
    return asked.listing(
        "Bridge channel listing will follow", items, last="BridgeInfoComplete", more=bridge.told
    )


@_action
def _parked_calls(asked: Asked) -> str:
    return asked.listing("Parked calls will follow", [], last="ParkedCallsComplete", more=headers(Total=0))


@_action
def _confbridge_list_rooms(asked: Asked) -> str:
    return asked.refused("No active conferences.")


@_action
def _pjsip_show_endpoints(asked: Asked) -> str:
    message = "A listing of Endpoints follows, presented as EndpointList events"
    return asked.listing(message, lists.endpoints(asked.world), last="EndpointListComplete")


@_action
def _pjsip_show_contacts(asked: Asked) -> str:
    items = list(lists.contacts(asked.world))
    if not items:
        return asked.refused("No Contacts found\n")
    message = "A listing of Contacts follows, presented as ContactList events"
    return asked.listing(message, items, last="ContactListComplete")


@_action
def _device_state_list(asked: Asked) -> str:
    message = "Device State Changes will follow"
    return asked.listing(message, lists.device_states(asked.world), last="DeviceStateListComplete")


@_action
def _extension_state_list(asked: Asked) -> str:
    message = "Extension Statuses will follow"
    return asked.listing(message, lists.extension_states(asked.world), last="ExtensionStateListComplete")
