"""Words for records that grow too old, as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from crm_core.domain.retention import RecordKind
from screenpop.i18n import Translator
from screenpop.pages.looks import N_

AGED: Final[dict[RecordKind, str]] = {
    "calls": N_("Calls: who it was"),
    "incidents": N_("Closed incidents: what was written"),
    "consents": N_("Consents that something else was said after"),
    "attempts": N_("Tries of campaigns: whom they went to"),
    "contacts": N_("Customers nobody has spoken with"),
}
HINTS: Final[dict[RecordKind, str]] = {
    "calls": N_("Numbers, names, notes and recordings' places go; times, queues, agents and outcomes stay."),
    "incidents": N_("Texts, notes and the customer go; number, times and categories stay."),
    "consents": N_("What a customer said last of each purpose and channel always stays."),
    "attempts": N_("Numbers and notes go; verdicts and outcomes stay."),
    "contacts": N_("They are erased as if they had asked for it, at most 100 a night."),
}


def filters(t: Translator) -> dict[str, Callable[[RecordKind], str]]:
    """Return the filters by name."""
    return {
        "aged": lambda kind: t.gettext(AGED[kind]),
        "aged_hint": lambda kind: t.gettext(HINTS[kind]),
    }
