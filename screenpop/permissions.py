"""Who may do what: roles, permissions, and the mark that every handler carries (pure)."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final, TypeVar


class Permission(StrEnum):
    """One thing somebody may do. What is not in his role's set he may not."""

    BE_KNOWN = "be_known"  # ask who one is, sign out
    USE_DESK = "use_desk"  # pages and the websocket's desk
    SEE_FLOOR = "see_floor"  # every queue and agent, live
    READ_CALLS = "read_calls"
    EXPORT_CALLS = "export_calls"  # many at once, to a file
    EXPORT_RECORDS = "export_records"  # companies and incidents to a file; with READ_CONTACTS people, too
    WRITE_WORK = "write_work"  # notes, outcome, who it was
    DIAL = "dial"
    READ_CONTACTS = "read_contacts"
    WRITE_CONTACTS = "write_contacts"
    READ_INCIDENTS = "read_incidents"
    WRITE_INCIDENTS = "write_incidents"
    WRITE_KNOWLEDGE = "write_knowledge"  # articles, and who may read them
    SET_UP_INCIDENTS = "set_up_incidents"  # what is promised of them, and what they are sorted by
    LOOK_UP = "look_up"  # who is behind a number
    READ_EVENTS = "read_events"  # the stored event log
    RUN_CAMPAIGNS = "run_campaigns"  # load lists, pause them, see how far they are
    STEP_IN = "step_in"  # pause or sign out another agent, undo what he did
    READ_AUDIT = "read_audit"
    KEEP_PRIVACY = "keep_privacy"  # hand out, erase and hold back what is kept of a person
    NAME_LINES = "name_lines"  # what numbers and queues are called
    DEFINE_FIELDS = "define_fields"  # which fields records have besides ours
    MANAGE_USERS = "manage_users"  # who signs in, as what, and in which team
    MANAGE_KEYS = "manage_keys"  # which other systems may ask us, and what
    SET_UP_WEBHOOKS = "set_up_webhooks"  # which other systems are told what happens
    CONNECT_EXCHANGE = "connect_exchange"  # where the exchange is and as whom we log in
    SEE_METRICS = "see_metrics"
    BRING_IN = "bring_in"  # many customers at once, from a table; and take that back


_CRM: Final = frozenset(
    {
        Permission.BE_KNOWN,
        Permission.READ_CALLS,
        Permission.READ_CONTACTS,
        Permission.WRITE_CONTACTS,
        Permission.READ_INCIDENTS,
        Permission.WRITE_INCIDENTS,
        Permission.LOOK_UP,
    }
)
_AGENT: Final = _CRM | {Permission.USE_DESK, Permission.WRITE_WORK, Permission.DIAL}
_SUPERVISOR: Final = _AGENT | {
    Permission.SEE_FLOOR,
    Permission.EXPORT_CALLS,
    Permission.EXPORT_RECORDS,
    Permission.READ_EVENTS,
    Permission.RUN_CAMPAIGNS,
    Permission.WRITE_KNOWLEDGE,
    Permission.STEP_IN,
}
PERMISSIONS: Final[dict[str, frozenset[Permission]]] = {
    "agent": _AGENT,
    "supervisor": _SUPERVISOR,
    "administrator": _SUPERVISOR
    | {
        Permission.SEE_METRICS,
        Permission.BRING_IN,
        Permission.READ_AUDIT,
        Permission.KEEP_PRIVACY,
        Permission.NAME_LINES,
        Permission.SET_UP_INCIDENTS,
        Permission.CONNECT_EXCHANGE,
        Permission.SET_UP_WEBHOOKS,
        Permission.DEFINE_FIELDS,
        Permission.MANAGE_USERS,
        Permission.MANAGE_KEYS,
    },
    "integration": _CRM | {Permission.READ_EVENTS, Permission.SEE_FLOOR, Permission.SEE_METRICS},
    "auditor": frozenset(
        {
            Permission.BE_KNOWN,
            Permission.READ_CALLS,
            Permission.EXPORT_CALLS,
            Permission.EXPORT_RECORDS,
            Permission.READ_CONTACTS,
            Permission.READ_INCIDENTS,
            Permission.READ_EVENTS,
            Permission.SEE_FLOOR,
            Permission.READ_AUDIT,
        }
    ),
}
PUBLIC: Final = "public"
_MARK: Final = "__centralita_permission__"
_ALSO: Final = "__centralita_permissions_besides__"

Handler = TypeVar("Handler", bound=Callable[..., object])


def requires(permission: Permission, *also: Permission) -> Callable[[Handler], Handler]:
    """Mark a handler: only who has *permission*, and *also* these, gets to it."""

    def mark(handler: Handler) -> Handler:
        setattr(handler, _MARK, permission)
        setattr(handler, _ALSO, also)
        return handler

    return mark


def public(handler: Handler) -> Handler:
    """Mark a handler that anybody may reach, signed in or not."""
    setattr(handler, _MARK, PUBLIC)
    return handler


def demanded(handler: object) -> Permission | str | None:
    """Return what *handler* demands: a permission, ``PUBLIC``, or None when nobody said."""
    mark: Permission | str | None = getattr(handler, _MARK, None)
    return mark


def demanded_besides(handler: object) -> tuple[Permission, ...]:
    """Return what *handler* demands besides the permission that it names first."""
    also: tuple[Permission, ...] = getattr(handler, _ALSO, ())
    return also


def permissions_of(role: str) -> frozenset[Permission]:
    """Return what *role* may do; nothing for a role we do not know."""
    return PERMISSIONS.get(role, frozenset())
