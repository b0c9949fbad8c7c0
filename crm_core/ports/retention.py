"""How long records are kept, and those that are older."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from crm_core.domain.retention import Aged, HeldPerson, QuietKind, RecordKind, RetentionRule
from crm_core.ports.places import Place


class Retention(Protocol):
    """The rules, what is older than they allow, and letting that go."""

    def rule(self, kind: RecordKind) -> RetentionRule:
        """Return the rule of a kind; one that lets nothing go when nobody made one."""

    def put(self, rule: RetentionRule) -> None:
        """Keep a rule, in place of what was kept of it."""

    def older(self, kind: RecordKind, before: datetime, behind: Place | None, limit: int) -> list[Aged]:
        """Return records of a kind from before *before* that have something personal left, behind a place.

        Calls, incidents, tasks and merges come by their time, the others by their id.
        """

    def held(self, kind: RecordKind, found: Sequence[Aged]) -> dict[str, str]:
        """Return those of *found* that are of somebody whose records must stay, each with his id."""

    def people(self, contact_ids: Sequence[str]) -> list[HeldPerson]:
        """Return who of them must stay, by id."""

    def forget_incidents(self, ids: Sequence[str]) -> dict[str, int]:
        """Forget what was written in and about incidents, and whose they were; return their new versions."""

    def forget(self, kind: QuietKind, ids: Sequence[str]) -> int:
        """Forget what is personal in records of the other kinds; return how many there were.

        Of an import a part: counted is the one that was its last.
        """
