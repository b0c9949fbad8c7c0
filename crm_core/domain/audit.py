"""Who did what to whom, and from where: kept for good, never changed.

What stands here outlives whom it is about, so it names records and fields, never what personal fields hold.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

LONGEST = 80
MOST_CHANGES = 40
Change = tuple[str | None, str | None] | None
"""What a field held before and holds now; None where that is personal."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody must be able to ask about later; ``what`` names the deed and whom it met.

    ``kind`` and ``record_id`` name the record that it was done to, ``changes`` its fields that changed.
    """

    at: datetime
    who: str
    what: str
    address: str | None = None
    kind: str | None = None
    record_id: str | None = None
    changes: dict[str, Change] = {}


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it is kept: its place, and what who did it is called."""

    pos: int
    name: str
    entry: AuditEntry


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are looked for; what is None is not asked. ``what`` is how the deed begins."""

    who: str | None = None
    what: str | None = None
    kind: str | None = None
    record_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def cut(entry: AuditEntry) -> AuditEntry:
    """Return *entry* as it can be kept: no text longer than ``LONGEST``, no more than ``MOST_CHANGES``."""
    changes = list(entry.changes.items())[:MOST_CHANGES]
    return AuditEntry(
        at=entry.at,
        who=entry.who[:LONGEST],
        what=entry.what[:LONGEST],
        address=entry.address and entry.address[:LONGEST],
        kind=entry.kind,
        record_id=entry.record_id and entry.record_id[:LONGEST],
        changes={name[:LONGEST]: _cut(change) for name, change in changes},
    )


def _cut(change: Change) -> Change:
    if change is None:
        return None
    before, after = change
    return before and before[:LONGEST], after and after[:LONGEST]
