"""Companies in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, literal, or_, select, update

from crm_core.db.folded import fitted, words_fitted
from crm_core.db.phones import phone_of, phone_row
from crm_core.db.prepared import PreparedInsert
from crm_core.db.schema_people import account, account_relation, account_tag, did_range, phone
from crm_core.db.statements import begins, behind_name
from crm_core.domain.accounts import Account, NumberRange, Relation, WholeAccount, tax_key
from crm_core.domain.contacts import Phone
from crm_core.domain.words import folded

_C = account.c
_FIELDS = tuple(name for name in Account.__struct_fields__ if name in _C)
_CHANGING = tuple(name for name in (*_FIELDS, "search", "tax_search") if name != "id")
_ADD, _ADD_LINES = PreparedInsert(account), PreparedInsert(phone)
_NAMED = (
    select(account).where(_C.search == bindparam("search")).order_by(_C.id).limit(1)
)  # ids sort by age: of two of one name the older
_ALL_NAMED = select(account).where(_C.search.in_(bindparam("names", expanding=True))).order_by(_C.id)
_ALL_TAXED = select(account).where(_C.tax_search.in_(bindparam("keys", expanding=True))).order_by(_C.id)
_ONE = select(account).where(_C.id == bindparam("wanted"))
_LINES = (
    select(phone)
    .where(phone.c.account_id == bindparam("wanted"))
    .order_by(phone.c.is_primary.desc(), phone.c.id)
)
_RANGES = select(did_range).where(did_range.c.account_id == bindparam("wanted")).order_by(did_range.c.first)
_R = account_relation.c
_OURS = (
    select(_R.kind, _R.other_id.label("other"), _C.name, literal(value=False).label("is_theirs"))
    .join(account, _C.id == _R.other_id)
    .where(_R.account_id == bindparam("wanted"))
)
_THEIRS = (
    select(_R.kind, _R.account_id.label("other"), _C.name, literal(value=True).label("is_theirs"))
    .join(account, _C.id == _R.account_id)
    .where(_R.other_id == bindparam("wanted"))
)
_FORGET_LINES = delete(phone).where(phone.c.account_id == bindparam("wanted"))
_FORGET_RANGES = delete(did_range).where(did_range.c.account_id == bindparam("wanted"))
_FORGET_TAGS = delete(account_tag).where(account_tag.c.account_id == bindparam("wanted"))
_FORGET_RELATIONS = delete(account_relation).where(_R.account_id == bindparam("wanted"))


class SqlAccounts:
    """``Accounts``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, account_id: str) -> Account | None:
        """Return a company."""
        row = self._connection.execute(_ONE, {"wanted": account_id}).first()
        return _account(row) if row else None

    def whole(self, account_id: str) -> WholeAccount | None:
        """Return a company with all that belongs to it."""
        one = self.get(account_id)
        if one is None:
            return None
        wanted = {"wanted": account_id}
        parent = self.get(one.parent_id) if one.parent_id else None
        return WholeAccount(
            **{name: getattr(one, name) for name in Account.__struct_fields__},
            parent=parent.name if parent else None,
            phones=tuple(map(phone_of, self._connection.execute(_LINES, wanted))),
            ranges=tuple(
                NumberRange(first=row.first, last=row.last)
                for row in self._connection.execute(_RANGES, wanted)
            ),
            relations=tuple(self._relations(wanted)),
        )

    def page(self, after: tuple[str, str] | None, limit: int) -> list[Account]:
        """Return companies by folded name and id."""
        return self._page(select(account), after, limit)

    def beginning(
        self, text: str, after: tuple[str, str] | None, limit: int, *, whole: bool = False
    ) -> list[Account]:
        """Return companies whose name (folded) or tax number begins so; *whole*: whose tax number it is."""
        ways = [begins(_C.search, text)]
        if key := tax_key(text):
            written = fitted(key, _C.tax_search)
            ways.append(_C.tax_search == written if whole else begins(_C.tax_search, written))
        ids = [select(_C.id).where(way) for way in ways]
        found = select(account).where(or_(*(_C.id.in_(one) for one in ids)))
        return self._page(found, after, limit)

    def with_tag(self, word: str, after: tuple[str, str] | None, limit: int) -> list[Account]:
        """Return companies that have the tag *word* (folded)."""
        ids = select(account_tag.c.account_id).where(account_tag.c.word == fitted(word, account_tag.c.word))
        return self._page(select(account).where(_C.id.in_(ids)), after, limit)

    def named(self, name: str) -> Account | None:
        """Return the company called *name*, whatever its case and accents."""
        row = self._connection.execute(_NAMED, {"search": folded(name)}).first()
        return _account(row) if row else None

    def all_named(self, names: Sequence[str]) -> list[Account]:
        """Return the companies called one of *names* (folded), the older ones first."""
        rows = self._connection.execute(_ALL_NAMED, {"names": list(names)})
        return [_account(row) for row in rows]

    def names_of(self, ids: Sequence[str]) -> dict[str, str]:
        """Return what companies are called, by their ids."""
        rows = self._connection.execute(select(_C.id, _C.name).where(_C.id.in_(ids)))
        return {key: name for key, name in rows}  # noqa: C416 - a row is no pair for mypy

    def lines_of(self, ids: Sequence[str]) -> dict[str, list[Phone]]:
        """Return the lines of companies, by their ids, the primary ones first."""
        query = select(phone).where(phone.c.account_id.in_(ids))
        found: dict[str, list[Phone]] = {}
        for row in self._connection.execute(query.order_by(phone.c.is_primary.desc(), phone.c.id)):
            found.setdefault(row.account_id, []).append(phone_of(row))
        return found

    def ranges_of(self, ids: Sequence[str]) -> dict[str, list[NumberRange]]:
        """Return the ranges of numbers of companies, by their ids."""
        query = select(did_range).where(did_range.c.account_id.in_(ids)).order_by(did_range.c.first)
        found: dict[str, list[NumberRange]] = {}
        for row in self._connection.execute(query):
            found.setdefault(row.account_id, []).append(NumberRange(first=row.first, last=row.last))
        return found

    def all_taxed(self, keys: Sequence[str]) -> list[Account]:
        """Return the companies with one of these tax numbers (``tax_key``), the older ones first."""
        fitting = [fitted(key, _C.tax_search) for key in keys]
        return [_account(row) for row in self._connection.execute(_ALL_TAXED, {"keys": fitting})]

    def add(self, one: Account) -> None:
        """Keep a new company; what belongs to it is kept apart."""
        _ADD.add(self._connection, [_row(one)])
        self._tag(one)

    def add_many(self, companies: Sequence[Account]) -> None:
        """Keep new companies; what belongs to them is kept apart."""
        _ADD.add(self._connection, map(_row, companies))
        for one in companies:
            self._tag(one)

    def change(self, one: Account) -> None:
        """Keep what is new about a company; what belongs to it is kept apart."""
        row = _row(one)
        changing = {name: row[name] for name in _CHANGING}
        self._connection.execute(update(account).where(_C.id == one.id).values(changing))
        self._connection.execute(_FORGET_TAGS, {"wanted": one.id})
        self._tag(one)

    def add_line(self, account_id: str, number: Phone) -> None:
        """Keep a number that is the company's, nobody's in particular."""
        self._connection.execute(insert(phone), phone_row(number, account_id=account_id))

    def add_lines(self, lines: Iterable[tuple[str, Phone]]) -> None:
        """Keep numbers of companies, each with the id of its own."""
        _ADD_LINES.add(self._connection, (phone_row(one, account_id=key) for key, one in lines))

    def set_lines(self, account_id: str, lines: Iterable[Phone]) -> None:
        """Keep these numbers in place of those that were the company's."""
        self._connection.execute(_FORGET_LINES, {"wanted": account_id})
        self.add_lines((account_id, one) for one in lines)

    def add_range(self, account_id: str, range_id: str, *, first: str, last: str) -> None:
        """Keep that all numbers from *first* to *last* (E.164, equally long) are the company's."""
        self._connection.execute(
            insert(did_range), {"id": range_id, "account_id": account_id, "first": first, "last": last}
        )

    def add_relation(self, account_id: str, relation: Relation) -> None:
        """Keep that another company is this one's partner, supplier or the like."""
        row = {"account_id": account_id, "kind": relation.kind, "other_id": relation.account_id}
        self._connection.execute(insert(account_relation), row)

    def forget_belongings(self, account_id: str) -> None:
        """Forget its lines, its ranges and its relations; not those that others have with it."""
        for statement in (_FORGET_LINES, _FORGET_RANGES, _FORGET_RELATIONS):
            self._connection.execute(statement, {"wanted": account_id})

    def _tag(self, one: Account) -> None:
        if one.tags:
            words = words_fitted(one.tags, account_tag.c.word)
            rows = [{"word": word, "account_id": one.id} for word in words]
            self._connection.execute(insert(account_tag), rows)

    def _relations(self, wanted: dict[str, str]) -> Iterable[Relation]:
        rows = [*self._connection.execute(_OURS, wanted), *self._connection.execute(_THEIRS, wanted)]
        for row in sorted(rows, key=lambda one: (bool(one.is_theirs), one.kind, one.name, one.other)):
            yield Relation(kind=row.kind, account_id=row.other, name=row.name, is_theirs=bool(row.is_theirs))

    def _page(self, query: Select[Any], after: tuple[str, str] | None, limit: int) -> list[Account]:
        place = behind_name(after, _C.search, _C.id)
        rows = self._connection.execute(query.where(*place).order_by(_C.search, _C.id).limit(limit))
        return [_account(row) for row in rows]


def _row(one: Account) -> dict[str, Any]:
    row = {name: getattr(one, name) for name in _FIELDS}
    tax_search = fitted(tax_key(one.tax_id), _C.tax_search) if one.tax_id else None
    return row | {"search": one.listed_as, "tax_search": tax_search}


def _account(row: Row[Any]) -> Account:
    return Account(**{name: getattr(row, name) for name in _FIELDS})
