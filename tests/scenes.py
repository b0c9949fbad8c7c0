"""Calls as scripts: what an exchange says of a scene, line by line, and how the floor tells it.

A scene's legs have names ("customer", "ana"); times are seconds since its beginning. The order of
facts within a line of the script is that of a real Asterisk 22 (tests/fixtures/ami).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from ami_bridge.domain import ami, events
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from crm_core.domain.calls import CUSTOMER, Call, seconds, untiled

BORN = 1_795_536_000
START = datetime.fromtimestamp(BORN, UTC)
ANA, LUIS, EVA = "PJSIP/agent101", "PJSIP/agent102", "PJSIP/agent103"
TRUNK = "PJSIP/trunk"
Told = TypeVar("Told", bound=events.FloorEvent)


def read(raw: str) -> str | None:
    """Read Spanish numbers of nine digits, as the trunk delivers them; "broken" stands for a bug of ours."""
    if raw == "broken":
        raise ZeroDivisionError
    return f"+34{raw}" if len(raw) == 9 and raw.isdigit() else None


class Scene:
    """A floor with three agents, and what is said and heard there."""

    def __init__(self, *, seats: dict[str, str] | None = None, inside: Inside | None = None) -> None:
        self.floor = Floor("main", inside=inside or Inside(patterns=(r"PJSIP/agent\d+",)), read=read)
        self.happened: list[events.FloorEvent] = []
        self.ended: list[Call] = []
        self._legs: dict[str, ami.Newchannel] = {}
        self._bridges: dict[str, str] = {}
        for interface, agent in (seats or {}).items():
            self.say(0.0, ami.SeatTaken(interface=interface, agent=agent))
        self.happened.clear()

    # --- what the exchange says

    def say(self, at: float, *facts: ami.AmiEvent) -> None:
        """Say *facts*, all at that time, and let the deadlines before it pass."""
        now = START + timedelta(seconds=at)
        for fact in facts:
            self.hear(self.floor.step(fact, now))

    def tick(self, at: float) -> None:
        """Let deadlines pass."""
        self.hear(self.floor.tick(START + timedelta(seconds=at)))

    def lose_link(self, at: float) -> None:
        """The exchange is not heard from now on."""
        self.floor.link_lost(START + timedelta(seconds=at))

    def resync(
        self, at: float, *, heard: tuple[ami.AmiEvent, ...] = (), **lists: tuple
    ) -> events.PbxResynced:
        """Lay a snapshot beside the floor, with what was *heard* while it was taken; return the report."""
        now, meanwhile = START + timedelta(seconds=at), self.floor.meanwhile()
        for fact in heard:
            meanwhile.note(fact, now)
            self.hear(self.floor.step(fact, now))
        told = self.floor.resync(ami.Snapshot(**lists), now, meanwhile=meanwhile)
        self.hear(told)
        return self.told(events.PbxResynced)[-1]

    def leg(self, name: str) -> dict[str, str]:
        """Return what names the leg in a fact."""
        born = self._legs[name]
        return {"uniqueid": born.uniqueid, "linkedid": born.linkedid, "channel": born.channel}

    def born(
        self, at: float, name: str, interface: str, *, of: str | None = None, state: int = 0, **more: str
    ) -> None:
        """A leg is born, of the call of leg *of* (or the first of its own)."""
        number = len(self._legs)
        uniqueid = f"{BORN + int(at)}.{number}"
        linkedid = self._legs[of].linkedid if of else uniqueid
        channel = f"{interface}-{number:08x}" if "Local/" not in interface else interface
        fact = ami.Newchannel(uniqueid=uniqueid, linkedid=linkedid, channel=channel, state=state, **more)
        self._legs[name] = fact
        self.say(at, fact)

    def calls(self, at: float, name: str, interface: str, *, num: str, exten: str) -> None:
        """Somebody calls: a leg in state Ring with the digits as dialled."""
        self.born(at, name, interface, state=4, num=num, exten=exten)

    def up(self, at: float, name: str) -> None:
        """The leg is answered (a caller by the dialplan, a phone by its user)."""
        self.say(at, ami.Newstate(**self.leg(name), state=6))

    def joins(self, at: float, name: str, queue: str) -> None:
        """The caller enters a queue and hears its music."""
        self.say(
            at,
            ami.QueueCallerJoin(**self.leg(name), queue=queue, position=1),
            ami.MusicOnHoldStart(**self.leg(name)),
        )

    def rings(
        self,
        at: float,
        name: str,
        interface: str,
        *,
        by: str,
        queue: str = "",
        num: str = "",
        ringing: bool = True,
    ) -> None:
        """A phone is rung for leg *by*, by a queue or by Dial()."""
        self.born(at, name, interface, of=by)
        self.dialled(at, name, interface, by=by, queue=queue, num=num)
        if ringing:
            self.say(at, ami.Newstate(**self.leg(name), state=5))

    def dialled(
        self, at: float, name: str, interface: str, *, by: str, queue: str = "", num: str = ""
    ) -> None:
        """AgentCalled (of a queue) and DialBegin."""
        dest = self._legs[name]
        if queue:
            called = ami.AgentCalled(
                **self.leg(by), queue=queue, interface=interface, dest_uniqueid=dest.uniqueid
            )
            self.say(at, called)
        self.say(at, ami.DialBegin(**self.leg(by), dest_uniqueid=dest.uniqueid, dest_num=num))

    def picks_up(self, at: float, name: str, *, by: str) -> None:
        """A rung phone is picked up."""
        self.up(at, name)
        self.dial_end(at, name, "ANSWER", by=by)

    def dial_end(self, at: float, name: str, status: str, *, by: str, forward: str = "") -> None:
        """Dial() or Queue() says what became of a phone."""
        dest = self._legs[name].uniqueid
        self.say(at, ami.DialEnd(**self.leg(by), dest_uniqueid=dest, status=status, forward=forward))

    def connected(self, at: float, customer: str, name: str, queue: str) -> None:
        """A queue joins its caller with a member who picked up."""
        interface = self._legs[name].channel.rpartition("-")[0]
        dest = self._legs[name].uniqueid
        self.say(
            at,
            ami.MusicOnHoldStop(**self.leg(customer)),
            ami.QueueCallerLeave(**self.leg(customer), queue=queue),
            ami.AgentConnect(**self.leg(customer), queue=queue, interface=interface, dest_uniqueid=dest),
        )
        self.mixed(at, name, customer)

    def mixed(self, at: float, *names: str, bridge: str = "b1") -> None:
        """Legs enter a bridge, one after the other."""
        for name in names:
            self._bridges[name] = bridge
            kind = "basic" if bridge.startswith("b") else bridge
            self.say(at, ami.BridgeEnter(**self.leg(name), bridge=bridge, bridge_type=kind))

    def unmixed(self, at: float, *names: str) -> None:
        """Legs leave their bridge."""
        for name in names:
            self.say(at, ami.BridgeLeave(**self.leg(name), bridge=self._bridges.pop(name)))

    def hangs_up(self, at: float, name: str, cause: int = 16) -> None:
        """The far end of a leg asks for its end."""
        self.say(at, ami.HangupRequest(**self.leg(name), cause=cause))

    def gone(self, at: float, *names: str, cause: int = 16) -> None:
        """Legs are gone."""
        for name in names:
            if name in self._bridges:
                self.unmixed(at, name)
            self.say(at, ami.Hangup(**self.leg(name), cause=cause))

    # --- how it is told

    def hear(self, told: list[events.FloorEvent]) -> None:
        """Keep what happened."""
        self.happened += told
        for event in told:
            if isinstance(event, events.CallEnded):
                assert untiled(event.record) == []
                self.ended.append(event.record)

    def call(self) -> Call:
        """Return the scene's only call, live or ended."""
        (call,) = [*self.ended, *self.floor.calls()]
        return call

    @property
    def heard(self) -> str:
        """What happened to calls, in one line: ``started queued offered:PJSIP/agent101 …``."""
        words = []
        for event in self.happened:
            if isinstance(event, events.CallEvent):
                word = type(event).__struct_config__.tag.removeprefix("call.")
                more = [getattr(event, name, None) for name in _TOLD.get(type(event), ())]
                words.append(":".join([word, *(_short(text) for text in more if text)]))
        return " ".join(words)

    def took(self, party: str = CUSTOMER, call: Call | None = None) -> str:
        """Return a party's time as ``ring 2.0, talk 4.0``, in seconds."""
        return ", ".join(
            f"{segment.kind} {seconds(segment.at, segment.until)}"
            for segment in (call or self.call()).segments
            if segment.party == party and segment.until
        )

    def told(self, kind: type[Told]) -> list[Told]:
        """Return what happened of one kind."""
        return [event for event in self.happened if isinstance(event, kind)]

    def states(self, agent: str) -> str:
        """Return the states an agent went through."""
        changes = [event for event in self.happened if isinstance(event, events.AgentStateChanged)]
        return " ".join(event.state for event in changes if event.agent == agent)


def _short(text: str) -> str:
    return text.removeprefix("PJSIP/agent")


_TOLD: dict[type, tuple[str, ...]] = {
    events.CallOffered: ("interface",),
    events.OfferEnded: ("interface", "reason"),
    events.CallLeftQueue: ("outcome",),
    events.CallAnswered: ("interface",),
    events.CallTransferred: ("answered_by",),
    events.CallEnded: ("outcome", "hung_up_by"),
    events.CallAnomaly: ("kind",),
}
