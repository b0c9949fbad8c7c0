"""Keys of other systems: made by people, used, and revoked. What a scope gives is known to who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from crm_core.domain.errors import NotFoundError
from crm_core.domain.people import Token
from crm_core.domain.tokens import TooManyKeysError
from crm_core.ports import UnitOfWork
from crm_core.services import audit, users

MOST: int = 200


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
