"""Words for how a call went: directions, stays, phones, transfers, what did not fit; as filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from crm_core.domain.calls import AttemptResult, Direction, OriginKind, Party, VisitOutcome
from crm_core.domain.sla import Figure
from screenpop.i18n import Translator
from screenpop.pages.looks import N_
from screenpop.pages.words import reader

DIRECTIONS: Final[dict[Direction, str]] = {
    "inbound": N_("Incoming"),
    "outbound": N_("Outgoing"),
    "internal": N_("Internal"),
}
DIRECTION_ICONS: Final[dict[Direction, str]] = {
    "inbound": "phone-incoming",
    "outbound": "phone-outgoing",
    "internal": "users",
}
ORIGINS: Final[dict[OriginKind, str]] = {
    "caller": N_("the customer called"),
    "click": N_("dialled from the desk"),
    "callback": N_("a callback"),
    "virtual_hold": N_("the customer's place in the queue"),
    "campaign": N_("a campaign"),
    "api": N_("another system"),
    "unknown": N_("not known"),
}
STAYS: Final[dict[VisitOutcome, str]] = {
    "answered": N_("Answered"),
    "abandoned": N_("Hung up waiting"),
    "timeout": N_("Waited too long"),
    "exit_key": N_("Left by a key"),
    "redirected": N_("Was moved on"),
    "left_empty": N_("Nobody was there"),
    "withdrawn": N_("Was taken out"),
    "refused": N_("Queue was full"),
    "cut": N_("Cut off"),
}
PHONES: Final[dict[AttemptResult, str]] = {
    "answered": N_("Answered"),
    "no_answer": N_("No answer"),
    "busy": N_("Busy"),
    "rejected": N_("Refused"),
    "cancelled": N_("Stopped ringing"),
    "unreachable": N_("Unreachable"),
    "forwarded": N_("Forwarded"),
}
TRANSFERS: Final = {
    "blind": N_("Handed over at once"),
    "attended": N_("Handed over after asking"),
    "redirect": N_("Moved by the exchange"),
    "completed": N_("Done"),
    "cancelled": N_("Taken back"),
    "failed": N_("Failed"),
}
ENDERS: Final[dict[Party, str]] = {
    "customer": N_("the customer hung up"),
    "agent": N_("the agent hung up"),
    "system": N_("the exchange ended it"),
}
ANOMALIES: Final = {
    "clock_step": N_("The clock of the exchange was set while the call went on."),
    "corrected": N_("The lists of the exchange said otherwise; the call was put right by them."),
    "doubled": N_("The exchange told something twice."),
    "inferred_inside": N_("Nobody said which phones are ours: those with short numbers were taken for ours."),
    "ledger_error": N_("What the exchange told could not be followed; the call was rebuilt from its lists."),
    "linkedid_again": N_("The exchange used the number of an older call again."),
}
FIGURES: Final[dict[Figure, str]] = {
    "offered": N_("Offered"),
    "answered": N_("Answered"),
    "in_time": N_("Answered in time"),
    "abandoned": N_("Abandoned"),
    "short_abandoned": N_("Hung up at once"),
    "left": N_("Left the queue"),
    "refused": N_("Queue was full"),
    "counted": N_("Counted for the service level"),
    "waited": N_("Let into the queue"),
}


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filters by name; a code that we have no word for stays as it is."""
    tables: dict[str, Mapping[Any, str]] = {
        "direction": DIRECTIONS,
        "direction_icon": DIRECTION_ICONS,
        "origin": ORIGINS,
        "stay": STAYS,
        "rung": PHONES,
        "transfer": TRANSFERS,
        "ender": ENDERS,
        "anomaly": ANOMALIES,
        "figure": FIGURES,
    }
    return {name: reader(table, t) for name, table in tables.items()}
