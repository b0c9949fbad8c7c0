"""Fields that a site adds to its records."""

from __future__ import annotations

from typing import Protocol

from crm_core.domain.custom_fields import FieldDef


class Fields(Protocol):
    """Which fields there are; their values are kept with the records."""

    def get(self, field_id: str) -> FieldDef | None:
        """Return one."""

    def of(self, entity: str) -> list[FieldDef]:
        """Return those of a kind of record, by position and key."""

    def put(self, one: FieldDef) -> None:
        """Keep one, new or changed."""

    def drop(self, field_id: str) -> None:
        """Keep one no more."""
