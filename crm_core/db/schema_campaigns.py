"""The tables of telemarketing: lists, whom they hold, every try, and who must not be called."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from crm_core.db.schema import Instant, metadata

campaign = Table(
    "campaign",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("region", String(2), nullable=False),
    Column("state", String(10), nullable=False),
    Column("in_a_day", Integer, nullable=False),
    Column("at_all", Integer, nullable=False),
    Column("basis", String(20), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(80)),
)
lead = Table(
    "lead",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("campaign_id", String(36), ForeignKey("campaign.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("company", String(200)),
    Column("numbers", String(120), nullable=False),  # E.164, the first is tried first, spaces between
    Column("zone", String(60)),
    Column("fields", Text, nullable=False),  # the list's own columns as JSON
    Column("state", String(10), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("not_before", Instant),
    Column("reserved_for", String(40)),
    Column("claimed_by", String(40)),
    Column("attempt_id", String(36)),
    Column("attempts", Integer, nullable=False),
    Column("outcome", String(20)),
    Column("is_reached", Boolean, nullable=False),
    Column("blocked", String(20)),
    Column("version", Integer, nullable=False),
    Index("ix_lead_due_at", "campaign_id", "state", "due_at", "place", "id"),
    Index("ix_lead_claimed_by", "claimed_by", "due_at"),
    Index("ix_lead_sums", "campaign_id", "state", "outcome", "is_reached", "blocked", "attempts"),
)
lead_number = Table(
    "lead_number",
    metadata,
    # every number that a list came with, so that nobody is twice on it
    Column("campaign_id", String(36), ForeignKey("campaign.id"), primary_key=True),
    Column("number", String(20), primary_key=True),
    Index("ix_lead_number_number", "number", "campaign_id"),
    sqlite_with_rowid=False,
)
lead_attempt = Table(
    "lead_attempt",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("campaign_id", String(36), nullable=False),
    Column("lead_id", String(36), ForeignKey("lead.id"), nullable=False),
    Column("number", String(20), nullable=False),
    Column("agent", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("until", Instant),
    Column("source", String(80), nullable=False),
    Column("call_id", String(36)),  # no foreign key: the call's row comes at its end
    Column("result", String(20)),
    Column("outcome", String(20)),
    Column("told_by", String(40)),
    Column("note", Text),
    Index("ix_lead_attempt_lead_id", "lead_id", "at", "id"),
    Index("ix_lead_attempt_number", "number", "at"),
    Index("ix_lead_attempt_sums", "campaign_id", "verdict", "result"),
)
do_not_call = Table(
    "do_not_call",
    metadata,
    Column("number", String(20), primary_key=True),
    Column("since", Instant, nullable=False),
    Column("by", String(80)),
    Column("why", String(200), nullable=False),
    sqlite_with_rowid=False,
)
do_not_call_lift = Table(
    "do_not_call_lift",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("number", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(80), nullable=False),
    Column("why", String(200), nullable=False),
    Index("ix_do_not_call_lift_number", "number", "at", "id"),
)
