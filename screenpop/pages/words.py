"""Words for what the records hold as codes: outcomes, incident states, priorities, reasons; as filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from crm_core.domain.calls import Outcome
from crm_core.domain.incidents import State
from screenpop.i18n import Translator
from screenpop.pages.looks import N_

OUTCOMES: Final[dict[Outcome, str]] = {
    "answered": N_("Answered"),
    "abandoned": N_("Hung up waiting"),
    "timeout": N_("Nobody answered"),
    "refused": N_("Queue was full"),
    "voicemail": N_("Left a message"),
    "self_service": N_("Served by the menu"),
    "busy": N_("Busy"),
    "no_answer": N_("No answer"),
    "failed": N_("Failed"),
    "machine": N_("Answering machine"),
    "nuisance": N_("No agent in time"),
    "cut": N_("Cut off"),
}
LOST: Final[frozenset[Outcome]] = frozenset(
    ("abandoned", "timeout", "refused", "busy", "no_answer", "failed", "nuisance", "cut")
)
STATES: Final[dict[State, str]] = {
    "new": N_("New"),
    "assigned": N_("Assigned"),
    "in_progress": N_("In progress"),
    "pending": N_("Pending"),
    "resolved": N_("Resolved"),
    "closed": N_("Closed"),
    "cancelled": N_("Cancelled"),
}
PRIORITIES: Final = {
    1: N_("Critical priority"),
    2: N_("High priority"),
    3: N_("Normal priority"),
    4: N_("Low priority"),
    5: N_("Lowest priority"),
}
REASONS: Final = {
    "exact": N_("their own number"),
    "equated": N_("the number in another writing"),
    "national": N_("the same national number"),
    "range": N_("a line of the company"),
    "ivr_id": N_("said so in the menu"),
    "chosen": N_("chosen before"),
    "open_incident": N_("an open incident"),
    "spoken": N_("spoke with us before"),
}
"""Why we think that it is they, as ``crm_core.domain.matching`` tells it."""


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filters by name; a code that we have no word for stays as it is."""
    tables: dict[str, Mapping[Any, str]] = {
        "outcome": OUTCOMES,
        "state": STATES,
        "priority": PRIORITIES,
        "why": REASONS,
    }
    return {name: reader(table, t) for name, table in tables.items()}


def is_lost(outcome: Outcome | None) -> bool:
    """Return whether the customer did not get what he called for."""
    return outcome in LOST


def reader(table: Mapping[Any, str], t: Translator) -> Callable[..., str]:
    """Return what says a code of *table* in words; the code itself where there are none."""
    words = {code: t.gettext(text) for code, text in table.items()}
    return lambda code: words.get(code, str(code))
