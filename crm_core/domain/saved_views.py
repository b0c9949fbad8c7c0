"""Saved views: what somebody asks of a list, kept under a name, for himself, for a team or for all. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from crm_core.domain.errors import InvalidError

ListPage = Literal["contacts", "accounts", "incidents", "tasks", "calls", "knowledge", "problems"]
Audience = Literal["me", "team", "everybody"]
NAME_LENGTH, MOST_FILTERS, VALUE_LENGTH = 60, 30, 300
MOST_OWN, MOST_SHARED = 30, 30
"""Of one page: how many somebody keeps for himself, and how many are shared by all."""
CHANGEABLE = frozenset(("name", "query", "audience", "team_id"))
FORGOTTEN = "—"


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a list: ``query`` are the filters of its page by name.

    ``owner`` (a user's id) kept it; others see it when its ``audience`` is their team or everybody.
    ``removed_at``: it can be brought back for a while.
    """

    id: str
    page: ListPage
    name: str
    query: Mapping[str, str] = {}
    audience: Audience = "me"
    team_id: str | None = None
    owner: str
    created_at: datetime
    updated_at: datetime
    removed_at: datetime | None = None
    version: int = 1

    @property
    def is_shared(self) -> bool:
        """Whether others see it."""
        return self.audience != "me"


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: a user's id, the lists that he may open, and whether he may share views."""

    user: str
    pages: frozenset[ListPage]
    may_share: bool = False

    def may_change(self, view: SavedView) -> bool:
        """Return whether he may change it: his own, and what is shared when he may share."""
        return self.may_share if view.is_shared else view.owner == self.user


class SeenView(msgspec.Struct, frozen=True, kw_only=True):
    """A view as somebody sees it; ``is_start``: his list begins with it."""

    view: SavedView
    is_start: bool
    may_change: bool


def sees(view: SavedView, who: Reader, teams: frozenset[str]) -> bool:
    """Return whether somebody who is in *teams* sees a view."""
    if view.removed_at or view.page not in who.pages:
        return False
    return view.owner == who.user or view.audience == "everybody" or view.team_id in teams


def checked(view: SavedView) -> SavedView:
    """Return *view* when it can be kept.

    Raises:
        InvalidError: naming what cannot.
    """
    if not 0 < len(view.name.strip()) <= NAME_LENGTH:
        raise InvalidError("name", f"1 to {NAME_LENGTH} characters")
    if len(view.query) > MOST_FILTERS or any(len(value) > VALUE_LENGTH for value in view.query.values()):
        raise InvalidError("query", f"at most {MOST_FILTERS} filters of {VALUE_LENGTH} characters")
    if (view.audience == "team") != (view.team_id is not None):
        raise InvalidError("team_id", "the team that it is shared with", fault="unknown")
    return view


def changed(view: SavedView, changes: Mapping[str, Any], now: datetime) -> SavedView:
    """Return the next version of *view*; as it is without a change.

    Raises:
        InvalidError: naming what cannot be.
    """
    for field in sorted(changes):
        if field not in CHANGEABLE:
            raise InvalidError(field, "cannot be changed")
    told = dict(changes)
    if told.get("audience", view.audience) != "team":
        told["team_id"] = None
    after = checked(replace(view, **told))
    return view if after == view else replace(after, version=view.version + 1, updated_at=now)


def without_person(view: SavedView, contact_id: str, pattern: re.Pattern[str]) -> SavedView:
    """Return *view* without a person: by his id, or by what *pattern* finds in its name and its filters."""
    query = {
        name: value for name, value in view.query.items() if value != contact_id and not pattern.search(value)
    }
    name = FORGOTTEN if pattern.search(view.name) else view.name
    if (query, name) == (dict(view.query), view.name):
        return view
    return replace(view, query=query, name=name, version=view.version + 1)
