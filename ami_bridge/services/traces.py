"""What was seen and concluded of each live call, for who asks why it was told so.

This is on the way of a pop: a fact or an event is put into a list, as it is. Only when the call is over it
is written, by the recorder, in the database's thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from ami_bridge.bus import Numbered
from ami_bridge.domain.ami import AmiEvent, ChannelEvent
from ami_bridge.domain.events import CallCorrected, CallEnded, CallEvent
from ami_bridge.services.live import Note
from crm_core.domain.calls import Call
from crm_core.domain.traces import MOST, Steps

FACTS_MOST = 140
"""Of a call's lines those that a chatty exchange may fill."""
NAMES_KEPT = 5_000
_TAGS = {kind: str(kind.__struct_config__.tag) for kind in CallEvent.__subclasses__()}

Named = tuple[str, str]


class _Call:
    """The steps of what goes by one linkedid."""

    __slots__ = ("left_out", "steps")

    def __init__(self) -> None:
        self.steps: list[tuple[datetime, str, Any]] = []
        self.left_out = 0

    def add(self, at: datetime, what: str, told: Any) -> None:
        if len(self.steps) < MOST:
            self.steps.append((at, what, told))
        else:
            self.left_out += 1


class Traces:
    """Keeps the steps of live calls, of all exchanges, by exchange and linkedid."""

    def __init__(self) -> None:
        self._calls: dict[Named, _Call] = {}
        self._over: dict[Named, None] = {}
        self._names: dict[str, Named] = {}

    def hears(self, pbx: str) -> Note:
        """Return what takes the facts of one exchange, each before the ledger does."""
        calls = self._calls

        def note(fact: AmiEvent, at: datetime) -> None:
            if isinstance(fact, ChannelEvent):
                name = (pbx, fact.linkedid or fact.uniqueid)
                call = calls.get(name) or self._begun(name)
                if call is None:
                    return
                if len(call.steps) < FACTS_MOST:
                    call.steps.append((at, type(fact).__name__, fact))
                else:
                    call.left_out += 1

        return note

    def on_events(self, batch: Sequence[Numbered]) -> None:
        """Take what was concluded."""
        for _, event in batch:
            if isinstance(event, CallEvent):
                name = self._names.get(event.call) or self._named(event)
                call = self._calls.get(name) or self._begun(name, again=True)
                if call is not None:
                    call.add(event.at, _TAGS[type(event)], _telling(event))

    def popped(self, call_id: str, interface: str, *, at: datetime, user: str, socket: str) -> None:
        """Take that the card of a call was written to somebody's socket."""
        call = self._calls.get(self._names.get(call_id, ("", "")))
        if call is not None:
            call.add(at, "pop", {"interface": interface, "user": user, "socket": socket})

    def steps(self, call: Call) -> Steps:
        """Return what is known of *call* now."""
        found = [one for name in _names_of(call) if (one := self._calls.get(name))]
        steps = [step for one in found for step in one.steps]
        return Steps(
            call_id=call.id,
            at=call.ended_at or call.started_at,
            steps=steps,
            left_out=sum(one.left_out for one in found),
        )

    def take(self, call: Call) -> Steps:
        """Return what is known of *call*, which is over, and forget it."""
        steps = self.steps(call)
        self._names.pop(call.id, None)
        for name in _names_of(call):
            self._calls.pop(name, None)
            self._over[name] = None
        _keep_last(self._over)
        return steps

    def _named(self, event: CallEvent) -> Named:
        name = self._names[event.call] = (event.pbx, _stem(event.linkedid))
        _keep_last(self._names)
        return name

    def _begun(self, name: Named, *, again: bool = False) -> _Call | None:
        """Return the place of what begins; None for facts about what is over, or about no call."""
        if not name[1] or (name in self._over and not again):
            return None
        call = self._calls[name] = _Call()
        if len(self._calls) > NAMES_KEPT:
            _keep_last(self._calls)
        return call


def _names_of(call: Call) -> list[Named]:
    return [(call.pbx, _stem(linkedid)) for linkedid in (call.linkedid, *call.merged_ids)]


def _stem(linkedid: str) -> str:
    """Return the linkedid as the exchange says it, also of one that came again."""
    return linkedid.partition("#")[0]


def _telling(event: CallEvent) -> msgspec.Struct | dict[str, Any]:
    """Return what *event* says, without the whole call."""
    if isinstance(event, CallEnded):
        return {"outcome": event.outcome, "hung_up_by": event.hung_up_by}
    return {"why": event.why} if isinstance(event, CallCorrected) else event


def _keep_last(kept: dict[Any, Any]) -> None:
    """Forget what is oldest, as far as there is more than may be kept."""
    while len(kept) > NAMES_KEPT:
        del kept[next(iter(kept))]
