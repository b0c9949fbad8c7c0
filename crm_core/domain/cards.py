"""The card that pops: what an agent should know of the caller before answering. Its JSON is the contract."""

from __future__ import annotations

from datetime import datetime

import msgspec

from crm_core.domain.calls import Match, Outcome, SegmentKind
from crm_core.domain.entitlement import Entitlement


class CardContact(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls; ``number`` is the E.164 that matched."""

    id: str
    name: str
    language: str | None = None
    vip: bool = False
    number: str | None = None


class CardAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The company."""

    id: str
    name: str
    tier: str | None = None


class CardIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An open incident; ``priority`` 1 (highest) to 5."""

    id: str
    number: str
    subject: str
    state: str
    priority: int
    opened_at: datetime


class CardProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A category, in both languages, and how many incidents of it this customer had; two at least."""

    name_es: str
    name_en: str
    incidents: int


class CardSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of an earlier call, for its bar."""

    kind: SegmentKind
    at: datetime
    until: datetime


class CardCall(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier call; ``agent`` the name of who talked."""

    id: str
    started_at: datetime
    duration_s: float
    outcome: Outcome | None = None
    agent: str | None = None
    queue: str | None = None
    segments: tuple[CardSegment, ...] = ()


class CardNote(msgspec.Struct, frozen=True, kw_only=True):
    """The last words written about the customer."""

    text: str
    agent: str | None
    at: datetime


class CardProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A contract of the customer, or a piece of a product that he has: that has a serial number.

    ``entitlement`` is whether it holds today, or the piece is covered.
    """

    name_es: str
    name_en: str
    serial: str | None = None
    entitlement: Entitlement


class CardPerson(msgspec.Struct, frozen=True, kw_only=True):
    """One of several people who may be calling."""

    contact_id: str
    name: str
    company: str | None = None
    why: str = ""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A caller's card. Without a contact, ``people`` may hold candidates and ``account`` their company."""

    number: str | None = None
    contact: CardContact | None = None
    account: CardAccount | None = None
    open_incidents: tuple[CardIncident, ...] = ()
    problems: tuple[CardProblem, ...] = ()
    last_calls: tuple[CardCall, ...] = ()
    products: tuple[CardProduct, ...] = ()
    notes: tuple[CardNote, ...] = ()
    people: tuple[CardPerson, ...] = ()
    match: Match = Match()

    @property
    def title(self) -> str | None:
        """The customer in one line: the company, else the person; None for a stranger."""
        if self.account:
            return self.account.name
        return self.contact.name if self.contact else None
