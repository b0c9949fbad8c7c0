"""Saved views in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from crm_core.db.schema_views import saved_view, start_view
from crm_core.domain.saved_views import ListPage, SavedView

_C, _S = saved_view.c, start_view.c
_FIELDS = SavedView.__struct_fields__
_ONE = select(saved_view).where(_C.id == bindparam("wanted"))
_OF_PAGE = (
    select(saved_view)
    .where(
        _C.page == bindparam("page"),
        _C.removed_at.is_(None),
        or_(_C.owner == bindparam("owner"), _C.audience != "me"),
    )
    .order_by(_C.name, _C.id)
)
_EVERY = select(saved_view).order_by(_C.id)
_START = select(_S.view_id).where(_S.user_id == bindparam("user"), _S.page == bindparam("page"))
_NO_START = delete(start_view).where(_S.user_id == bindparam("user"), _S.page == bindparam("of"))


class SqlSavedViews:
    """``SavedViews``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, view_id: str) -> SavedView | None:
        """Return one."""
        row = self._connection.execute(_ONE, {"wanted": view_id}).first()
        return _view(row) if row else None

    def of_page(self, page: ListPage, owner: str) -> list[SavedView]:
        """Return those of a page that *owner* keeps and those that are shared, by name; none removed."""
        return [_view(row) for row in self._connection.execute(_OF_PAGE, {"page": page, "owner": owner})]

    def every(self) -> list[SavedView]:
        """Return all."""
        return [_view(row) for row in self._connection.execute(_EVERY)]

    def add(self, one: SavedView) -> None:
        """Keep a new one."""
        self._connection.execute(insert(saved_view), msgspec.structs.asdict(one))

    def change(self, one: SavedView) -> None:
        """Keep one as it is now."""
        row = msgspec.structs.asdict(one)
        self._connection.execute(update(saved_view).where(_C.id == one.id).values(row))

    def drop_removed(self, page: ListPage, before: datetime) -> None:
        """Forget those of a page that were removed before an instant."""
        self._connection.execute(delete(saved_view).where(_C.page == page, _C.removed_at < before))

    def start_of(self, user_id: str, page: ListPage) -> str | None:
        """Return the id of the view that somebody's list begins with; it may be gone."""
        found: str | None = self._connection.scalar(_START, {"user": user_id, "page": page})
        return found

    def put_start(self, user_id: str, page: ListPage, view_id: str | None) -> None:
        """Let somebody's list begin with a view, or with none."""
        self._connection.execute(_NO_START, {"user": user_id, "of": page})
        if view_id is not None:
            row = {"user_id": user_id, "page": page, "view_id": view_id}
            self._connection.execute(insert(start_view), row)


def _view(row: Row[Any]) -> SavedView:
    return SavedView(**{name: getattr(row, name) for name in _FIELDS})
