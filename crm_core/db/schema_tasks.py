"""The table of tasks: what is to be done for customers, and until when."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from crm_core.db.schema import Instant, metadata, where_it_has_one

task = Table(
    "task",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("note", Text),
    Column("due_at", Instant, nullable=False),
    Column("assignee", String(36)),
    Column("contact_id", String(36), ForeignKey("contact.id")),
    Column("account_id", String(36), ForeignKey("account.id")),
    Column("incident_id", String(36), ForeignKey("incident.id")),
    Column("call_id", String(36)),  # no foreign key: it is noted while the call is live
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(80)),
    Column("is_open", Boolean, nullable=False),
    Column("done_at", Instant),
    Column("done_by", String(80)),
    Column("version", Integer, nullable=False),
    Index("ix_task_due_at", "is_open", "due_at", "id"),
    Index("ix_task_done_at", "is_open", "done_at", "id"),
    Index("ix_task_assignee", "assignee", "is_open", "due_at", "id"),
    where_it_has_one("task", "contact_id", "is_open", "due_at", "id"),
    where_it_has_one("task", "account_id", "is_open", "due_at", "id"),
    where_it_has_one("task", "incident_id", "is_open", "due_at", "id"),
    where_it_has_one("task", "call_id"),
)
