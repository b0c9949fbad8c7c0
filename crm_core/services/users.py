"""Who signs in, their sessions, and the keys of other systems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crm_core.domain.errors import AlreadyExistsError, NotFoundError
from crm_core.domain.people import Session, Token, User, checked
from crm_core.ports import UnitOfWork


def user_named(uow: UnitOfWork, *, name: str) -> User | None:
    """Return who signs in by this name; None when nobody does."""
    return uow.users.named(name)


def add_user(uow: UnitOfWork, *, user: User) -> User:
    """Keep a new user.

    Raises:
        InvalidError: a field cannot be kept.
        AlreadyExistsError: the name or the agent code is somebody's.
    """
    checked(user)
    if uow.users.named(user.name):
        raise AlreadyExistsError("user", user.name)
    if user.agent and uow.users.with_agent(user.agent):
        raise AlreadyExistsError("agent", user.agent)
    uow.users.add(user)
    return user


def set_password(uow: UnitOfWork, *, name: str, password_hash: str) -> list[str]:
    """Give a user another password and end his sessions; return their ids.

    Raises:
        NotFoundError: nobody signs in by this name.
    """
    user = uow.users.named(name)
    if user is None:
        raise NotFoundError("user", name)
    uow.users.set_password(user.id, password_hash)
    return uow.users.end_sessions_of(user.id)


def set_language(uow: UnitOfWork, *, user_id: str, language: str) -> None:
    """Let a user read *language* from now on."""
    uow.users.set_language(user_id, language)


def set_seat(uow: UnitOfWork, *, user_id: str, seat: str) -> None:
    """Let a user sit at *seat* from now on, such as ``main:PJSIP/agent101``."""
    uow.users.set_seat(user_id, seat)


def names_of(uow: UnitOfWork, *, agents: Sequence[str]) -> dict[str, str]:
    """Return the full names behind agents' codes; a code that is nobody's is left out."""
    found = uow.users.with_agents(agents) if agents else []
    return {one.agent: one.full_name for one in found if one.agent}


def open_session(uow: UnitOfWork, *, session: Session) -> None:
    """Keep that somebody signed in, and from where."""
    uow.users.open_session(session)


def end_session(uow: UnitOfWork, *, session_id: str) -> None:
    """Forget a session; one that is not there is no error."""
    uow.users.end_session(session_id)


def sessions(uow: UnitOfWork, *, ids: Sequence[str]) -> list[tuple[Session, User]]:
    """Return those of *ids* that are kept, with whose they are; not of users who were switched off."""
    return uow.users.sessions(ids) if ids else []


def session_seen(uow: UnitOfWork, *, session_id: str, now: datetime) -> None:
    """Keep that a session is used."""
    uow.users.session_seen(session_id, now)


def token(uow: UnitOfWork, *, token_id: str) -> Token | None:
    """Return the key whose hash is *token_id*; None when there is none."""
    return uow.users.token(token_id)


def add_token(uow: UnitOfWork, *, token: Token) -> Token:
    """Keep a new key.

    Raises:
        AlreadyExistsError: the name is another key's.
    """
    if uow.users.token_named(token.name):
        raise AlreadyExistsError("token", token.name)
    uow.users.add_token(token)
    return token
