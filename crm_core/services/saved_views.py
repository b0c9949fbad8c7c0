"""Saved views: kept, shared, changed, taken away and brought back; and with which one a list begins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from crm_core.domain.errors import InvalidError, NotAllowedError, NotFoundError
from crm_core.domain.saved_views import (
    MOST_OWN,
    MOST_SHARED,
    ListPage,
    Reader,
    SavedView,
    SeenView,
    changed,
    checked,
    sees,
    without_person,
)
from crm_core.domain.versions import at_version
from crm_core.ports import UnitOfWork
from crm_core.services import audit
from crm_core.services.led_on import led_on

BACK_WITHIN: Final = timedelta(days=1)
NOT_YOURS: Final = "this view is not yours to change, or you may not share views"
CHOSEN: Final = ("team_id", "category_id", "product_line_id")


def of_page(uow: UnitOfWork, *, page: ListPage, who: Reader) -> list[SeenView]:
    """Return the views of a list that somebody sees, by name."""
    teams, start = _teams(uow, who), uow.saved_views.start_of(who.user, page)
    seen = (view for view in uow.saved_views.of_page(page, who.user) if sees(view, who, teams))
    return [SeenView(view=view, is_start=view.id == start, may_change=who.may_change(view)) for view in seen]


def get(uow: UnitOfWork, *, view_id: str, who: Reader) -> SavedView:
    """Return one view that somebody sees.

    Raises:
        NotFoundError: he sees none of this id.
    """
    view = uow.saved_views.get(view_id)
    if view is None or not sees(view, who, _teams(uow, who)):
        raise NotFoundError("view", view_id)
    return view


def keep(uow: UnitOfWork, *, view: SavedView, who: Reader, now: datetime) -> SavedView:
    """Keep a new view.

    Raises:
        NotAllowedError: it is shared, and he may not.
        InvalidError: it cannot be kept: the name is there, or there are too many.
    """
    _demand_room(uow, checked(view), who)
    uow.saved_views.add(view)
    _note(uow, "view shared", view, who, now)
    return view


def change(
    uow: UnitOfWork, *, view_id: str, version: int, changes: Mapping[str, Any], who: Reader, now: datetime
) -> SavedView:
    """Return the view's next version; as it is when nothing changes.

    Raises:
        NotFoundError: he sees none of this id.
        NotAllowedError: he may not change or not share it.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a change cannot be.
    """
    before = _his(uow, view_id, version, who)
    after = changed(before, changes, now)
    if after == before:
        return before
    if not after.is_shared and before.owner != who.user:
        raise NotAllowedError(NOT_YOURS)
    _demand_room(uow, after, who)
    uow.saved_views.change(after)
    _note(uow, "view changed", before if before.is_shared else after, who, now)
    return after


def remove(uow: UnitOfWork, *, view_id: str, version: int, who: Reader, now: datetime) -> None:
    """Take a view away; it can be brought back within a day.

    Raises:
        NotFoundError: he sees none of this id.
        NotAllowedError: he may not.
        VersionConflictError: *version* is not the one that is kept.
    """
    view = _his(uow, view_id, version, who)
    uow.saved_views.drop_removed(view.page, now - BACK_WITHIN)
    uow.saved_views.change(replace(view, removed_at=now, version=view.version + 1))
    _note(uow, "view removed", view, who, now)


def bring_back(uow: UnitOfWork, *, view_id: str, who: Reader, now: datetime) -> SavedView:
    """Return a view that was taken away, kept again; one that is there as it is.

    Raises:
        NotFoundError: it is gone, or he never saw it.
        NotAllowedError: he may not.
        InvalidError: its name is another's by now, or there are too many.
    """
    view = uow.saved_views.get(view_id)
    if view is None or not sees(replace(view, removed_at=None), who, _teams(uow, who)):
        raise NotFoundError("view", view_id)
    if not who.may_change(view):
        raise NotAllowedError(NOT_YOURS)
    if view.removed_at is None:
        return view
    if now - view.removed_at > BACK_WITHIN:
        raise NotFoundError("view", view_id)
    back = replace(view, removed_at=None, version=view.version + 1)
    _demand_room(uow, back, who)
    uow.saved_views.change(back)
    _note(uow, "view brought back", back, who, now)
    return back


def begin_with(uow: UnitOfWork, *, page: ListPage, view_id: str | None, who: Reader) -> None:
    """Let somebody's list begin with a view, or with none.

    Raises:
        InvalidError: he sees no such view of this list.
    """
    if view_id is not None:
        view = uow.saved_views.get(view_id)
        if view is None or view.page != page or not sees(view, who, _teams(uow, who)):
            raise InvalidError("view_id", "there is no such view of this list", fault="unknown")
    uow.saved_views.put_start(who.user, page, view_id)


def usable(uow: UnitOfWork, view: SavedView) -> dict[str, str]:
    """Return what *view* asks for, without what names something that is gone; a merged customer is led on."""
    query = dict(view.query)
    if "contact_id" in query:
        query["contact_id"] = led_on(uow, query["contact_id"])
    if "account_id" in query:
        query["account_id"] = led_on(uow, query["account_id"])
    return {name: value for name, value in query.items() if _is_there(uow, name, value)}


def forget_person(uow: UnitOfWork, *, contact_id: str, pattern: re.Pattern[str]) -> None:
    """Take a person out of all views."""
    for view in uow.saved_views.every():
        after = without_person(view, contact_id, pattern)
        if after != view:
            uow.saved_views.change(after)


def _is_there(uow: UnitOfWork, name: str, value: str) -> bool:
    match name:
        case "contact_id":
            return uow.contacts.get(value) is not None
        case "account_id":
            return uow.accounts.get(value) is not None
        case "assignee":
            return value == "nobody" or uow.users.get(value) is not None
        case _ if name in CHOSEN:
            return uow.choices.get(value) is not None
    return True


def _his(uow: UnitOfWork, view_id: str, version: int, who: Reader) -> SavedView:
    view = get(uow, view_id=view_id, who=who)
    if not who.may_change(view):
        raise NotAllowedError(NOT_YOURS)
    return at_version(view, version)


def _demand_room(uow: UnitOfWork, view: SavedView, who: Reader) -> None:
    """Look that *view* may be shared so, that its name is free, and that there is room for it."""
    if view.is_shared and not who.may_share:
        raise NotAllowedError(NOT_YOURS)
    if view.team_id and not _is_team(uow, view.team_id):
        raise InvalidError("team_id", "there is no such team", fault="unknown")
    beside = [
        one
        for one in uow.saved_views.of_page(view.page, view.owner)
        if one.id != view.id and one.is_shared == view.is_shared
    ]
    folded = view.name.casefold()
    if any(one.name.casefold() == folded and one.team_id == view.team_id for one in beside):
        raise InvalidError("name", "a view of this list has this name", fault="already_exists")
    if len(beside) >= (MOST_SHARED if view.is_shared else MOST_OWN):
        raise InvalidError("name", "there are as many views of this list as can be", fault="too_many_views")


def _is_team(uow: UnitOfWork, team_id: str) -> bool:
    choice = uow.choices.get(team_id)
    return choice is not None and choice.kind == "team"


def _teams(uow: UnitOfWork, who: Reader) -> frozenset[str]:
    return frozenset(one.team_id for one in uow.teams.of_user(who.user))


def _note(uow: UnitOfWork, what: str, view: SavedView, who: Reader, now: datetime) -> None:
    """Keep what was done about a view that others see."""
    if view.is_shared:
        audit.note(uow, who=who.user, what=what, address=None, now=now, kind="view", record_id=view.id)
