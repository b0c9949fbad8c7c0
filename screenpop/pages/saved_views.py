"""Saved views at the head of every list: which there are, which is open, and where a list begins."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from yarl import URL

from crm_core.domain.saved_views import ListPage, Reader, SeenView
from crm_core.ports import UnitOfWork
from crm_core.services import saved_views, service_levels
from screenpop.api.exchange import Input
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.identity import Identity
from screenpop.lists import LISTS, NONE, KeptList, readable, reader
from screenpop.pages.page import VIEWS, page_language
from screenpop.permissions import Permission, demanded
from screenpop.redaction import redacted

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SAVED: Final = "saved"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnViews:
    """The views that somebody sees of a list, and the one that is ``open``.

    ``query`` is what is asked for; ``is_changed``: the open view asks for something else. ``gone`` are the
    filters of it that name something that is gone; ``is_missing``: the view itself is. ``teams`` (ids and
    names) are whom one may share with.
    """

    page: ListPage
    path: str
    items: Sequence[SeenView]
    open: SeenView | None
    query: Mapping[str, str]
    is_changed: bool
    gone: Sequence[str]
    is_missing: bool
    may_share: bool
    teams: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the records know: the views, the one that is meant, what it can ask for, and teams."""

    items: Sequence[SeenView]
    meant: SeenView | None
    usable: Mapping[str, str]
    teams: Sequence[tuple[str, str]]


def keeps_views(name: ListPage, path: str, asked: type[Input]) -> Callable[[Handler], Handler]:
    """Mark the handler of a list, which says who may open it: what *asked* reads can be kept as views.

    Asked for nothing, it leads to the view that the reader begins with.
    """

    def mark(handler: Handler) -> Handler:
        permission = demanded(handler)
        if not isinstance(permission, Permission):
            raise TypeError(name)
        LISTS[name] = KeptList(path=path, asked=asked, permission=permission)

        @functools.wraps(handler)
        async def shown(request: web.Request) -> web.StreamResponse:
            request[VIEWS] = await _on_views(request, name)
            return await handler(request)

        return shown

    return mark


async def _on_views(request: web.Request, name: ListPage) -> OnViews:
    me, given, path = identity_of(request), dict(request.query), LISTS[name].path
    who = reader(me)
    kept = await request.app[CONTEXT].db.read(
        _read,
        page=name,
        meant=given.get(SAVED),
        begins=not given,
        who=who,
        language=page_language(request),
    )
    able = _open_to(me, kept.meant, readable(name, kept.usable))
    if kept.meant and able and given.keys() <= {SAVED}:
        raise web.HTTPFound(URL(path).with_query({SAVED: kept.meant.view.id, **able}))
    query = readable(name, given)
    view = kept.meant.view if kept.meant else None
    return OnViews(
        page=name,
        path=path,
        items=kept.items,
        open=kept.meant,
        query=query,
        is_changed=view is not None and query != able,
        gone=sorted(set(view.query) - set(able)) if view else (),
        is_missing=given.get(SAVED, NONE) != NONE and view is None,
        may_share=who.may_share,
        teams=kept.teams,
    )


def _open_to(me: Identity, meant: SeenView | None, query: Mapping[str, str]) -> Mapping[str, str]:
    """Return of the *query* of somebody else's view what may stand in an address of *me*."""
    masks = me.masks
    if masks is None or meant is None or meant.view.owner == me.user:
        return query
    return {key: text for key, text in query.items() if redacted(text, masks) == text}


def _read(
    uow: UnitOfWork, *, page: ListPage, meant: str | None, begins: bool, who: Reader, language: str
) -> _Kept:
    items = saved_views.of_page(uow, page=page, who=who)
    one = next((one for one in items if (one.is_start if begins else one.view.id == meant)), None)
    return _Kept(
        items=items,
        meant=one,
        usable=saved_views.usable(uow, one.view) if one else {},
        teams=_teams(uow, language) if who.may_share else (),
    )


def _teams(uow: UnitOfWork, language: str) -> list[tuple[str, str]]:
    found = service_levels.choices_of(uow, kind="team")
    return sorted((one.id, one.name(language)) for one in found if one.is_active)
