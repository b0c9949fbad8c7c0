"""What signing in takes besides a password, or in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from crm_core.domain.second_factor import SecondFactor


class SecondFactors(Protocol):
    """Authenticators, and the codes for when they are lost."""

    def of(self, user_id: str) -> SecondFactor | None:
        """Return somebody's; None when he has none."""

    def keep(self, one: SecondFactor, code_hashes: Sequence[str]) -> None:
        """Keep *one* and its recovery codes in place of what its user had; his held sessions are free."""

    def forget(self, user_id: str) -> bool:
        """Forget somebody's, with its codes; False when he had none."""

    def use(self, user_id: str, step: int) -> bool:
        """Keep that *step* was used; False when it was already, or a later one."""

    def spend(self, user_id: str, code_hash: str) -> bool:
        """Forget a recovery code; False when it is none."""

    def codes_left(self, user_id: str) -> int:
        """Return how many recovery codes are left."""


class ProviderSubjects(Protocol):
    """Who is who at a provider: the subject that an issuer calls somebody by, for good."""

    def of(self, issuer: str, subject: str) -> str | None:
        """Return whose it is, a user's id; None when it is nobody's."""

    def subject_of(self, issuer: str, user_id: str) -> str | None:
        """Return what an issuer calls a user; None when it knows him not."""

    def add(self, issuer: str, subject: str, user_id: str) -> None:
        """Keep whose a subject is."""

    def forget(self, issuer: str, user_id: str) -> None:
        """Forget what an issuer calls a user."""
