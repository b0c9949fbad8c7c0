"""Who did what to whom, and from where: kept for good, never changed."""

from __future__ import annotations

from datetime import datetime

import msgspec

LONGEST = 80


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody must be able to ask about later; ``what`` names the deed and whom it met."""

    at: datetime
    who: str
    what: str
    address: str | None = None


def cut(entry: AuditEntry) -> AuditEntry:
    """Return *entry* as it can be kept: no text longer than ``LONGEST``."""
    return AuditEntry(
        at=entry.at,
        who=entry.who[:LONGEST],
        what=entry.what[:LONGEST],
        address=entry.address and entry.address[:LONGEST],
    )
