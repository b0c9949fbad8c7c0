"""Incidents: what a customer reported and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec

from crm_core.domain.errors import InvalidError

State = Literal["new", "assigned", "in_progress", "pending", "resolved", "closed", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
OPEN: frozenset[State] = frozenset(("new", "assigned", "in_progress", "pending"))
HIGHEST, LOWEST, NORMAL = 1, 5, 3
SUBJECT_LENGTH = 200
FIRST_NUMBER, LONGEST_NUMBER = 10_000, 9
CHANGEABLE = frozenset(("subject", "description", "priority", "state", "assignee"))


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """``number`` as people say it (INC-20418); ``priority`` 1 (highest) to 5."""

    id: str
    number: str
    subject: str
    description: str | None = None
    state: State = "new"
    priority: int = NORMAL
    contact_id: str | None = None
    account_id: str | None = None
    call_id: str | None = None
    assignee: str | None = None
    opened_at: datetime
    updated_at: datetime
    resolved_at: datetime | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in OPEN


def number_of(sequence: int) -> str:
    """Return how the *sequence*-th incident is called."""
    return f"INC-{FIRST_NUMBER + sequence}"


def sequence_of(number: str) -> int | None:
    """Return which incident is called *number*, also without the letters; None when none can be."""
    digits = number.strip().upper().removeprefix("INC").lstrip("- ")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER):
        return None
    sequence = int(digits) - FIRST_NUMBER
    return sequence if sequence > 0 else None


def checked(incident: Incident) -> Incident:
    """Return *incident* when every field can be kept.

    Raises:
        InvalidError: naming the first that cannot.
    """
    if not 0 < len(incident.subject.strip()) <= SUBJECT_LENGTH:
        raise InvalidError("subject", f"1 to {SUBJECT_LENGTH} characters")
    if not HIGHEST <= incident.priority <= LOWEST:
        raise InvalidError("priority", f"{HIGHEST} (highest) to {LOWEST}")
    if incident.state not in STATES:
        raise InvalidError("state", f"one of {', '.join(STATES)}")
    return incident


def changed(incident: Incident, changes: Mapping[str, Any], now: datetime) -> Incident:
    """Return the next version of *incident*; being resolved is remembered until it is opened again.

    A new incident that gets an assignee is assigned, unless its state is named too.

    Raises:
        InvalidError: naming the first change that cannot be.
    """
    if unknown := sorted(changes.keys() - CHANGEABLE):
        raise InvalidError(unknown[0], "cannot be changed")
    after = msgspec.structs.replace(
        incident, **{"updated_at": now, "version": incident.version + 1, **changes}
    )
    if after.assignee and after.state == "new" and "state" not in changes:
        after = msgspec.structs.replace(after, state="assigned")
    resolved = None if after.is_open else incident.resolved_at or now
    return checked(msgspec.structs.replace(after, resolved_at=resolved))
