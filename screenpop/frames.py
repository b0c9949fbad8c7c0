"""Messages on their way out: encoded once, and shared by everybody who may read them (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from crm_core.domain.calls import Call, call_from_json
from crm_core.domain.cards import Card
from screenpop.schema import Event, ScreenPop, ScreenPopEnd, Seq

View = tuple[str, str]
Draw = Callable[[Call, Card | None, View], str]
encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class SharedFrame:
    """The same text for everybody who hears one of ``keys``."""

    keys: frozenset[str]
    text: bytes

    def drawn_for(self, _view: View) -> bytes:
        """Return the message."""
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class PopFrame:
    """A screen pop, drawn once for each view (language, role), when somebody with that view hears it.

    The call is kept as JSON, because the live one changes.
    """

    keys: frozenset[str]
    seq: Seq
    pbx: str
    interface: str
    call_id: str
    call: bytes
    card: Card | None
    event: bytes
    draw: Draw
    replaces: str | None = None
    _drawn: dict[View, bytes] = field(default_factory=dict)

    def drawn_for(self, view: View) -> bytes:
        """Return the message for who has *view*."""
        if (text := self._drawn.get(view)) is None:
            text = self._drawn[view] = self._draw(view)
        return text

    def _draw(self, view: View) -> bytes:
        return encode(
            ScreenPop(
                seq=str(self.seq),
                interface=self.interface,
                call=msgspec.Raw(self.call),
                card=self.card,
                html=self.draw(call_from_json(self.call), self.card, view),
                replaces=self.replaces,
                event=msgspec.Raw(self.event),
            )
        )


def event_frame(keys: frozenset[str], *, seq: Seq, event: bytes, name: str | None = None) -> SharedFrame:
    """Return the message that tells *event* (JSON), and the customer's *name* when it is about that."""
    return SharedFrame(keys, encode(Event(seq=str(seq), event=msgspec.Raw(event), name=name)))


def pop_end_frame(keys: frozenset[str], *, end: ScreenPopEnd) -> SharedFrame:
    """Return the message that ends a pop."""
    return SharedFrame(keys, encode(end))
