"""What alembic runs: the steps, on the connection that ``migrate`` opened."""

from alembic import context

from crm_core.db.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
