"""Teams: listed, added, and changed by who is up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_core.domain.errors import InvalidError, NotFoundError
from crm_core.domain.teams import Member, Team, team_of
from crm_core.ports import UnitOfWork
from crm_core.services import service_levels


def every(uow: UnitOfWork) -> list[Team]:
    """Return all teams with their members, by id."""
    members = uow.teams.every()
    return [
        team_of(one, (member for member in members if member.team_id == one.id))
        for one in service_levels.choices_of(uow, kind="team")
    ]


def add(uow: UnitOfWork, *, fields: Mapping[str, Any], by: str, now: datetime) -> Team:
    """Keep a new team.

    Raises:
        InvalidError: naming a field that cannot be.
    """
    named = {name: fields[name] for name in ("name_es", "name_en")}
    made = service_levels.add_choice(uow, fields={"kind": "team", **named}, by=by, now=now)
    members = _members(uow, made.id, fields["members"], fields["lead"])
    uow.teams.keep(made.id, members)
    return team_of(made, members)


def change(
    uow: UnitOfWork, *, team_id: str, version: int, changes: Mapping[str, Any], by: str, now: datetime
) -> Team:
    """Return the next version of a team: of *changes*, what is not named stays.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: naming a field that cannot be.
    """
    kept = uow.choices.get(team_id)
    if kept is None or kept.kind != "team":
        raise NotFoundError("team", team_id)
    before = team_of(kept, uow.teams.of_team(team_id))
    named = {name: value for name, value in changes.items() if name not in {"members", "lead"}}
    after = service_levels.change_choice(
        uow, choice_id=team_id, version=version, changes=named, by=by, now=now
    )
    lead = changes.get("lead", before.lead)
    wanted = changes.get("members", before.members)
    if "lead" not in changes and lead not in wanted:
        lead = None  # who leaves the team leads it no more
    members = _members(uow, team_id, wanted, lead)
    uow.teams.keep(team_id, members)
    return team_of(after, members)


def _members(uow: UnitOfWork, team_id: str, wanted: Sequence[str], lead: str | None) -> list[Member]:
    known = {one.id for one in uow.users.every()}
    for n, user_id in enumerate(wanted):
        if user_id not in known:
            raise InvalidError(f"members.{n}", "there is no such user", fault="unknown")
    if lead is not None and lead not in wanted:
        raise InvalidError("lead", "one of the members", fault="not_a_member")
    return [Member(team_id, user_id, user_id == lead) for user_id in sorted(set(wanted))]
