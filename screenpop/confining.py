"""How each route treats who is confined to his teams: the one place that says it.

A record that the path names is looked at here, before its handler is asked; lists and figures ask for what is
in ``Identity.scope``. A route of which nothing is said here lets nobody through who is confined.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from aiohttp import web

from crm_core.domain.confines import Confines
from crm_core.domain.errors import NotFoundError
from crm_core.services import callbacks, calls, incidents, interactions, tasks
from screenpop.api.calls import id_of_call, live_call
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.identity import Identity
from screenpop.problem import ProblemError

V1: Final = "/api/v1"
HIDDEN, CONFINED = "not_of_your_teams", "confined"
Guard = Callable[[web.Request, Confines], Awaitable[bool]]
_Sees = Callable[[web.Request, Confines, str], Awaitable[bool]]
SCOPED: Final = frozenset(
    (
        "/",
        "/callbacks",
        "/callbacks/{id}/done",
        "/calls",
        "/calls.csv",
        "/calls.xlsx",
        "/calls/{id}",
        "/calls/{id}/contact",
        "/calls/{id}/hold",
        "/calls/{id}/incidents",
        "/calls/{id}/resume",
        "/calls/{id}/why",
        "/calls/{id}/work",
        "/desk/lists",
        "/figures",
        "/floor",
        "/incidents",
        "/incidents.csv",
        "/incidents.xlsx",
        "/incidents/{id}",
        "/incidents/{id}/articles",
        "/incidents/{id}/articles/{article_id}",
        "/incidents/{id}/entries",
        "/incidents/{id}/merge",
        "/incidents/{id}/undo",
        "/interactions",
        "/interactions/{id}",
        "/interactions/{id}/undo",
        "/interventions",
        "/lost",
        "/lost-callers",
        "/lost/list",
        "/problems",
        "/search",
        "/search/options",
        "/tasks",
        "/tasks/{id}",
    )
)
"""Routes, pages and REST alike, that show and take what is in his scope."""
FREE: Final[dict[str, str]] = {
    "/accounts": "customers are the whole house's",
    "/admin": "leads to what he may set up",
    "/articles": "what is known helps every team",
    "/assets": "what a customer has, and what happened with it, is his history",
    "/attempts": "his own tries",
    "/calendars": "what is promised is the same for every team",
    "/campaigns": "no campaign is bound to a queue",
    "/contacts": "who may read a customer reads his whole history",
    "/contracts": "what a customer was promised is his history",
    "/desk/history": "who may read a customer reads his whole history",
    "/desk/preview": "his own lead",
    "/do-not-call": "whom nobody may ring nobody of any team may",
    "/duplicates": "customers are the whole house's",
    "/equipment": "what a customer has, and what happened with it, is his history",
    "/fields": "what customers are described by",
    "/incident-choices": "what incidents are sorted by, and the teams that they can be handed to",
    "/knowledge": "what is known helps every team",
    "/leads": "no campaign is bound to a queue",
    "/lines": "what queues are called, not what goes on there",
    "/lookup": "customers are the whole house's",
    "/me": "himself",
    "/merges": "customers are the whole house's",
    "/presence": "himself",
    "/preview": "his own lead",
    "/products": "what customers have pieces of",
    "/repairs": "what a customer has, and what happened with it, is his history",
    "/saved-views": "what a list is asked for, not what it shows",
    "/seat": "himself",
    "/seats": "phones are the whole house's: he sees which are free",
    "/session": "himself",
    "/sla-policies": "what is promised is the same for every team",
    "/start-views": "what a list is asked for, not what it shows",
    "/teams": "the teams that incidents can be handed to",
}
"""Routes, with all beneath them and their files, that show everybody the same who may, and why."""


async def demand_scope(request: web.Request, identity: Identity) -> None:
    """Let through who sees everything, and who is confined to what he sees.

    Raises:
        ProblemError: the record that the path names is another team's (404), or nobody said what is shown
            there to who is confined (403).
    """
    within, path = identity.scope.within, route_of(request)
    if within is None:
        return
    if not is_told(path):
        raise ProblemError(
            HTTPStatus.FORBIDDEN, CONFINED, "this is not shown to who is confined to his teams"
        )
    guard = next((one for at, one in _GUARDS.items() if path == at or path.startswith(f"{at}/")), None)
    if guard is not None and not await guard(request, within):
        raise hidden()


def is_told(path: str) -> bool:
    """Return whether somebody said what who is confined is shown at *path*, without ``/api/v1``."""
    return path in SCOPED or any(path == at or path.startswith((f"{at}/", f"{at}.")) for at in FREE)


def route_of(request: web.Request) -> str:
    """Return the route that is asked, the same for a page and for REST."""
    resource = request.match_info.route.resource
    return resource.canonical.removeprefix(V1) if resource else ""


def hidden() -> ProblemError:
    """Return that a record is there, and another team's."""
    return ProblemError(HTTPStatus.NOT_FOUND, HIDDEN, "this is another team's")


async def demand_incident(request: web.Request, incident_id: str | None) -> None:
    """Let through who sees an incident that is named elsewhere than in the path, if one is.

    Raises:
        ProblemError: it is another team's (404).
    """
    await _demand(request, incident_id, _sees_incident)


async def demand_call(request: web.Request, call_id: str | None) -> None:
    """Let through who sees a call that is named elsewhere than in the path, if one is.

    Raises:
        ProblemError: it is another team's (404).
    """
    await _demand(request, call_id, _sees_call)


async def _demand(request: web.Request, named: str | None, sees: _Sees) -> None:
    within = identity_of(request).scope.within
    if within and named and not await sees(request, within, named):
        raise hidden()


async def _sees_call(request: web.Request, within: Confines, call_id: str | None = None) -> bool:
    context, wanted = request.app[CONTEXT], call_id or id_of_call(request)
    if (live := live_call(context, wanted)) is not None:
        return within.sees_call(live)
    try:
        return within.sees_call(await context.db.read(calls.get_call, call_id=wanted))
    except NotFoundError:
        return True  # the handler says so


async def _sees_incident(request: web.Request, within: Confines, incident_id: str | None = None) -> bool:
    wanted = incident_id or request.match_info["id"]
    try:
        one = await request.app[CONTEXT].db.read(incidents.get, incident_id=wanted)
    except NotFoundError:
        return True
    return within.sees_incident(one)


async def _sees_task(request: web.Request, within: Confines) -> bool:
    return await request.app[CONTEXT].db.read(tasks.sees, task_id=request.match_info["id"], within=within)


async def _sees_interaction(request: web.Request, within: Confines) -> bool:
    wanted = request.match_info["id"]
    return await request.app[CONTEXT].db.read(interactions.sees, interaction_id=wanted, within=within)


async def _sees_callback(request: web.Request, within: Confines) -> bool:
    wanted = request.match_info["id"]
    return await request.app[CONTEXT].db.read(callbacks.sees, callback_id=wanted, within=within)


_GUARDS: Final[dict[str, Guard]] = {
    "/calls/{id}": _sees_call,
    "/incidents/{id}": _sees_incident,
    "/interactions/{id}": _sees_interaction,
    "/tasks/{id}": _sees_task,
    "/callbacks/{id}": _sees_callback,
}
