"""What is asked of lists, kept under names."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from crm_core.domain.saved_views import ListPage, SavedView


class SavedViews(Protocol):
    """Saved views, and with which of them whose list begins."""

    def get(self, view_id: str) -> SavedView | None:
        """Return one."""

    def of_page(self, page: ListPage, owner: str) -> list[SavedView]:
        """Return those of a page that *owner* keeps and those that are shared, by name; none removed."""

    def every(self) -> list[SavedView]:
        """Return all."""

    def add(self, one: SavedView) -> None:
        """Keep a new one."""

    def change(self, one: SavedView) -> None:
        """Keep one as it is now."""

    def drop_removed(self, page: ListPage, before: datetime) -> None:
        """Forget those of a page that were removed before an instant."""

    def start_of(self, user_id: str, page: ListPage) -> str | None:
        """Return the id of the view that somebody's list begins with; it may be gone."""

    def put_start(self, user_id: str, page: ListPage, view_id: str | None) -> None:
        """Let somebody's list begin with a view, or with none."""
