"""Incidents as ITIL has them: what a customer reported, how bad it is, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, get_args

import msgspec
from msgspec.structs import replace

from crm_core.domain.errors import InvalidError

Kind = Literal["incident", "request", "problem", "complaint", "question"]
State = Literal["new", "assigned", "in_progress", "pending", "resolved", "closed", "cancelled"]
WaitingFor = Literal["customer", "vendor"]
Pause = Literal["customer", "vendor", "resolved"]
Entitles = Literal["asset", "contact", "account"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
STATES: Final[tuple[State, ...]] = get_args(State)
WAITING_FOR: Final[tuple[WaitingFor, ...]] = get_args(WaitingFor)
OPEN: Final[frozenset[State]] = frozenset(("new", "assigned", "in_progress", "pending"))
HIGHEST, LOWEST, NORMAL = 1, 5, 3
MOST, LEAST, MIDDLE = 1, 3, 2
PRIORITY: Final[Mapping[tuple[int, int], int]] = {
    (1, 1): 1,
    (1, 2): 2,
    (1, 3): 3,
    (2, 1): 2,
    (2, 2): 3,
    (2, 3): 4,
    (3, 1): 3,
    (3, 2): 4,
    (3, 3): 5,
}
"""Impact and urgency, 1 (most) to 3, make the priority, 1 (highest) to 5."""
LEVELS: Final[Mapping[int, tuple[int, int]]] = {1: (1, 1), 2: (2, 1), 3: (2, 2), 4: (2, 3), 5: (3, 3)}
"""The impact and the urgency of an incident of which only the priority is told."""
SUBJECT_LENGTH, REASON_LENGTH, PROSE_LENGTH = 200, 200, 10_000
FIRST_NUMBER, LONGEST_NUMBER = 10_000, 9
CHANGEABLE = frozenset(
    (
        "subject",
        "description",
        "kind",
        "impact",
        "urgency",
        "priority",
        "priority_reason",
        "state",
        "waiting_for",
        "category_id",
        "product_line_id",
        "asset_id",
        "assignee",
        "team_id",
        "parent_id",
        "resolution_id",
        "cause",
        "fields",
    )
)


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which nobody could do anything: we waited for somebody, or took it for resolved."""

    at: datetime
    until: datetime | None = None
    why: Pause


class PromisedBy(msgspec.Struct, frozen=True, kw_only=True):
    """A contract by which another agreement holds than for all: ``policy_id``, ``through`` what it does."""

    contract_id: str
    policy_id: str
    through: Entitles


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """``number`` as people say it (INC-20418); ``priority`` 1 (highest) to 5, impact and urgency 1 to 3.

    ``priority_reason`` says why the priority is not what impact and urgency make it. ``respond_by`` and
    ``resolve_by`` are what was promised, ``resolve_by`` None while it is held; ``due_at`` is the next of
    them that is still to be kept, ``warn_at`` when somebody should look to it. ``holds`` are in order.
    ``promised_by`` is the contract by which an agreement holds that not all have; ``policy_id`` what holds of
    it, or of what holds for all. ``fields`` are the site's own by key.
    """

    id: str
    number: str
    kind: Kind = "incident"
    subject: str
    description: str | None = None
    state: State = "new"
    waiting_for: WaitingFor | None = None
    impact: int = MIDDLE
    urgency: int = MIDDLE
    priority: int = NORMAL
    priority_reason: str | None = None
    category_id: str | None = None
    product_line_id: str | None = None
    asset_id: str | None = None
    contact_id: str | None = None
    account_id: str | None = None
    call_id: str | None = None
    assignee: str | None = None
    team_id: str | None = None
    parent_id: str | None = None
    merged_into: str | None = None
    resolution_id: str | None = None
    cause: str | None = None
    fields: dict[str, Any] = {}
    opened_at: datetime
    updated_at: datetime
    first_responded_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    reopened: int = 0
    holds: tuple[Hold, ...] = ()
    policy_id: str | None = None
    promised_by: PromisedBy | None = None
    respond_by: datetime | None = None
    resolve_by: datetime | None = None
    warn_at: datetime | None = None
    due_at: datetime | None = None
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


def rated(
    incident: Incident, *, impact: int | None, urgency: int | None, priority: int | None, reason: str | None
) -> Incident:
    """Return a new *incident* with its impact, urgency and priority, as far as each of them is told.

    A priority alone stands for the impact and urgency that make it; beside them it needs its *reason* where
    they make another one.

    Raises:
        InvalidError: the reason is missing, or a level is none.
    """
    if impact is None and urgency is None and priority is not None and priority in LEVELS:
        impact, urgency = LEVELS[priority]
    told = {"impact": impact or MIDDLE, "urgency": urgency or MIDDLE, "priority_reason": reason}
    if priority is not None:
        told["priority"] = priority
    return checked(_prioritised(incident, replace(incident, **told), told))


def checked(incident: Incident) -> Incident:
    """Return *incident* when every field can be kept.

    Raises:
        InvalidError: naming the first that cannot.
    """
    if not 0 < len(incident.subject.strip()) <= SUBJECT_LENGTH:
        raise InvalidError("subject", f"1 to {SUBJECT_LENGTH} characters")
    for name in ("impact", "urgency"):
        _demand(name, MOST <= getattr(incident, name) <= LEAST, f"{MOST} (most) to {LEAST}")
    _demand("priority", HIGHEST <= incident.priority <= LOWEST, f"{HIGHEST} (highest) to {LOWEST}")
    _demand("kind", incident.kind in KINDS, f"one of {', '.join(KINDS)}")
    _demand("state", incident.state in STATES, f"one of {', '.join(STATES)}")
    for name, longest in (
        ("description", PROSE_LENGTH),
        ("cause", PROSE_LENGTH),
        ("priority_reason", REASON_LENGTH),
    ):
        _demand(name, len(getattr(incident, name) or "") <= longest, f"at most {longest} characters")
    if incident.waiting_for and incident.state != "pending":
        raise InvalidError("waiting_for", "only a pending incident waits for somebody")
    if incident.resolution_id and incident.is_open:
        raise InvalidError("resolution_id", "only what is over has a resolution")
    if incident.parent_id and (incident.kind == "problem" or incident.parent_id == incident.id):
        raise InvalidError("parent_id", "a problem has no problem behind it")
    return incident


def changed(incident: Incident, changes: Mapping[str, Any], now: datetime) -> Incident:
    """Return the next version of *incident*.

    A new incident that gets an assignee is assigned, unless its state is named too. Another impact or
    urgency makes another priority. Work on it is the first response; being resolved is remembered until it is
    opened again, which is counted; while it is pending it is held.

    Raises:
        InvalidError: naming the first change that cannot be.
    """
    if unknown := sorted(changes.keys() - CHANGEABLE):
        raise InvalidError(unknown[0], "cannot be changed")
    if incident.merged_into:
        raise InvalidError("merged_into", "it is a part of another incident")
    after = replace(incident, **{"updated_at": now, "version": incident.version + 1, **changes})
    if after.assignee and after.state == "new" and "state" not in changes:
        after = replace(after, state="assigned")
    after = _prioritised(incident, after, changes)
    return checked(_moved(incident, _settled(incident, after), now))


def merged(incident: Incident, into: Incident, now: datetime) -> Incident:
    """Return *incident* closed, as a part of *into*.

    Raises:
        InvalidError: one of them is a part of another already, or they are the same.
    """
    if incident.id == into.id or into.merged_into or incident.merged_into:
        raise InvalidError(
            "into", "another incident, neither of them a part of one already", fault="not_joinable"
        )
    closed = replace(
        incident,
        state="closed",
        waiting_for=None,
        merged_into=into.id,
        updated_at=now,
        version=incident.version + 1,
    )
    return _moved(incident, closed, now)


def restored(before: Incident, now_is: Incident, now: datetime) -> Incident:
    """Return *before* as the version after *now_is*: what came between is undone."""
    return replace(before, updated_at=now, version=now_is.version + 1)


def _prioritised(before: Incident, after: Incident, changes: Mapping[str, Any]) -> Incident:
    by_levels = PRIORITY.get((after.impact, after.urgency), after.priority)
    are_others = (before.impact, before.urgency) != (after.impact, after.urgency)
    priority = by_levels if are_others and "priority" not in changes else after.priority
    if priority == by_levels:
        return replace(after, priority=priority, priority_reason=None)
    is_said = "priority_reason" in changes or priority == before.priority
    if not (is_said and after.priority_reason):
        raise InvalidError(
            "priority_reason", "say why it is not what impact and urgency make it", fault="reason_needed"
        )
    return replace(after, priority=priority)


def _settled(before: Incident, after: Incident) -> Incident:
    """Return *after* with what follows from its state."""
    demand_step(before.state, after.state)
    if after.state == "pending":
        return replace(after, waiting_for=after.waiting_for or "customer")
    if before.state == "pending" and after.waiting_for == before.waiting_for:
        after = replace(after, waiting_for=None)
    if after.is_open and not before.is_open:
        after = replace(after, resolution_id=None)
    return after


def _moved(before: Incident, after: Incident, now: datetime) -> Incident:
    """Return *after* with the instants of what it went through."""
    is_reopened = after.is_open and not before.is_open
    is_worked_on = after.state not in ("new", "assigned", "cancelled") and after.merged_into is None
    return replace(
        after,
        first_responded_at=after.first_responded_at or (now if is_worked_on else None),
        resolved_at=None if after.is_open else before.resolved_at or now,
        closed_at=(before.closed_at or now) if after.state in ("closed", "cancelled") else None,
        reopened=before.reopened + is_reopened,
        holds=_held(before, after, now),
    )


def _held(before: Incident, after: Incident, now: datetime) -> tuple[Hold, ...]:
    holds = before.holds
    if after.waiting_for == before.waiting_for and after.is_open == before.is_open:
        return holds
    if holds and holds[-1].until is None:
        holds = (*holds[:-1], replace(holds[-1], until=now))
    if after.is_open and not before.is_open and before.resolved_at:
        holds = (*holds, Hold(at=before.resolved_at, until=now, why="resolved"))
    if after.waiting_for:
        holds = (*holds, Hold(at=now, why=after.waiting_for))
    return holds


STEPS: Final[Mapping[State, frozenset[State]]] = {
    "new": frozenset(("assigned", "in_progress", "pending", "resolved", "cancelled")),
    "assigned": frozenset(("new", "in_progress", "pending", "resolved", "cancelled")),
    "in_progress": frozenset(("assigned", "pending", "resolved", "cancelled")),
    "pending": frozenset(("assigned", "in_progress", "resolved", "cancelled")),
    "resolved": frozenset(("in_progress", "closed")),
    "closed": frozenset(("in_progress",)),
    "cancelled": frozenset(("in_progress",)),
}
"""From which state an incident may go to which; from those that are over it is opened again."""


def demand_step(before: State, after: State) -> None:
    """Return when an incident may go from one state to the other, or stays.

    Raises:
        InvalidError: it may not.
    """
    if after not in STATES:
        raise InvalidError("state", f"one of {', '.join(STATES)}")
    if after != before and after not in STEPS[before]:
        allowed = (one for one in STATES if one in STEPS[before])
        raise InvalidError("state", f"from {before} to {', '.join(allowed)}", fault="no_such_step")


def _demand(field: str, is_so: bool, why: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not is_so:
        raise InvalidError(field, why)
