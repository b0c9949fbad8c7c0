"""Tasks: noted for a customer, listed, changed, done, and all of that taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from crm_core.domain.confines import Confines
from crm_core.domain.errors import InvalidError, NotFoundError
from crm_core.domain.events import TaskChanged
from crm_core.domain.tasks import Listed, Task, Wanted, changed, checked, is_seen
from crm_core.domain.versions import at_version
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place


def add(uow: UnitOfWork, *, task: Task, by: str | None, now: datetime) -> Task:
    """Keep a new task; of an incident or a call whose customer is known it is his, too.

    Raises:
        InvalidError: what it names is not there.
    """
    task = checked(_of_customer(uow, task))
    _demand_worker(uow, task.assignee)
    uow.tasks.add(task)
    uow.events.append(TaskChanged(at=now, by=by, task_id=task.id, version=task.version))
    return task


def get(uow: UnitOfWork, *, task_id: str) -> Task:
    """Return one task.

    Raises:
        NotFoundError: there is none.
    """
    if (task := uow.tasks.get(task_id)) is None:
        raise NotFoundError("task", task_id)
    return task


def change(
    uow: UnitOfWork, *, task_id: str, version: int, changes: Mapping[str, Any], by: str | None, now: datetime
) -> Task:
    """Return the task's next version; ``is_done`` says whether it is. As it is when nothing changes.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a change cannot be.
    """
    task = at_version(get(uow, task_id=task_id), version)
    after = changed(task, changes, by=by, now=now)
    if after == task:
        return task
    if after.assignee != task.assignee:
        _demand_worker(uow, after.assignee)
    uow.tasks.change(after)
    uow.events.append(TaskChanged(at=now, by=by, task_id=after.id, version=after.version))
    return after


def sees(uow: UnitOfWork, *, task_id: str, within: Confines) -> bool:
    """Return whether who is confined sees a task; one that is not there is not hidden."""
    task = uow.tasks.get(task_id)
    incident = uow.incidents.get(task.incident_id) if task and task.incident_id else None
    return task is None or is_seen(task, incident, within)


def find(uow: UnitOfWork, *, wanted: Wanted, place: Place | None = None, limit: int) -> list[Listed]:
    """Return tasks behind *place*: open ones first due first, done ones last done first."""
    return uow.tasks.find(wanted, place, limit)


def count(uow: UnitOfWork, *, wanted: Wanted) -> int:
    """Return how many are looked for."""
    return uow.tasks.count(wanted)


def _of_customer(uow: UnitOfWork, task: Task) -> Task:
    """Return *task* with the contact and the company that it is for."""
    contact_id, account_id = task.contact_id, task.account_id
    if task.incident_id:
        incident = uow.incidents.get(task.incident_id)
        if incident is None:
            raise _unknown("incident_id")
        contact_id, account_id = contact_id or incident.contact_id, account_id or incident.account_id
    if task.call_id and contact_id is None and (call := uow.calls.get(task.call_id)):
        contact_id = call.contact_id
    contact = uow.contacts.get(contact_id) if contact_id else None
    if task.contact_id and contact is None:
        raise _unknown("contact_id")
    if contact is None:
        contact_id = None  # of a call of somebody who was erased
    if account_id is None and contact:
        account_id = contact.account_id
    if account_id and uow.accounts.get(account_id) is None:
        raise _unknown("account_id")
    return replace(task, contact_id=contact_id, account_id=account_id)


def _demand_worker(uow: UnitOfWork, user_id: str | None) -> None:
    if user_id is None:
        return
    user = uow.users.get(user_id)
    if user is None or not user.is_active:
        raise InvalidError("assignee", "nobody of this id works here", fault="unknown")


def _unknown(field: str) -> InvalidError:
    return InvalidError(field, "there is no such record", fault="unknown")
