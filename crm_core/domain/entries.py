"""The phone book's entries: what is known of somebody by a number, before anybody decides who calls."""

from __future__ import annotations

from datetime import datetime

import msgspec

from crm_core.domain.calls import MatchKind
from crm_core.domain.matching import Found


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A contact, or a company's own line when ``contact_id`` is None.

    ``digits`` are the number's national digits, or as written when it could not be read (no ``e164`` then).
    ``queue`` and ``agent`` are those that the company's callers are sent to. ``open_incidents`` are the
    contact's, or the company's when there is no contact.
    """

    contact_id: str | None
    account_id: str | None
    e164: str | None = None
    ext: str | None = None
    digits: str | None = None
    name: str = ""
    company: str | None = None
    tier: str | None = None
    queue: str | None = None
    agent: str | None = None
    language: str | None = None
    vip: bool = False
    note: str | None = None
    noted_at: datetime | None = None
    spoken_at: datetime | None = None
    open_incidents: int = 0
    is_parent: bool = False


def found_by(entry: Entry, kind: MatchKind) -> Found:
    """Return *entry* as somebody found by *kind* of number."""
    return Found(
        contact_id=entry.contact_id,
        account_id=entry.account_id,
        kind=kind,
        has_open_incident=entry.open_incidents > 0,
        last_spoken_at=entry.spoken_at,
        is_parent_account=entry.is_parent,
    )
