"""The tables of what was brought in: each table as a batch, what it made, and what was rejected of it."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table

from crm_core.db.kept import Kept
from crm_core.db.schema import Instant, Place, metadata
from crm_core.domain.accounts import WholeAccount
from crm_core.domain.contacts import Contact
from crm_core.domain.imports import LONGEST_NAME, LONGEST_QUOTED, Columns

import_batch = Table(
    "import_batch",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(LONGEST_NAME), nullable=False),
    Column("signature", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("columns", Kept(Columns), nullable=False),
    Column("region", String(2), nullable=False),
    Column("policy", String(10), nullable=False),
    Column("is_trial", Boolean, nullable=False),
    Column("state", String(10), nullable=False),
    Column("by", String(80), nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("read_bytes", Place, nullable=False),
    Column("bytes", Place, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("completed", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("undone", Integer, nullable=False),
    Column("stayed", Integer, nullable=False),
    Column("why", String(200)),
    Column("kind", String(10), nullable=False, server_default="contacts"),
    Column("day_order", String(3), nullable=False, server_default="ymd"),
    Index("ix_import_batch_begun_at", "begun_at", "id"),
    Index("ix_import_batch_digest", "digest", "begun_at"),
    Index("ix_import_batch_signature", "signature", "begun_at"),
)
import_fault = Table(
    "import_fault",
    metadata,
    Column("batch_id", String(36), ForeignKey("import_batch.id"), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("fault", String(20), nullable=False),
    Column("text", String(LONGEST_QUOTED), nullable=False),
    sqlite_with_rowid=False,
)
import_contact = Table(
    "import_contact",
    metadata,
    # no foreign key to the contact: he may be gone, and then it says nothing of him any more
    Column("batch_id", String(36), ForeignKey("import_batch.id"), primary_key=True),
    Column("contact_id", String(36), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("before", Kept(Contact)),
    Column("stays", String(10)),
    Index("ix_import_contact_contact_id", "contact_id"),
    sqlite_with_rowid=False,
)
import_account = Table(
    "import_account",
    metadata,
    # companies that a batch made or changed; without a version: that came with the people of one
    Column("batch_id", String(36), ForeignKey("import_batch.id"), primary_key=True),
    Column("account_id", String(36), primary_key=True),
    Column("version", Integer),
    Column("before", Kept(WholeAccount)),
    Column("stays", String(10)),
    sqlite_with_rowid=False,
)
