"""Words for contracts, for how something is covered, and for repairs, as filters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from babel.dates import format_date

from crm_core.domain.entitlement import Entitlement
from crm_core.domain.equipment import ContractKind
from crm_core.domain.repairs import RepairState
from screenpop.i18n import Translator
from screenpop.pages.looks import N_
from screenpop.pages.words import reader

KINDS: Final[dict[ContractKind, str]] = {
    "warranty": N_("Warranty"),
    "maintenance": N_("Maintenance"),
    "support": N_("Support"),
    "rental": N_("Rental"),
}
STATES: Final[dict[RepairState, str]] = {
    "received": N_("Received"),
    "diagnosed": N_("Diagnosed"),
    "waiting_parts": N_("Waits for parts"),
    "waiting_customer": N_("Waits for the customer's yes"),
    "repaired": N_("Repaired"),
    "refused": N_("Not repaired: refused"),
    "scrapped": N_("Scrapped"),
    "returned": N_("Given back"),
}
STEPS: Final[dict[RepairState, str]] = {
    "diagnosed": N_("It is diagnosed"),
    "waiting_parts": N_("Wait for parts"),
    "waiting_customer": N_("Wait for the customer's yes"),
    "repaired": N_("It is repaired"),
    "refused": N_("It is refused"),
    "scrapped": N_("It is scrapped"),
    "returned": N_("It is given back"),
}


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filters by name."""

    def day(value: date) -> str:
        return str(format_date(value, "medium", locale=t.language))

    def entitlement(told: Entitlement) -> str:
        return _entitlement(told, t, day)

    found: dict[str, Any] = {
        "contract_kind": reader(KINDS, t),
        "repair_state": reader(STATES, t),
        "repair_step": reader(STEPS, t),
        "entitlement": entitlement,
        "on_day": day,
    }
    return found


def _entitlement(told: Entitlement, t: Translator, day: Callable[[date], str]) -> str:
    """Return in words whether something is covered, and until or since when."""
    if told.is_covered:
        if told.until is None:
            return t.gettext("Covered")
        return t.gettext("Covered until %(day)s") % {"day": day(told.until)}
    if told.from_day:
        return t.gettext("Covered from %(day)s") % {"day": day(told.from_day)}
    if told.since:
        return t.gettext("Not covered since %(day)s") % {"day": day(told.since)}
    return t.gettext("Not covered")
