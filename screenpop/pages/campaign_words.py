"""Words for what campaigns hold as codes: outcomes, the gate's reasons, why rows are left out; as filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from babel.numbers import format_percent

from crm_core.domain.campaigns import Outcome, Result
from crm_core.domain.consents import Basis
from crm_core.domain.dial_gate import Reason
from crm_core.domain.list_rows import RejectReason, UnreadableReason
from screenpop.i18n import Translator
from screenpop.pages.looks import N_

OUTCOMES: Final[dict[Outcome, str]] = {
    "success": N_("Interested"),
    "no_interest": N_("Not interested"),
    "refused": N_("Do not call again"),
    "callback": N_("Call back later"),
    "voicemail": N_("Answering machine"),
    "no_answer": N_("No answer"),
    "busy": N_("Busy"),
    "wrong_number": N_("Wrong number"),
    "rejected": N_("Rejected the call"),
    "unreachable": N_("Could not be reached"),
    "cancelled": N_("Given up by us"),
    "not_dialled": N_("Your phone was not answered"),
}
UNTOLD: Final = {"untold": N_("Not told yet")}
RESULTS: Final[dict[Result, str]] = {
    "answered": N_("Answered"),
    "busy": N_("Busy"),
    "no_answer": N_("No answer"),
    "rejected": N_("Rejected the call"),
    "unreachable": N_("Could not be reached"),
    "cancelled": N_("Given up by us"),
    "forwarded": N_("Forwarded"),
    "not_dialled": N_("The agent's phone was not answered"),
}
UNDER_WAY: Final = {"under_way": N_("Under way")}
GATE: Final[dict[Reason, str]] = {
    "allowed": N_("May be called"),
    "do_not_call": N_("Must not be called"),
    "consent_refused": N_("Does not want to be called to be sold something"),
    "no_consent": N_("Has not agreed to be called"),
    "attempts_used_up": N_("Tried often enough"),
    "place_unknown": N_("Nobody knows where the number is"),
    "attempts_in_law": N_("As often as the law allows"),
    "attempts_today": N_("Tried often enough today"),
    "too_soon": N_("Tried just now"),
    "hours": N_("Outside the hours of the law"),
}
BASES: Final[dict[Basis, str]] = {
    "consent": N_("Each one's consent, as it is noted"),
    "contract": N_("A contract with them"),
    "legitimate_interests": N_("Legitimate interests of ours"),
    "legal_obligation": N_("A duty by law"),
    "public_task": N_("A public task"),
    "vital_interests": N_("Somebody's life"),
}
"""GDPR art. 6(1)."""
REJECTED: Final[dict[RejectReason, str]] = {
    "no_number": N_("No number"),
    "bad_number": N_("Not a number that can be called"),
    "duplicate_in_file": N_("Twice in the file"),
    "already_on_list": N_("On this list already"),
    "do_not_call": N_("Must not be called"),
    "no_name": N_("Neither a name nor a company"),
    "bad_zone": N_("Not a time zone"),
    "bad_region": N_("Not a country of two letters"),
    "too_many_columns": N_("More cells than the heading has"),
}
UNREADABLE: Final[dict[UnreadableReason, str]] = {
    "not_text": N_("This is no text file: save the sheet as CSV."),
    "empty": N_("There is nobody in the file."),
    "no_number_column": N_("No column is called phone, mobile or number."),
    "too_many_rows": N_("Too many rows: load it in parts."),
    "too_wide": N_("Too many columns."),
    "not_csv": N_("This is no CSV file."),
}


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filters by name; a code that we have no word for stays as it is."""

    def word(*words: Mapping[Any, str]) -> Callable[[str], str]:
        known = {code: text for some in words for code, text in some.items()}
        return lambda code: t.gettext(known[code]) if code in known else code

    def share(part: int, whole: int) -> str:
        return format_percent(part / whole, "0.0 %", locale=t.language) if whole else "—"

    return {
        "share": share,
        "lead_outcome": word(OUTCOMES, UNTOLD),
        "line_result": word(RESULTS, UNDER_WAY),
        "gate": word(GATE),
        "basis": word(BASES),
        "row_reason": word(REJECTED),
        "list_fault": word(UNREADABLE),
    }
