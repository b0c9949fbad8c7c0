"""Customers: companies, people, and how they are reached."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A company; ``tier`` is what it is worth to us, in the site's own words."""

    id: str
    name: str
    parent_id: str | None = None
    tier: str | None = None
    region: str | None = None
    version: int = 1


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """A number of a contact or an account, as written (``raw``) and as read."""

    id: str
    raw: str
    e164: str | None = None
    ext: str | None = None
    label: str = "work"
    is_primary: bool = False
    do_not_call: bool = False


class Email(msgspec.Struct, frozen=True, kw_only=True):
    """An address of a contact."""

    id: str
    address: str
    is_primary: bool = False


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A person. ``family`` may hold both Spanish surnames; ``language`` is BCP 47."""

    id: str
    given: str = ""
    family: str = ""
    account_id: str | None = None
    company: str | None = None
    language: str | None = None
    vip: bool = False
    note: str | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 1
    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()

    @property
    def name(self) -> str:
        """The full name; the company's when the person has none."""
        return " ".join(filter(None, (self.given, self.family))) or self.company or ""
