"""Words for roles and for what they may, as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from crm_core.domain.people import Role
from screenpop.i18n import Translator
from screenpop.pages.looks import N_
from screenpop.permissions import Permission

ROLES: Final[dict[Role, str]] = {
    "agent": N_("Agent"),
    "supervisor": N_("Supervisor"),
    "administrator": N_("Administrator"),
    "integration": N_("Another system"),
    "auditor": N_("Auditor"),
}
RIGHTS: Final[dict[Permission, str]] = {
    Permission.BE_KNOWN: N_("Sign in and out"),
    Permission.USE_DESK: N_("Work at the desk"),
    Permission.DIAL: N_("Dial from the screen"),
    Permission.WRITE_WORK: N_("Write notes and outcomes of calls"),
    Permission.READ_CALLS: N_("Read calls"),
    Permission.EXPORT_CALLS: N_("Export calls"),
    Permission.EXPORT_RECORDS: N_("Export companies, incidents and the customers one may read"),
    Permission.READ_CONTACTS: N_("Read customers"),
    Permission.WRITE_CONTACTS: N_("Change customers"),
    Permission.LOOK_UP: N_("Look up who is behind a number"),
    Permission.READ_INCIDENTS: N_("Read incidents"),
    Permission.WRITE_INCIDENTS: N_("Change incidents"),
    Permission.WRITE_KNOWLEDGE: N_("Write articles"),
    Permission.SET_UP_INCIDENTS: N_("Set up promises and categories"),
    Permission.SEE_FLOOR: N_("See the floor"),
    Permission.STEP_IN: N_("Pause agents or sign them out"),
    Permission.RUN_CAMPAIGNS: N_("Run campaigns"),
    Permission.READ_EVENTS: N_("Read the event log"),
    Permission.NAME_LINES: N_("Set up queues and numbers"),
    Permission.DEFINE_FIELDS: N_("Define fields"),
    Permission.SET_UP_WEBHOOKS: N_("Webhooks"),
    Permission.BRING_IN: N_("Bring in customers from a table"),
    Permission.MANAGE_USERS: N_("Manage users and teams"),
    Permission.MANAGE_KEYS: N_("Make and revoke API keys"),
    Permission.CONNECT_EXCHANGE: N_("Connect the exchange"),
    Permission.KEEP_PRIVACY: N_("Hand out and erase what is kept of a person"),
    Permission.READ_AUDIT: N_("Read the audit"),
    Permission.SEE_METRICS: N_("Read the service's own figures"),
}
"""In the order in which people are shown them."""


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filters, in the language of *t*."""
    return {
        "role": lambda role: t.gettext(ROLES[role]),
        "right": lambda permission: t.gettext(RIGHTS[permission]),
    }
