"""What we know, and what it helped with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from crm_core.domain.incidents import Incident
from crm_core.domain.knowledge import Article, Listed, Wanted
from crm_core.ports.places import Place


class Knowledge(Protocol):
    """Articles, and which incidents were solved by them."""

    def get(self, article_id: str) -> Article | None:
        """Return one."""

    def put(self, one: Article) -> None:
        """Keep one, new or changed."""

    def find(self, wanted: Wanted, *, place: Place | None, limit: int) -> list[Listed]:
        """Return those that are looked for, who were changed last first, behind a place in this order."""

    def at(self, ids: Sequence[str]) -> list[Listed]:
        """Return some, in the order of *ids*."""

    def link(self, article_id: str, incident_id: str, *, by: str | None, now: datetime) -> bool:
        """Keep that an incident was solved by an article; return whether that was not known."""

    def unlink(self, article_id: str, incident_id: str) -> bool:
        """Keep that it was not; return whether it was said."""

    def of_incident(self, incident_id: str) -> list[Listed]:
        """Return what an incident was solved by, what was told first first."""

    def solved_by(self, article_id: str, *, limit: int) -> list[Incident]:
        """Return the incidents that an article solved, the last first."""
