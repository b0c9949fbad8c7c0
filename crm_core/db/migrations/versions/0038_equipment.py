"""Products, what customers have of them, contracts, repairs; incidents name the piece that they are about."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the tables and the column; nobody has anything yet."""
    op.create_table(
        "product",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name_es", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=80)),
        sa.Column("product_line_id", sa.String(length=36)),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
    )
    op.create_index("ix_product_name_es", "product", ["name_es", "id"], unique=False)
    _create_asset()
    _create_contract()
    _create_repair()
    op.add_column("incident", sa.Column("asset_id", sa.String(length=36)))
    op.create_index("ix_incident_asset_id", "incident", ["asset_id", "opened_at", "id"], unique=False)


def _create_asset() -> None:
    op.create_table(
        "asset",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("product_id", sa.String(length=36), nullable=False),
        sa.Column("serial", sa.String(length=80), nullable=False),
        sa.Column("search", sa.String(length=80), nullable=False),
        sa.Column("contact_id", sa.String(length=36)),
        sa.Column("account_id", sa.String(length=36)),
        sa.Column("bought_on", sa.Date()),
        sa.Column("warranty_until", sa.Date()),
        sa.Column("site", sa.String(length=200)),
        sa.Column("note", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_asset_account_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_asset_contact_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_asset_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset")),
    )
    op.create_index("ix_asset_search", "asset", ["search", "id"], unique=False)
    op.create_index("ix_asset_contact_id", "asset", ["contact_id"], unique=False)
    op.create_index("ix_asset_account_id", "asset", ["account_id"], unique=False)


def _create_contract() -> None:
    op.create_table(
        "contract",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("contact_id", sa.String(length=36)),
        sa.Column("account_id", sa.String(length=36)),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("covers", sa.String(length=200)),
        sa.Column("asset_ids", sa.Text()),
        sa.Column("product_line_id", sa.String(length=36)),
        sa.Column("policy_id", sa.String(length=36)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_contract_account_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contract_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
    )
    op.create_index("ix_contract_contact_id", "contract", ["contact_id"], unique=False)
    op.create_index("ix_contract_account_id", "contract", ["account_id"], unique=False)


def _create_repair() -> None:
    op.create_table(
        "repair",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.String(length=36), nullable=False),
        sa.Column("incident_id", sa.String(length=36)),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("received_at", sa.String(length=27), nullable=False),
        sa.Column("steps", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_repair_asset_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_repair_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair")),
        sa.UniqueConstraint("sequence", name=op.f("uq_repair_sequence")),
    )
    op.create_index("ix_repair_is_open", "repair", ["is_open", "received_at", "id"], unique=False)
    op.create_index("ix_repair_received_at", "repair", ["received_at", "id"], unique=False)
    op.create_index("ix_repair_asset_id", "repair", ["asset_id", "received_at", "id"], unique=False)
    op.create_index("ix_repair_incident_id", "repair", ["incident_id", "received_at", "id"], unique=False)
