"""Everything is found by its words; who is there already is taken in when the tables are."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = depends_on = None

FTS5 = (
    "CREATE VIRTUAL TABLE search_text USING fts5(words, content='search_doc', content_rowid='place',"
    " tokenize='ascii', detail=none, columnsize=0, prefix='1 2 3 4 5 6 7 8 9 10')"
)
GIN = "CREATE INDEX ix_search_doc_words ON search_doc USING gin (array_to_tsvector(string_to_array(words, ' ')))"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "search_doc",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_search_doc")),
    )
    op.create_index("ix_search_doc_record_id", "search_doc", ["record_id", "kind"], unique=True)
    op.create_table(
        "search_slip",
        sa.Column("slip", sa.String(length=40), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("slip", "word", name=op.f("pk_search_slip")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(FTS5)
    else:
        op.execute("CREATE SEQUENCE search_place")
        op.execute(GIN)
