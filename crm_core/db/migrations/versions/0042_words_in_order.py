"""The words that contacts are looked for by stand in the order of the contacts' names."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = depends_on = None

_KEY = ["word", "search", "contact_id"]


def upgrade() -> None:
    """Make the table anew, sorted."""
    op.create_table(
        "contact_word_sorted",
        sa.Column("word", sa.String(length=300), nullable=False),
        sa.Column("search", sa.String(length=300), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_contact_word_sorted"),
        sa.PrimaryKeyConstraint(*_KEY, name="pk_contact_word_sorted"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO contact_word_sorted (word, search, contact_id) "
        "SELECT word, search, contact_id FROM contact_word JOIN contact ON contact.id = contact_id "
        "ORDER BY word, search, contact_id"
    )
    op.drop_table("contact_word")
    op.rename_table("contact_word_sorted", "contact_word")
    op.create_index("ix_contact_word_contact_id", "contact_word", ["contact_id"])
    if op.get_bind().dialect.name == "postgresql":
        for was, now in (
            ("pk_contact_word_sorted", "pk_contact_word"),
            ("fk_contact_word_sorted", "fk_contact_word_contact_id"),
        ):
            op.execute(f"ALTER TABLE contact_word RENAME CONSTRAINT {was} TO {now}")
