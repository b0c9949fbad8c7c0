"""The makes of database: each has a file of its own, with all that is not said in the same words to both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import DBAPIError

from crm_core.db import sqlite
from crm_core.db.in_use import SQLITE


class Make(Protocol):
    """A make of database: how it is opened, and what the errors of its driver mean."""

    DriverError: type[Exception]
    WRITERS: int
    READERS: int

    def writing_engine(self, url: str) -> Engine:
        """Return an engine whose transactions change records as if they ran one after the other."""

    def reading_engine(self, url: str) -> Engine:
        """Return an engine whose transactions see one state of the database, and cannot change it."""

    def is_conflict(self, error: BaseException, /) -> bool:
        """Return whether somebody else stored the same thing first; asked again, a service finds it there."""

    def is_race(self, error: BaseException, /) -> bool:
        """Return whether the transaction only ran at the wrong moment: nothing speaks against it now."""

    def is_away(self, error: BaseException, /) -> bool:
        """Return whether it is the database that fails, not what was asked of it."""

    def is_cut(self, error: BaseException, /) -> bool:
        """Return whether the line to it was cut: on a new one all may be well."""

    def lock_log(self, connection: Connection, /) -> str | None:
        """Keep others from the event log until the transaction ends, so that places are in its order.

        Return its name, by which may be asked whether it was kept; None where that is never in doubt.
        """

    def was_kept(self, connection: Connection, transaction: str, /) -> bool | None:
        """Return whether *transaction* was committed; None: it is not over yet."""

    def begin_upgrade(self, connection: Connection, /) -> None:
        """Make the transaction one that may change tables, and last.

        Raises:
            SchemaError: the database is not one that can hold them.
        """

    def begin_copy(self, connection: Connection, /) -> None:
        """Make the transaction one in which everything is written, and companies before their parents."""

    def end_copy(self, connection: Connection, /) -> None:
        """Let the database learn what it holds now, so that the first questions find their ways, too."""

    def stream(self, connection: Connection, sql: str, /) -> Any:
        """Return a cursor of the driver's over what *sql* gives, which is not all fetched at once."""

    def add_rows(
        self, connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]], /
    ) -> None:
        """Add many rows, values as the database keeps them."""

    def last_place(self, connection: Connection, table: Table, column: str, /) -> int:
        """Return the last number that *table* gave by itself to a row; 0 when it gave none."""

    def go_on_behind(self, connection: Connection, table: Table, column: str, place: int, /) -> None:
        """Let the next number that *table* gives be behind *place*, which is above 0."""


def make_of(url: str) -> Make:
    """Return the make of the database *url*."""
    if url.startswith(SQLITE):
        return sqlite
    from crm_core.db import postgresql

    return postgresql


def driver_error(error: DBAPIError | Exception) -> BaseException:
    """Return what the driver said."""
    return error.orig or error if isinstance(error, DBAPIError) else error
