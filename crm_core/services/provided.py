"""Who comes by a provider: known by what its issuer calls him for good, never by a name or an address."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.audit import Change
from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError
from crm_core.domain.people import Role, User
from crm_core.ports import UnitOfWork
from crm_core.services import audit, users
from crm_core.services.staff import is_last_administrator


def admit(
    uow: UnitOfWork, *, issuer: str, subject: str, role: Role, new: User | None, address: str, now: datetime
) -> User:
    """Return who is called *subject* by *issuer*, his role as the provider's groups give it.

    Who is not known is kept as *new*.

    Raises:
        NotFoundError: he is not known, or was switched off, and there is no *new*.
        AlreadyExistsError: the name of *new* is somebody's, who is not taken for him.
        InvalidError: *new* cannot be kept.
    """
    user_id = uow.provider_subjects.of(issuer, subject)
    if user_id is not None:
        user = uow.users.get(user_id)
        if user is None or not user.is_active:
            raise NotFoundError("user", subject)
        return _with_role(uow, user, role, address=address, now=now)
    if new is None:
        raise NotFoundError("user", subject)
    users.add_user(uow, user=new)
    uow.provider_subjects.add(issuer, subject, new.id)
    _note(uow, "user added by provider", new.id, address=address, now=now, role=(None, new.role))
    return new


def is_linked(uow: UnitOfWork, *, issuer: str, user_id: str) -> bool:
    """Return whether a user can come by the provider."""
    return uow.provider_subjects.subject_of(issuer, user_id) is not None


def link(uow: UnitOfWork, *, issuer: str, subject: str, user_id: str, address: str, now: datetime) -> None:
    """Let a user come by the provider from now on, as *subject*.

    Raises:
        AlreadyExistsError: that is somebody else.
    """
    holder = uow.provider_subjects.of(issuer, subject)
    if holder == user_id:
        return
    if holder is not None:
        raise AlreadyExistsError("provider subject", subject)
    uow.provider_subjects.forget(issuer, user_id)
    uow.provider_subjects.add(issuer, subject, user_id)
    _note(uow, "provider linked", user_id, address=address, now=now)


def unlink(uow: UnitOfWork, *, issuer: str, user_id: str, address: str, now: datetime) -> None:
    """Let a user come by his password alone.

    Raises:
        InvalidError: he has none.
    """
    user = uow.users.get(user_id)
    if user is None or not user.password_hash:
        raise InvalidError("password", "without one he could not sign in any more", fault="no_password")
    if uow.provider_subjects.subject_of(issuer, user_id) is not None:
        uow.provider_subjects.forget(issuer, user_id)
        _note(uow, "provider unlinked", user_id, address=address, now=now)


def _with_role(uow: UnitOfWork, user: User, role: Role, *, address: str, now: datetime) -> User:
    if user.role == role or is_last_administrator(uow, user):
        return user
    given, after = (user.role, role), replace(user, role=role, version=user.version + 1)
    uow.users.change(after)
    _note(uow, "role given by provider", user.id, address=address, now=now, role=given)
    return after


def _note(
    uow: UnitOfWork, what: str, user_id: str, *, address: str, now: datetime, role: Change = None
) -> None:
    changes = {"role": role} if role else {}
    audit.note(
        uow,
        who=user_id,
        what=what,
        address=address,
        now=now,
        kind="user",
        record_id=user_id,
        changes=changes,
    )
