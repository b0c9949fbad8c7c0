"""Which tables name a contact or a company: their rows go along when it becomes a part of another one.

A new table that does so has its line here; a test looks for those that have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Table

from crm_core.db.schema_equipment import asset, contract
from crm_core.db.schema_incidents import incident
from crm_core.db.schema_interactions import interaction
from crm_core.db.schema_people import (
    account,
    account_relation,
    account_tag,
    contact,
    contact_tag,
    contact_word,
    did_range,
    email,
    number_choice,
    phone,
)
from crm_core.db.schema_privacy import consent
from crm_core.db.schema_reception import callback
from crm_core.db.schema_tasks import task
from crm_core.domain.duplicates import RecordKind


class Owned(NamedTuple):
    """Rows of *table*, known by *key*, whose *column* says whose they are."""

    table: Table
    column: str
    key: str = "id"

    @property
    def has_version(self) -> bool:
        """Whether who changes such a row names its version: it is another one then."""
        return "version" in self.table.c


OWNERS: Mapping[RecordKind, tuple[Owned, ...]] = {
    "contact": (
        Owned(incident, "contact_id"),
        Owned(callback, "contact_id"),
        Owned(task, "contact_id"),
        Owned(interaction, "contact_id"),
        Owned(asset, "contact_id"),
        Owned(contract, "contact_id"),
        Owned(consent, "contact_id"),
        Owned(number_choice, "contact_id", key="e164"),
    ),
    "account": (
        Owned(incident, "account_id"),
        Owned(account, "parent_id"),
        Owned(task, "account_id"),
        Owned(interaction, "account_id"),
        Owned(asset, "account_id"),
        Owned(contract, "account_id"),
    ),
}
"""What goes along as it is."""
PARTS: Mapping[RecordKind, frozenset[Table]] = {
    "contact": frozenset((contact_word, contact_tag, phone, email)),
    "account": frozenset((account_tag, phone, did_range, account_relation, contact)),
}
"""What is a part of the record itself: it is written anew with the one that stays."""
