"""What is to be done."""

from __future__ import annotations

from typing import Protocol

from crm_core.domain.tasks import Listed, Task, Wanted
from crm_core.ports.places import Place


class Tasks(Protocol):
    """What somebody has to do for customers."""

    def get(self, task_id: str) -> Task | None:
        """Return one task."""

    def add(self, task: Task) -> None:
        """Keep a new task."""

    def change(self, task: Task) -> None:
        """Keep a task as it is now."""

    def find(self, wanted: Wanted, place: Place | None, limit: int) -> list[Listed]:
        """Return tasks behind *place*: open ones first due first, done ones last done first."""

    def count(self, wanted: Wanted) -> int:
        """Return how many are looked for."""
