"""The places of the settings: what the side list shows to whom, in its order, group by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from screenpop.pages.looks import N_
from screenpop.permissions import Permission


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the side list. A template says where it stands by ``{% set place = code %}``."""

    code: str
    name: str
    hint: str
    path: str
    permission: Permission
    icon: str


GROUPS: Final[dict[str, tuple[Place, ...]]] = {
    N_("People"): (
        Place(
            "users",
            N_("Users"),
            N_("Who signs in, as what, and who takes calls."),
            "/admin/users",
            Permission.MANAGE_USERS,
            "users",
        ),
        Place(
            "roles",
            N_("Roles"),
            N_("What each role may."),
            "/admin/roles",
            Permission.MANAGE_USERS,
            "shield-check",
        ),
        Place(
            "teams",
            N_("Teams"),
            N_("Who incidents are handed to: its people, and who leads them."),
            "/admin/teams",
            Permission.MANAGE_USERS,
            "users-round",
        ),
        Place(
            "masking",
            N_("Masking"),
            N_("What of customers is not shown to whom: numbers, addresses, tax numbers."),
            "/admin/masking",
            Permission.MANAGE_USERS,
            "eye",
        ),
    ),
    N_("Telephony"): (
        Place(
            "exchange",
            N_("Exchange"),
            N_("Where the telephone exchange is, and whether all is in step."),
            "/connect",
            Permission.CONNECT_EXCHANGE,
            "plug",
        ),
        Place(
            "queues",
            N_("Queues and numbers"),
            N_("What they are called, what they promise, and whose they are."),
            "/admin/queues",
            Permission.NAME_LINES,
            "list-checks",
        ),
    ),
    N_("Incidents and records"): (
        Place(
            "policies",
            N_("Agreements"),
            N_("How soon incidents are answered and resolved."),
            "/settings/incidents?section=policies",
            Permission.SET_UP_INCIDENTS,
            "clock",
        ),
        Place(
            "calendars",
            N_("Calendars"),
            N_("Working hours and holidays by which promises are counted."),
            "/settings/incidents?section=calendars",
            Permission.SET_UP_INCIDENTS,
            "calendar",
        ),
        Place(
            "category",
            N_("Categories"),
            N_("What incidents are sorted by."),
            "/settings/incidents?section=category",
            Permission.SET_UP_INCIDENTS,
            "tag",
        ),
        Place(
            "product_line",
            N_("Product lines"),
            N_("What incidents are about."),
            "/settings/incidents?section=product_line",
            Permission.SET_UP_INCIDENTS,
            "package",
        ),
        Place(
            "products",
            N_("Products"),
            N_("What customers have of us: by name and line."),
            "/products",
            Permission.SET_UP_INCIDENTS,
            "package",
        ),
        Place(
            "resolution",
            N_("Resolutions"),
            N_("How incidents end."),
            "/settings/incidents?section=resolution",
            Permission.SET_UP_INCIDENTS,
            "check",
        ),
        Place(
            "fields",
            N_("Fields"),
            N_("What this site wants to know besides what every record has."),
            "/fields",
            Permission.DEFINE_FIELDS,
            "pencil-line",
        ),
    ),
    N_("Other systems"): (
        Place(
            "keys",
            N_("API keys"),
            N_("Which other systems may ask, what each may, and until when."),
            "/admin/keys",
            Permission.MANAGE_KEYS,
            "shield-check",
        ),
        Place(
            "webhooks",
            N_("Webhooks"),
            N_("Which other systems are told what happens, and whether they take it."),
            "/webhooks",
            Permission.SET_UP_WEBHOOKS,
            "globe",
        ),
    ),
    N_("Watch over"): (
        Place(
            "retention",
            N_("Retention"),
            N_("How long records are kept, and what would go today."),
            "/admin/retention",
            Permission.KEEP_PRIVACY,
            "clock",
        ),
        Place(
            "sessions",
            N_("Sessions"),
            N_("Who is signed in, from where and with what; and ending it."),
            "/admin/sessions",
            Permission.MANAGE_USERS,
            "users",
        ),
        Place(
            "audit",
            N_("Audit"),
            N_("Who did what, and from where. Entries are added, never changed."),
            "/audit",
            Permission.READ_AUDIT,
            "history",
        ),
    ),
}


def places_of(may: Mapping[str, bool]) -> dict[str, tuple[Place, ...]]:
    """Return the places that somebody may open, by group; groups without one are left out."""
    found = {
        group: tuple(place for place in places if may[place.permission]) for group, places in GROUPS.items()
    }
    return {group: places for group, places in found.items() if places}
