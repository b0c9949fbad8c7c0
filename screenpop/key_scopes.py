"""What another system's key may: scopes, and the permissions behind each (pure).

A scope is ``area:read`` or ``area:write``; what is in none of a key's scopes it may not. Writing gives no
reading: who needs both takes both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from screenpop.permissions import Permission

SCOPES: Final[dict[str, frozenset[Permission]]] = {
    "calls:read": frozenset({Permission.READ_CALLS, Permission.EXPORT_CALLS}),
    "calls:write": frozenset({Permission.WRITE_WORK}),
    "contacts:read": frozenset({Permission.READ_CONTACTS, Permission.LOOK_UP}),
    "contacts:write": frozenset({Permission.WRITE_CONTACTS}),
    "exports:read": frozenset({Permission.EXPORT_RECORDS}),
    "imports:write": frozenset({Permission.BRING_IN}),
    "incidents:read": frozenset({Permission.READ_INCIDENTS}),
    "incidents:write": frozenset({Permission.WRITE_INCIDENTS}),
    "knowledge:write": frozenset({Permission.WRITE_KNOWLEDGE}),
    "campaigns:write": frozenset({Permission.RUN_CAMPAIGNS}),
    "events:read": frozenset({Permission.READ_EVENTS}),
    "floor:read": frozenset({Permission.SEE_FLOOR}),
    "floor:write": frozenset({Permission.STEP_IN}),
    "webhooks:write": frozenset({Permission.SET_UP_WEBHOOKS}),
    "metrics:read": frozenset({Permission.SEE_METRICS}),
    "audit:read": frozenset({Permission.READ_AUDIT}),
    "privacy:write": frozenset({Permission.KEEP_PRIVACY}),
    "settings:write": frozenset(
        {
            Permission.NAME_LINES,
            Permission.SET_UP_INCIDENTS,
            Permission.DEFINE_FIELDS,
            Permission.CONNECT_EXCHANGE,
        }
    ),
    "users:write": frozenset({Permission.MANAGE_USERS}),
}
"""In the order in which people are shown them."""
EVERY_KEY: Final = frozenset({Permission.BE_KNOWN})
PEOPLE_ONLY: Final = frozenset({Permission.USE_DESK, Permission.DIAL, Permission.MANAGE_KEYS})
"""What no scope gives: it is done at somebody's phone, or makes a key.

``users:write`` is the strongest scope that there is: its key can make an administrator, who makes keys.
"""
_SCOPE_OF: Final = {permission: scope for scope, held in SCOPES.items() for permission in held}


def scope_of(permission: Permission) -> str | None:
    """Return the scope that gives *permission*; None when every key has it, or none can."""
    return _SCOPE_OF.get(permission)


def permissions_in(scopes: Iterable[str]) -> frozenset[Permission]:
    """Return what a key with these *scopes* may; one that we do not know gives nothing."""
    return EVERY_KEY.union(*(SCOPES.get(scope, frozenset()) for scope in scopes))
