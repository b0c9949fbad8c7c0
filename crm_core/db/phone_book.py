"""Who is behind a number, asked in the database: the way from ring to screen goes through here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    null,
    select,
    true,
)

from crm_core.db.prepared import Prepared
from crm_core.db.schema import instant_of
from crm_core.db.schema_incidents import incident
from crm_core.db.schema_people import NAMES, account, contact, did_range, number_choice, phone
from crm_core.domain.contacts import full_name
from crm_core.domain.entries import Entry

MOST = 20
_NUMBER = select(phone.c.e164).where(phone.c.id == bindparam("wanted"))
NEAREST_RANGES = 8  # ranges may lie within each other; deeper than this they do not


class _Listed(NamedTuple):
    """The columns of what is asked by phone and by contact, in their order."""

    contact_id: str | None
    account_id: str | None
    e164: str | None
    ext: str | None
    digits: str | None
    given: str | None
    additional: str | None
    family: str | None
    second_family: str | None
    language: str | None
    vip: int | None
    note: str | None
    noted_at: str | None
    spoken_at: str | None
    company: str | None
    tier: str | None
    queue: str | None
    agent: str | None
    is_parent: int | None
    open_incidents: int


class _Owner(NamedTuple):
    """The columns of a range's company."""

    account_id: str
    company: str
    tier: str | None
    queue: str | None
    agent: str | None
    is_parent: int
    open_incidents: int


_CHILD = account.alias("child")
_IS_PARENT = exists().where(_CHILD.c.parent_id == account.c.id)


def _open_incidents(owner: ColumnElement[bool]) -> Any:
    return select(func.count()).where(owner, incident.c.is_open == true()).scalar_subquery()


_OF_CONTACT = _open_incidents(incident.c.contact_id == contact.c.id)
_OF_ACCOUNT = _open_incidents(incident.c.account_id == account.c.id)
_OF_EITHER = case((contact.c.id.is_not(None), _OF_CONTACT), else_=_OF_ACCOUNT)
_PERSON = (
    *NAMES,
    contact.c.language,
    contact.c.vip,
    contact.c.note,
    contact.c.updated_at.label("noted_at"),
    contact.c.spoken_at,
)
_COMPANY = (
    account.c.name.label("company"),
    account.c.tier,
    account.c.preferred_queue,
    account.c.preferred_agent,
    _IS_PARENT.label("is_parent"),
)
_ACCOUNT_ID = func.coalesce(contact.c.account_id, phone.c.account_id)

_BY_PHONE = (
    select(
        phone.c.contact_id,
        _ACCOUNT_ID.label("account_id"),
        phone.c.e164,
        phone.c.ext,
        phone.c.national.label("digits"),
        *_PERSON,
        *_COMPANY,
        _OF_EITHER.label("open_incidents"),
    )
    .select_from(phone)
    .outerjoin(contact, contact.c.id == phone.c.contact_id)
    .outerjoin(account, account.c.id == _ACCOUNT_ID)
    .limit(MOST)
)
_EXACTLY = Prepared(_Listed._make, _BY_PHONE.where(phone.c.e164.in_((bindparam("one"), bindparam("other")))))
_TAIL = _BY_PHONE.where(phone.c.tail == bindparam("tail"))
_WITH_TAIL = Prepared(_Listed._make, _TAIL)
_UNREAD_WITH_TAIL = Prepared(_Listed._make, _TAIL.where(phone.c.e164.is_(None)))

_NO_NUMBER = (null().label("e164"), null().label("ext"), null().label("digits"))
_BY_CONTACT = (
    select(
        contact.c.id.label("contact_id"),
        contact.c.account_id,
        *_NO_NUMBER,
        *_PERSON,
        *_COMPANY,
        _OF_CONTACT.label("open_incidents"),
    )
    .select_from(contact)
    .outerjoin(account, account.c.id == contact.c.account_id)
)
_CONTACT = Prepared(_Listed._make, _BY_CONTACT.where(contact.c.id == bindparam("contact_id")))
_CHOSEN = Prepared(
    _Listed._make,
    _BY_CONTACT.join(number_choice, number_choice.c.contact_id == contact.c.id).where(
        number_choice.c.e164 == bindparam("number")
    ),
)

_NEAR = (
    select(did_range)
    .where(did_range.c.first <= bindparam("number"))
    .order_by(did_range.c.first.desc())
    .limit(NEAREST_RANGES)
    .subquery("near")
)
_RANGES = (
    select(account.c.id.label("account_id"), *_COMPANY, _OF_ACCOUNT.label("open_incidents"))
    .select_from(_NEAR)
    .join(account, account.c.id == _NEAR.c.account_id)
    .where(
        _NEAR.c.last >= bindparam("number"),
        func.length(_NEAR.c.last) == func.length(bindparam("number")),
    )
)
_IN_RANGE = Prepared(_Owner._make, _RANGES)
_FORGET_CHOICES = delete(number_choice).where(
    number_choice.c.e164.in_(bindparam("numbers", expanding=True)),
    number_choice.c.contact_id == bindparam("contact_id"),
)
_FORGET_CHOICE = delete(number_choice).where(number_choice.c.e164 == bindparam("number"))


class SqlPhoneBook:
    """A ``PhoneBook``: index hits only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def exactly(self, numbers: Sequence[str]) -> list[Entry]:
        """Return who has one of *numbers* (E.164; one or two)."""
        return self._entries(_EXACTLY, {"one": numbers[0], "other": numbers[-1]})

    def with_tail(self, tail: str, *, only_unread: bool) -> list[Entry]:
        """Return who has a number with these last eight digits; *only_unread*: that could not be read."""
        return self._entries(_UNREAD_WITH_TAIL if only_unread else _WITH_TAIL, {"tail": tail})

    def in_range(self, e164: str) -> list[Entry]:
        """Return the companies whose range holds the number."""
        rows = _IN_RANGE.rows(self._connection, {"number": e164})
        return [
            Entry(
                contact_id=None,
                account_id=row.account_id,
                name=row.company,
                company=row.company,
                tier=row.tier,
                queue=row.queue,
                agent=row.agent,
                is_parent=bool(row.is_parent),
                open_incidents=row.open_incidents,
            )
            for row in rows
        ]

    def contact(self, contact_id: str) -> Entry | None:
        """Return one contact's entry."""
        return next(iter(self._entries(_CONTACT, {"contact_id": contact_id})), None)

    def number_of(self, phone_id: str) -> str | None:
        """Return the number of a phone."""
        number: str | None = self._connection.scalar(_NUMBER, {"wanted": phone_id})
        return number

    def chosen(self, e164: str) -> Entry | None:
        """Return whom somebody chose for this number."""
        return next(iter(self._entries(_CHOSEN, {"number": e164})), None)

    def choose(self, e164: str, contact_id: str, now: datetime) -> None:
        """Remember who this number is."""
        self._connection.execute(_FORGET_CHOICE, {"number": e164})
        row = {"e164": e164, "contact_id": contact_id, "chosen_at": now}
        self._connection.execute(insert(number_choice), row)

    def forget_choices(self, contact_id: str, numbers: Sequence[str]) -> None:
        """Forget that anybody chose this contact for *numbers* (E.164)."""
        self._connection.execute(_FORGET_CHOICES, {"contact_id": contact_id, "numbers": list(numbers)})

    def _entries(self, query: Prepared[_Listed], values: dict[str, str]) -> list[Entry]:
        return [_entry(row) for row in query.rows(self._connection, values)]


def _entry(row: _Listed) -> Entry:
    return Entry(
        contact_id=row.contact_id,
        account_id=row.account_id,
        e164=row.e164,
        ext=row.ext,
        digits=row.digits,
        name=full_name(row.given, row.additional, row.family, row.second_family, company=row.company),
        company=row.company,
        tier=row.tier,
        queue=row.queue,
        agent=row.agent,
        language=row.language,
        vip=bool(row.vip),
        note=row.note,
        noted_at=instant_of(row.noted_at) if row.noted_at else None,
        spoken_at=instant_of(row.spoken_at) if row.spoken_at else None,
        open_incidents=row.open_incidents,
        is_parent=bool(row.is_parent),
    )
