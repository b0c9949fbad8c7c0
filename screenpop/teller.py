"""What an event is told as: a screen pop, its end, or the event itself, and who hears it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import msgspec

from ami_bridge.domain import events
from ami_bridge.ports import CardSource, LiveFloor
from crm_core.domain.calls import Call
from crm_core.domain.confines import Confines, concerned
from crm_core.domain.events import IncidentEvent, InteractionEvent, TaskChanged
from screenpop.desks import Concerns
from screenpop.frames import Draw, PopFrame, SharedFrame, encode
from screenpop.identity import Seat
from screenpop.schema import Event, ScreenPopEnd, Seq
from screenpop.session import Frame

FLOOR, DESK, INCIDENTS, EVERYBODY = "floor", "desk", "incidents", "everybody"
PARTS = "floor-parts"
"""What everybody hears by who is told of parts of the floor only."""
_ONLY_FLOOR, _ONLY_DESKS = frozenset((FLOOR,)), frozenset((DESK,))
_NO_PARTS: frozenset[str] = frozenset()
_OF_INCIDENTS = frozenset((DESK, INCIDENTS))
_ABOUT_CUSTOMERS = (IncidentEvent, InteractionEvent, TaskChanged)


class Teller:
    """Turns events into messages; keeps which desks each live call concerns."""

    def __init__(
        self,
        *,
        floors: Mapping[str, LiveFloor],
        cards: CardSource,
        draw: Draw,
        is_heard: Callable[[str], bool],
    ) -> None:
        self._floors, self._cards, self._draw, self._is_heard = floors, cards, draw, is_heard
        self._concerns = Concerns()
        self._parts_of: dict[str, frozenset[str]] = {}

    def tell(self, seq: Seq, event: msgspec.Struct) -> tuple[Frame, ...]:
        """Return the messages that tell *event*; a client takes the first that it hears."""
        match event:
            case events.CallOffered():
                frames = self._offered(seq, event)
            case events.OfferEnded():
                frames = self._offer_ended(seq, event)
            case events.CallMatched() | events.CallUpdated():
                concern = self._concerns.get(event.call)
                frames = self._pops(seq, event, sorted(concern.shown, key=str) if concern else ())
            case events.CallMerged():
                frames = self._merged(seq, event)
            case events.AgentStateChanged():
                frames = self._agent_changed(seq, event)
            case events.PbxResynced():
                frames = self._resynced(event)
            case _:
                frames = []
        parts = self._parts(event)  # before a call that ends is forgotten
        hearers, name = self._hearers(event) | parts, self._name_told_by(event)
        return (*frames, SharedFrame(hearers, Event(seq=str(seq), event=event, name=name)))

    def _offered(self, seq: Seq, event: events.CallOffered) -> list[Frame]:
        seat = Seat(event.pbx, event.interface)
        self._concerns.rings(event.call, seat)
        return self._pops(seq, event, [seat])

    def _offer_ended(self, seq: Seq, event: events.OfferEnded) -> list[Frame]:
        seat = Seat(event.pbx, event.interface)
        self._concerns.stops_ringing(event.call, seat, is_answered=event.reason == "answered")
        end = ScreenPopEnd(
            seq=str(seq),
            call=event.call,
            interface=event.interface,
            reason=event.reason,
            answered_by=event.answered_by,
            event=event,
        )
        return [SharedFrame(_at(seat), end)]

    def _merged(self, seq: Seq, event: events.CallMerged) -> list[Frame]:
        moved = self._concerns.merge(event.gone, into=event.call, pbx=event.pbx)
        stayed = self._concerns.of(event.call, pbx=event.pbx).shown - moved
        return [
            *self._pops(seq, event, sorted(moved, key=str), replaces=event.gone),
            *self._pops(seq, event, sorted(stayed, key=str)),
        ]

    def _agent_changed(self, seq: Seq, event: events.AgentStateChanged) -> list[Frame]:
        seat = Seat(event.pbx, event.interface)
        self._concerns.is_with(event.call, seat)
        if event.call is None or event.state in {"reserved", "dialling"}:
            return []
        if self._call(event.pbx, event.call) is None or not self._concerns.serves(event.call, seat):
            return []
        return self._pops(seq, event, [seat], call_id=event.call)

    def _resynced(self, event: events.PbxResynced) -> list[Frame]:
        if floor := self._floors.get(event.pbx):
            self._concerns.keep_only((call.id for call in floor.calls()), pbx=event.pbx)
        live = {call.id for one in self._floors.values() for call in one.calls()}
        self._parts_of = {call: parts for call, parts in self._parts_of.items() if call in live}
        return []

    def _pops(
        self,
        seq: Seq,
        event: events.CallEvent | events.AgentStateChanged,
        seats: Collection[Seat],
        *,
        call_id: str | None = None,
        replaces: str | None = None,
    ) -> list[Frame]:
        wanted = call_id or str(event.call)
        call = self._call(event.pbx, wanted) if seats else None
        if call is None:
            return []
        text, card = encode(call), self._cards.card(wanted)
        return [
            PopFrame(
                keys=_at(seat),
                seq=seq,
                call_id=wanted,
                pbx=event.pbx,
                interface=seat.interface,
                call=text,
                card=card,
                event=event,
                draw=self._draw,
                replaces=replaces,
            )
            for seat in seats
        ]

    def _call(self, pbx: str, wanted: str) -> Call | None:
        floor = self._floors.get(pbx)
        return floor.call(wanted) if floor else None

    def _name_told_by(self, event: msgspec.Struct) -> str | None:
        """Return the customer's name where *event* is about who he is: boards have no other source."""
        card = self._cards.card(event.call) if isinstance(event, events.CallMatched) else None
        return card.title if card else None

    def _hearers(self, event: msgspec.Struct) -> frozenset[str]:
        """Return who hears of *event*, apart from those who get a pop for it."""
        match event:
            case events.CallEvent():
                return self._hearers_of_call(event)
            case events.AgentStateChanged() | events.AgentLoggedIn() | events.AgentLoggedOut():
                seat = Seat(event.pbx, event.interface)
                return frozenset((FLOOR, seat_key(seat), *self._queues_of(seat)))
            case events.AgentIntervened():
                return frozenset((FLOOR, seat_key(Seat(event.pbx, event.interface))))
            case events.QueueChanged():
                return frozenset((FLOOR, *queue_keys(event.pbx, event.queue)))
            case events.FloorEvent():
                return frozenset((EVERYBODY,))
            case _:
                return _OF_INCIDENTS if isinstance(event, _ABOUT_CUSTOMERS) else _ONLY_DESKS

    def _hearers_of_call(self, event: events.CallEvent) -> frozenset[str]:
        concern = self._concerns.get(event.call)
        if isinstance(event, events.CallQueued):
            concern = self._concerns.of(event.call, pbx=event.pbx)
            concern.queue = event.queue
        elif isinstance(event, events.CallEnded):
            self._concerns.end(event.call)
        if concern is None:
            return _ONLY_FLOOR
        keys = [FLOOR]
        if not isinstance(event, events.CallOffered | events.OfferEnded):  # those concern one phone only
            keys += map(seat_key, concern.heard)
        if concern.queue:
            keys += queue_keys(event.pbx, concern.queue)
        return frozenset(keys)

    def _parts(self, event: msgspec.Struct) -> frozenset[str]:
        """Return what those hear of *event* by who are told of parts of the floor only, while there are any.

        Who was told of a call is told of it to its end.
        """
        if not self._is_heard(PARTS):
            self._parts_of.clear()
            return _NO_PARTS
        match event:
            case events.CallEvent():
                return self._parts_of_call(event)
            case events.AgentStateChanged() | events.AgentLoggedIn() | events.AgentLoggedOut():
                return frozenset((_agent_part(event.agent),))
            case events.AgentIntervened(agent=str() as agent):
                return frozenset((_agent_part(agent),))
            case events.QueueChanged():
                return frozenset((_queue_part(event.pbx, event.queue),))
        return _NO_PARTS

    def _parts_of_call(self, event: events.CallEvent) -> frozenset[str]:
        call = self._call(event.pbx, event.call) or getattr(event, "record", None)  # one that ended is gone
        parts = self._parts_of.get(event.call, _NO_PARTS)
        if isinstance(event, events.CallQueued):
            parts |= {_queue_part(event.pbx, event.queue)}
        if agent := getattr(event, "agent", None):  # whose phone rings no more may have no part in it now
            parts |= {_agent_part(agent)}
        if call is not None:
            parts |= {_queue_part(event.pbx, visit.queue) for visit in call.visits}
            parts |= {_agent_part(agent) for agent in concerned(call)}
        if isinstance(event, events.CallMerged):
            parts |= self._parts_of.pop(event.gone, _NO_PARTS)
        if isinstance(event, events.CallEnded):
            self._parts_of.pop(event.call, None)
        else:
            self._parts_of[event.call] = parts
        return parts

    def _queues_of(self, seat: Seat) -> list[str]:
        floor = self._floors.get(seat.pbx)
        if floor is None:
            return []
        keys = (key for queue in floor.queues_of(seat.interface) for key in queue_keys(seat.pbx, queue))
        return [key for key in keys if self._is_heard(key)]


def parts_of(within: Confines) -> frozenset[str]:
    """Return what who is confined hears of the floor by."""
    queues = (_queue_part(pbx, queue) for pbx, queue in within.queues)
    return frozenset((*queues, *map(_agent_part, within.agents)))


def _queue_part(pbx: str, queue: str) -> str:
    return f"{PARTS}:queue:{pbx}:{queue}"


def _agent_part(agent: str) -> str:
    return f"{PARTS}:agent:{agent}"


def queue_keys(pbx: str, queue: str) -> tuple[str, str]:
    """Return what those hear a queue by who hear it of every exchange, and of its own alone."""
    return f"queue:{queue}", queue_key(queue, pbx)


def queue_key(queue: str, pbx: str) -> str:
    """Return what a queue of one exchange is heard by."""
    return f"queue-at:{pbx}:{queue}"


def seat_key(seat: Seat) -> str:
    """Return what a desk at *seat* hears by."""
    return f"seat:{seat}"


def _at(seat: Seat) -> frozenset[str]:
    return frozenset((seat_key(seat),))
