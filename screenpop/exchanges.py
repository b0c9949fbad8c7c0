"""The exchange as the page "connect" speaks of it: what is kept, what is tried, what was found."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

Level = Literal["ok", "unknown", "warning", "bad"]
Mode = Literal["control", "observe"]


class ExchangeAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Where an exchange is and as whom to log in; ``secret`` None: the one that is kept for just that."""

    host: str
    port: int
    user: str
    secret: str | None
    tls: bool
    mode: Mode


class ExchangeKept(msgspec.Struct, frozen=True, kw_only=True):
    """The exchange that counts from the next start. ``is_fixed``: it stands in the settings file."""

    host: str
    port: int
    user: str
    tls: bool
    mode: Mode
    has_secret: bool
    is_fixed: bool


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at, in the reader's language: what was seen, why it matters, the change."""

    level: Level
    what: str
    why: str | None = None
    change: str | None = None


class Exchanges(Protocol):
    """Tries and keeps the exchange."""

    def kept(self) -> ExchangeKept:
        """Return what is kept, without the secret."""

    async def try_out(self, asked: ExchangeAsked, *, language: str) -> list[Step]:
        """Connect as *asked*, look, and say step by step what was found; nothing there changes by it."""

    async def keep(self, asked: ExchangeAsked) -> None:
        """Keep what counts from the next start; never for an exchange that ``is_fixed``."""
