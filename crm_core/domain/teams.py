"""Teams: what incidents are handed to, the people in it, and who leads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from crm_core.domain.choices import Choice


class Member(NamedTuple):
    """Somebody (a user's id) in a team."""

    team_id: str
    user_id: str
    is_lead: bool


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """A team, named in both languages; ``members`` and ``lead`` are users' ids."""

    id: str
    name_es: str
    name_en: str
    is_active: bool
    version: int
    members: tuple[str, ...]
    lead: str | None

    def name(self, language: str) -> str:
        """Return what it is called in *language*, Spanish or else English."""
        return self.name_es if language == "es" else self.name_en


def team_of(choice: Choice, members: Iterable[Member]) -> Team:
    """Return the team that *choice* names, with *members*."""
    kept = tuple(members)
    return Team(
        id=choice.id,
        name_es=choice.name_es,
        name_en=choice.name_en,
        is_active=choice.is_active,
        version=choice.version,
        members=tuple(one.user_id for one in kept),
        lead=next((one.user_id for one in kept if one.is_lead), None),
    )
