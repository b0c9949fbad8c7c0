"""``centralita db copy``: a site moves to another database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from centralita.records import RecordsError
from centralita.settings import checked_url
from centralita.words import words
from crm_core.db.in_use import FileInUseError
from crm_core.db.moving import Moved, MoveError, move
from crm_core.domain.errors import CrmError


def move_database(source: str, target: str) -> None:
    """Copy everything from the database *source* to *target*, which has no tables yet; say how much it was.

    Raises:
        RecordsError: it cannot be; the text says why, and the new database is as it was.
    """
    _ = words().gettext
    try:
        checked_url(source)
        checked_url(target)
        with _progress() as told:
            rows = move(source, target, told=told)
    except FileInUseError as error:
        raise RecordsError(_("%(file)s is in use: stop the service first.") % {"file": error.file}) from error
    except (MoveError, CrmError, ValueError) as error:
        raise RecordsError(str(error)) from error
    told_of = {"tables": len(rows), "rows": sum(rows.values())}
    typer.echo(_("Everything came over and was counted: %(rows)d rows in %(tables)d tables.") % told_of)
    typer.echo(_("Now set [database] url to the new one; the old one is as it was."))


@contextmanager
def _progress() -> Iterator[Callable[[Moved], None]]:
    shown = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*shown, console=Console(stderr=True)) as progress:
        tasks: dict[str, TaskID] = {}

        def told(moved: Moved) -> None:
            if moved.table not in tasks:
                tasks[moved.table] = progress.add_task(moved.table, total=moved.of)
            progress.update(tasks[moved.table], completed=moved.rows)

        yield told
