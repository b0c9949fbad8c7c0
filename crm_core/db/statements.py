"""What several repositories say: places in a list, words' beginnings, and how many there are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, and_, func, or_, select

from crm_core.domain.words import LAST


def begins(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Return that *column* begins with *text*, as a range that an index serves."""
    return and_(column >= text, column < text + LAST)


def count_of(connection: Connection, query: Select[Any] | CompoundSelect[Any], *, at_most: int) -> int:
    """Return how many rows *query* finds; *at_most* when there are more, which are not looked for."""
    first = query.limit(at_most).subquery("first")
    return connection.scalar(select(func.count()).select_from(first)) or 0


def behind(
    place: tuple[datetime, str] | None, at: ColumnElement[Any], key: ColumnElement[Any]
) -> list[ColumnElement[bool]]:
    """Return what holds behind *place* in a list that is newest first."""
    if place is None:
        return []
    return [at <= place[0], or_(at < place[0], key < place[1])]


def behind_name(
    place: tuple[str, str] | None, name: ColumnElement[Any], key: ColumnElement[Any]
) -> list[ColumnElement[bool]]:
    """Return what holds behind *place* in a list by name."""
    if place is None:
        return []
    return [name >= place[0], or_(name > place[0], key > place[1])]
