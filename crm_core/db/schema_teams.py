"""The table of teams' members; what teams are called stands with what incidents are sorted by."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table

from crm_core.db.schema import metadata

team_member = Table(
    "team_member",
    metadata,
    Column("team_id", String(36), ForeignKey("incident_choice.id"), primary_key=True),
    Column("user_id", String(36), ForeignKey("user_account.id"), primary_key=True),
    Column("is_lead", Boolean, nullable=False),
    Index("ix_team_member_user_id", "user_id"),
)
