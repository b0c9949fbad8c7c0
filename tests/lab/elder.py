"""A database as an elder version of the program made it."""

from __future__ import annotations

from alembic import command

from crm_core.db import migrate
from crm_core.db.engines import make_of


def make_elder(url: str, revision: str) -> None:
    """Bring an empty database to the tables of *revision*."""
    config, engine = migrate._config(), make_of(url).writing_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
