"""Who may sign in, kept by an administrator: added, changed, switched off, given another password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from msgspec.structs import asdict, replace

from crm_core.domain.audit import Change
from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import UserChanged
from crm_core.domain.people import Colleague, User, checked
from crm_core.ports import UnitOfWork
from crm_core.services import audit, users

RIGHTS: Final = ("role", "is_active", "is_confined")
"""Fields whose change is told in the audit with what stood there before."""


class Changed(NamedTuple):
    """Somebody as he is now, and the ids of his sessions that ended with the change."""

    colleague: Colleague
    ended: tuple[str, ...]


def every(uow: UnitOfWork) -> list[Colleague]:
    """Return everybody, also who was switched off, by full name."""
    members = uow.teams.every()
    return [
        _shown(user, [one.team_id for one in members if one.user_id == user.id])
        for user in sorted(uow.users.every(), key=lambda one: (one.full_name.casefold(), one.id))
    ]


def get(uow: UnitOfWork, *, user_id: str) -> Colleague:
    """Return somebody.

    Raises:
        NotFoundError: there is nobody.
    """
    return _colleague(uow, _kept(uow, user_id))


def add(
    uow: UnitOfWork, *, user: User, teams: Sequence[str], by: str, address: str | None, now: datetime
) -> Colleague:
    """Keep somebody new.

    Raises:
        InvalidError: a field cannot be kept.
        AlreadyExistsError: the name or the agent code is somebody's.
    """
    users.add_user(uow, user=user)
    _keep_teams(uow, user.id, teams)
    changes: dict[str, Change] = {"role": (None, user.role)}
    _tell(uow, user, "user added", by=by, address=address, now=now, changes=changes)
    return _colleague(uow, user)


def change(
    uow: UnitOfWork,
    *,
    user_id: str,
    version: int,
    changes: Mapping[str, Any],
    by: str,
    address: str | None,
    now: datetime,
) -> Changed:
    """Return somebody's next version: of *changes*, what is not named stays. Switched off, his sessions end.

    Raises:
        NotFoundError: there is nobody.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a field cannot be kept; nobody switches himself off, and one administrator stays.
        AlreadyExistsError: the name or the agent code is somebody's.
    """
    before = _kept(uow, user_id)
    if before.version != version:
        raise VersionConflictError(_colleague(uow, before))
    fields = {name: value for name, value in changes.items() if name != "teams"}
    if fields.get("agent", before.agent) is None:
        fields.setdefault("seat", None)  # who takes no calls sits nowhere
    after = checked(replace(before, version=version + 1, **fields))
    _demand_sense(uow, before, after, by=by)
    uow.users.change(after)
    if "teams" in changes:
        _keep_teams(uow, user_id, changes["teams"])
    told = {name: _changed(before, after, name) for name in changes}
    _tell(uow, after, "user changed", by=by, address=address, now=now, changes=told)
    ended = uow.users.end_sessions_of(user_id) if not after.is_active else []
    return Changed(_colleague(uow, after), tuple(ended))


def set_password(
    uow: UnitOfWork, *, user_id: str, password_hash: str, by: str, address: str | None, now: datetime
) -> list[str]:
    """Give somebody another password and end his sessions; return their ids.

    Raises:
        NotFoundError: there is nobody.
    """
    user = _kept(uow, user_id)
    uow.users.set_password(user_id, password_hash)
    _tell(uow, user, "password set", by=by, address=address, now=now, changes={})
    return uow.users.end_sessions_of(user_id)


def _kept(uow: UnitOfWork, user_id: str) -> User:
    found = uow.users.get(user_id)
    if found is None:
        raise NotFoundError("user", user_id)
    return found


def _colleague(uow: UnitOfWork, user: User) -> Colleague:
    return _shown(user, [one.team_id for one in uow.teams.of_user(user.id)])


def _shown(user: User, teams: Sequence[str]) -> Colleague:
    fields = asdict(user)
    del fields["password_hash"]
    return Colleague(**fields, teams=tuple(teams))


def _demand_sense(uow: UnitOfWork, before: User, after: User, *, by: str) -> None:
    namesake = uow.users.named(after.name)
    if namesake and namesake.id != after.id:
        raise AlreadyExistsError("user", after.name)
    holder = uow.users.with_agent(after.agent) if after.agent else None
    if holder and holder.id != after.id:
        raise AlreadyExistsError("agent", after.agent or "")
    if after.id == by and not after.is_active:
        raise InvalidError("is_active", "nobody switches himself off", fault="oneself")
    if is_last_administrator(uow, before) and not _administers(after):
        field = "role" if after.is_active else "is_active"
        raise InvalidError(field, "one administrator stays", fault="last_administrator")


def _administers(user: User) -> bool:
    return user.is_active and user.role == "administrator"


def is_last_administrator(uow: UnitOfWork, user: User) -> bool:
    """Return whether nobody but *user* could put things right."""
    others = (one for one in uow.users.active() if one.id != user.id)
    return _administers(user) and not any(map(_administers, others))


def _keep_teams(uow: UnitOfWork, user_id: str, wanted: Sequence[str]) -> None:
    known = {one.id for one in uow.choices.of("team")}
    for n, team_id in enumerate(wanted):
        if team_id not in known:
            raise InvalidError(f"teams.{n}", "there is no such team", fault="unknown")
    had = {one.team_id for one in uow.teams.of_user(user_id)}
    for team_id in sorted(had - set(wanted)):
        uow.teams.leave(team_id, user_id)
    for team_id in sorted(set(wanted) - had):
        uow.teams.join(team_id, user_id)


def _changed(before: User, after: User, name: str) -> Change:
    """Return what the audit tells of a field: before and after of rights, of others only that it changed."""
    if name not in RIGHTS:
        return None
    return str(getattr(before, name)), str(getattr(after, name))


def _tell(
    uow: UnitOfWork,
    user: User,
    what: str,
    *,
    by: str,
    address: str | None,
    now: datetime,
    changes: Mapping[str, Change],
) -> None:
    audit.note(
        uow, who=by, what=what, address=address, now=now, kind="user", record_id=user.id, changes=changes
    )
    uow.events.append(UserChanged(at=now, by=by, user_id=user.id, version=user.version))
