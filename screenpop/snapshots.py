"""Everything a client needs to draw, as it is now: its desk, the floor, single queues."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from ami_bridge.domain.events import AgentView, QueueChanged
from ami_bridge.ports import CardSource, LiveFloor
from crm_core.domain.calls import Call
from screenpop.frames import Draw
from screenpop.identity import Identity, Seat
from screenpop.permissions import Permission
from screenpop.schema import DeskView, FloorAgent, FloorCall, FloorView, ShownCall, Snapshot
from screenpop.scope import Scope
from screenpop.version import VERSION

QUEUE = "queue:"


class Snapshots:
    """Reads the floors; nothing is kept from one snapshot to the next."""

    def __init__(self, floors: Mapping[str, LiveFloor], cards: CardSource, draw: Draw) -> None:
        self.version = VERSION
        self._floors, self._cards, self._draw = floors, cards, draw

    def take(self, seq: str, who: Identity, topics: Sequence[str]) -> Snapshot:
        """Return what *who* draws for *topics*, as of *seq*."""
        return Snapshot(
            seq=seq,
            version=self.version,
            pbx=self.connected(),
            desk=self.desk(who) if "desk" in topics else None,
            floor=self.floor(who.scope) if "floor" in topics else None,
            queues={
                name: self.queue(name, exchanges_shown(who, name, self._floors))
                for topic in topics
                if topic.startswith(QUEUE) and (name := topic.removeprefix(QUEUE))
            },
        )

    def connected(self) -> dict[str, bool]:
        """Return which exchange is connected."""
        return {name: floor.is_connected for name, floor in self._floors.items()}

    def desk(self, who: Identity) -> DeskView:
        """Return the desk of *who*: the agent's state, and the calls that ring or are served there."""
        seat = who.seat
        if seat is None:
            return DeskView(agent=who.agent)
        floor = self._floors.get(seat.pbx)
        return DeskView(
            agent=who.agent,
            pbx=seat.pbx,
            interface=seat.interface,
            state=next((a for a in floor.agents() if a.interface == seat.interface), None) if floor else None,
            calls=tuple(self._calls_at(floor, seat, who)) if floor else (),
        )

    def floor(self, scope: Scope) -> FloorView:
        """Return the queues, agents and live calls of all exchanges, as far as they are in *scope*."""
        floors = self._floors.values()
        queues = (queue for floor in floors for queue in floor.queues())
        calls = (call for floor in floors for call in floor.calls())
        return FloorView(
            queues=tuple(one for one in queues if scope.has_queue(one.pbx, one.queue)),
            agents=tuple(self._agents(lambda _pbx, agent: scope.has_agent(agent.agent))),
            calls=tuple(self._named(call) for call in calls if scope.sees_call(call)),
        )

    def queue(self, name: str, exchanges: Collection[str]) -> FloorView:
        """Return one queue: its members' states and the calls that are in it or came through it.

        Of this name are queues of several *exchanges*.
        """
        floors = [floor for pbx, floor in self._floors.items() if pbx in exchanges]
        queues = tuple(queue for floor in floors for queue in floor.queues() if queue.queue == name)
        members = {(queue.pbx, member.interface) for queue in queues for member in queue.members}
        return FloorView(
            queues=queues,
            agents=tuple(self._agents(lambda pbx, agent: (pbx, agent.interface) in members)),
            calls=tuple(
                self._named(call)
                for floor in floors
                for call in floor.calls()
                if call.visits and call.visits[-1].queue == name
            ),
        )

    def _calls_at(self, floor: LiveFloor, seat: Seat, who: Identity) -> Iterator[ShownCall]:
        ringing = {call.id: call for call in floor.ringing_at(seat.interface)}
        for call in ringing.values():
            yield self._shown(call, seat, who, is_ringing=True)
        for call in floor.calls():
            if call.id not in ringing and is_served_at(call, seat.interface):
                yield self._shown(call, seat, who, is_ringing=False)

    def _shown(self, call: Call, seat: Seat, who: Identity, *, is_ringing: bool) -> ShownCall:
        card = self._cards.card(call.id)
        return ShownCall(
            call=call,
            card=card,
            html=self._draw(call, card, who.view),
            interface=seat.interface,
            is_ringing=is_ringing,
        )

    def _agents(self, is_wanted: Callable[[str, AgentView], bool]) -> Iterator[FloorAgent]:
        for pbx, floor in self._floors.items():
            for agent in floor.agents():
                if is_wanted(pbx, agent):
                    yield FloorAgent(
                        pbx=pbx,
                        agent=agent.agent,
                        interface=agent.interface,
                        state=agent.state,
                        since=agent.since,
                        reason=agent.reason,
                        call=agent.call,
                        is_kept=agent.is_kept,
                    )

    def _named(self, call: Call) -> FloorCall:
        card = self._cards.card(call.id)
        return FloorCall(call=call, name=card.title if card else None)


def exchanges_shown(who: Identity, queue: str, floors: Mapping[str, LiveFloor]) -> frozenset[str]:
    """Return the exchanges whose queue of this name *who* is shown: his own, and where he is a member."""
    if who.scope.is_everything:
        return frozenset(floors)
    seat = who.seat if who.seat and is_in_queue(who, queue, floors) else None
    mine = {pbx for pbx in floors if who.may(Permission.SEE_FLOOR) and who.scope.has_queue(pbx, queue)}
    return frozenset(mine | {seat.pbx} if seat else mine)


def is_in_queue(who: Identity, queue: str, floors: Mapping[str, LiveFloor]) -> bool:
    """Return whether *who* sits at a phone that is a member of *queue*."""
    floor = floors.get(who.seat.pbx) if who.seat else None
    if floor is None or who.seat is None:
        return False
    return any(one.queue == queue and is_member(one, who.seat.interface) for one in floor.queues())


def is_served_at(call: Call, interface: str) -> bool:
    """Return whether the phone *interface* is with the call's customer now."""
    return any(
        segment.until is None and segment.kind != "ring" and interface in (segment.party, *segment.with_)
        for segment in call.segments
    )


def is_member(queue: QueueChanged, interface: str) -> bool:
    """Return whether *interface* is a member of *queue*."""
    return any(member.interface == interface for member in queue.members)
