"""What we know, and what it helped with."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the tables; nobody wrote anything yet."""
    op.create_table(
        "article",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("title_es", sa.String(length=200)),
        sa.Column("text_es", sa.Text()),
        sa.Column("title_en", sa.String(length=200)),
        sa.Column("text_en", sa.Text()),
        sa.Column("category_id", sa.String(length=36)),
        sa.Column("product_line_id", sa.String(length=36)),
        sa.Column("stand", sa.String(length=10), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("created_by", sa.String(length=80)),
        sa.Column("updated_at", sa.String(length=27), nullable=False),
        sa.Column("updated_by", sa.String(length=80)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
    )
    op.create_index("ix_article_updated_at", "article", ["updated_at", "id"], unique=False)
    op.create_table(
        "article_incident",
        sa.Column("article_id", sa.String(length=36), nullable=False),
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("by", sa.String(length=80)),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_incident_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_article_incident_incident_id")
        ),
        sa.PrimaryKeyConstraint("article_id", "incident_id", name=op.f("pk_article_incident")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_article_incident_incident_id", "article_incident", ["incident_id", "at"], unique=False)
