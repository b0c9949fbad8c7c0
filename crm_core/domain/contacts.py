"""Customers: people, and how they are reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, get_args

import msgspec

from crm_core.domain.errors import InvalidError
from crm_core.domain.words import folded

Channel = Literal["call", "email", "sms", "chat", "post"]
Lifecycle = Literal["lead", "prospect", "customer", "lost"]
PhoneLabel = Literal["work", "mobile", "home", "fax", "other"]
EmailLabel = Literal["work", "home", "other"]
PlaceLabel = Literal["work", "home", "billing", "delivery", "other"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

CHANNELS: tuple[Channel, ...] = get_args(Channel)
LIFECYCLES: tuple[Lifecycle, ...] = get_args(Lifecycle)
PHONE_LABELS: tuple[PhoneLabel, ...] = get_args(PhoneLabel)
EMAIL_LABELS: tuple[EmailLabel, ...] = get_args(EmailLabel)
PLACE_LABELS: tuple[PlaceLabel, ...] = get_args(PlaceLabel)
DAYS: tuple[Day, ...] = get_args(Day)
LONGEST_SEARCHED = 300


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """A number of a contact or an account, as written (``raw``) and as read; not ``is_valid``: it is dead."""

    id: str
    raw: str
    e164: str | None = None
    ext: str | None = None
    label: str = "work"
    is_primary: bool = False
    is_valid: bool = True
    do_not_call: bool = False


class Email(msgspec.Struct, frozen=True, kw_only=True):
    """An address of a contact; not ``is_valid``: what is sent there comes back."""

    id: str
    address: str
    label: str = "work"
    is_primary: bool = False
    is_valid: bool = True
    do_not_write: bool = False


class PostalAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody lives or works; ``country`` is ISO 3166-1 alpha-2."""

    label: PlaceLabel = "work"
    street: str = ""
    postal_code: str = ""
    city: str = ""
    province: str = ""
    country: str | None = None


class CallHours(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody may be called: on ``days`` from ``begin`` to ``end`` (``09:00``), where he is."""

    days: tuple[Day, ...]
    begin: str
    end: str


class ContactLimit(msgspec.Struct, frozen=True, kw_only=True):
    """How often somebody wants to be approached at most: ``times`` in ``days``."""

    times: int
    days: int


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A person, with the name in the parts of vCard 4.

    ``family`` may hold both Spanish surnames, or the first one and ``second_family`` the other. ``language``
    is BCP 47, ``time_zone`` an IANA name; ``subjects`` are what he wants to be approached about, ``source``
    says where the data came from, ``fields`` are the site's own by key. None and empty: not known.

    Source:
        RFC 6350 §6.2.2 and RFC 9554 §2.2 (the secondary surname).
    """

    id: str
    prefix: str = ""
    given: str = ""
    additional: str = ""
    family: str = ""
    second_family: str = ""
    suffix: str = ""
    account_id: str | None = None
    company: str | None = None
    title: str | None = None
    role: str | None = None
    language: str | None = None
    time_zone: str | None = None
    birthday: date | None = None
    vip: bool = False
    lifecycle: Lifecycle | None = None
    preferred_channel: Channel | None = None
    call_hours: tuple[CallHours, ...] = ()
    contact_limit: ContactLimit | None = None
    subjects: tuple[str, ...] = ()
    source: str | None = None
    note: str | None = None
    addresses: tuple[PostalAddress, ...] = ()
    tags: tuple[str, ...] = ()
    fields: dict[str, Any] = {}
    created_at: datetime
    updated_at: datetime
    version: int = 1
    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()

    @property
    def name(self) -> str:
        """The full name; the company's when the person has none."""
        names = (self.given, self.additional, self.family, self.second_family)
        return full_name(*names, company=self.company)

    @property
    def listed_as(self) -> str:
        """The place in a list by name."""
        return folded(self.name)[:LONGEST_SEARCHED]


CHANGEABLE = frozenset(Contact.__struct_fields__) - frozenset(
    ("id", "account_id", "created_at", "updated_at", "version")
)
_ALWAYS_THERE = CHANGEABLE - frozenset(
    one.name for one in msgspec.structs.fields(Contact) if one.default is None
)


def full_name(*names: str | None, company: str | None) -> str:
    """Return what somebody is called by *names*; the company's name when the person has none."""
    return " ".join(filter(None, names)) or company or ""


def checked(contact: Contact) -> Contact:
    """Return *contact* when it can be kept.

    Raises:
        InvalidError: it has neither a name nor a company.
    """
    if not contact.name.strip():
        raise InvalidError("company", "a name or a company is needed", fault="name_needed")
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
