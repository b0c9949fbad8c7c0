"""The exchange: what exists in it, and how things in it are born, change and end, each with its events."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pbxsim.config import Chance, Config, Queue
from pbxsim.world.bridge import Bridge
from pbxsim.world.channel import Channel
from pbxsim.world.devices import HINT, Device
from pbxsim.world.kernel import Kernel, Lane, Step
from pbxsim.world.queues import Line, Member
from pbxsim.world.wire import CAUSES, HEAD, MASK, Event, headers

if TYPE_CHECKING:
    from pbxsim.world.agi import Question

AGENTS = "from-agents"
TRUNK = "from-trunk"
QUEUES = "centralita-queue"
_BETWEEN_EVENTS_S = 0.000012


@dataclass(frozen=True, slots=True)
class Gone:
    """Letter: the far end of a leg hung up, or was hung up by a command. ``cause`` as the phone gave it."""

    channel: Channel
    headers: str = ""
    cause: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """Letter: a phone that was rung picked up."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class Refused:
    """Letter: a phone that was rung said no."""

    channel: Channel
    cause: int
    code: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Letter: the call goes on elsewhere; ``by`` transferred it, None for a Redirect."""

    channel: Channel
    context: str
    exten: str
    priority: int = 1
    by: Channel | None = None


class Exchange(Kernel):
    """A simulated Asterisk, without its network. ``events`` is what it said since they were last taken."""

    def __init__(self, config: Config, *, chance: Chance, now: float) -> None:
        super().__init__(chance=chance, now=now)
        self.config = config
        self.verbose = config.verbosity == "all"
        self.events: list[Event] = []
        self._last_stamp = now
        self.boot(now)

    def boot(self, now: float) -> None:
        """Begin with no calls and counters at 0, as after a restart; dynamic members are gone."""
        self.forget()
        self.events.clear()
        self.now = max(now, self.now)
        self.started_at = now
        self._births = itertools.count()
        self.processed = 0
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, Bridge] = {}
        self.variables: dict[str, str] = {}
        self.questions: list[Question] = []
        self.phones: dict[str, Device] = {}
        self.devices: dict[str, Device] = {}
        self.lines: dict[str, Line] = {}
        self._build()

    def _build(self) -> None:
        for number, phone in enumerate(self.config.phones):
            device = Device(
                phone.device,
                phone.extension,
                phone.name or f"Agent {phone.extension}",
                phone.manners,
                reachable=phone.registered,
            )
            device.contact = f"sip:{device.endpoint}@127.0.0.1:{20000 + number}"
            self.phones[phone.extension] = self.devices[device.name] = device
        for trunk in [self.config.trunk, *(route.trunk for route in self.config.routes)]:
            known = self.devices.setdefault(f"PJSIP/{trunk}", Device(f"PJSIP/{trunk}"))
            known.reachable = trunk != self.config.trunk
        for device in self.devices.values():
            device.told = device.state
        for queue in self.config.queues:
            self._build_line(queue)

    def _build_line(self, queue: Queue) -> None:
        line = self.lines[queue.name] = Line(queue)
        for place, extension in enumerate(queue.members):
            penalty = queue.penalties[place] if place < len(queue.penalties) else 0
            self.enlist(line, self.phones[extension], penalty=penalty)
        line.told_free = any(member.status == 1 for member in line.members)

    def enlist(
        self, line: Line, device: Device, *, title: str = "", penalty: int = 0, dynamic: bool = False
    ) -> Member:
        """Make a device a member of a queue; no event tells it."""
        title = title or device.title
        member = Member(line, device, title, int(self.now), dynamic=dynamic, penalty=penalty)
        line.members.append(member)
        device.members.append(member)
        return member

    # --- telling

    def tell(self, kind: str, told: str, more: str = "") -> None:
        """Make an event of *kind* from the headers *told* and *more*."""
        stamp = self._last_stamp = max(self.now, self._last_stamp + _BETWEEN_EVENTS_S)
        text = f"{HEAD[kind]}Timestamp: {stamp:.6f}\r\n{told}{more}\r\n"
        self.events.append(Event(MASK[kind], kind, text))

    def take_events(self) -> list[Event]:
        """Return what was said since the last time."""
        events, self.events = self.events, []
        return events

    def on(self, kind: str, channel: Channel, more: str = "") -> None:
        """Make an event about one leg."""
        channel.cached = channel.dest
        self.tell(kind, channel.told, more)

    def step(self, kind: str, channel: Channel, more: str = "") -> Step:
        """Return the step that makes an event about one leg, as the leg is then."""
        return partial(self.on, kind, channel, more)

    def newexten(self, channel: Channel, application: str, arguments: str = "") -> None:
        """Run an application of the dialplan."""
        channel.application = (application, arguments)
        if self.verbose:
            told = headers(Extension=channel.exten, Application=application, AppData=arguments)
            self.tell("Newexten", channel.told, told)

    def set_variable(self, channel: Channel, name: str, value: str) -> None:
        """Set a variable of a leg."""
        channel.variables[name] = value
        self.told_variables(channel, {name: value})

    def told_variables(self, channel: Channel, values: dict[str, str]) -> None:
        """Tell of variables that the exchange sets for itself and nobody asks for."""
        if self.verbose:
            for name, value in values.items():
                self.tell("VarSet", channel.told, f"Variable: {name}\r\nValue: {value}\r\n")

    # --- legs

    def birth(self, device: Device, *, parent: Channel | None = None, **printed: Any) -> Channel:
        """A leg begins: Newchannel. It belongs to the call of *parent*."""
        number = next(self._births)
        uniqueid = f"{int(self.now)}.{number}"
        channel = Channel(
            name=f"{device.name}-{number:08x}",
            uniqueid=uniqueid,
            linkedid=parent.linkedid if parent else uniqueid,
            device=device,
            born_at=self.now,
            **({"language": self.config.language} | printed),
        )
        self.channels[channel.name] = channel
        device.channels.append(channel)
        self.processed += parent is None
        self.on("Newchannel", channel)
        return channel

    def into(self, channel: Channel, state: int) -> Step:
        """Return the step by which a leg comes into a state: Newstate."""

        def change() -> None:
            channel.state = state
            self.on("Newstate", channel)

        return change

    def connected(self, channel: Channel, other: Channel) -> Step:
        """Return the step by which a leg learns who is on the other side: NewConnectedLine."""

        def change() -> None:
            channel.connected_num, channel.connected_title = other.num, other.title
            self.on("NewConnectedLine", channel)

        return change

    def death(self, channel: Channel, cause: int = 16, code: int | None = None) -> Step:
        """Return the step by which a leg ends: Hangup, and what its device says then."""

        def end() -> list[Lane]:
            if channel.gone:
                return []
            for each in channel.at_end:
                each()
            channel.gone = True
            del self.channels[channel.name]
            channel.device.channels.remove(channel)
            more = f"Cause: {cause}\r\nCause-txt: {CAUSES[cause]}\r\n"
            self.on("Hangup", channel, more + (f"TechCause: {code}\r\n" if code else ""))
            return self.changed(channel.device)

        return end

    # --- devices

    def changed(self, device: Device) -> list[Lane]:
        """Return how a device's state is told, if it is another than was told last."""
        state = device.state
        if state == device.told:
            return []
        device.told = state
        told = headers(Device=device.name, State=state)
        lanes: list[Lane] = [[partial(self.tell, "DeviceStateChange", told)]]
        lanes += [[partial(self._member_status, member)] for member in device.members]
        if device.extension:
            number, text = HINT[state]
            told = headers(
                Exten=device.extension, Context=AGENTS, Hint=device.name, Status=number, StatusText=text
            )
            lanes.append([partial(self.tell, "ExtensionStatus", told)])
        return lanes

    def _member_status(self, member: Member) -> None:
        self.tell("QueueMemberStatus", member.told)
        self.tell_free(member.queue)

    def tell_free(self, line: Line) -> None:
        """Tell whether anybody in a queue is free, if that is news."""
        free = any(member.status == 1 and not member.paused for member in line.members)
        if free != line.told_free:
            line.told_free = free
            self.tell(
                "DeviceStateChange",
                headers(Device=f"Queue:{line.name}_avail", State="NOT_INUSE" if free else "INUSE"),
            )

    def register(self, device: Device, *, present: bool) -> None:
        """A phone registers or leaves."""
        device.reachable = present
        told = headers(
            ChannelType="PJSIP", Peer=device.name, PeerStatus="Reachable" if present else "Unreachable"
        )
        contact = headers(
            URI=device.contact,
            ContactStatus="NonQualified" if present else "Removed",
            AOR=device.endpoint,
            EndpointName=device.endpoint,
            RoundtripUsec=0,
        )
        self.together(
            [partial(self.tell, "PeerStatus", told)],
            [partial(self.tell, "ContactStatus", contact)],
            *self.changed(device),
        )

    # --- bridges

    def bridge(self) -> Bridge:
        """Make an empty bridge: BridgeCreate."""
        words = [f"{int(self.chance.random() * 0x100000000):08x}" for _ in range(4)]
        text = "".join(words)
        bridge = Bridge(f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}")
        self.bridges[bridge.uniqueid] = bridge
        self.tell("BridgeCreate", bridge.told)
        return bridge

    def enter(self, bridge: Bridge, channel: Channel) -> None:
        """A leg enters a bridge; with the second, media flow."""
        bridge.channels.append(channel)
        channel.bridge = bridge
        channel.cached = channel.dest
        self.tell("BridgeEnter", bridge.told, channel.told)
        if len(bridge.channels) > 1:
            bridge.technology = "native_rtp"

    def leave(self, channel: Channel) -> list[Lane]:
        """A leg leaves its bridge; the last one destroys it."""
        bridge = channel.bridge
        if bridge is None:
            return []
        bridge.channels.remove(channel)
        channel.bridge = None
        self.tell("BridgeLeave", bridge.told, channel.told)
        if bridge.channels:
            return []
        self.bridges.pop(bridge.uniqueid, None)
        return [[partial(self.tell, "BridgeDestroy", bridge.told)]]

    # --- what a person does

    def post_gone(self, channel: Channel, *, code: int | None = None) -> None:
        """The far end of a leg hangs up; nothing happens when the leg is gone already."""
        if channel.gone or channel.thread is None:
            return
        if code is not None:
            self.post(channel.thread, Gone(channel, f"Cause: 127\r\nTechCause: {code}\r\n", 127))
        else:
            self.post(channel.thread, Gone(channel))


def lane(*steps: Callable[[], Any] | None) -> Lane:
    """Return the steps that are not None as one lane."""
    return [each for each in steps if each is not None]
