"""Who is signed in, from where and with what; ending what should not be, and a password of one's own."""

from __future__ import annotations

from datetime import datetime

from crm_core.domain.errors import NotFoundError
from crm_core.domain.people import Session, User
from crm_core.ports import UnitOfWork
from crm_core.services import audit

MOST = 500


def opened_since(
    uow: UnitOfWork, *, since: datetime, user_id: str | None = None
) -> list[tuple[Session, User]]:
    """Return the sessions opened since then, of one user or of all, last seen first; at most ``MOST``."""
    return uow.users.opened_since(since, user_id, MOST)


def revoke(uow: UnitOfWork, *, session_id: str, of: str | None, by: str, address: str, now: datetime) -> None:
    """End a session; *of* is whose it must be, None when it may be anybody's.

    Raises:
        NotFoundError: there is no such session.
    """
    found = uow.users.sessions([session_id])
    if not found or of not in {None, found[0][1].id}:
        raise NotFoundError("session", session_id)
    uow.users.end_session(session_id)
    _note(uow, "session ended", whose=found[0][1].id, by=by, address=address, now=now)


def revoke_others(uow: UnitOfWork, *, keep: str, of: str, address: str, now: datetime) -> list[str]:
    """End all sessions of a user but the one that is kept; return the ids of those that ended."""
    ended = uow.users.end_sessions_of(of, but=keep)
    if ended:
        _note(uow, "session ended", whose=of, by=of, address=address, now=now)
    return ended


def change_password(
    uow: UnitOfWork, *, user_id: str, password_hash: str, keep: str, address: str, now: datetime
) -> list[str]:
    """Keep the password that a user chose himself, end his sessions but one; return the ids of those."""
    uow.users.set_password(user_id, password_hash)
    _note(uow, "password set", whose=user_id, by=user_id, address=address, now=now)
    return uow.users.end_sessions_of(user_id, but=keep)


def _note(uow: UnitOfWork, what: str, *, whose: str, by: str, address: str, now: datetime) -> None:
    audit.note(uow, who=by, what=what, address=address, now=now, kind="user", record_id=whose)
