"""The audit names the record and its fields, is found by them, and is only added to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = depends_on = None

INDEXES = {"ix_audit_record_id": "record_id", "ix_audit_who": "who", "ix_audit_at": "at"}
ON_SQLITE = """
CREATE TRIGGER audit_is_not_{done} BEFORE {deed} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END
"""
ON_POSTGRESQL = (
    """
CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN RAISE EXCEPTION ''the audit is only added to''; END'
""",
    """
CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to()
""",
)


def upgrade() -> None:
    """Add columns and indexes, take numbers out of what was exported, and refuse changes from now on."""
    op.add_column("audit", sa.Column("kind", sa.String(length=40), nullable=True))
    op.add_column("audit", sa.Column("record_id", sa.String(length=80), nullable=True))
    op.add_column("audit", sa.Column("changes", sa.Text(), nullable=True))
    for name, column in INDEXES.items():
        op.create_index(name, "audit", [column, "pos"], unique=False)
    op.execute("UPDATE audit SET what = 'exported_calls' WHERE what LIKE 'exported_calls %'")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(ON_SQLITE.format(done="changed", deed="UPDATE"))
        op.execute(ON_SQLITE.format(done="forgotten", deed="DELETE"))
    else:
        for statement in ON_POSTGRESQL:
            op.execute(statement)
