"""How long records are kept for what is personal in them (pure); without a rule they are kept for good.

Source: GDPR art. 5(1)(e), storage limitation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

import msgspec

from crm_core.domain.errors import InvalidError

RecordKind = Literal[
    "calls",
    "incidents",
    "tasks",
    "callbacks",
    "consents",
    "leads",
    "attempts",
    "merges",
    "imports",
    "contacts",
]
QuietKind = Literal["tasks", "callbacks", "consents", "leads", "attempts", "merges", "imports"]
"""Those that are let go without anything else having to know."""
KINDS: Final[tuple[RecordKind, ...]] = get_args(RecordKind)
SHORTEST: Final[Mapping[RecordKind, int]] = {
    "calls": 90,
    "incidents": 90,
    "tasks": 31,
    "callbacks": 31,
    "consents": 365,
    "leads": 90,
    "merges": 31,
    "imports": 7,
    "attempts": 31,  # the dial gate counts the tries of 30 days
    "contacts": 180,
}
"""Days; figures and the dialler need what is younger."""
LONGEST: Final = 36_500


class RetentionRule(msgspec.Struct, frozen=True, kw_only=True):
    """Records of a kind older than ``days`` are let go, in the first night after ``set_at``; None: never.

    Last time that was at ``ran_at``: ``gone`` went, ``held`` stayed for a legal hold. ``going`` went in a
    run that is not at its end.
    """

    kind: RecordKind
    days: int | None = None
    version: int = 0
    set_at: datetime | None = None
    ran_at: datetime | None = None
    gone: int = 0
    held: int = 0
    going: int = 0


def is_due(rule: RetentionRule, *, night: datetime) -> bool:
    """Return whether a kind was to be looked through at *night*, and was not since."""
    since = [at for at in (rule.set_at, rule.ran_at) if at is not None]
    return rule.days is not None and all(at < night for at in since)


class Aged(msgspec.Struct, frozen=True, kw_only=True):
    """A record that is older than its kind is kept, and by whom it is found out whether it must stay."""

    id: str
    at: datetime
    contact_id: str | None = None
    number: str | None = None


class HeldPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Whose records stay, and why."""

    contact_id: str
    name: str
    reason: str


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What would go now of a kind: ``count`` records (``is_more``: at least), the ``oldest`` from when.

    ``held`` stay, being of ``people`` whose records must be kept.
    """

    kind: RecordKind
    days: int
    count: int
    is_more: bool
    oldest: datetime | None
    held: int
    people: tuple[HeldPerson, ...]


def checked_days(kind: RecordKind, days: int | None) -> int | None:
    """Return *days* when records of *kind* can be kept so long.

    Raises:
        InvalidError: too short or too long.
    """
    if days is not None and not SHORTEST[kind] <= days <= LONGEST:
        raise InvalidError("days", f"{SHORTEST[kind]} to {LONGEST} days", fault="not_so_long")
    return days


def end_of(days: int, *, now: datetime) -> datetime:
    """Return before when a record of so many *days* is too old."""
    return now - timedelta(days=days)
