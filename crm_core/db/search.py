"""Looking for anything, in the database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from crm_core.db.schema_equipment import asset, product
from crm_core.db.schema_incidents import incident
from crm_core.db.schema_interactions import interaction
from crm_core.db.schema_knowledge import article
from crm_core.db.schema_people import NAMES, account, contact, phone
from crm_core.db.schema_search import search_doc, search_slip
from crm_core.db.search_engines import BETWEEN_KINDS, ENGINES
from crm_core.db.search_index import SearchIndex, base_of
from crm_core.db.search_texts import words_but_addresses
from crm_core.domain.contacts import full_name
from crm_core.domain.found import (
    Found,
    FoundAccount,
    FoundArticle,
    FoundAsset,
    FoundContact,
    FoundIncident,
    FoundWritten,
    Kind,
)
from crm_core.domain.incidents import number_of
from crm_core.domain.looking import Terms, is_near, slips_of

BEGIN = 200  # characters of a text that are shown
MOST_NEAR = 400  # words of which some letter may be wrong: of them few are near
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_D, _S = search_doc.c, search_slip.c
_RECORDS = select(_D.place, _D.record_id).where(_D.place.in_(bindparam("places", expanding=True)))
_NEAR = select(_S.word).where(_S.slip.in_(_IDS)).order_by(_S.word).limit(MOST_NEAR)
_PEOPLE = (
    select(contact.c.id, *NAMES, contact.c.vip, account.c.name.label("company"))
    .outerjoin(account, account.c.id == contact.c.account_id)
    .where(contact.c.id.in_(_IDS))
)
_FIRMS = select(account.c.id, account.c.name, account.c.tier).where(account.c.id.in_(_IDS))
_INCIDENTS = (
    select(
        incident.c.id,
        incident.c.sequence,
        incident.c.subject,
        incident.c.state,
        incident.c.priority,
        *NAMES,
        account.c.name.label("company"),
    )
    .outerjoin(contact, contact.c.id == incident.c.contact_id)
    .outerjoin(account, account.c.id == incident.c.account_id)
    .where(incident.c.id.in_(_IDS))
)
_ARTICLES = select(article.c.id, article.c.title_es, article.c.title_en, article.c.stand).where(
    article.c.id.in_(_IDS)
)
_ASSETS = (
    select(
        asset.c.id,
        asset.c.serial,
        product.c.name_es,
        product.c.name_en,
        *NAMES,
        account.c.name.label("company"),
    )
    .join(product, product.c.id == asset.c.product_id)
    .outerjoin(contact, contact.c.id == asset.c.contact_id)
    .outerjoin(account, account.c.id == asset.c.account_id)
    .where(asset.c.id.in_(_IDS))
)
_WRITTEN = (
    select(
        interaction.c.id,
        interaction.c.contact_id,
        interaction.c.account_id,
        interaction.c.channel,
        interaction.c.at,
        interaction.c.subject,
        func.substr(interaction.c.body, 1, BEGIN).label("begin"),
        *NAMES,
        account.c.name.label("company"),
    )
    .outerjoin(contact, contact.c.id == interaction.c.contact_id)
    .outerjoin(account, account.c.id == interaction.c.account_id)
    .where(interaction.c.id.in_(_IDS))
)
_NUMBERS_OF_PEOPLE, _NUMBERS_OF_FIRMS = (
    select(owner, phone.c.e164, phone.c.raw)
    .where(owner.in_(_IDS))
    .order_by(owner, phone.c.is_primary, phone.c.id.desc())
    for owner in (phone.c.contact_id, phone.c.account_id)
)


class SqlSearch:
    """``Search``; ``catch_up`` is called at the end of a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._engine = ENGINES[connection.dialect.name]
        self.index = SearchIndex(connection)

    def having(
        self, kind: Kind, terms: Terms, *, below: int | None, limit: int
    ) -> list[tuple[int, list[str]]]:
        """Return places and words of records that have each of *terms*, from the highest place down."""
        above = base_of(kind)
        end = above + BETWEEN_KINDS if below is None else below
        rows = self._engine.having(self._connection, terms, above=above, below=end, limit=limit)
        return [(place, words.split()) for place, words in rows]

    def at(self, kind: Kind, places: Sequence[int]) -> list[Found]:
        """Return the records at *places*, in their order."""
        ids = self.ids(places) if places else {}
        found = {one.id: one for one in _SHOWN[kind](self._connection, list(ids.values()))} if ids else {}
        return [found[ids[place]] for place in places if ids.get(place) in found]

    def ids(self, places: Sequence[int]) -> dict[int, str]:
        """Return the ids of the records at *places*."""
        rows = self._connection.execute(_RECORDS, {"places": list(places)})
        return {row.place: row.record_id for row in rows}

    def but_addresses(self, places: Sequence[int], asked: Collection[str]) -> dict[int, list[str]]:
        """Return the words of contacts without those of their addresses, but for those that are *asked*."""
        ids = self.ids(places)
        words = words_but_addresses(self._connection, sorted(ids.values()), asked=asked)
        return {place: words.get(key, []) for place, key in ids.items()}

    def near(self, word: str) -> list[str]:
        """Return words of names that *word* is with one slip."""
        words = self._connection.scalars(_NEAR, {"ids": slips_of(word)})
        return [one for one in dict.fromkeys(words) if is_near(word, one)]

    def touch(self, kind: Kind, ids: Iterable[str]) -> None:
        """Say that records are other ones now, or gone, of which no event tells."""
        self.index.touch(kind, ids)


def _people(connection: Connection, ids: list[str]) -> list[Found]:
    numbers = _numbers(connection, _NUMBERS_OF_PEOPLE, ids)
    return [
        FoundContact(
            id=row.id,
            name=_name(row),
            company=row.company,
            number=numbers.get(row.id),
            vip=bool(row.vip),
        )
        for row in connection.execute(_PEOPLE, {"ids": ids})
    ]


def _firms(connection: Connection, ids: list[str]) -> list[Found]:
    numbers = _numbers(connection, _NUMBERS_OF_FIRMS, ids)
    return [
        FoundAccount(id=row.id, name=row.name, number=numbers.get(row.id), tier=row.tier)
        for row in connection.execute(_FIRMS, {"ids": ids})
    ]


def _incidents(connection: Connection, ids: list[str]) -> list[Found]:
    return [
        FoundIncident(
            id=row.id,
            number=number_of(row.sequence),
            subject=row.subject,
            state=row.state,
            priority=row.priority,
            who=_name(row) or None,
        )
        for row in connection.execute(_INCIDENTS, {"ids": ids})
    ]


def _articles(connection: Connection, ids: list[str]) -> list[Found]:
    rows = connection.execute(_ARTICLES, {"ids": ids})
    return [FoundArticle(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


def _assets(connection: Connection, ids: list[str]) -> list[Found]:
    return [
        FoundAsset(
            id=row.id,
            serial=row.serial,
            product_es=row.name_es,
            product_en=row.name_en,
            who=_name(row) or row.company,
        )
        for row in connection.execute(_ASSETS, {"ids": ids})
    ]


def _written(connection: Connection, ids: list[str]) -> list[Found]:
    return [
        FoundWritten(
            id=row.id,
            contact_id=row.contact_id,
            account_id=row.account_id,
            channel=row.channel,
            at=row.at,
            text=row.subject or row.begin,
            who=_name(row) or row.company,
        )
        for row in connection.execute(_WRITTEN, {"ids": ids})
    ]


def _numbers(connection: Connection, query: Any, ids: list[str]) -> dict[str, str]:
    """Return a number of each; the last row of each is the one to be shown."""
    return {key: e164 or raw for key, e164, raw in connection.execute(query, {"ids": ids})}


def _name(row: Any) -> str:
    return full_name(row.given, row.additional, row.family, row.second_family, company=row.company)


_SHOWN: Mapping[Kind, Callable[[Connection, list[str]], list[Found]]] = {
    "contact": _people,
    "account": _firms,
    "incident": _incidents,
    "article": _articles,
    "asset": _assets,
    "written": _written,
}
