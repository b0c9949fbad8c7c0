"""The table of fields that a site adds to its records."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table, UniqueConstraint

from crm_core.db.kept import Kept
from crm_core.db.schema import metadata

field_def = Table(
    "field_def",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("entity", String(10), nullable=False),
    Column("key", String(40), nullable=False),
    Column("type", String(10), nullable=False),
    Column("label_es", String(80), nullable=False),
    Column("label_en", String(80), nullable=False),
    Column("is_required", Boolean, nullable=False),
    Column("options", Kept(tuple[str, ...], ())),
    Column("regex", String(200)),
    Column("pii", Boolean, nullable=False),
    Column("category_ids", Kept(tuple[str, ...], ())),
    Column("position", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("entity", "key"),
)
