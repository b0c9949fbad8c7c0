"""Bringing the tables to this version, and knowing whether they are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from crm_core.db.engines import Make, driver_error, make_of
from crm_core.db.search_index import SearchIndex
from crm_core.domain.errors import DatabaseAwayError, SchemaError

_UPGRADE = "run `centralita db upgrade`"


def upgrade(url: str) -> tuple[str | None, str]:
    """Bring the tables to this version, in one transaction; return the revision before and after.

    Raises:
        SchemaError: the tables are of a newer version.
        DatabaseAwayError: the database cannot be reached, or is locked by somebody.
    """
    make = make_of(url)
    try:
        return _upgrade(make, url)
    except (DBAPIError, make.DriverError) as error:
        raise _told(make, error) from error


def demand_head(url: str) -> None:
    """Return when the tables are of this version.

    Raises:
        SchemaError: they are not; it says what to do.
        DatabaseAwayError: the database cannot be reached.
    """
    revision = revision_of(url)
    if revision is None:
        raise SchemaError(f"the database has no tables yet: {_UPGRADE}")
    demand_known(revision)
    if revision != _head():
        raise SchemaError(f"the tables are of an older version ({revision}, not {_head()}): {_UPGRADE}")


def revision_of(url: str) -> str | None:
    """Return the revision of the tables; None when there are none.

    Raises:
        DatabaseAwayError: the database cannot be reached.
    """
    make = make_of(url)
    engine = make.reading_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except (DBAPIError, make.DriverError) as error:
        raise _told(make, error) from error
    finally:
        engine.dispose()


def is_behind(revision: str) -> bool:
    """Return whether an upgrade would change tables of *revision*."""
    return revision != _head()


def demand_known(revision: str) -> None:
    """Return when this version of the program knows tables of *revision*.

    Raises:
        SchemaError: it does not.
    """
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision not in known:
        raise SchemaError(
            f"the tables are of a newer version ({revision}): install that version of the program"
        )


def _upgrade(make: Make, url: str) -> tuple[str | None, str]:
    engine = make.writing_engine(url)
    with engine.begin() as connection:
        make.begin_upgrade(connection)
        before = upgrade_on(connection)
        SearchIndex(connection).fill()
    engine.dispose()
    return before, _head()


def upgrade_on(connection: Connection) -> str | None:
    """Bring the tables to this version in the transaction of *connection*; return the revision before.

    Raises:
        SchemaError: the tables are of a newer version.
    """
    before = MigrationContext.configure(connection).get_current_revision()
    if before is not None:
        demand_known(before)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return before


def _head() -> str:
    head = _scripts().get_current_head()
    assert head is not None  # noqa: S101 - there is a first migration
    return head


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _told(make: Make, error: Exception) -> Exception:
    said = driver_error(error)
    return DatabaseAwayError(str(said)) if make.is_away(said) else error
