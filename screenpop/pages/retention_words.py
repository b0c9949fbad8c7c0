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
    "tasks": N_("Tasks that are done"),
    "callbacks": N_("Callbacks that are settled: whom"),
    "leads": N_("People on campaigns' lists who are through"),
    "merges": N_("Merged records: who was who"),
    "imports": N_("Imports: what files held"),
    "consents": N_("Consents that something else was said after"),
    "attempts": N_("Tries of campaigns: whom they went to"),
    "contacts": N_("Customers nobody has spoken with"),
}
HINTS: Final[dict[RecordKind, str]] = {
    "calls": N_("Numbers, names, notes and recordings' places go; times, queues, agents and outcomes stay."),
    "incidents": N_("Texts, notes and the customer go; number, times and categories stay."),
    "tasks": N_("They go as a whole."),
    "callbacks": N_("Number and customer go; when it was asked for and settled stays."),
    "leads": N_(
        "Names, numbers and the list's own columns go; outcomes stay. A new list may hold them again."
    ),
    "merges": N_("What each was before goes; the records stay one, and that cannot be undone any more."),
    "imports": N_(
        "The file's name, what was quoted of rejected rows, and who people were before go; the counts stay."
        " The import cannot be taken back any more."
    ),
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
