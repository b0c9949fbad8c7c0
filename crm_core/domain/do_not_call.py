"""Numbers that must not be called: by no campaign, and by hand only by who was told."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Excluded(msgspec.Struct, frozen=True, kw_only=True):
    """A number (E.164), since when it must not be called, who said so and why."""

    number: str
    since: datetime
    by: str | None
    why: str
