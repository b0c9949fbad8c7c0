"""Keys of other systems: made by people, used, and revoked. What a scope gives is known to who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from crm_core.domain.errors import InvalidError, NotFoundError
from crm_core.domain.people import Role, Token
from crm_core.domain.tokens import TooManyKeysError, hash_of, prefix_of, token_of
from crm_core.domain.words import is_one_line
from crm_core.ports import UnitOfWork
from crm_core.services import audit, users

MOST: int = 200
LONGEST_NAME, MOST_DAYS = 60, 3650


def every(uow: UnitOfWork) -> list[Token]:
    """Return all keys, also those that hold no more, newest first."""
    return uow.users.every_token()


def get(uow: UnitOfWork, *, key_id: str) -> Token:
    """Return one.

    Raises:
        NotFoundError: there is none.
    """
    if (one := uow.users.token(key_id)) is None:
        raise NotFoundError("key", key_id)
    return one


def kept(uow: UnitOfWork, *, ids: Sequence[str]) -> list[Token]:
    """Return those of *ids* that are kept, also those that hold no more."""
    return uow.users.tokens(ids) if ids else []


def make(
    *,
    name: str,
    role: Role = "integration",
    scopes: Sequence[str] | None = None,
    days: int | None = None,
    randomness: bytes,
    by: str,
    now: datetime,
) -> tuple[Token, str]:
    """Return a new key that is not kept yet, and itself, which is shown once.

    Raises:
        InvalidError: the name is none, of several lines or too long, or it would hold for too long.
    """
    if not 1 <= len(name) <= LONGEST_NAME or not is_one_line(name):
        raise InvalidError("name", f"one line of at most {LONGEST_NAME} signs")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise InvalidError("days", f"1 to {MOST_DAYS}")
    secret = token_of(randomness)
    key = Token(
        id=hash_of(secret),
        name=name,
        role=role,
        created_at=now,
        scopes=None if scopes is None else tuple(scopes),
        prefix=prefix_of(secret),
        created_by=by,
        expires_at=None if days is None else now + timedelta(days=days),
    )
    return key, secret


def add(uow: UnitOfWork, *, key: Token, by: str, address: str | None) -> Token:
    """Keep a new key, made at its ``created_at``; at most ``MOST`` hold at a time.

    Raises:
        AlreadyExistsError: the name is, or was, another key's.
        TooManyKeysError: that would be too many.
    """
    if sum(one.holds(key.created_at) for one in uow.users.every_token()) >= MOST:
        raise TooManyKeysError(MOST)
    users.add_token(uow, token=key)
    until = key.expires_at.isoformat(timespec="seconds") if key.expires_at else None
    allowed = ("role", key.role) if key.scopes is None else ("scopes", " ".join(key.scopes))
    changes = {allowed[0]: (None, allowed[1]), "expires_at": (None, until)}
    audit.note(
        uow,
        who=by,
        what="key added",
        address=address,
        now=key.created_at,
        kind="key",
        record_id=key.name,
        changes=changes,
    )
    return key


def revoke(uow: UnitOfWork, *, key_id: str, why: str, by: str, address: str | None, now: datetime) -> Token:
    """Let nobody in any more who has a key, and say *why*; one that was revoked before stays as it is.

    Raises:
        NotFoundError: there is none.
    """
    before = get(uow, key_id=key_id)
    if before.revoked_at is not None:
        return before
    uow.users.revoke_token(key_id, by, why, now)
    audit.note(
        uow,
        who=by,
        what="key revoked",
        address=address,
        now=now,
        kind="key",
        record_id=before.name,
        changes={"revoked_why": (None, why)},
    )
    return get(uow, key_id=key_id)


def used(uow: UnitOfWork, *, at: Mapping[str, datetime]) -> None:
    """Keep when keys were used last, by their ids."""
    for key_id, moment in at.items():
        uow.users.token_used(key_id, moment)
