"""What is sent about a contact: who he is, how and when he is reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from zoneinfo import available_timezones

import msgspec
from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from crm_core.domain.contacts import (
    CallHours,
    Channel,
    ContactLimit,
    Day,
    Email,
    EmailLabel,
    Lifecycle,
    Phone,
    PhoneLabel,
    PlaceLabel,
    PostalAddress,
)
from crm_core.domain.custom_fields import LONGEST_TEXT, MOST_FIELDS
from crm_core.domain.phone_text import is_nobody
from screenpop.api.exchange import ONE_LINE, Id, Input, Line, Prose, all_stays

MOST_PHONES, MOST_PLACES, MOST_HOURS, MOST_SUBJECTS, MOST_TAGS = 20, 10, 14, 20, 20
LONGEST_NOTE = 4000
EARLIEST_BIRTH = date(1850, 1, 1)


def _number(raw: str) -> str:
    if is_nobody(raw):
        raise PydanticCustomError("no_number", "there is no number in it")
    return raw


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError("unknown_zone", "this is no IANA time zone")
    return name


def _born(day: date) -> date:
    if day < EARLIEST_BIRTH:
        raise PydanticCustomError("too_early", "nobody is that old")
    return day


def _none_when_empty(text: str | None) -> str | None:
    return text or None


Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254), ONE_LINE]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Clock = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Zone = Annotated[str, StringConstraints(max_length=60), AfterValidator(_zone)]
Name = Annotated[str, StringConstraints(max_length=100), ONE_LINE]
Affix = Annotated[str, StringConstraints(max_length=40), ONE_LINE]
Raw = Annotated[str, StringConstraints(min_length=1, max_length=60), ONE_LINE, AfterValidator(_number)]
Text80 = Annotated[
    Annotated[str, StringConstraints(max_length=80), ONE_LINE] | None, AfterValidator(_none_when_empty)
]
Text100 = Annotated[
    Annotated[str, StringConstraints(max_length=100), ONE_LINE] | None, AfterValidator(_none_when_empty)
]
Text200 = Annotated[
    Annotated[str, StringConstraints(max_length=200), ONE_LINE] | None, AfterValidator(_none_when_empty)
]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^#,]+$"), ONE_LINE]
Tags = Annotated[tuple[Tag, ...], Field(max_length=MOST_TAGS)]
Own = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), ONE_LINE]
Values = dict[Annotated[str, StringConstraints(max_length=40)], bool | int | float | Own | None]
Birthday = Annotated[date, AfterValidator(_born)]


class NewPhone(Input):
    """A number, in any writing; not ``is_valid``: it is dead."""

    raw: Raw
    label: PhoneLabel = "work"
    is_primary: bool = False
    is_valid: bool = True
    do_not_call: bool = False


class PhoneInput(NewPhone):
    """A number that the contact has (``id``), or a new one."""

    id: Id | None = None


class PhoneChange(Input):
    """What to change of a number; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=all_stays)
    raw: Raw = ""
    label: PhoneLabel = "work"
    is_primary: bool = False
    is_valid: bool = True
    do_not_call: bool = False


class NewEmail(Input):
    """An e-mail address; a plain text is its ``address``. Not ``is_valid``: what is sent there comes back."""

    address: Address
    label: EmailLabel = "work"
    is_primary: bool = False
    is_valid: bool = True
    do_not_write: bool = False

    @model_validator(mode="before")
    @classmethod
    def _as_object(cls, sent: object) -> object:
        """Take a plain text for the address."""
        return {"address": sent} if isinstance(sent, str) else sent


class EmailInput(NewEmail):
    """An address that the contact has (``id``), or a new one."""

    id: Id | None = None


class EmailChange(Input):
    """What to change of an address; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=all_stays)
    address: Address = ""
    label: EmailLabel = "work"
    is_primary: bool = False
    is_valid: bool = True
    do_not_write: bool = False


class PlaceInput(Input):
    """A postal address; ``country`` is ISO 3166-1 alpha-2."""

    label: PlaceLabel = "work"
    street: Line = Field(default="", max_length=200)
    postal_code: Line = Field(default="", max_length=20)
    city: Line = Field(default="", max_length=100)
    province: Line = Field(default="", max_length=100)
    country: Country | None = None


class HoursInput(Input):
    """When he may be called, in his time zone: ``begin`` and ``end`` as ``09:00``."""

    days: tuple[Day, ...] = Field(min_length=1, max_length=7)
    begin: Clock
    end: Clock

    @field_validator("end")
    @classmethod
    def _ends_later(cls, end: str, told: ValidationInfo) -> str:
        """Demand that it ends after it begins."""
        if end <= told.data.get("begin", ""):
            raise PydanticCustomError("ends_before_it_begins", "it ends before it begins")
        return end


class LimitInput(Input):
    """How often he wants to be approached at most: ``times`` in ``days``."""

    times: int = Field(ge=1, le=100)
    days: int = Field(ge=1, le=366)


class Person(Input):
    """Who somebody is. The name is in the parts of vCard 4; ``family`` may hold both surnames."""

    prefix: Affix = ""
    given: Name = ""
    additional: Name = ""
    family: Name = ""
    second_family: Name = ""
    suffix: Affix = ""
    title: Text100 = None
    role: Text100 = None
    language: Language | None = None
    time_zone: Zone | None = None
    birthday: Birthday | None = None
    vip: bool = False
    lifecycle: Lifecycle | None = None
    preferred_channel: Channel | None = None
    call_hours: tuple[HoursInput, ...] = Field(default=(), max_length=MOST_HOURS)
    contact_limit: LimitInput | None = None
    subjects: tuple[Annotated[str, StringConstraints(min_length=1, max_length=60), ONE_LINE], ...] = Field(
        default=(), max_length=MOST_SUBJECTS
    )
    source: Text80 = None
    note: Prose | None = Field(default=None, max_length=LONGEST_NOTE)
    addresses: tuple[PlaceInput, ...] = Field(default=(), max_length=MOST_PLACES)
    tags: Tags = ()
    fields: Values = Field(default={}, max_length=MOST_FIELDS)


class NewContact(Person):
    """Somebody new; a name or a company is needed.

    ``call_id`` names a call that he is the customer of: its number is his first one, seen or not.
    """

    company: Text200 = Field(default=None, validate_default=True)
    phones: tuple[NewPhone, ...] = Field(default=(), max_length=MOST_PHONES)
    emails: tuple[NewEmail, ...] = Field(default=(), max_length=MOST_PHONES)
    call_id: Id | None = None

    @field_validator("company")
    @classmethod
    def _has_a_name(cls, company: str | None, told: ValidationInfo) -> str | None:
        """Demand that the contact can be called something."""
        names = ("given", "additional", "family", "second_family")
        if not any((company, *(told.data.get(name, "?") for name in names))):
            raise PydanticCustomError("name_needed", "a name or a company is needed")
        return company


class ContactChange(Person):
    """What to change; what is not named stays. ``phones`` and ``emails`` are all that he has from now on."""

    model_config = ConfigDict(json_schema_extra=all_stays)
    company: Text200 = None
    phones: tuple[PhoneInput, ...] = Field(default=(), max_length=MOST_PHONES)
    emails: tuple[EmailInput, ...] = Field(default=(), max_length=MOST_PHONES)


_KEPT_AS: Mapping[str, Any] = {
    "call_hours": tuple[CallHours, ...],
    "contact_limit": ContactLimit | None,
    "subjects": tuple[str, ...],
    "addresses": tuple[PostalAddress, ...],
}


def sent_of(asked: Input) -> dict[str, Any]:
    """Return what *asked* names, as the records keep it; new numbers and addresses have an empty id."""
    sent = {name: getattr(asked, name) for name in asked.model_fields_set}
    for name, kind in _KEPT_AS.items():
        if name in sent:
            sent[name] = msgspec.convert(sent[name], kind, from_attributes=True)
    if "phones" in sent:
        sent["phones"] = tuple(phone_of(one) for one in sent["phones"])
    if "emails" in sent:
        sent["emails"] = tuple(email_of(one) for one in sent["emails"])
    return sent


def phone_of(asked: NewPhone) -> Phone:
    """Return the number that is meant."""
    return Phone(**{**asked.model_dump(), "id": getattr(asked, "id", None) or ""})


def email_of(asked: NewEmail) -> Email:
    """Return the address that is meant."""
    return Email(**{**asked.model_dump(), "id": getattr(asked, "id", None) or ""})
