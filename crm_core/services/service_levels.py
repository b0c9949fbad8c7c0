"""Calendars, policies, and what incidents are sorted by: kept, and changed by who is up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from msgspec.structs import replace

from crm_core.domain import choices
from crm_core.domain.agreements import checked_part
from crm_core.domain.choices import Choice, ChoiceKind
from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError
from crm_core.domain.events import ServiceLevelsChanged
from crm_core.domain.service_levels import Hours, Policy, checked_hours, checked_policy
from crm_core.domain.versions import at_version
from crm_core.ports import UnitOfWork
from crm_core.services import audit

Record = TypeVar("Record", Choice, Hours, Policy)
Found_co = TypeVar("Found_co", covariant=True)


class _Kept(Protocol[Found_co]):
    """Where records are found."""

    def get(self, record_id: str) -> Found_co | None:
        """Return one."""


def choices_of(uow: UnitOfWork, *, kind: ChoiceKind | None = None) -> list[Choice]:
    """Return what can be chosen, of a kind or all, by id."""
    return uow.choices.of(kind) if kind else uow.choices.every()


def calendars(uow: UnitOfWork) -> list[Hours]:
    """Return all calendars by name."""
    return sorted(uow.calendars.every(), key=lambda one: (one.name.casefold(), one.id))


def policies(uow: UnitOfWork) -> list[Policy]:
    """Return all policies by name."""
    return sorted(uow.policies.every(), key=lambda one: (one.name.casefold(), one.id))


def add_calendar(uow: UnitOfWork, *, fields: Mapping[str, Any], by: str, now: datetime) -> Hours:
    """Keep a new calendar.

    Raises:
        InvalidError: naming a field that cannot be.
        AlreadyExistsError: another one has its name.
    """
    one = _sound_hours(uow, Hours(id=uow.new_id(now), **fields))
    uow.calendars.add(one)
    return _told(uow, one, "calendar", by=by, now=now)


def change_calendar(
    uow: UnitOfWork, *, calendar_id: str, version: int, changes: Mapping[str, Any], by: str, now: datetime
) -> Hours:
    """Return the next version of a calendar. Promises that were made by it are counted anew when they change.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: naming a field that cannot be.
        AlreadyExistsError: another one has its name.
    """
    before = _at_version(uow.calendars, "calendar", calendar_id, version)
    after = _sound_hours(uow, replace(before, version=version + 1, **changes))
    uow.calendars.change(after)
    return _told(uow, after, "calendar", by=by, now=now)


def add_policy(uow: UnitOfWork, *, fields: Mapping[str, Any], by: str, now: datetime) -> Policy:
    """Keep a new policy: it holds for what is opened, or gets another priority, from now on.

    Raises:
        InvalidError: naming a field that cannot be.
        AlreadyExistsError: another one has its name.
    """
    one = _sound_policy(uow, Policy(id=uow.new_id(now), **fields))
    uow.policies.add(one)
    return _told(uow, one, "policy", by=by, now=now)


def change_policy(
    uow: UnitOfWork, *, policy_id: str, version: int, changes: Mapping[str, Any], by: str, now: datetime
) -> Policy:
    """Return the next version of a policy.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: naming a field that cannot be.
        AlreadyExistsError: another one has its name.
    """
    before = _at_version(uow.policies, "policy", policy_id, version)
    after = _sound_policy(uow, replace(before, version=version + 1, **changes))
    uow.policies.change(after)
    return _told(uow, after, "policy", by=by, now=now)


def add_choice(uow: UnitOfWork, *, fields: Mapping[str, Any], by: str, now: datetime) -> Choice:
    """Keep something new to choose.

    Raises:
        InvalidError: naming a field that cannot be.
    """
    one = choices.checked(Choice(id=uow.new_id(now), **fields), _others(uow))
    uow.choices.add(one)
    return _told(uow, one, one.kind, by=by, now=now)


def change_choice(
    uow: UnitOfWork, *, choice_id: str, version: int, changes: Mapping[str, Any], by: str, now: datetime
) -> Choice:
    """Return the next version of something to choose.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: naming a field that cannot be.
    """
    before = _at_version(uow.choices, "choice", choice_id, version)
    after = choices.checked(replace(before, version=version + 1, **changes), _others(uow))
    uow.choices.change(after)
    return _told(uow, after, after.kind, by=by, now=now)


def _sound_hours(uow: UnitOfWork, one: Hours) -> Hours:
    _demand_own_name("calendar", one, uow.calendars.every())
    return checked_hours(one)


def _sound_policy(uow: UnitOfWork, one: Policy) -> Policy:
    others = uow.policies.every()
    _demand_own_name("policy", one, others)
    checked_part(one, others)
    if uow.calendars.get(one.calendar_id) is None:
        raise InvalidError("calendar_id", "there is no such calendar", fault="unknown")
    team = uow.choices.get(one.escalate_to) if one.escalate_to else None
    if one.escalate_to and (team is None or team.kind != "team"):
        raise InvalidError("escalate_to", "there is no such team", fault="unknown")
    return checked_policy(one)


def _others(uow: UnitOfWork) -> dict[str, Choice]:
    return {one.id: one for one in uow.choices.every()}


def _demand_own_name(kind: str, one: Hours | Policy, others: Sequence[Hours | Policy]) -> None:
    if any(other.name == one.name and other.id != one.id for other in others):
        raise AlreadyExistsError(kind, one.name)


def _told(uow: UnitOfWork, one: Record, kind: str, *, by: str, now: datetime) -> Record:
    """Return *one*, which is kept as it is now, and let that be known."""
    what = f"kept {kind} {one.id}"
    audit.note(uow, who=by, what=what, address=None, now=now, kind=kind, record_id=one.id)
    uow.events.append(ServiceLevelsChanged(at=now, by=by, kind=kind, record_id=one.id))
    return one


def _at_version(kept: _Kept[Record], kind: str, record_id: str, version: int) -> Record:
    found = kept.get(record_id)
    if found is None:
        raise NotFoundError(kind, record_id)
    return at_version(found, version)
