"""Second factors: set up, used at the sign-in, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crm_core.domain.errors import NotFoundError
from crm_core.domain.second_factor import SecondFactor
from crm_core.ports import UnitOfWork
from crm_core.services import audit


def of(uow: UnitOfWork, *, user_id: str) -> tuple[SecondFactor | None, int]:
    """Return somebody's second factor, None without one, and how many recovery codes he has left."""
    return uow.second_factors.of(user_id), uow.second_factors.codes_left(user_id)


def keep(uow: UnitOfWork, *, one: SecondFactor, code_hashes: Sequence[str], address: str) -> None:
    """Keep a second factor that its user has shown to work, in place of an earlier one."""
    uow.second_factors.keep(one, code_hashes)
    _note(uow, "second factor set up", one.user_id, by=one.user_id, address=address, now=one.since)


def use(uow: UnitOfWork, *, user_id: str, step: int) -> bool:
    """Keep that the code of *step* was used; False when it, or a later one, was used before."""
    return uow.second_factors.use(user_id, step)


def spend(uow: UnitOfWork, *, user_id: str, code_hash: str, address: str, now: datetime) -> bool:
    """Use a recovery code up; False when it is none."""
    is_spent = uow.second_factors.spend(user_id, code_hash)
    if is_spent:
        _note(uow, "recovery code used", user_id, by=user_id, address=address, now=now)
    return is_spent


def switch_off(uow: UnitOfWork, *, user_id: str, address: str, now: datetime) -> None:
    """Take one's own second factor away."""
    if uow.second_factors.forget(user_id):
        _note(uow, "second factor removed", user_id, by=user_id, address=address, now=now)


def reset(uow: UnitOfWork, *, user_id: str, by: str, address: str, now: datetime) -> list[str]:
    """Take somebody's second factor away who lost it, and end his sessions; return their ids.

    Raises:
        NotFoundError: there is nobody, or he has none.
    """
    if not uow.second_factors.forget(user_id):
        raise NotFoundError("second factor", user_id)
    _note(uow, "second factor reset", user_id, by=by, address=address, now=now)
    return uow.users.end_sessions_of(user_id)


def _note(uow: UnitOfWork, what: str, user_id: str, *, by: str, address: str, now: datetime) -> None:
    audit.note(uow, who=by, what=what, address=address, now=now, kind="user", record_id=user_id)
