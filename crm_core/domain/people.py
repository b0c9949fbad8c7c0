"""Who may sign in, and the keys of other systems. Secrets are never kept, only their hashes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from crm_core.domain.errors import InvalidError

Role = Literal["agent", "supervisor", "administrator", "integration", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)
CONFINABLE: Final[frozenset[Role]] = frozenset(("agent", "supervisor", "auditor"))
"""Roles of people who may be confined to their teams. Who administers puts things right everywhere."""
_NAME = re.compile(r"[\w.@+-]{1,80}")
_SEAT = re.compile(r"[a-z][a-z0-9_-]{0,31}:[A-Za-z0-9]+/[\w.@+-]{1,80}", re.ASCII)
_AGENT = re.compile(r"[\w.-]{1,40}", re.ASCII)


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who signs in; ``seat`` is where he sits for now, such as ``main:PJSIP/agent101``.

    Who ``is_confined`` sees what belongs to his teams, and himself.
    """

    id: str
    name: str
    full_name: str
    role: Role
    language: str = "es"
    agent: str | None = None
    seat: str | None = None
    password_hash: str = ""
    is_active: bool = True
    version: int = 1
    is_confined: bool = False


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who signs in as others are shown him: without his password's hash; ``teams`` are ids."""

    id: str
    name: str
    full_name: str
    role: Role
    language: str
    agent: str | None
    seat: str | None
    is_active: bool
    version: int
    teams: tuple[str, ...]
    is_confined: bool


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that holds; ``id`` is the hash of what the cookie holds.

    It was opened from ``address``, by ``device`` as its browser calls itself. Who ``is_held`` must set up his
    second factor before he may do anything else; ``is_by_provider`` says that another house let him in.
    """

    id: str
    user_id: str
    created_at: datetime
    seen_at: datetime
    address: str = ""
    device: str = ""
    is_held: bool = False
    is_by_provider: bool = False


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A key of another system; ``id`` is the hash of the key, ``prefix`` how it begins.

    It may what its ``scopes`` say; None: what its role may. It holds until ``expires_at``, or until it was
    revoked. ``last_used_at`` is right to a minute.
    """

    id: str
    name: str
    role: Role
    created_at: datetime
    scopes: tuple[str, ...] | None = None
    prefix: str = ""
    created_by: str | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_why: str | None = None

    def holds(self, now: datetime) -> bool:
        """Return whether who has it is let in."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def checked(user: User) -> User:
    """Return *user* when every field can be kept.

    Raises:
        InvalidError: naming the first that cannot.
    """
    if not _NAME.fullmatch(user.name):
        raise InvalidError("name", "1 to 80 letters, digits and . @ + - _")
    if user.role not in ROLES:
        raise InvalidError("role", f"one of {', '.join(ROLES)}")
    if user.agent is not None and not _AGENT.fullmatch(user.agent):
        raise InvalidError("agent", "1 to 40 letters, digits and . - _")
    if user.seat is not None and not _SEAT.fullmatch(user.seat):
        raise InvalidError("seat", "the exchange and the phone, such as main:PJSIP/agent101")
    if user.seat and not user.agent:
        raise InvalidError("agent", "who has a seat has an agent code")
    if user.is_confined and user.role not in CONFINABLE:
        raise InvalidError("is_confined", f"only {', '.join(sorted(CONFINABLE))}", fault="not_confinable")
    return user
