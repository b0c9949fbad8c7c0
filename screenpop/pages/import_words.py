"""Words for what becomes of tables that are brought in: columns, faults, policies, states; as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from crm_core.domain.imports import Kind, NamedColumn, Policy, State, Stays
from crm_core.domain.rows import Fault
from crm_core.domain.typed_cells import DayOrder
from screenpop.i18n import Translator
from screenpop.pages.looks import N_

FAULTS: Final[dict[Fault, str]] = {
    "too_many_cells": N_("there are more cells than headings: is a separator missing its quotation marks?"),
    "no_name": N_("neither a name nor a company"),
    "no_company": N_("no name of a company"),
    "no_reach": N_("neither a number nor an e-mail address"),
    "bad_number": N_("“%(text)s” is no telephone number that can be dialled"),
    "bad_email": N_("“%(text)s” is no e-mail address"),
    "bad_website": N_("“%(text)s” is no address of a web site"),
    "bad_kind": N_("“%(text)s” is none of: customer, prospect, partner, distributor, supplier"),
    "bad_language": N_("“%(text)s” is no language, as “es” or “es-ES”"),
    "bad_date": N_("“%(text)s” is no day as days are written in this table"),
    "bad_yes": N_("“%(text)s” is neither yes nor no"),
    "bad_choice": N_("“%(text)s” is none of the words that may stand here"),
    "bad_zone": N_("“%(text)s” is no time zone, as “Europe/Madrid”"),
    "bad_country": N_("“%(text)s” is no country, as “ES”"),
    "bad_hours": N_("“%(text)s” are no hours, as “mon tue 09:00-14:00”"),
    "bad_limit": N_("“%(text)s” is not how often, as “2 in 7”: twice in seven days"),
    "bad_place": N_("“%(text)s” is no address, as “home; street; postal code; city; province; ES”"),
    "bad_tag": N_("“%(text)s” is no tag: at most 40 signs, no #"),
    "bad_range": N_("“%(text)s” is no range of numbers, as “+34957000000-+34957000099”"),
    "bad_own": N_("this cannot stand in the own field %(text)s"),
    "too_many_tags": N_("more than 20 tags"),
    "lacks_own": N_("%(text)s would lack an own field in which something must stand"),
    "above_itself": N_("%(text)s would be above itself"),
    "too_long": N_("the text is too long: %(text)s"),
    "no_text": N_("there are signs that are no text: %(text)s"),
    "too_many": N_("more than 20 numbers or addresses"),
    "erased": N_("somebody who was erased; he is not brought in again"),
    "full": N_("%(text)s would have more than 20 numbers or addresses"),
    "no_row": N_("a quotation mark is opened and not closed"),
    "no_card": N_("a card that cannot be read: it has no end, or too much stands in it"),
}
KINDS: Final[dict[Kind, str]] = {"contacts": N_("People"), "accounts": N_("Companies")}
COLUMNS: Final[dict[NamedColumn, str]] = {
    "name": N_("Full name"),
    "given": N_("First name"),
    "family": N_("Last name"),
    "company": N_("Company"),
    "work": N_("Phone"),
    "mobile": N_("Mobile"),
    "home": N_("Home phone"),
    "fax": N_("Fax"),
    "email": N_("E-mail"),
    "title": N_("Job title"),
    "source": N_("Source of the data"),
    "language": N_("Language"),
    "legal_name": N_("Legal name"),
    "tax_id": N_("Tax number"),
    "kind": N_("Kind"),
    "parent": N_("Belongs to"),
    "tier": N_("Value"),
    "website": N_("Website"),
    "street": N_("Street"),
    "postal_code": N_("Postal code"),
    "city": N_("City"),
    "province": N_("Province"),
    "note": N_("Notes"),
    "prefix": N_("Title before the name"),
    "additional": N_("Middle names"),
    "second_family": N_("Second surname"),
    "suffix": N_("Behind the name"),
    "role": N_("Part in decisions"),
    "birthday": N_("Birthday"),
    "vip": N_("VIP"),
    "lifecycle": N_("Stage"),
    "channel": N_("Likes to be reached"),
    "time_zone": N_("Time zone"),
    "call_hours": N_("May be called"),
    "contact_limit": N_("Contact at most"),
    "subjects": N_("Wants to hear about"),
    "tags": N_("Tags"),
    "country": N_("Country"),
    "place_label": N_("Kind of address"),
    "places": N_("Other addresses"),
    "other": N_("Other phone"),
    "home_email": N_("Home e-mail"),
    "other_email": N_("Other e-mail"),
    "primary": N_("First choice"),
    "do_not_call": N_("Do not call"),
    "do_not_write": N_("Do not write"),
    "invalid": N_("Does not work"),
    "region": N_("Country of its numbers"),
    "ranges": N_("Ranges of numbers"),
    "uid": N_("UID"),
}
DAY_ORDERS: Final[dict[DayOrder, str]] = {
    "ymd": N_("2026-11-24"),
    "dmy": N_("24/11/2026: the day first"),
    "mdy": N_("11/24/2026: the month first"),
}
POLICIES: Final[dict[Policy, str]] = {
    "complete": N_("They get what they lack; nothing is written over"),
    "update": N_("What the file says counts"),
    "skip": N_("They stay as they are"),
    "add": N_("They are added once more"),
}
STATES: Final[dict[State, str]] = {
    "new": N_("Not begun"),
    "running": N_("Being brought in"),
    "done": N_("Brought in"),
    "cancelled": N_("Called off"),
    "failed": N_("Failed"),
    "undoing": N_("Being taken back"),
    "undone": N_("Taken back"),
}
STAYS: Final[dict[Stays, str]] = {
    "changed": N_("Somebody changed them since"),
    "in_use": N_("There are calls, incidents or other records with them"),
}


def fault_text(t: Translator, fault: Fault, text: str) -> str:
    """Return why a row was rejected."""
    return t.gettext(FAULTS[fault]) % {"text": text}


def filters(t: Translator) -> dict[str, Callable[..., Any]]:
    """Return the filters of the page."""
    return {
        "import_kind": lambda code: t.gettext(KINDS[code]),
        "import_column": lambda code, kind: t.gettext(
            N_("Name") if (kind, code) == ("accounts", "name") else COLUMNS[code]
        ),
        "import_day_order": lambda code: t.gettext(DAY_ORDERS[code]),
        "import_policy": lambda code: t.gettext(POLICIES[code]),
        "import_state": lambda code: t.gettext(STATES[code]),
        "import_stays": lambda code: t.gettext(STAYS[code]),
        "import_fault": lambda one: fault_text(t, one.fault, one.text),
    }
