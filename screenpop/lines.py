"""What our numbers and queues are called, kept in memory, so that a card is drawn without asking anybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ami_bridge.bus import Numbered
from crm_core.domain.calls import Call
from crm_core.domain.cards import Card
from crm_core.domain.events import LineChanged, LineRemoved
from crm_core.domain.lines import (
    Brand,
    CrmMode,
    Line,
    LineKey,
    brand_of,
    crm_address,
    origin_of,
    target_of,
)
from crm_core.domain.sla import Target, Targets


@dataclass(frozen=True, slots=True)
class CrmPage:
    """A page of another CRM: its address, and whether it stands in a tab or in a frame of the desk."""

    address: str
    mode: CrmMode


class LineBook:
    """Every line by its key; hears of changes by the bus.

    Args:
        frame_origins: of pages that may stand in a frame; others are given a tab.
    """

    def __init__(self, *, frame_origins: Iterable[str] = ()) -> None:
        self.frame_origins = frozenset(frame_origins)
        self._lines: dict[LineKey, Line] = {}

    def learn(self, lines: Iterable[Line]) -> None:
        """Take *lines* as all that there are."""
        self._lines = {line.key: line for line in lines}

    def on_events(self, batch: Sequence[Numbered]) -> None:
        """Take what was changed."""
        for _, event in batch:
            if isinstance(event, LineChanged):
                self._lines[event.line.key] = event.line
            elif isinstance(event, LineRemoved):
                self._lines.pop(event.line.key, None)

    def brand_of(self, call: Call) -> Brand:
        """Return what *call* is for."""
        return brand_of(call, self._lines)

    def queue_name(self, pbx: str, queue: str | None) -> str | None:
        """Return what a queue is called: by us, else by the exchange."""
        line = self._lines.get((pbx, "queue", queue or ""))
        return line.name if line else queue

    def queues(self) -> list[Line]:
        """Return the queues that have a name, by it."""
        found = (line for line in self._lines.values() if line.kind == "queue")
        return sorted(found, key=lambda line: (line.name.casefold(), line.key))

    def queue_names(self) -> dict[str, dict[str, str]]:
        """Return the names of queues that have one, by exchange and by the exchange's name."""
        found: dict[str, dict[str, str]] = {}
        for (pbx, kind, code), line in self._lines.items():
            if kind == "queue":
                found.setdefault(pbx, {})[code] = line.name
        return found

    def targets(self, of_all: Target) -> Targets:
        """Return what each queue promises: its own, else *of_all*."""
        own = {
            (pbx, code): target_of(line, of_all)
            for (pbx, kind, code), line in self._lines.items()
            if kind == "queue"
        }
        return Targets(of_all=of_all, own=own)

    def crm_page(self, call: Call, card: Card | None, brand: Brand) -> CrmPage | None:
        """Return the page of another CRM that belongs to *call*; None when none does."""
        if brand.crm_url is None:
            return None
        address = crm_address(
            brand.crm_url,
            {
                "number": call.customer or call.ani,
                "contact_id": card.contact.id if card and card.contact else None,
                "call_id": call.id,
                "did": call.did,
                "queue": call.visits[-1].queue if call.visits else None,
            },
        )
        is_framed = brand.crm_mode == "frame" and self.may_frame(brand.crm_url)
        return CrmPage(address, "frame" if is_framed else "tab")

    def may_frame(self, address: str) -> bool:
        """Return whether the page at *address* may stand in a frame."""
        return origin_of(address) in self.frame_origins
