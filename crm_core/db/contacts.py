"""Contacts in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import asdict
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    exists,
    insert,
    or_,
    select,
    union,
    update,
)

from crm_core.db.contact_words import MANY, with_beginnings
from crm_core.db.folded import fitted, words_fitted
from crm_core.db.phones import phone_of, phone_row
from crm_core.db.prepared import PreparedInsert
from crm_core.db.schema_people import account, contact, contact_tag, contact_word, email, phone
from crm_core.db.statements import begins, behind_name, count_of
from crm_core.domain.contacts import LONGEST_SEARCHED, Contact, Email, Phone
from crm_core.domain.words import folded

_C = contact.c
_ADD = PreparedInsert(contact, filled=["spoken_at"])  # null, until somebody spoke with him
_ADD_WORDS = PreparedInsert(contact_word)
_ADD_PHONES, _ADD_EMAILS = PreparedInsert(phone), PreparedInsert(email)
_ROWS = select(contact, account.c.name.label("company")).outerjoin(
    account, account.c.id == contact.c.account_id
)
# The names in an expression: a list of few is sorted, instead of walking the index of all names for them.
_NAME = _C.search.concat("")
_ONE = _ROWS.where(_C.id == bindparam("wanted"))
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_LISTED = _ROWS.where(_C.id.in_(_IDS)).order_by(_NAME, _C.id)
_PHONES = select(phone).where(phone.c.contact_id.in_(_IDS)).order_by(phone.c.is_primary.desc(), phone.c.id)
_EMAILS = select(email).where(email.c.contact_id.in_(_IDS)).order_by(email.c.is_primary.desc(), email.c.id)
_FORGET_WORDS = delete(contact_word).where(contact_word.c.contact_id == bindparam("wanted"))
_ADD_TAGS = PreparedInsert(contact_tag)
_FORGET_TAGS = delete(contact_tag).where(contact_tag.c.contact_id == bindparam("wanted"))
_NOT_PRIMARY = update(phone).where(phone.c.contact_id == bindparam("wanted")).values(is_primary=False)
_REACHED = union(
    select(phone.c.contact_id).where(phone.c.e164.in_(bindparam("numbers", expanding=True))),
    select(email.c.contact_id).where(email.c.search.in_(bindparam("addresses", expanding=True))),
)
_NAMESAKES = _ROWS.where(_C.id.in_(_REACHED), _C.search.in_(bindparam("names", expanding=True)))
_SPOKE = (
    update(contact)
    .where(_C.id == bindparam("wanted"), or_(_C.spoken_at.is_(None), _C.spoken_at < bindparam("at")))
    .values(spoken_at=bindparam("at"))
)
_FIELDS = tuple(name for name in Contact.__struct_fields__ if name in _C)
_CHANGING = tuple(name for name in (*_FIELDS, "search") if name not in ("id", "created_at"))
_FORGET_PHONES = delete(phone).where(phone.c.contact_id == bindparam("wanted"))
_FORGET_EMAILS = delete(email).where(email.c.contact_id == bindparam("wanted"))


class _Way(NamedTuple):
    """One way to find contacts: the ids that it gives, and whether it holds for a contact at hand."""

    ids: Select[Any] | CompoundSelect[Any]
    holds: ColumnElement[bool]


def _way(owner: ColumnElement[Any], *fits: ColumnElement[bool]) -> _Way:
    """Return the way by rows of which any of *fits* holds; *owner* is their column with the contact's id."""
    each = [select(owner).where(one) for one in fits]
    ids = each[0].union(*each[1:]) if len(each) > 1 else each[0]
    return _Way(ids, exists().where(owner == _C.id, or_(*fits)))


class SqlContacts:
    """``Contacts``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, contact_id: str) -> Contact | None:
        """Return a contact with phones and addresses."""
        found = self._contacts(_ONE, {"wanted": contact_id})
        return found[0] if found else None

    def add(self, contacts: Sequence[Contact]) -> None:
        """Keep new contacts, with their phones and addresses."""
        rows: dict[PreparedInsert, Iterable[dict[str, Any]]] = {
            _ADD: map(_row, contacts),
            _ADD_WORDS: (row for one in contacts for row in _word_rows(one)),
            _ADD_TAGS: (row for one in contacts for row in _tag_rows(one)),
            _ADD_PHONES: (phone_row(each, contact_id=one.id) for one in contacts for each in one.phones),
            _ADD_EMAILS: (_email_row(each, one.id) for one in contacts for each in one.emails),
        }
        for insert_into, these in rows.items():
            insert_into.add(self._connection, these)

    def change(self, one: Contact) -> None:
        """Keep what is new about a contact; its phones and addresses stay as they are."""
        row = _row(one)
        changing = {name: row[name] for name in _CHANGING}
        self._connection.execute(update(contact).where(_C.id == one.id).values(changing))
        for forget in (_FORGET_WORDS, _FORGET_TAGS):
            self._connection.execute(forget, {"wanted": one.id})
        _ADD_WORDS.add(self._connection, _word_rows(one))
        _ADD_TAGS.add(self._connection, _tag_rows(one))

    def add_phone(self, contact_id: str, number: Phone) -> None:
        """Keep one more number."""
        if number.is_primary:
            self._connection.execute(_NOT_PRIMARY, {"wanted": contact_id})
        self._connection.execute(insert(phone), phone_row(number, contact_id=contact_id))

    def set_phones(self, contact_id: str, numbers: Sequence[Phone]) -> None:
        """Keep these numbers in place of those that he had."""
        self._connection.execute(_FORGET_PHONES, {"wanted": contact_id})
        _ADD_PHONES.add(self._connection, (phone_row(one, contact_id=contact_id) for one in numbers))

    def set_emails(self, contact_id: str, addresses: Sequence[Email]) -> None:
        """Keep these addresses in place of those that he had."""
        self._connection.execute(_FORGET_EMAILS, {"wanted": contact_id})
        _ADD_EMAILS.add(self._connection, (_email_row(one, contact_id) for one in addresses))

    def add_email(self, contact_id: str, address: Email) -> None:
        """Keep one more address."""
        self._connection.execute(insert(email), _email_row(address, contact_id))

    def page(self, after: tuple[str, str] | None, limit: int) -> list[Contact]:
        """Return contacts by folded name and id."""
        place = behind_name(after, _C.search, _C.id)
        return self._contacts(_ROWS.where(*place).order_by(_C.search, _C.id).limit(limit))

    def of_account(self, account_id: str, after: tuple[str, str] | None, limit: int) -> list[Contact]:
        """Return the contacts of a company by folded name and id."""
        place = (_C.account_id == account_id, *behind_name(after, _C.search, _C.id))
        return self._contacts(_ROWS.where(*place).order_by(_C.search, _C.id).limit(limit))

    def in_company(self, account_id: str, after: str, limit: int) -> list[Contact]:
        """Return the contacts of a company by id, behind the id *after*."""
        place = (_C.account_id == account_id, _C.id > after)
        return self._contacts(_ROWS.where(*place).order_by(_C.id).limit(limit))

    def with_words(self, words: Sequence[str], after: tuple[str, str] | None, limit: int) -> list[Contact]:
        """Return contacts who have, for each of *words*, a word of name or company that begins so."""
        ids = with_beginnings(self._connection, words, after, limit)
        return self._contacts(_LISTED, {"ids": ids}) if ids else []

    def with_tag(self, word: str, after: tuple[str, str] | None, limit: int) -> list[Contact]:
        """Return contacts who have the tag *word* (folded)."""
        way = _way(contact_tag.c.contact_id, contact_tag.c.word == fitted(word, contact_tag.c.word))
        return self._found(way, after, limit)

    def with_number(
        self, *, e164: str | None, digits: str, after: tuple[str, str] | None, limit: int
    ) -> list[Contact]:
        """Return contacts who have the number *e164*, or one that begins with *digits*."""
        fits = [begins(phone.c.national, digits), begins(phone.c.e164, f"+{digits}")]
        if e164 is not None:
            fits.append(phone.c.e164 == e164)
        return self._found(_way(phone.c.contact_id, *fits), after, limit)

    def with_address(
        self, begin: str, after: tuple[str, str] | None, limit: int, *, whole: bool = False
    ) -> list[Contact]:
        """Return contacts who have an e-mail address that begins so; *whole*: that is it."""
        written = fitted(folded(begin), email.c.search)
        fits = email.c.search == written if whole else begins(email.c.search, written)
        return self._found(_way(email.c.contact_id, fits), after, limit)

    def namesakes(
        self, *, names: Sequence[str], numbers: Sequence[str], addresses: Sequence[str]
    ) -> list[Contact]:
        """Return who has one of *names*, and one of *numbers* (E.164) or *addresses*; all folded."""
        reached = {"names": list(names), "numbers": list(numbers), "addresses": list(addresses)}
        return self._contacts(_NAMESAKES, reached)

    def spoke(self, at: Mapping[str, datetime]) -> None:
        """Keep when contacts were spoken with, where that is later than what is known."""
        if at:
            self._connection.execute(_SPOKE, [{"wanted": key, "at": when} for key, when in at.items()])

    def _found(self, way: _Way, after: tuple[str, str] | None, limit: int) -> list[Contact]:
        """Return who is found in a *way*: sorted, or by name when many fit."""
        if count_of(self._connection, way.ids, at_most=MANY) < MANY:
            wanted = [_C.id.in_(way.ids), *behind_name(after, _NAME, _C.id)]
            return self._contacts(_ROWS.where(*wanted).order_by(_NAME, _C.id).limit(limit))
        wanted = [way.holds, *behind_name(after, _C.search, _C.id)]
        return self._contacts(_ROWS.where(*wanted).order_by(_C.search, _C.id).limit(limit))

    def _contacts(self, query: Select[Any], values: dict[str, Any] | None = None) -> list[Contact]:
        rows = self._connection.execute(query, values or {}).all()
        ids = {"ids": [row.id for row in rows]}
        if not rows:
            return []
        phones: dict[str, list[Phone]] = defaultdict(list)
        for row in self._connection.execute(_PHONES, ids):
            phones[row.contact_id].append(phone_of(row))
        emails: dict[str, list[Email]] = defaultdict(list)
        for row in self._connection.execute(_EMAILS, ids):
            emails[row.contact_id].append(_email(row))
        return [_contact(row, phones[row.id], emails[row.id]) for row in rows]


def _row(one: Contact) -> dict[str, Any]:
    return asdict(one) | {"search": one.listed_as}


def _word_rows(one: Contact) -> list[dict[str, Any]]:
    names = (one.given, one.additional, one.family, one.second_family, one.company or "")
    words = {word[:LONGEST_SEARCHED] for word in folded(" ".join(names)).split()}
    return [{"word": word, "search": one.listed_as, "contact_id": one.id} for word in words]


def _tag_rows(one: Contact) -> list[dict[str, Any]]:
    return [{"word": word, "contact_id": one.id} for word in words_fitted(one.tags, contact_tag.c.word)]


def _email_row(one: Email, contact_id: str) -> dict[str, Any]:
    row = {name: getattr(one, name) for name in Email.__struct_fields__}
    return row | {"contact_id": contact_id, "search": fitted(folded(one.address), email.c.search)}


def _email(row: Row[Any]) -> Email:
    return Email(**{name: getattr(row, name) for name in Email.__struct_fields__})


def _contact(row: Row[Any], phones: list[Phone], emails: list[Email]) -> Contact:
    kept = {name: getattr(row, name) for name in _FIELDS}
    return Contact(**kept, company=row.company, phones=tuple(phones), emails=tuple(emails))
