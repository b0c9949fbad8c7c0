"""What was said to customers and by them, written down by hand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from crm_core.domain.confines import Confines
from crm_core.domain.interactions import Interaction, Listed, Wanted
from crm_core.ports.places import Place


class Interactions(Protocol):
    """What was said on other ways than the telephone."""

    def get(self, interaction_id: str) -> Interaction | None:
        """Return one."""

    def add(self, one: Interaction) -> None:
        """Keep a new one."""

    def change(self, one: Interaction) -> None:
        """Keep one as it is now."""

    def remove(self, interaction_id: str) -> None:
        """Forget one."""

    def find(self, wanted: Wanted, place: Place | None, limit: int) -> list[Listed]:
        """Return those that are wanted behind *place*, newest first."""

    def seen(self, ids: Collection[str], within: Confines) -> set[str]:
        """Return those of *ids* that somebody sees who is confined."""

    def of_incidents(self, incidents: Sequence[str]) -> list[Interaction]:
        """Return what was written about incidents."""

    def of_contact(self, contact_id: str) -> list[Interaction]:
        """Return what goes with a contact, newest first: with him, and with no other about his incidents."""
