"""What is shown to whom."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from crm_core.domain.masking import MaskRule
from crm_core.domain.people import Role


class Masking(Protocol):
    """A rule for each role."""

    def rule(self, role: Role) -> MaskRule:
        """Return the rule of a role; one that shows everything when nobody made one."""

    def rules(self, roles: Collection[Role]) -> list[MaskRule]:
        """Return the rules of *roles* that were made."""

    def put(self, rule: MaskRule) -> None:
        """Keep a rule, in place of what was kept of it."""
