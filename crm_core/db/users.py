"""Who signs in, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, insert, select, true, update

from crm_core.db.schema import audit, session, token, user
from crm_core.domain.people import Session, Token, User

FORGOTTEN_AFTER = timedelta(days=30)  # long after a session's absolute limit

_NAMED = select(user).where(user.c.name == bindparam("wanted"))
_WITH_AGENT = select(user).where(user.c.agent == bindparam("wanted"))
_SET_PASSWORD = (
    update(user).where(user.c.id == bindparam("wanted")).values(password_hash=bindparam("password"))
)
_SET_LANGUAGE = update(user).where(user.c.id == bindparam("wanted")).values(language=bindparam("chosen"))
_SET_SEAT = update(user).where(user.c.id == bindparam("wanted")).values(seat=bindparam("chosen"))
_WITH_AGENTS = select(user).where(user.c.agent.in_(bindparam("codes", expanding=True)))
_ID = select(user).where(user.c.id == bindparam("wanted"))
_EVERY = select(user).order_by(user.c.id)
_ACTIVE = select(user).where(user.c.is_active == true()).order_by(user.c.name)
_SEATED_SINCE = (
    select(user)
    .join(session, session.c.user_id == user.c.id)
    .where(user.c.seat.is_not(None), session.c.created_at <= bindparam("since"))
    .distinct()
)
_FORGET_OLD = delete(session).where(
    session.c.user_id == bindparam("wanted"), session.c.created_at < bindparam("before")
)
_END = delete(session).where(session.c.id == bindparam("wanted"))
_OF_USER = (session.c.user_id == bindparam("wanted"), session.c.id != bindparam("kept"))
_IDS_OF_USER = select(session.c.id).where(*_OF_USER)
_END_OF_USER = delete(session).where(*_OF_USER)
_SESSIONS = (
    select(session, user)
    .join(user, user.c.id == session.c.user_id)
    .where(session.c.id.in_(bindparam("ids", expanding=True)), user.c.is_active == true())
)
_OPENED_SINCE = (
    select(session, user)
    .join(user, user.c.id == session.c.user_id)
    .where(session.c.created_at >= bindparam("since"), user.c.is_active == true())
    .order_by(session.c.seen_at.desc(), session.c.id)
    .limit(bindparam("most"))
)
_OPENED_BY = _OPENED_SINCE.where(session.c.user_id == bindparam("wanted"))
_SEEN = (
    update(session)
    .where(session.c.id == bindparam("wanted"), session.c.seen_at < bindparam("at"))
    .values(seen_at=bindparam("at"))
)
_TOKEN = select(token).where(token.c.id == bindparam("wanted"))
_TOKEN_NAMED = select(token).where(token.c.name == bindparam("wanted"))
_TOKENS = select(token).where(token.c.id.in_(bindparam("ids", expanding=True)))
_EVERY_TOKEN = select(token).order_by(token.c.created_at.desc(), token.c.id.desc())
_REVOKE = (
    update(token)
    .where(token.c.id == bindparam("wanted"))
    .values(revoked_at=bindparam("at"), revoked_by=bindparam("who"), revoked_why=bindparam("reason"))
)
_USED = update(token).where(token.c.id == bindparam("wanted")).values(last_used_at=bindparam("at"))


class SqlUsers:
    """``Users``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def named(self, name: str) -> User | None:
        """Return who signs in by this name."""
        row = self._connection.execute(_NAMED, {"wanted": name}).first()
        return _user(row) if row else None

    def get(self, user_id: str) -> User | None:
        """Return who has this id."""
        row = self._connection.execute(_ID, {"wanted": user_id}).first()
        return _user(row) if row else None

    def with_agent(self, agent: str) -> User | None:
        """Return who has this agent code."""
        row = self._connection.execute(_WITH_AGENT, {"wanted": agent}).first()
        return _user(row) if row else None

    def add(self, one: User) -> None:
        """Keep a new user."""
        self._connection.execute(insert(user), msgspec.structs.asdict(one))

    def every(self) -> list[User]:
        """Return everybody, also who was switched off, by id."""
        return [_user(row) for row in self._connection.execute(_EVERY)]

    def change(self, one: User) -> None:
        """Keep somebody as he is now, but for his password."""
        row = msgspec.structs.asdict(one)
        key, _ = row.pop("id"), row.pop("password_hash")
        self._connection.execute(update(user).where(user.c.id == key).values(**row))

    def set_password(self, user_id: str, password_hash: str) -> None:
        """Keep another password's hash."""
        self._connection.execute(_SET_PASSWORD, {"wanted": user_id, "password": password_hash})

    def set_language(self, user_id: str, language: str) -> None:
        """Keep which language somebody reads."""
        self._connection.execute(_SET_LANGUAGE, {"wanted": user_id, "chosen": language})

    def set_seat(self, user_id: str, seat: str | None) -> None:
        """Keep where somebody sits."""
        self._connection.execute(_SET_SEAT, {"wanted": user_id, "chosen": seat})

    def with_agents(self, agents: Sequence[str]) -> list[User]:
        """Return who has one of these agent codes, in no order."""
        return [_user(row) for row in self._connection.execute(_WITH_AGENTS, {"codes": list(agents)})]

    def active(self) -> list[User]:
        """Return who was not switched off, by the name he signs in with."""
        return [_user(row) for row in self._connection.execute(_ACTIVE)]

    def seated_since(self, since: datetime) -> list[User]:
        """Return who has a seat and a session that was open at *since* already, in no order."""
        return [_user(row) for row in self._connection.execute(_SEATED_SINCE, {"since": since})]

    def open_session(self, one: Session) -> None:
        """Keep a session, and from where it was opened."""
        old = {"wanted": one.user_id, "before": one.created_at - FORGOTTEN_AFTER}
        self._connection.execute(_FORGET_OLD, old)
        self._connection.execute(insert(session), msgspec.structs.asdict(one))
        told = {"at": one.created_at, "who": one.user_id, "what": "signed_in", "address": one.address}
        self._connection.execute(insert(audit), told)

    def end_session(self, session_id: str) -> None:
        """Forget a session."""
        self._connection.execute(_END, {"wanted": session_id})

    def end_sessions_of(self, user_id: str, *, but: str = "") -> list[str]:
        """Forget all sessions of a user *but* one; return their ids."""
        wanted = {"wanted": user_id, "kept": but}
        ids = list(self._connection.scalars(_IDS_OF_USER, wanted))
        self._connection.execute(_END_OF_USER, wanted)
        return ids

    def sessions(self, ids: Sequence[str]) -> list[tuple[Session, User]]:
        """Return those of *ids* that hold, with their users; not of users who were switched off."""
        return [_with_user(row) for row in self._connection.execute(_SESSIONS, {"ids": list(ids)})]

    def opened_since(self, since: datetime, user_id: str | None, limit: int) -> list[tuple[Session, User]]:
        """Return the sessions opened since then, of one user or of all, last seen first."""
        given = {"since": since, "most": limit}
        if user_id is None:
            rows = self._connection.execute(_OPENED_SINCE, given)
        else:
            rows = self._connection.execute(_OPENED_BY, given | {"wanted": user_id})
        return [_with_user(row) for row in rows]

    def session_seen(self, session_id: str, now: datetime) -> None:
        """Keep that a session was used."""
        self._connection.execute(_SEEN, {"wanted": session_id, "at": now})

    def token(self, token_id: str) -> Token | None:
        """Return a key."""
        row = self._connection.execute(_TOKEN, {"wanted": token_id}).first()
        return _token(row) if row else None

    def token_named(self, name: str) -> Token | None:
        """Return the key called *name*."""
        row = self._connection.execute(_TOKEN_NAMED, {"wanted": name}).first()
        return _token(row) if row else None

    def tokens(self, ids: Sequence[str]) -> list[Token]:
        """Return those of *ids* that are kept, in no order."""
        return [_token(row) for row in self._connection.execute(_TOKENS, {"ids": list(ids)})]

    def every_token(self) -> list[Token]:
        """Return all keys, also those that hold no more, newest first."""
        return [_token(row) for row in self._connection.execute(_EVERY_TOKEN)]

    def add_token(self, one: Token) -> None:
        """Keep a new key."""
        scopes = None if one.scopes is None else " ".join(one.scopes)
        self._connection.execute(insert(token), msgspec.structs.asdict(one) | {"scopes": scopes})

    def revoke_token(self, token_id: str, by: str, why: str, now: datetime) -> None:
        """Keep that a key holds no more."""
        self._connection.execute(_REVOKE, {"wanted": token_id, "at": now, "who": by, "reason": why})

    def token_used(self, token_id: str, now: datetime) -> None:
        """Keep that a key was used."""
        self._connection.execute(_USED, {"wanted": token_id, "at": now})


def _with_user(row: Row[Any]) -> tuple[Session, User]:
    values, columns = tuple(row), session.c.keys()
    of_session, of_user = values[: len(columns)], values[len(columns) :]
    return Session(**dict(zip(columns, of_session, strict=True))), _user_of(of_user)


def _user(row: Row[Any]) -> User:
    return _user_of(tuple(row))


def _user_of(values: Sequence[Any]) -> User:
    return User(**dict(zip(user.c.keys(), values, strict=True)))


def _token(row: Row[Any]) -> Token:
    told = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    scopes = told.pop("scopes")
    return Token(**told, scopes=None if scopes is None else tuple(scopes.split()))
