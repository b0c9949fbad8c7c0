"""Who signs in, and the names of lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from crm_core.domain.lines import Line, LineKey
from crm_core.domain.people import Session, Token, User


class Users(Protocol):
    """Who signs in, their sessions, and other systems' keys."""

    def named(self, name: str) -> User | None:
        """Return who signs in by this name."""

    def get(self, user_id: str) -> User | None:
        """Return who has this id."""

    def with_agent(self, agent: str) -> User | None:
        """Return who has this agent code."""

    def add(self, user: User) -> None:
        """Keep a new user."""

    def every(self) -> list[User]:
        """Return everybody, also who was switched off, by id."""

    def change(self, user: User) -> None:
        """Keep somebody as he is now, but for his password."""

    def set_password(self, user_id: str, password_hash: str) -> None:
        """Keep another password's hash."""

    def set_language(self, user_id: str, language: str) -> None:
        """Keep which language somebody reads."""

    def set_seat(self, user_id: str, seat: str | None) -> None:
        """Keep where somebody sits."""

    def with_agents(self, agents: Sequence[str]) -> list[User]:
        """Return who has one of these agent codes, in no order."""

    def active(self) -> list[User]:
        """Return who was not switched off, by the name he signs in with."""

    def seated_since(self, since: datetime) -> list[User]:
        """Return who has a seat and a session that was open at *since* already, in no order."""

    def open_session(self, session: Session) -> None:
        """Keep a session; the user's that are 30 days old are forgotten."""

    def end_session(self, session_id: str) -> None:
        """Forget a session."""

    def end_sessions_of(self, user_id: str, *, but: str = "") -> list[str]:
        """Forget all sessions of a user *but* one; return their ids."""

    def sessions(self, ids: Sequence[str]) -> list[tuple[Session, User]]:
        """Return those of *ids* that hold, with their users; not of users who were switched off."""

    def opened_since(self, since: datetime, user_id: str | None, limit: int) -> list[tuple[Session, User]]:
        """Return the sessions opened since then, of one user or of all, last seen first.

        Those of users who were switched off are left out.
        """

    def session_seen(self, session_id: str, now: datetime) -> None:
        """Keep that a session was used."""

    def token(self, token_id: str) -> Token | None:
        """Return a key."""

    def token_named(self, name: str) -> Token | None:
        """Return the key called *name*."""

    def tokens(self, ids: Sequence[str]) -> list[Token]:
        """Return those of *ids* that are kept, in no order."""

    def every_token(self) -> list[Token]:
        """Return all keys, also those that hold no more, newest first."""

    def add_token(self, token: Token) -> None:
        """Keep a new key."""

    def revoke_token(self, token_id: str, by: str, why: str, now: datetime) -> None:
        """Keep that a key holds no more."""

    def token_used(self, token_id: str, now: datetime) -> None:
        """Keep that a key was used."""


class LineNames(Protocol):
    """What our numbers and queues are called."""

    def get(self, key: LineKey) -> Line | None:
        """Return what is kept of a number or a queue."""

    def all(self) -> list[Line]:
        """Return all, by exchange, kind and code."""

    def add(self, one: Line) -> None:
        """Keep a new one."""

    def change(self, one: Line) -> None:
        """Keep one as it is now."""

    def remove(self, key: LineKey) -> None:
        """Forget one."""
