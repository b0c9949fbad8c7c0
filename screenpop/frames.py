"""Messages on their way out: encoded once, and shared by everybody who may read them (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from ami_bridge.domain.events import FloorEvent
from crm_core.domain.calls import Call, call_from_json
from crm_core.domain.cards import Card
from screenpop.masks import Masks
from screenpop.redaction import redacted
from screenpop.schema import ScreenPop, Seq
from screenpop.session import View

Draw = Callable[[Call, Card | None, View], str]
encode = msgspec.json.Encoder().encode


@dataclass(slots=True, eq=False)
class SharedFrame:
    """The same message for everybody who hears one of ``keys``; encoded when the first of them does."""

    keys: frozenset[str]
    message: msgspec.Struct | msgspec.Raw
    _texts: dict[Masks | None, bytes] = field(default_factory=dict)

    def drawn_for(self, view: View) -> bytes:
        """Return the message, without what who has *view* is not shown."""
        masks = view[-1]
        if (text := self._texts.get(masks)) is not None:
            return text
        message = self.message if masks is None else redacted(self.message, masks)
        if masks is not None and message is self.message:
            return self.drawn_for((*view[:-1], None))
        text = encode(message)
        if masks is None or masks.is_shared:
            self._texts[masks] = text
        return text


@dataclass(slots=True, eq=False, kw_only=True)
class PopFrame:
    """A screen pop, drawn once for each view, when somebody with that view hears it.

    The call is kept as JSON, because the live one changes.
    """

    keys: frozenset[str]
    seq: Seq
    pbx: str
    interface: str
    call_id: str
    call: bytes
    card: Card | None
    event: FloorEvent
    draw: Draw
    replaces: str | None = None
    _drawn: dict[View, bytes] = field(default_factory=dict)

    def drawn_for(self, view: View) -> bytes:
        """Return the message for who has *view*."""
        if (text := self._drawn.get(view)) is None:
            text = self._drawn[view] = self._draw(view)
        return text

    def _draw(self, view: View) -> bytes:
        message = ScreenPop(
            seq=str(self.seq),
            interface=self.interface,
            call=msgspec.Raw(self.call),
            card=self.card,
            html=self.draw(call_from_json(self.call), self.card, view),
            replaces=self.replaces,
            event=self.event,
        )
        return encode(message if view[-1] is None else redacted(message, view[-1]))
