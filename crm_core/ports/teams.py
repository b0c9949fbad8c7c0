"""Who is in which team."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from crm_core.domain.confines import Confines
from crm_core.domain.people import User
from crm_core.domain.teams import Member


class Teams(Protocol):
    """The members of teams; what a team is called is one of the ``Choices``."""

    def every(self) -> list[Member]:
        """Return all members of all teams, by team and user."""

    def of_team(self, team_id: str) -> list[Member]:
        """Return the members of a team, by user."""

    def of_user(self, user_id: str) -> list[Member]:
        """Return the teams that somebody is in, by team."""

    def confines(self, one: User) -> Confines:
        """Return what belongs to the teams that somebody is in, himself with it."""

    def keep(self, team_id: str, members: Collection[Member]) -> None:
        """Let *members* be all that a team has."""

    def join(self, team_id: str, user_id: str) -> None:
        """Let somebody be in a team; he does not lead it."""

    def leave(self, team_id: str, user_id: str) -> None:
        """Let somebody not be in a team."""
