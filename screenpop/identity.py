"""Who asks: a person who signed in, or another system with a key (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from screenpop.key_scopes import permissions_in
from screenpop.masks import Masks
from screenpop.permissions import Permission, permissions_of
from screenpop.scope import EVERYTHING, Scope

_HELD: Final = frozenset({Permission.BE_KNOWN})
_OF_ALL: Final = frozenset({Permission.READ_EVENTS, Permission.READ_AUDIT})
"""What is read as a whole or not at all: not by who is confined to his teams."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A device of one exchange: written ``main:PJSIP/agent101``."""

    pbx: str
    interface: str

    def __str__(self) -> str:
        return f"{self.pbx}:{self.interface}"

    @classmethod
    def read(cls, text: str | None) -> Seat | None:
        """Return the seat that *text* names; None when it names none."""
        pbx, colon, interface = (text or "").partition(":")
        return cls(pbx, interface) if pbx and colon and interface else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody we know by a ``session`` or a ``key``; ``agent`` and ``seat`` are None for who takes no calls.

    A key with ``key_scopes`` may what they say, one without them what its role may.

    Who ``is_held`` must set up his second factor first: until then he may do nothing else. Who
    ``is_by_provider`` was let in by another house, where he signs out, too. ``scope`` is what he sees of what
    he may, ``masks`` what is kept from him of it.
    """

    user: str
    name: str
    full_name: str
    role: str
    language: str
    agent: str | None = None
    seat: Seat | None = None
    session: str | None = None
    is_held: bool = False
    is_by_provider: bool = False
    key: str | None = None
    key_scopes: frozenset[str] | None = None
    scope: Scope = EVERYTHING
    masks: Masks | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """Return what he may."""
        if self.key_scopes is not None:
            return permissions_in(self.key_scopes)
        if self.is_held:
            return _HELD
        return permissions_of(self.role) - (_OF_ALL if self.scope.within else frozenset())

    def may(self, permission: Permission) -> bool:
        """Return whether he may do this."""
        return permission in self.permissions

    @property
    def view(self) -> tuple[str, str, Masks | None]:
        """Return what a rendered card depends on: language, role, and what is not shown."""
        return self.language, self.role, self.masks
