"""Contacts by how words of theirs begin, in the order of their names.

A word's rows stand in that order: of a word that many have, the first who fit are found without the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Select, exists, select

from crm_core.db.schema_people import contact, contact_word
from crm_core.db.statements import begins, behind_name, count_of
from crm_core.domain.words import LAST

_W, _C = contact_word.c, contact.c
FEW = 8  # words that begin alike: each is walked by itself
SOON, MANY = 1_000, 60_000
Place = tuple[str, str]


def with_beginnings(
    connection: Connection, texts: Sequence[str], after: Place | None, limit: int
) -> list[str]:
    """Return the ids of those who have, for each of *texts*, a word that begins so; by name, then by id.

    Fewer rows than ``MANY`` are sorted; a word of more than ``SOON`` is walked, for its rows are in order;
    what is left, as one letter, is had by so many that they are found soonest among all.
    """
    sizes = {
        text: count_of(connection, select(_W.word).where(begins(_W.word, text)), at_most=MANY)
        for text in texts
    }
    fewest, *others = sorted(sizes, key=lambda text: sizes[text])
    if sizes[fewest] >= SOON:
        words = {text: _few_words(connection, text) for text in sizes}
        if text := next((one for one in (fewest, *others) if words[one]), None):
            return _merged(connection, text, words, after, limit)
    if sizes[fewest] < MANY:
        rest = [_has(text, _W.contact_id) for text in others]
        rows = _rows(begins(_W.word, fewest), rest, after).distinct()
    else:
        rest = [_has(text, _C.id) for text in sizes]
        place = behind_name(after, _C.search, _C.id)
        rows = select(_C.search, _C.id.label("contact_id")).where(*rest, *place).order_by(_C.search, _C.id)
    return [row.contact_id for row in connection.execute(rows.limit(limit))]


def _few_words(connection: Connection, text: str) -> list[str]:
    """Return the words that begin with *text*; none when they are not few."""
    words: list[str] = []
    first: ColumnElement[bool] = _W.word >= text
    while len(words) <= FEW:
        query = select(_W.word).where(first, _W.word < text + LAST).order_by(_W.word).limit(1)
        if (word := connection.scalar(query)) is None:
            return words
        words.append(word)
        first = _W.word > word
    return []


def _merged(
    connection: Connection, text: str, words: Mapping[str, Sequence[str]], after: Place | None, limit: int
) -> list[str]:
    """Return who has a word of *text* and of all others: the first of each word, merged."""
    rest = [
        _has_one_of(words[other]) if words[other] else _has(other, _W.contact_id)
        for other in words
        if other != text
    ]
    found: set[Place] = set()
    for word in words[text]:
        rows = connection.execute(_rows(_W.word == word, rest, after).limit(limit))
        found |= {(row.search, row.contact_id) for row in rows}
    return [key for _, key in sorted(found)[:limit]]


def _rows(
    fits: ColumnElement[bool], rest: Sequence[ColumnElement[bool]], after: Place | None
) -> Select[tuple[str, str]]:
    place = behind_name(after, _W.search, _W.contact_id)
    return select(_W.search, _W.contact_id).where(fits, *rest, *place).order_by(_W.search, _W.contact_id)


def _has(text: str, owner: ColumnElement[str]) -> ColumnElement[bool]:
    """Return that *owner* has a word that begins with *text*."""
    other = contact_word.alias()
    return exists().where(other.c.contact_id == owner, begins(other.c.word, text))


def _has_one_of(words: Sequence[str]) -> ColumnElement[bool]:
    """Return that who a row is of has one of *words*, too: rows in order look for it in order."""
    other = contact_word.alias()
    same = (other.c.search == _W.search, other.c.contact_id == _W.contact_id)
    return exists().where(other.c.word.in_(words), *same)
