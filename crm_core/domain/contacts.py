"""Customers: companies, people, and how they are reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from crm_core.domain.errors import InvalidError

CHANGEABLE = frozenset(("given", "family", "company", "language", "vip", "note"))
_ALWAYS_THERE = frozenset(("given", "family", "vip"))


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
        return full_name(self.given, self.family, self.company)


def full_name(given: str, family: str, company: str | None) -> str:
    """Return what somebody is called; the company's name when the person has none."""
    return " ".join(filter(None, (given, family))) or company or ""


def checked(contact: Contact) -> Contact:
    """Return *contact* when it can be kept.

    Raises:
        InvalidError: it has neither a name nor a company.
    """
    if not contact.name.strip():
        raise InvalidError("family", "a name or a company is needed")
    return contact


def changed(contact: Contact, changes: Mapping[str, Any], now: datetime) -> Contact:
    """Return the next version of *contact*.

    Raises:
        InvalidError: naming the first change that cannot be.
    """
    for field in sorted(changes):
        if field not in CHANGEABLE:
            raise InvalidError(field, "cannot be changed")
        if field in _ALWAYS_THERE and changes[field] is None:
            raise InvalidError(field, "cannot be null")
    after = {"updated_at": now, "version": contact.version + 1, **changes}
    return msgspec.structs.replace(contact, **after)
