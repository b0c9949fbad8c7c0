"""Steps of a call in words: what happened, and the details as they were told; for page and command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from crm_core.domain.calls import Source
from crm_core.domain.traces import Line
from crm_core.domain.why import Teller, teller_of
from screenpop.i18n import Translator
from screenpop.pages.looks import N_
from screenpop.pages.words import reader

STEPS: Final = {
    "call.started": N_("The call is there"),
    "call.queued": N_("Enters a queue"),
    "call.offered": N_("A phone is rung"),
    "call.offer_ended": N_("It is rung no longer"),
    "call.answered": N_("Is talked with"),
    "call.held": N_("Hears music"),
    "call.resumed": N_("Is talked with again"),
    "call.parked": N_("Is parked"),
    "call.transfer_started": N_("Is handed over"),
    "call.transferred": N_("Was handed over"),
    "call.joined": N_("Met another call in a room"),
    "call.left_queue": N_("Leaves the queue"),
    "call.ended": N_("The call is over"),
    "call.matched": N_("The customer is looked up"),
    "call.updated": N_("More is known of the call"),
    "call.merged": N_("Two calls turned out to be one"),
    "call.corrected": N_("Put right"),
    "anomaly": N_("Something did not fit"),
    "pop": N_("The card reached a desk"),
}
"""What our own steps are called; the exchange's facts go by its own names."""
TELLERS: Final[dict[Teller, str]] = {
    "exchange": N_("exchange"),
    "ledger": N_("concluded"),
    "desk": N_("desk"),
}
SOURCES: Final[dict[Source, str]] = {
    "live": N_("Heard from its begin."),
    "adopted": N_("Found in the lists of the exchange, after its begin."),
    "backfill": N_("Rebuilt from the records of the exchange."),
}


def filters(t: Translator) -> dict[str, Callable[..., Any]]:
    """Return the filters by name; facts of the exchange stay as they are."""
    tables: dict[str, Mapping[Any, str]] = {"step": STEPS, "teller": TELLERS, "source": SOURCES}
    said: dict[str, Callable[..., Any]] = {name: reader(table, t) for name, table in tables.items()}
    return said | {"told_by": teller_of, "details": details}


def details(step: Line) -> list[tuple[str, str]]:
    """Return the details of *step*, names as the exchange and the ledger use them."""
    return [(name, said) for name, value in step.detail.items() if (said := _said(value))]


def _said(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case dict():
            return " ".join(f"{name}={said}" for name, each in value.items() if (said := _said(each)))
        case list():
            return _joined(value)
        case None:
            return ""
    return str(value)


def _joined(values: Iterable[Any]) -> str:
    return ", ".join(said for value in values if (said := _said(value)))
