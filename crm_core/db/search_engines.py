"""What is each engine's own of the search: SQLite's FTS5, PostgreSQL's tsvector.

Both are given words that are folded and parted already, and hold nothing but which word is at which place;
the words themselves stand once, in ``search_doc``. Places are asked from the highest down, as FTS5 reads them
off its index; it has one of beginnings, too, up to ten letters.
Sources: https://www.sqlite.org/fts5.html, https://www.postgresql.org/docs/current/textsearch.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, text

from crm_core.domain.looking import Term, Terms, Token

Entry = tuple[int, str]
"""A place, and the words at it."""


class SearchEngine(Protocol):
    """The full text of one engine."""

    def next_places(self, connection: Connection, *, base: int, count: int) -> list[int]:
        """Return places above *base* that are higher than all that were given before."""

    def add(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Take in what is new."""

    def remove(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Take out what was taken in."""

    def having(
        self, connection: Connection, terms: Terms, *, above: int, below: int, limit: int
    ) -> list[Entry]:
        """Return the highest between two places that have each of *terms*."""

    def has(self, connection: Connection, word: str) -> bool:
        """Return whether there is a record with this word."""


class Fts5:
    """SQLite's."""

    def next_places(self, connection: Connection, *, base: int, count: int) -> list[int]:
        """Return places above *base* that are higher than all that are there."""
        last = connection.scalar(_LAST, {"base": base, "end": base + BETWEEN_KINDS}) or base
        return list(range(last + 1, last + 1 + count))

    def add(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Take in what is new."""
        connection.exec_driver_sql("INSERT INTO search_text (rowid, words) VALUES (?, ?)", list(entries))

    def remove(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Take out what was taken in."""
        gone = "INSERT INTO search_text (search_text, rowid, words) VALUES ('delete', ?, ?)"
        connection.exec_driver_sql(gone, list(entries))

    def having(
        self, connection: Connection, terms: Terms, *, above: int, below: int, limit: int
    ) -> list[Entry]:
        """Return the highest between two places that have each of *terms*."""
        asked = (_FTS5.said(terms), above, below - 1, limit)
        return [(place, words) for place, words in connection.exec_driver_sql(_FITTING, asked)]

    def has(self, connection: Connection, word: str) -> bool:
        """Return whether there is a record with this word."""
        asked = "SELECT rowid FROM search_text WHERE search_text MATCH ? LIMIT 1"
        return connection.exec_driver_sql(asked, (f'"{word}"',)).first() is not None


class TsVector:
    """PostgreSQL's: an index over ``search_doc`` keeps itself."""

    def next_places(self, connection: Connection, *, base: int, count: int) -> list[int]:
        """Return places above *base* that are higher than all that were given before."""
        given = connection.execute(_NEXT, {"count": count})
        return [base + row[0] for row in given]

    def add(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Do nothing: the table's index does."""

    def remove(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Do nothing: the table's index does."""

    def having(
        self, connection: Connection, terms: Terms, *, above: int, below: int, limit: int
    ) -> list[Entry]:
        """Return the highest between two places that have each of *terms*."""
        asked = (_TSQUERY.said(terms), above, below, limit)
        return [(place, words) for place, words in _asked_once(connection, _MATCHING, asked)]

    def has(self, connection: Connection, word: str) -> bool:
        """Return whether there is a record with this word."""
        return bool(_asked_once(connection, _ANY, (f"'{word}'",)))


def _asked_once(connection: Connection, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """Ask PostgreSQL so that it looks at the values: a plan for any of them walks through the table."""
    cursor = connection.connection.cursor()
    cursor.execute(sql, values, prepare=False)  # type: ignore[call-arg] # psycopg's
    return list(cursor.fetchall())


BETWEEN_KINDS = 1 << 40
ENGINES: dict[str, SearchEngine] = {"sqlite": Fts5(), "postgresql": TsVector()}
_LAST = text("SELECT max(place) FROM search_doc WHERE place > :base AND place < :end")
_FITTING = (
    "SELECT rowid, words FROM search_text WHERE search_text MATCH ? AND rowid >= ? AND rowid <= ?"
    " ORDER BY rowid DESC LIMIT ?"
)
_VECTOR = "array_to_tsvector(string_to_array(words, ' '))"
_NEXT = text("SELECT nextval('search_place') FROM generate_series(1, :count)")
AS_IF = 2_500
"""As for so many rows it is planned, and stops at those that are wanted.

The server takes each beginning that it has not counted to be in one record of a thousand; for few rows it
would look for it in record after record, down to the last.
"""
_FOUND = f"FROM search_doc WHERE {_VECTOR} @@ CAST(%s AS tsquery)"
_MATCHING = (
    f"WITH found AS MATERIALIZED (SELECT place, words {_FOUND} AND place >= %s AND place < %s"  # noqa: S608 - ours
    f" ORDER BY place DESC LIMIT {AS_IF}) SELECT place, words FROM found LIMIT %s"
)
_ANY = f"WITH found AS MATERIALIZED (SELECT place {_FOUND} LIMIT {AS_IF}) SELECT place FROM found LIMIT 1"  # noqa: S608 - ours


class _Grammar(NamedTuple):
    """How an engine says it. A token is of letters and digits alone, so that it ends no quotation."""

    both: str
    either: str
    whole: str
    begun: str

    def said(self, terms: Terms) -> str:
        """Return *terms* in its words."""
        return self.both.join(f"({self._any(term)})" for term in terms)

    def _any(self, term: Term) -> str:
        return self.either.join(f"({self.both.join(map(self._token, way))})" for way in term)

    def _token(self, one: Token) -> str:
        return (self.begun if one.is_beginning else self.whole).format(one.text)


_FTS5 = _Grammar(both=" AND ", either=" OR ", whole='"{}"', begun='"{}" *')
_TSQUERY = _Grammar(both=" & ", either=" | ", whole="'{}'", begun="'{}':*")
