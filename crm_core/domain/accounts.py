"""Customers: companies."""

from __future__ import annotations

import msgspec


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A company; ``tier`` is what it is worth to us, in the site's own words."""

    id: str
    name: str
    parent_id: str | None = None
    tier: str | None = None
    region: str | None = None
    version: int = 1
