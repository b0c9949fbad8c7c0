"""Two records become one, and two again: what was moved, and what cannot be undone any more (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from crm_core.domain.accounts import WholeAccount
from crm_core.domain.calls import Candidate, Match
from crm_core.domain.contacts import Contact
from crm_core.domain.duplicates import NotSame, RecordKind
from crm_core.domain.erasure import LegalHold
from crm_core.domain.errors import CrmError, NotFoundError
from crm_core.domain.matching import attached

LONGEST_REASON = 200
LONGEST_CHAIN = 50  # records that became a part of one that became a part of another one…


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """Which record stays, which becomes a part of it, and in which versions both were looked at."""

    stays: str
    goes: str
    stays_version: int
    goes_version: int


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """A record (``loser_id``) became a part of another one, by whom and when; ``names`` are both's."""

    id: str
    kind: RecordKind
    loser_id: str
    into_id: str
    names: tuple[str, str]
    at: datetime
    by: str | None
    undone_at: datetime | None = None
    undone_by: str | None = None


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a call was taken to be."""

    contact_id: str | None
    match: Match


class ContactJournal(msgspec.Struct, frozen=True, kw_only=True):
    """What a merge of contacts put in the place of what: enough to make two of one again.

    ``spoken_at`` and ``holds`` are of the one that stays, then of the other. ``moved`` are keys by table,
    ``added`` the consents that were noted so that nothing is allowed that one of both had refused.
    """

    stays: Contact
    goes: Contact
    version: int
    spoken_at: tuple[datetime | None, datetime | None]
    holds: tuple[LegalHold | None, LegalHold | None]
    moved: dict[str, tuple[str, ...]]
    calls: dict[str, Label]
    added: tuple[str, ...]
    apart: tuple[NotSame, ...]


class AccountJournal(msgspec.Struct, frozen=True, kw_only=True):
    """What a merge of companies put in the place of what.

    ``related`` are relations that others had with the one that goes, ``own_related`` with the other.
    """

    stays: WholeAccount
    goes: WholeAccount
    version: int
    moved: dict[str, tuple[str, ...]]
    related: tuple[tuple[str, str], ...]
    own_related: tuple[tuple[str, str], ...]
    apart: tuple[NotSame, ...]


class MergedError(NotFoundError):
    """The record became a part of another one, ``into``: whoever looks for it is led there."""

    code = "merged"

    def __init__(self, kind: str, key: str, into: str) -> None:
        super().__init__(kind, key)
        self.args = (kind, key, into)
        self.into = into

    def __str__(self) -> str:
        return f"the {self.kind} {self.key} is a part of {self.into} now"


class ToBeErasedError(CrmError):
    """Somebody asked that this contact be erased: until that is done or taken back, he stays himself."""

    code = "to_be_erased"

    def __init__(self, contact_id: str) -> None:
        super().__init__(contact_id)
        self.contact_id = contact_id

    def __str__(self) -> str:
        return f"the contact {self.contact_id} is to be erased"


class ChangedSinceError(CrmError):
    """A merge cannot be undone, for something was changed since; ``what`` names each: kind and id."""

    code = "changed_since"

    def __init__(self, what: Sequence[tuple[str, str]]) -> None:
        super().__init__(what)
        self.what = tuple(what)

    def __str__(self) -> str:
        return "changed since: " + ", ".join(f"{kind} {key}" for kind, key in self.what[:10])


def relabelled(label: Label, *, loser: str, into: str, at: datetime) -> Label:
    """Return whose a call is when *loser* became a part of *into* at *at*: each person is a candidate once.

    One that may have been both's is his, when nobody else shares the number.
    """
    named: dict[tuple[str | None, str | None], Candidate] = {}
    for one in label.match.candidates:
        told = replace(one, contact_id=into) if one.contact_id == loser else one
        named.setdefault((told.contact_id, None if told.contact_id else told.account_id), told)
    match = replace(label.match, candidates=tuple(named.values()))
    if label.contact_id is None and attached(match)[0] == into:
        return Label(contact_id=into, match=replace(match, relabelled_at=at))
    return Label(contact_id=into if label.contact_id == loser else label.contact_id, match=match)


def held(own: LegalHold | None, other: LegalHold | None, *, stays: str) -> LegalHold | None:
    """Return why the records of two must be kept who are one: for the reasons of both."""
    if other is None:
        return own
    reason = f"{own.reason} / {other.reason}" if own else other.reason
    return replace(other, contact_id=stays, reason=reason[:LONGEST_REASON])
