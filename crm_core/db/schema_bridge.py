"""The tables of the bridge: who holds what, how far spools were emptied, why calls were told as they were."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from crm_core.db.schema import Instant, Place, metadata

lease = Table(
    "lease",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("holder", String(20), nullable=False),  # "" when it was given back
    Column("term", Integer, nullable=False),
    Column("beat", Integer, nullable=False),
    Column("wanted_by", String(20), nullable=False),  # "" when nobody waits to take it over
)
spool = Table(
    "spool",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("emptied", Integer, nullable=False),  # the number of the last record that is in these tables
)
call_trace = Table(
    "call_trace",
    metadata,
    Column("pos", Place, primary_key=True),
    Column("call_id", String(36), nullable=False),
    Column("at", Instant, nullable=False),
    Column("lines", LargeBinary, nullable=False),
    Index("ix_call_trace_call_id", "call_id"),
)
