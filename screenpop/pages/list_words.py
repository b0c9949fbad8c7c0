"""What the filters of lists are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from screenpop.i18n import Translator
from screenpop.pages.looks import N_
from screenpop.pages.words import reader

FILTERS: Final[dict[str, str]] = {
    "account_id": N_("Company"),
    "agent": N_("Agent"),
    "assignee": N_("Assigned to"),
    "category_id": N_("Category"),
    "contact_id": N_("Customer"),
    "kind": N_("Kind"),
    "priority": N_("Priority"),
    "product_line_id": N_("Product line"),
    "queue": N_("Queue"),
    "state": N_("State"),
    "team_id": N_("Team"),
}


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filters by name; what we have no word for stays as the address has it."""
    return {"list_filter": reader(FILTERS, t)}
