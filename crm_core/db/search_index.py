"""The index of all records by their words, kept in the transaction that changes them.

It is derived: a record's words are read from its tables when an event tells of it, and of a record that is
gone nothing stays. Who is named in other records (a company in its people, a customer in his incidents) is
found by these, too, so they follow when his name changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, Column, Connection, Table, bindparam, delete, or_, select, update

from crm_core.db.prepared import PreparedInsert
from crm_core.db.schema_equipment import asset
from crm_core.db.schema_incidents import incident
from crm_core.db.schema_interactions import interaction
from crm_core.db.schema_knowledge import article
from crm_core.db.schema_people import account, contact
from crm_core.db.schema_search import search_doc, search_slip
from crm_core.db.search_engines import BETWEEN_KINDS, ENGINES
from crm_core.db.search_texts import words_of
from crm_core.domain.found import KINDS, Kind, touched
from crm_core.domain.looking import is_spelt, slips_of

TABLES: Final[dict[Kind, Table]] = {
    "contact": contact,
    "account": account,
    "incident": incident,
    "article": article,
    "asset": asset,
    "written": interaction,
}
AT_ONCE = 500
_D, _S = search_doc.c, search_slip.c
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_KEPT = select(_D.record_id, _D.place, _D.words).where(_D.record_id.in_(_IDS), _D.kind == bindparam("whose"))
_ADD, _ADD_SLIPS = PreparedInsert(search_doc), PreparedInsert(search_slip)
_CHANGE = update(search_doc).where(_D.place == bindparam("at")).values(words=bindparam("now"))
_REMOVE = delete(search_doc).where(_D.place.in_(_IDS))
_KNOWN = select(_S.word).where(_S.slip.in_(_IDS), _S.slip == _S.word)
_UNLEARN = delete(search_slip).where(_S.slip.in_(_IDS), _S.word == bindparam("which"))
_EMPLOYERS = select(contact.c.account_id).where(contact.c.id.in_(_IDS), contact.c.account_id.is_not(None))
_STAFF = select(contact.c.id).where(contact.c.account_id.in_(_IDS))
_CONCERNED = select(incident.c.id).where(
    or_(incident.c.contact_id.in_(_IDS), incident.c.account_id.in_(bindparam("firms", expanding=True)))
)


def base_of(kind: Kind) -> int:
    """Return below which places there is none of a record of *kind*."""
    return (KINDS.index(kind) + 1) * BETWEEN_KINDS


class SearchIndex:
    """Keeps the index; ``touch`` what was changed, and at the end of the transaction ``catch_up``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._engine = ENGINES[connection.dialect.name]
        self._touched: defaultdict[Kind, set[str]] = defaultdict(set)

    def touch(self, kind: Kind, ids: Iterable[str]) -> None:
        """Remember that records are other ones now, new or gone."""
        self._touched[kind].update(ids)

    def forget(self) -> None:
        """Forget what a transaction that failed touched."""
        self._touched.clear()

    def catch_up(self, events: Iterable[Any]) -> None:
        """Bring the index up to the records that were touched, or that *events* tell of."""
        for kind, key in touched(events):
            self._touched[kind].add(key)
        if not self._touched:
            return
        asked, self._touched = self._touched, defaultdict(set)
        self._refresh("article", asked["article"])
        self._refresh("asset", asked["asset"])
        self._refresh("written", asked["written"])
        self._bring(accounts=asked["account"], contacts=asked["contact"], incidents=asked["incident"])

    def fill(self) -> None:
        """Take in every record, where there is an index that has none yet."""
        if self._connection.scalar(select(_D.place).limit(1)) is not None:
            return
        for kind in KINDS:
            for ids in self._all(kind):
                self._renew(kind, ids)

    def _bring(self, *, accounts: set[str], contacts: set[str], incidents: set[str]) -> None:
        employers = self._ids(_EMPLOYERS, contacts)
        named = accounts | (employers - self._there("account", employers))
        renamed = self._refresh("account", named)
        changed = self._refresh("contact", contacts | self._ids(_STAFF, renamed))
        self._refresh("incident", incidents | self._concerned(changed, renamed))

    def _there(self, kind: Kind, ids: set[str]) -> set[str]:
        """Return which records are in the index."""
        found: set[str] = set()
        for some in _batches(ids):
            kept = self._connection.execute(_KEPT, {"ids": some, "whose": kind})
            found.update(row.record_id for row in kept)
        return found

    def _ids(self, query: Any, ids: Iterable[str]) -> set[str]:
        return {one for some in _batches(ids) for one in self._connection.scalars(query, {"ids": some})}

    def _concerned(self, people: set[str], firms: set[str]) -> set[str]:
        found: set[str] = set()
        for some in _batches(people):
            found.update(self._connection.scalars(_CONCERNED, {"ids": some, "firms": []}))
        for some in _batches(firms):
            found.update(self._connection.scalars(_CONCERNED, {"ids": [], "firms": some}))
        return found

    def _refresh(self, kind: Kind, ids: Iterable[str]) -> set[str]:
        """Bring records of one kind up to date; return those that were there and are others now, or gone."""
        return {one for some in _batches(ids) for one in self._renew(kind, some)}

    def _renew(self, kind: Kind, ids: list[str]) -> set[str]:
        now = words_of(self._connection, kind, ids)
        kept = {
            row.record_id: (row.place, row.words)
            for row in self._connection.execute(_KEPT, {"ids": ids, "whose": kind})
        }
        texts = {key: " ".join(dict.fromkeys(words.all)) for key, words in now.items()}
        changed = {key for key, (_, words) in kept.items() if texts.get(key) != words}
        new = sorted(texts.keys() - kept.keys())
        self._add(kind, {key: texts[key] for key in new})
        self._change({kept[key]: texts.get(key) for key in sorted(changed)})
        self._learn({word for key in (*new, *changed) if key in now for word in now[key].spelt})
        before = {word for key in changed for word in kept[key][1].split()}
        after = {word for key in changed for word in texts.get(key, "").split()}
        self._unlearn(before - after)
        return changed

    def _add(self, kind: Kind, texts: dict[str, str]) -> None:
        if not texts:
            return
        places = self._engine.next_places(self._connection, base=base_of(kind), count=len(texts))
        entries = list(zip(places, texts.items(), strict=True))
        _ADD.add(
            self._connection,
            ({"place": at, "kind": kind, "record_id": key, "words": words} for at, (key, words) in entries),
        )
        self._engine.add(self._connection, [(at, words) for at, (_, words) in entries])

    def _change(self, texts: dict[tuple[int, str], str | None]) -> None:
        """Replace what stands at a place by what is there now; None: nothing."""
        if not texts:
            return
        self._engine.remove(self._connection, list(texts))
        if gone := [at for (at, _), now in texts.items() if now is None]:
            self._connection.execute(_REMOVE, {"ids": gone})
        if others := [(at, now) for (at, _), now in texts.items() if now is not None]:
            self._connection.execute(_CHANGE, [{"at": at, "now": now} for at, now in others])
            self._engine.add(self._connection, others)

    def _learn(self, words: set[str]) -> None:
        new = words - self._ids(_KNOWN, words)
        if new:
            rows = ({"slip": slip, "word": word} for word in sorted(new) for slip in slips_of(word))
            _ADD_SLIPS.add(self._connection, rows)

    def _unlearn(self, words: set[str]) -> None:
        for word in sorted(words):
            if is_spelt(word) and not self._engine.has(self._connection, word):
                self._connection.execute(_UNLEARN, {"ids": slips_of(word), "which": word})

    def _all(self, kind: Kind) -> Iterator[list[str]]:
        key: Column[str] = TABLES[kind].c.id
        last = ""
        while some := list(
            self._connection.scalars(select(key).where(key > last).order_by(key).limit(AT_ONCE))
        ):
            yield some
            last = some[-1]


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    ordered: Sequence[str] = sorted(ids)
    for first in range(0, len(ordered), AT_ONCE):
        yield list(ordered[first : first + AT_ONCE])
