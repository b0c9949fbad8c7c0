"""Records that became a part of others, in the database."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from crm_core.db.owners import OWNERS, Owned
from crm_core.db.privacy import HIS
from crm_core.db.schema import call, call_candidate
from crm_core.db.schema_merges import merge, not_same
from crm_core.db.schema_people import (
    account,
    account_relation,
    account_tag,
    contact,
    contact_tag,
    contact_word,
    email,
    phone,
)
from crm_core.db.statements import behind
from crm_core.domain.duplicates import NotSame, RecordKind
from crm_core.domain.merges import LONGEST_CHAIN, Merge
from crm_core.ports.places import Place

_M, _N, _R = merge.c, not_same.c, account_relation.c
_SHOWN = [column for column in merge.c if column.name != "journal"]
_AT_ONCE = 500
_LARGEST = 256 * 1024 * 1024
_OF_CONTACT = (contact_word, contact_tag, phone, email)


class SqlMerges:
    """``Merges``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, one: Merge, journal: bytes) -> None:
        """Keep that a record became a part of another one, with what makes two of it again."""
        row = {
            "id": one.id,
            "kind": one.kind,
            "loser_id": one.loser_id,
            "into_id": one.into_id,
            "loser_name": one.names[0],
            "into_name": one.names[1],
            "at": one.at,
            "by": one.by,
            "journal": zlib.compress(journal, 1),
        }
        self._connection.execute(insert(merge), row)

    def get(self, merge_id: str) -> Merge | None:
        """Return one merge."""
        row = self._connection.execute(select(*_SHOWN).where(_M.id == merge_id)).first()
        return _merge(row) if row else None

    def journal(self, merge_id: str) -> bytes | None:
        """Return what a merge put in the place of what; None when that was erased."""
        kept = self._connection.scalar(select(_M.journal).where(_M.id == merge_id))
        return zlib.decompressobj().decompress(kept, _LARGEST) if kept is not None else None

    def undone(self, merge_id: str, *, by: str | None, now: datetime) -> None:
        """Keep that two were made of one again."""
        told = {"undone_at": now, "undone_by": by, "journal": None}
        self._connection.execute(update(merge).where(_M.id == merge_id).values(**told))

    def page(self, before: Place | None, limit: int) -> list[Merge]:
        """Return merges, newest first, also those that were undone."""
        query = select(*_SHOWN).where(*behind(before, _M.at, _M.id)).order_by(_M.at.desc(), _M.id.desc())
        return [_merge(row) for row in self._connection.execute(query.limit(limit))]

    def into(self, keys: Iterable[str]) -> dict[str, str]:
        """Return, for those of *keys* that became a part of a record, the one that they are in now."""
        found: dict[str, str] = {}
        wanted = {key: key for key in keys}
        for _ in range(LONGEST_CHAIN):
            if not wanted:
                break
            query = select(_M.loser_id, _M.into_id).where(
                _M.loser_id.in_(sorted(set(wanted.values()))), _M.undone_at.is_(None)
            )
            step = {row.loser_id: row.into_id for row in self._connection.execute(query)}
            wanted = {key: step[at] for key, at in wanted.items() if at in step}
            found |= wanted
        return found

    def parts_of(self, key: str) -> list[str]:
        """Return the merges by which others became a part of this record, and by which they did before."""
        found: dict[str, None] = {}
        whole = [key]
        while whole:
            query = select(_M.id, _M.loser_id).where(_M.into_id.in_(whole), _M.undone_at.is_(None))
            rows = [row for row in self._connection.execute(query.order_by(_M.id)) if row.id not in found]
            found |= dict.fromkeys(row.id for row in rows)
            whole = [row.loser_id for row in rows]
        return list(found)

    def move(self, kind: RecordKind, *, of: str, to: str) -> dict[str, tuple[str, ...]]:
        """Give all rows that name *of* to *to*; return their keys by table."""
        moved: dict[str, tuple[str, ...]] = {}
        for one in OWNERS[kind]:
            key = one.table.c[one.key]
            query = select(key).where(one.table.c[one.column] == of).order_by(key)
            keys = tuple(self._connection.scalars(query))
            if keys:
                self._give(one, keys, to)
                moved[one.table.name] = keys
        return moved

    def strays(
        self, kind: RecordKind, moved: Mapping[str, Sequence[str]], *, of: str
    ) -> list[tuple[str, str]]:
        """Return those of *moved* that are not *of*'s any more: table and key."""
        lost: list[tuple[str, str]] = []
        for one, keys in _named(kind, moved):
            lost += [(one.table.name, key) for key in keys if key not in self._there(one, keys, of)]
        return lost

    def move_back(self, kind: RecordKind, moved: Mapping[str, Sequence[str]], *, to: str) -> None:
        """Give the rows of *moved* to whom they were of."""
        for one, keys in _named(kind, moved):
            self._give(one, keys, to)

    def calls_of(self, contact_id: str) -> list[str]:
        """Return the ids of the calls that are a contact's, or may be."""
        his = select(call.c.id).where(call.c.contact_id == contact_id)
        may_be = select(call_candidate.c.call_id).where(call_candidate.c.contact_id == contact_id)
        return sorted(self._connection.scalars(his.union(may_be)))

    def spoken_at(self, contact_id: str) -> datetime | None:
        """Return when a contact was spoken with last."""
        found: datetime | None = self._connection.scalar(
            select(contact.c.spoken_at).where(contact.c.id == contact_id)
        )
        return found

    def set_spoken(self, contact_id: str, at: datetime | None) -> None:
        """Keep when a contact was spoken with last."""
        self._connection.execute(update(contact).where(contact.c.id == contact_id).values(spoken_at=at))

    def drop_contact(self, contact_id: str) -> None:
        """Take a contact out whose rows are all moved, with his names, numbers and addresses."""
        for table in _OF_CONTACT:
            self._connection.execute(delete(table).where(table.c.contact_id == contact_id))
        self._connection.execute(delete(contact).where(contact.c.id == contact_id))

    def drop_account(self, account_id: str) -> None:
        """Take a company out whose rows are all moved and whose belongings are forgotten."""
        self._connection.execute(delete(account_tag).where(account_tag.c.account_id == account_id))
        self._connection.execute(delete(account).where(account.c.id == account_id))

    def related_to(self, account_id: str) -> list[tuple[str, str]]:
        """Return the relations that others have with a company: whose and which."""
        query = (
            select(_R.account_id, _R.kind).where(_R.other_id == account_id).order_by(_R.account_id, _R.kind)
        )
        return [(row.account_id, row.kind) for row in self._connection.execute(query)]

    def relate(self, relations: Iterable[tuple[str, str]], *, to: str) -> None:
        """Keep that others have these relations with a company; those that they have already stay."""
        known = set(self.related_to(to))
        rows = [
            {"account_id": whose, "kind": kind, "other_id": to}
            for whose, kind in relations
            if (whose, kind) not in known and whose != to
        ]
        if rows:
            self._connection.execute(insert(account_relation), rows)

    def unrelate(self, relations: Iterable[tuple[str, str]], *, to: str) -> None:
        """Forget relations that others have with a company."""
        for whose, kind in relations:
            which = (_R.account_id == whose, _R.kind == kind, _R.other_id == to)
            self._connection.execute(delete(account_relation).where(*which))

    def apart(self, kind: RecordKind, keys: Sequence[str]) -> list[NotSame]:
        """Return of which records somebody said that they are not the same as one of *keys*."""
        either = [
            select(not_same).where(_N.kind == kind, one.in_(keys)) for one in (_N.first_id, _N.second_id)
        ]
        rows = self._connection.execute(either[0].union(either[1])) if keys else ()
        found = [NotSame(kind=row.kind, first=row.first_id, second=row.second_id) for row in rows]
        return sorted(found, key=lambda one: (one.first, one.second))

    def set_apart(self, pairs: Iterable[NotSame]) -> None:
        """Keep that records are not the same; what is known already stays."""
        for one in pairs:
            self.join(one)
            row = {"kind": one.kind, "first_id": one.first, "second_id": one.second}
            self._connection.execute(insert(not_same), row)

    def join(self, one: NotSame) -> bool:
        """Forget that two records are not the same; return whether anybody had said so."""
        which = (_N.kind == one.kind, _N.first_id == one.first, _N.second_id == one.second)
        return self._connection.execute(delete(not_same).where(*which)).rowcount > 0

    def forget(self, key: str) -> None:
        """Forget who a contact was, in what tells of him and of those who became a part of him."""
        merges = self.parts_of(key)
        his = or_(_M.id.in_(merges), _M.loser_id == key, _M.into_id == key)
        ids = [key, *self._connection.scalars(select(_M.loser_id).where(_M.id.in_(merges)))]
        for table in HIS:  # what still names one that is not there any more
            self._connection.execute(delete(table).where(table.c.contact_id.in_(ids)))
        gone = {"journal": None, "loser_name": None, "into_name": None}
        self._connection.execute(update(merge).where(his).values(**gone))
        self._connection.execute(delete(not_same).where(or_(_N.first_id.in_(ids), _N.second_id.in_(ids))))

    def _give(self, one: Owned, keys: Sequence[str], to: str) -> None:
        values: dict[str, Any] = {one.column: to}
        if one.has_version:
            values["version"] = one.table.c.version + 1
        for few in _few(keys):
            self._connection.execute(update(one.table).where(one.table.c[one.key].in_(few)).values(**values))

    def _there(self, one: Owned, keys: Sequence[str], of: str) -> set[str]:
        key, whose = one.table.c[one.key], one.table.c[one.column]
        found: set[str] = set()
        for few in _few(keys):
            found |= set(self._connection.scalars(select(key).where(key.in_(few), whose == of)))
        return found


def _named(kind: RecordKind, moved: Mapping[str, Sequence[str]]) -> Iterable[tuple[Owned, Sequence[str]]]:
    return ((one, moved[one.table.name]) for one in OWNERS[kind] if one.table.name in moved)


def _few(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[n : n + _AT_ONCE] for n in range(0, len(keys), _AT_ONCE))


def _merge(row: Row[Any]) -> Merge:
    return Merge(
        id=row.id,
        kind=row.kind,
        loser_id=row.loser_id,
        into_id=row.into_id,
        names=(row.loser_name or "", row.into_name or ""),
        at=row.at,
        by=row.by,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
    )
