"""Who is behind a number, asked in the database: the way from ring to screen goes through here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
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

from crm_core.db.schema import account, contact, did_range, incident, number_choice, phone
from crm_core.domain.entries import Entry

MOST = 20
NEAREST_RANGES = 8  # ranges may lie within each other; deeper than this they do not

_CHILD = account.alias("child")
_IS_PARENT = exists().where(_CHILD.c.parent_id == account.c.id)


def _open_incidents(owner: ColumnElement[bool]) -> Any:
    return select(func.count()).where(owner, incident.c.is_open == true()).scalar_subquery()


_OF_CONTACT = _open_incidents(incident.c.contact_id == contact.c.id)
_OF_ACCOUNT = _open_incidents(incident.c.account_id == account.c.id)
_OF_EITHER = case((contact.c.id.is_not(None), _OF_CONTACT), else_=_OF_ACCOUNT)
_PERSON = (
    contact.c.given,
    contact.c.family,
    contact.c.language,
    contact.c.vip,
    contact.c.note,
    contact.c.updated_at.label("noted_at"),
    contact.c.spoken_at,
)
_COMPANY = (account.c.name.label("company"), account.c.tier, _IS_PARENT.label("is_parent"))
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
_EXACTLY = _BY_PHONE.where(phone.c.e164.in_((bindparam("one"), bindparam("other"))))
_WITH_TAIL = _BY_PHONE.where(phone.c.tail == bindparam("tail"))
_UNREAD_WITH_TAIL = _WITH_TAIL.where(phone.c.e164.is_(None))

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
_CONTACT = _BY_CONTACT.where(contact.c.id == bindparam("contact_id"))
_CHOSEN = _BY_CONTACT.join(number_choice, number_choice.c.contact_id == contact.c.id).where(
    number_choice.c.e164 == bindparam("number")
)

_NEAR = (
    select(did_range)
    .where(did_range.c.first <= bindparam("number"))
    .order_by(did_range.c.first.desc())
    .limit(NEAREST_RANGES)
    .subquery("near")
)
_IN_RANGE = (
    select(account.c.id, *_COMPANY, _OF_ACCOUNT.label("open_incidents"))
    .select_from(_NEAR)
    .join(account, account.c.id == _NEAR.c.account_id)
    .where(
        _NEAR.c.last >= bindparam("number"),
        func.length(_NEAR.c.last) == func.length(bindparam("number")),
    )
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
        rows = self._connection.execute(_IN_RANGE, {"number": e164})
        return [
            Entry(
                contact_id=None,
                account_id=row.id,
                name=row.company,
                company=row.company,
                tier=row.tier,
                is_parent=bool(row.is_parent),
                open_incidents=row.open_incidents,
            )
            for row in rows
        ]

    def contact(self, contact_id: str) -> Entry | None:
        """Return one contact's entry."""
        return next(iter(self._entries(_CONTACT, {"contact_id": contact_id})), None)

    def chosen(self, e164: str) -> Entry | None:
        """Return whom somebody chose for this number."""
        return next(iter(self._entries(_CHOSEN, {"number": e164})), None)

    def choose(self, e164: str, contact_id: str, now: datetime) -> None:
        """Remember who this number is."""
        self._connection.execute(_FORGET_CHOICE, {"number": e164})
        row = {"e164": e164, "contact_id": contact_id, "chosen_at": now}
        self._connection.execute(insert(number_choice), row)

    def _entries(self, query: Select[Any], values: dict[str, str]) -> list[Entry]:
        return [_entry(row) for row in self._connection.execute(query, values)]


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        contact_id=row.contact_id,
        account_id=row.account_id,
        e164=row.e164,
        ext=row.ext,
        digits=row.digits,
        name=" ".join(filter(None, (row.given, row.family))) or row.company or "",
        company=row.company,
        tier=row.tier,
        language=row.language,
        vip=bool(row.vip),
        note=row.note,
        noted_at=row.noted_at,
        spoken_at=row.spoken_at,
        open_incidents=row.open_incidents,
        is_parent=bool(row.is_parent),
    )
