"""By which words each record is found, read from its tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, select

from crm_core.db.schema_equipment import asset
from crm_core.db.schema_incidents import incident, incident_entry
from crm_core.db.schema_interactions import interaction
from crm_core.db.schema_knowledge import article
from crm_core.db.schema_people import account, contact, email, phone
from crm_core.domain.found import Kind
from crm_core.domain.incidents import number_of
from crm_core.domain.looking import incident_words, number_words, serial_words, spelt, words_in

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_CONTACTS = (
    select(contact.c.id, contact.c.search, account.c.search)
    .outerjoin(account, account.c.id == contact.c.account_id)
    .where(contact.c.id.in_(_IDS))
)
_ACCOUNTS = select(account.c.id, account.c.search, account.c.legal_name, account.c.tax_id).where(
    account.c.id.in_(_IDS)
)
_INCIDENTS = (
    select(
        incident.c.id,
        incident.c.sequence,
        incident.c.subject,
        incident.c.description,
        incident.c.cause,
        contact.c.search,
        account.c.search,
    )
    .outerjoin(contact, contact.c.id == incident.c.contact_id)
    .outerjoin(account, account.c.id == incident.c.account_id)
    .where(incident.c.id.in_(_IDS))
)
_ARTICLES = select(
    article.c.id, article.c.title_es, article.c.title_en, article.c.text_es, article.c.text_en
).where(article.c.id.in_(_IDS), article.c.stand != "retired")
_ASSETS = select(asset.c.id, asset.c.serial).where(asset.c.id.in_(_IDS))
_WRITTEN = select(interaction.c.id, interaction.c.subject, interaction.c.body).where(
    interaction.c.id.in_(_IDS)
)
_NUMBER = (phone.c.national, phone.c.e164)
_NUMBERS_OF_CONTACTS = select(phone.c.contact_id, *_NUMBER).where(phone.c.contact_id.in_(_IDS))
_NUMBERS_OF_ACCOUNTS = select(phone.c.account_id, *_NUMBER).where(phone.c.account_id.in_(_IDS))
_ADDRESSES = select(email.c.contact_id, email.c.search).where(email.c.contact_id.in_(_IDS))

_ENTRIES = (
    select(incident_entry.c.incident_id, incident_entry.c.text)
    .where(incident_entry.c.incident_id.in_(_IDS), incident_entry.c.text.is_not(None))
    .order_by(incident_entry.c.at.desc(), incident_entry.c.id.desc())
)


class Words(NamedTuple):
    """All words of a record, and those of them that are of names and may be misspelt."""

    all: list[str]
    spelt: list[str]


def _contacts(connection: Connection, ids: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Words]]:
    reached = _numbers(connection, _NUMBERS_OF_CONTACTS, ids)
    for key, address in connection.execute(_ADDRESSES, ids):
        reached[key] += words_in(address)
    for key, *names in connection.execute(_CONTACTS, ids):
        named = words_in(*names)
        yield key, Words([*named, *reached[key]], spelt(named))


def words_but_addresses(
    connection: Connection, ids: Sequence[str], *, asked: Collection[str]
) -> dict[str, list[str]]:
    """Return the words of contacts without those of their addresses, but for addresses that are *asked*."""
    wanted = {"ids": ids}
    known = _numbers(connection, _NUMBERS_OF_CONTACTS, wanted)
    for key, address in connection.execute(_ADDRESSES, wanted):
        if address in asked:
            known[key] += words_in(address)
    return {key: [*words_in(*names), *known[key]] for key, *names in connection.execute(_CONTACTS, wanted)}


def _accounts(connection: Connection, ids: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Words]]:
    reached = _numbers(connection, _NUMBERS_OF_ACCOUNTS, ids)
    for key, *names, tax_id in connection.execute(_ACCOUNTS, ids):
        named = words_in(*names)
        yield key, Words([*named, *words_in(tax_id), *reached[key]], spelt(named))


def _incidents(connection: Connection, ids: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Words]]:
    written = defaultdict(list)
    for key, text in connection.execute(_ENTRIES, ids):
        written[key].append(text)
    for key, sequence, *texts in connection.execute(_INCIDENTS, ids):
        yield key, Words([*incident_words(number_of(sequence)), *words_in(*texts, *written[key])], [])


def _articles(connection: Connection, ids: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Words]]:
    for key, *texts in connection.execute(_ARTICLES, ids):
        yield key, Words(words_in(*texts), [])


def _assets(connection: Connection, ids: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Words]]:
    for key, serial in connection.execute(_ASSETS, ids):
        yield key, Words(list(serial_words(serial)), [])


def _written(connection: Connection, ids: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Words]]:
    for key, *texts in connection.execute(_WRITTEN, ids):
        yield key, Words(words_in(*texts), [])


def _numbers(
    connection: Connection, query: Any, ids: Mapping[str, Sequence[str]]
) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, digits, e164 in connection.execute(query, ids):
        if digits:
            found[key] += number_words(digits=digits, e164=e164)
    return found


_READ: Mapping[Kind, Callable[[Connection, Mapping[str, Sequence[str]]], Iterator[tuple[str, Words]]]] = {
    "contact": _contacts,
    "account": _accounts,
    "incident": _incidents,
    "article": _articles,
    "asset": _assets,
    "written": _written,
}


def words_of(connection: Connection, kind: Kind, ids: Sequence[str]) -> dict[str, Words]:
    """Return the words of those of *ids* that are there."""
    return dict(_READ[kind](connection, {"ids": ids}))
