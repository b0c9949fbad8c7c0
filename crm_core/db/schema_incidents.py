"""The tables of incidents: what was reported, what was written about it, what is promised and chosen from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from crm_core.db.kept import Kept
from crm_core.db.schema import Instant, metadata, where_it_has_one
from crm_core.domain.incidents import Hold, PromisedBy

incident = Table(
    "incident",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("sequence", Integer, nullable=False, unique=True),
    Column("kind", String(12), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("description", Text),
    Column("state", String(20), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("waiting_for", String(10)),
    Column("impact", Integer, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("priority_reason", String(200)),
    # what is chosen has no foreign key: these columns came to a table that was there, and the service looks
    Column("category_id", String(36)),
    Column("product_line_id", String(36)),
    Column("asset_id", String(36)),
    Column("contact_id", String(36), ForeignKey("contact.id")),
    Column("account_id", String(36), ForeignKey("account.id")),
    Column("call_id", String(36)),  # no foreign key: it is opened while the call is live
    Column("assignee", String(36)),
    Column("team_id", String(36)),
    Column("parent_id", String(36)),
    Column("merged_into", String(36)),
    Column("resolution_id", String(36)),
    Column("cause", Text),
    Column("fields", Kept(dict[str, Any], {})),
    Column("key", String(80), unique=True),
    Column("opened_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("first_responded_at", Instant),
    Column("resolved_at", Instant),
    Column("closed_at", Instant),
    Column("reopened", Integer, nullable=False),
    Column("holds", Kept(tuple[Hold, ...], ())),
    Column("policy_id", String(36)),
    Column("promised_by", Kept(PromisedBy)),
    Column("respond_by", Instant),
    Column("resolve_by", Instant),
    Column("warn_at", Instant),
    Column("due_at", Instant, nullable=False),  # at the end of all time when nothing is due
    Column("version", Integer, nullable=False),
    Index("ix_incident_open_of_contact", "contact_id", "is_open"),
    Index("ix_incident_open_of_account", "account_id", "is_open"),
    Index("ix_incident_open_of_assignee", "assignee", "is_open"),
    Index("ix_incident_contact_id", "contact_id", "opened_at", "id", "category_id"),
    where_it_has_one("incident", "account_id", "opened_at", "category_id"),
    Index("ix_incident_assignee", "assignee", "opened_at", "id"),
    Index("ix_incident_is_open", "is_open", "opened_at", "id"),
    Index("ix_incident_kind", "kind", "is_open", "opened_at", "id"),
    Index("ix_incident_opened_at", "opened_at", "id"),
    Index("ix_incident_due_at", "is_open", "due_at", "id"),
    Index("ix_incident_state", "state", "due_at", "id"),
    Index("ix_incident_team_id", "team_id", "is_open", "due_at", "id"),
    Index("ix_incident_category_id", "category_id", "opened_at", "id"),
    Index("ix_incident_product_line_id", "product_line_id", "opened_at", "category_id"),
    Index("ix_incident_asset_id", "asset_id", "opened_at", "id"),
    Index("ix_incident_problems", "category_id", "product_line_id", "opened_at", "is_open"),
    *(where_it_has_one("incident", name) for name in ("call_id", "parent_id", "merged_into")),
)
incident_entry = Table(
    "incident_entry",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("incident_id", String(36), ForeignKey("incident.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(80)),
    Column("kind", String(10), nullable=False),
    Column("text", Text),
    Column("changes", Kept(Mapping[str, Any])),
    Column("version", Integer),  # of the incident behind a change
    Column("before", LargeBinary),  # the whole incident as JSON, to go back to
    Column("is_undone", Boolean, nullable=False),
    Index("ix_incident_entry_incident_id", "incident_id", "at", "id"),
)
incident_due = Table(
    "incident_due",
    metadata,
    Column("incident_id", String(36), ForeignKey("incident.id"), primary_key=True),
    Column("what", String(10), primary_key=True),
    Column("stage", String(10), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("told_at", Instant),
    Index("ix_incident_due_told_at", "told_at", "at", "incident_id"),
    sqlite_with_rowid=False,
)
incident_choice = Table(
    "incident_choice",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("name_es", String(80), nullable=False),
    Column("name_en", String(80), nullable=False),
    Column("parent_id", String(36), ForeignKey("incident_choice.id")),
    Column("is_active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Index("ix_incident_choice_kind", "kind", "id"),
)
business_calendar = Table(
    "business_calendar",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("zone", String(60), nullable=False),
    Column("hours", Kept(dict[str, tuple[str, ...]])),
    Column("closed", Kept(tuple[date, ...], ())),
    Column("country", String(2)),
    Column("subdivision", String(10)),
    Column("version", Integer, nullable=False),
)
service_policy = Table(
    "service_policy",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("calendar_id", String(36), ForeignKey("business_calendar.id"), nullable=False),
    Column("kind", String(12)),
    Column("priority", Integer),
    Column("tier", String(40)),
    Column("respond_s", Integer),
    Column("resolve_s", Integer),
    Column("warn_percent", Integer, nullable=False),
    Column("escalate_to", String(36)),
    Column("by_contract", Boolean, nullable=False),
    Column("part_of", String(36)),
    Column("is_active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)
