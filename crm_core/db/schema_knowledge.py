"""The tables of what we know, and of what it helped with."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from crm_core.db.schema import Instant, metadata

article = Table(
    "article",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("title_es", String(200)),
    Column("text_es", Text),
    Column("title_en", String(200)),
    Column("text_en", Text),
    # what is chosen has no foreign key, as with incidents: the service looks
    Column("category_id", String(36)),
    Column("product_line_id", String(36)),
    Column("stand", String(10), nullable=False),
    Column("is_public", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(80)),
    Column("updated_at", Instant, nullable=False),
    Column("updated_by", String(80)),
    Column("version", Integer, nullable=False),
    Index("ix_article_updated_at", "updated_at", "id"),
)
article_incident = Table(
    "article_incident",
    metadata,
    Column("article_id", String(36), ForeignKey("article.id"), primary_key=True),
    Column("incident_id", String(36), ForeignKey("incident.id"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", String(80)),
    Index("ix_article_incident_incident_id", "incident_id", "at"),
    sqlite_with_rowid=False,
)
