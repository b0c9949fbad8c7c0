"""Tasks: what somebody has to do for a customer, and until when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from crm_core.domain.confines import Confines
from crm_core.domain.errors import InvalidError
from crm_core.domain.incidents import Incident

TITLE_LENGTH, NOTE_LENGTH = 200, 4_000
CHANGEABLE = frozenset(("title", "note", "due_at", "assignee", "is_done"))


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do until ``due_at``; ``assignee`` (a user's id) does it, None: whoever comes first.

    It is for a contact or a company, and may come from an incident or a call. ``done_by`` did it.
    """

    id: str
    title: str
    note: str | None = None
    due_at: datetime
    assignee: str | None = None
    contact_id: str | None = None
    account_id: str | None = None
    incident_id: str | None = None
    call_id: str | None = None
    created_at: datetime
    created_by: str | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_at is None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks: None asks for all; those that are open, or those that are done.

    Those of ``team_of`` (a user's id) are of everybody who is in a team with him, himself among them.
    ``within`` are those that somebody sees who is confined to his teams.
    """

    is_open: bool = True
    assignee: str | None = None
    team_of: str | None = None
    is_unassigned: bool = False
    contact_id: str | None = None
    account_id: str | None = None
    incident_id: str | None = None
    call_id: str | None = None
    due_before: datetime | None = None
    within: Confines | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A task, and what those are called who have to do with it; ``incident`` is a number."""

    task: Task
    contact: str | None = None
    account: str | None = None
    incident: str | None = None
    assignee: str | None = None


def is_seen(task: Task, incident: Incident | None, within: Confines) -> bool:
    """Return whether who is confined sees a task: one of his teams' people has it, or he noted it.

    One that nobody has he sees as far as he sees its *incident*.
    """
    if task.assignee is None and (incident is None or within.sees_incident(incident)):
        return True
    return task.assignee in within.people or task.created_by == within.user


def checked(task: Task) -> Task:
    """Return *task* when it can be kept.

    Raises:
        InvalidError: naming the first field that cannot.
    """
    if not 0 < len(task.title.strip()) <= TITLE_LENGTH:
        raise InvalidError("title", f"1 to {TITLE_LENGTH} characters")
    if len(task.note or "") > NOTE_LENGTH:
        raise InvalidError("note", f"at most {NOTE_LENGTH} characters")
    return task


def changed(task: Task, changes: Mapping[str, Any], *, by: str | None, now: datetime) -> Task:
    """Return the next version of *task*; done twice it was done the first time. As it is without a change.

    Raises:
        InvalidError: naming a field that cannot be.
    """
    for field in sorted(changes):
        if field not in CHANGEABLE:
            raise InvalidError(field, "cannot be changed")
    told = {name: value for name, value in changes.items() if name != "is_done"}
    if changes.get("is_done", not task.is_open) is task.is_open:
        told |= {"done_at": now, "done_by": by} if task.is_open else {"done_at": None, "done_by": None}
    after = checked(replace(task, **told))
    return task if after == task else replace(after, version=task.version + 1)
