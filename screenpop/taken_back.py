"""What was removed a moment ago, as it was: who removed it can have it back. It is in memory alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from crm_core.domain.errors import NotAllowedError, NotFoundError
from crm_core.domain.interactions import Interaction

KEPT: Final = timedelta(minutes=10)
MOST = 500


@dataclass(slots=True)
class TakenBack:
    """Interactions that were removed lately, by their ids: the oldest goes when there are too many."""

    _kept: dict[str, tuple[datetime, str, Interaction]] = field(default_factory=dict)

    def keep(self, one: Interaction, *, by: str, now: datetime) -> None:
        """Keep for a while what somebody removed."""
        self._forget_old(now)
        self._kept[one.id] = (now, by, one)
        while len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]

    def get(self, interaction_id: str, now: datetime) -> Interaction:
        """Return what was removed.

        Raises:
            NotFoundError: nobody did, or it is too long ago.
        """
        self._forget_old(now)
        return self._of(interaction_id)[2]

    def demand(self, interaction_id: str, *, by: str, may_undo_others: bool) -> None:
        """Let through who may have it back.

        Raises:
            NotFoundError: it is not there any more.
            NotAllowedError: somebody else removed it, and *by* may not undo what others did.
        """
        if self._of(interaction_id)[1] != by and not may_undo_others:
            raise NotAllowedError("somebody else removed it")

    def forget(self, interaction_id: str) -> None:
        """Forget what is back."""
        self._kept.pop(interaction_id, None)

    def _of(self, interaction_id: str) -> tuple[datetime, str, Interaction]:
        if (found := self._kept.get(interaction_id)) is None:
            raise NotFoundError("interaction", interaction_id)
        return found

    def _forget_old(self, now: datetime) -> None:
        self._kept = {key: one for key, one in self._kept.items() if now - one[0] < KEPT}
