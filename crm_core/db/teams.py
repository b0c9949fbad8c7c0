"""Who is in which team, in the database."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, delete, insert, literal, null, select, union_all

from crm_core.db.schema import user
from crm_core.db.schema_lines import line
from crm_core.db.schema_teams import team_member
from crm_core.domain.confines import Confines
from crm_core.domain.people import User
from crm_core.domain.teams import Member

_C = team_member.c
_EVERY = select(team_member).order_by(_C.team_id, _C.user_id)
_OF_TEAM = _EVERY.where(_C.team_id == bindparam("wanted"))
_OF_USER = _EVERY.where(_C.user_id == bindparam("wanted"))
_EMPTY = delete(team_member).where(_C.team_id == bindparam("wanted"))
_HIS = select(_C.team_id).where(_C.user_id == bindparam("wanted"))
_BELONGS = union_all(
    select(literal("team").label("kind"), _C.team_id.label("one"), null().label("other")).where(
        _C.user_id == bindparam("wanted")
    ),
    select(literal("person"), user.c.id, user.c.agent)
    .join(team_member, _C.user_id == user.c.id)
    .where(_C.team_id.in_(_HIS)),
    select(literal("queue"), line.c.pbx, line.c.code).where(line.c.kind == "queue", line.c.team_id.in_(_HIS)),
)
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

    def confines(self, one: User) -> Confines:
        """Return what belongs to the teams that somebody is in, himself with it."""
        rows = self._connection.execute(_BELONGS, {"wanted": one.id}).all()
        codes = [row.other for row in rows if row.kind == "person"]
        return Confines(
            user=one.id,
            teams=frozenset(row.one for row in rows if row.kind == "team"),
            people=frozenset({one.id, *(row.one for row in rows if row.kind == "person")}),
            agents=frozenset(code for code in (one.agent, *codes) if code),
            queues=frozenset((row.one, row.other) for row in rows if row.kind == "queue"),
        )

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
