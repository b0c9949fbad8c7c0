"""The tables of records that are one: which became a part of which, and which are not the same."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, String, Table

from crm_core.db.schema import Instant, metadata

merge = Table(
    "merge",
    metadata,
    # no foreign keys: it tells of a record that is not there any more
    Column("id", String(36), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("loser_id", String(36), nullable=False),
    Column("into_id", String(36), nullable=False),
    Column("loser_name", String(500)),  # null when who it was is erased
    Column("into_name", String(500)),
    Column("at", Instant, nullable=False),
    Column("by", String(80)),
    Column("undone_at", Instant),
    Column("undone_by", String(80)),
    Column("journal", LargeBinary),  # what was moved and replaced, as JSON; null when it cannot be undone
    Index("ix_merge_loser_id", "loser_id", "undone_at"),
    Index("ix_merge_into_id", "into_id", "undone_at"),
    Index("ix_merge_at", "at", "id"),
)
not_same = Table(
    "not_same",
    metadata,
    Column("kind", String(10), primary_key=True),
    Column("first_id", String(36), primary_key=True),
    Column("second_id", String(36), primary_key=True),
    Index("ix_not_same_second_id", "second_id"),
    Index("ix_not_same_first_id", "first_id"),
    sqlite_with_rowid=False,
)
