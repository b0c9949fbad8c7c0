"""Who is in which team, in the database."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, delete, insert, select

from crm_core.db.schema_teams import team_member
from crm_core.domain.teams import Member

_C = team_member.c
_EVERY = select(team_member).order_by(_C.team_id, _C.user_id)
_OF_TEAM = _EVERY.where(_C.team_id == bindparam("wanted"))
_OF_USER = _EVERY.where(_C.user_id == bindparam("wanted"))
_EMPTY = delete(team_member).where(_C.team_id == bindparam("wanted"))
_LEAVE = delete(team_member).where(_C.team_id == bindparam("team"), _C.user_id == bindparam("wanted"))


class SqlTeams:
    """``Teams``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def every(self) -> list[Member]:
        """Return all members of all teams, by team and user."""
        return [Member(*row) for row in self._connection.execute(_EVERY)]

    def of_team(self, team_id: str) -> list[Member]:
        """Return the members of a team, by user."""
        return [Member(*row) for row in self._connection.execute(_OF_TEAM, {"wanted": team_id})]

    def of_user(self, user_id: str) -> list[Member]:
        """Return the teams that somebody is in, by team."""
        return [Member(*row) for row in self._connection.execute(_OF_USER, {"wanted": user_id})]

    def keep(self, team_id: str, members: Collection[Member]) -> None:
        """Let *members* be all that a team has."""
        self._connection.execute(_EMPTY, {"wanted": team_id})
        if members:
            self._connection.execute(insert(team_member), [one._asdict() for one in members])

    def join(self, team_id: str, user_id: str) -> None:
        """Let somebody be in a team; he does not lead it."""
        self._connection.execute(insert(team_member), Member(team_id, user_id, is_lead=False)._asdict())

    def leave(self, team_id: str, user_id: str) -> None:
        """Let somebody not be in a team."""
        self._connection.execute(_LEAVE, {"team": team_id, "wanted": user_id})
