"""The tables of saved views: what is asked of a list, and with which of them somebody's list begins."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from crm_core.db.kept import Kept
from crm_core.db.schema import Instant, metadata

saved_view = Table(
    "saved_view",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("page", String(20), nullable=False),
    Column("name", String(60), nullable=False),
    Column("query", Kept(dict[str, str], {})),
    Column("audience", String(10), nullable=False),
    Column("team_id", String(36)),
    Column("owner", String(80), nullable=False),  # no foreign key: another system with a key may keep some
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("removed_at", Instant),
    Column("version", Integer, nullable=False),
    Index("ix_saved_view_page", "page", "name", "id"),
)
start_view = Table(
    "start_view",
    metadata,
    Column("user_id", String(80), primary_key=True),
    Column("page", String(20), primary_key=True),
    Column("view_id", String(36), nullable=False),  # no foreign key: a view that is brought back is it again
    sqlite_with_rowid=False,
)
