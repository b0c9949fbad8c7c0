"""The tables of what customers have: products, pieces of them, contracts, repairs."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from crm_core.db.kept import Kept
from crm_core.db.schema import Instant, metadata, where_it_has_one
from crm_core.domain.repairs import Step

product = Table(
    "product",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name_es", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("code", String(80)),
    Column("product_line_id", String(36)),  # no foreign key, as with what else is chosen: the service looks
    Column("is_active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Index("ix_product_name_es", "name_es", "id"),
)
asset = Table(
    "asset",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("product_id", String(36), ForeignKey("product.id"), nullable=False),
    Column("serial", String(80), nullable=False),
    Column("search", String(80), nullable=False),  # the serial number folded
    Column("contact_id", String(36), ForeignKey("contact.id")),
    Column("account_id", String(36), ForeignKey("account.id")),
    Column("bought_on", Date),
    Column("warranty_until", Date),
    Column("site", String(200)),
    Column("note", Text),
    Column("version", Integer, nullable=False),
    Index("ix_asset_search", "search", "id"),
    where_it_has_one("asset", "contact_id"),
    where_it_has_one("asset", "account_id"),
)
contract = Table(
    "contract",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("contact_id", String(36), ForeignKey("contact.id")),
    Column("account_id", String(36), ForeignKey("account.id")),
    Column("begins_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("covers", String(200)),
    Column("asset_ids", Kept(tuple[str, ...], ())),
    Column("product_line_id", String(36)),
    Column("policy_id", String(36)),
    Column("version", Integer, nullable=False),
    where_it_has_one("contract", "contact_id"),
    where_it_has_one("contract", "account_id"),
)
repair = Table(
    "repair",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("sequence", Integer, nullable=False, unique=True),
    Column("asset_id", String(36), ForeignKey("asset.id"), nullable=False),
    Column("incident_id", String(36), ForeignKey("incident.id")),
    Column("state", String(20), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("fault", Text, nullable=False),
    Column("note", Text),
    Column("received_at", Instant, nullable=False),
    Column("steps", Kept(tuple[Step, ...], ())),
    Column("version", Integer, nullable=False),
    Index("ix_repair_is_open", "is_open", "received_at", "id"),
    Index("ix_repair_received_at", "received_at", "id"),
    Index("ix_repair_asset_id", "asset_id", "received_at", "id"),
    where_it_has_one("repair", "incident_id", "received_at", "id"),
)
