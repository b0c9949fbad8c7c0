"""``centralita contacts``: customers in from a table, out to a table."""

from __future__ import annotations

import asyncio
import csv
import itertools
import os
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TextIO

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from centralita.clock import utc_now
from centralita.records import RecordsError, somebody
from centralita.settings import Settings
from centralita.store import is_new, open_database
from centralita.table_file import Table, TableError, open_table
from centralita.words import words
from crm_core.db.copies import CopyError, back_up
from crm_core.db.database import Database
from crm_core.db.in_use import SQLITE, beside
from crm_core.db.moving import MoveError, move
from crm_core.domain.contact_rows import Column, ContactRow, Fault, RowError, columns_of, read_row, safe_cell
from crm_core.domain.contacts import Contact
from crm_core.domain.errors import CrmError
from crm_core.services import audit, contacts, imports

AT_ONCE = 100
"""So few that nobody waits long for the database; while the next ones are read it is the others' again."""
COUNTED = ("added", "completed", "known", "rejected")
PAGE = 500
Read = tuple[int, ContactRow]


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was not kept: on which line it begins, why, and the text that it is about."""

    line: int
    fault: Fault
    text: str


class _Tally:
    """Counts what became of the rows, and tells each that was not kept as soon as it is known."""

    def __init__(self, *, as_json: bool) -> None:
        self.count: Counter[str] = Counter()
        self._as_json = as_json

    def reject(self, line: int, error: RowError) -> None:
        self.count["rejected"] += 1
        if self._as_json:
            typer.echo(msgspec.json.encode(Rejected(line=line, fault=error.fault, text=error.text)))
            return
        _ = words().gettext
        why = _fault_texts()[error.fault] % {"text": error.text}
        typer.echo(_("Line %(line)d: %(why)s") % {"line": line, "why": why})

    def took(self, read: Sequence[Read], verdicts: Sequence[imports.Verdict]) -> None:
        for (line, row), verdict in zip(read, verdicts, strict=True):
            if verdict in {"full", "erased"}:
                self.reject(line, RowError(verdict, row.name))
            else:
                self.count[verdict] += 1

    def summary(self) -> str:
        if self._as_json:
            return msgspec.json.encode({name: self.count[name] for name in COUNTED}).decode()
        return words().gettext(
            "%(added)d new, %(completed)d completed, %(known)d known already, %(rejected)d rejected."
        ) % {name: self.count[name] for name in COUNTED}


def import_contacts(
    settings: Settings, file: Path, *, region: str | None, is_dry: bool, as_json: bool
) -> bool:
    """Bring the customers of a table in; return whether every row could be kept.

    Everything of a dry run is real but the database, which is a copy.

    Raises:
        TableError: the file is no such table.
        RecordsError: the database cannot be used; groups of rows that were kept before stay kept.
    """
    tally = _Tally(as_json=as_json)
    region = region or next((pbx.region for pbx in settings.pbx.values()), "ES")
    try:
        asyncio.run(_import(settings.database.url, file, region=region, is_dry=is_dry, tally=tally))
    except (CrmError, CopyError, MoveError) as error:
        raise RecordsError(str(error)) from error
    typer.echo(tally.summary())
    if is_dry and not as_json:
        typer.echo(words().gettext("It was a trial: nothing was kept."))
    return not tally.count["rejected"]


async def _import(url: str, file: Path, *, region: str, is_dry: bool, tally: _Tally) -> None:
    with open_table(file, known=_known) as table, _progress(file, table) as advance:
        columns = columns_of(table.headings)
        _demand_columns(file, columns)
        async with _database(url, is_dry=is_dry) as db:
            rows = _read(table, columns, region, tally)
            while group := list(itertools.islice(rows, AT_ONCE)):
                verdicts = await db.run(
                    imports.bring_in, rows=[row for _, row in group], by=somebody(), now=utc_now()
                )
                tally.took(group, verdicts)
                advance()
            what = f"contacts import: {tally.count['added']} new, {tally.count['completed']} completed"
            await db.run(audit.note, who=somebody(), what=what, address=None, now=utc_now())


def _read(table: Table, columns: Sequence[Column | None], region: str, tally: _Tally) -> Iterator[Read]:
    """Give the rows that can be kept, with their lines."""
    headings: dict[str | None, str] = dict(zip(reversed(columns), reversed(table.headings), strict=True))
    for line, cells in table.rows:
        try:
            row = _row(columns, cells, region)
        except RowError as error:
            tally.reject(line, RowError(error.fault, headings.get(error.text, error.text)))
        else:
            if row is not None:
                yield line, row


def _row(columns: Sequence[Column | None], cells: Sequence[str] | None, region: str) -> ContactRow | None:
    if cells is None:
        raise RowError("no_row")
    return read_row(columns, cells, region=region)


def _known(headings: Sequence[str]) -> int:
    return sum(column is not None for column in columns_of(headings))


def _demand_columns(file: Path, columns: Iterable[Column | None]) -> None:
    there = set(columns)
    if there.isdisjoint(("name", "given", "family", "company")) or there.isdisjoint(
        ("work", "mobile", "home", "fax", "email")
    ):
        said = words().gettext(
            "%(file)s: a column with names or companies is needed, and one with numbers or e-mail addresses."
        )
        raise TableError(said % {"file": file})


@asynccontextmanager
async def _database(url: str, *, is_dry: bool) -> AsyncIterator[Database]:
    """Open the database, or for a dry run a copy that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="centralita-", dir=_folder(url)) as folder:
        if is_dry:
            trial = Path(folder, "trial.sqlite3")
            if not is_new(url):
                await asyncio.to_thread(_copy, url, trial)
            url = f"{SQLITE}{trial}"
        db = await open_database(url)
        try:
            yield db
        finally:
            await db.close()


def _copy(url: str, trial: Path) -> None:
    if url.startswith(SQLITE):
        back_up(Path(url.removeprefix(SQLITE)), trial)
    else:
        move(url, f"{SQLITE}{trial}", told=lambda _: None)


def _folder(url: str) -> Path:
    """Return the folder of the database: there is room for it, and it is on the same disk."""
    return beside(url).absolute().parent


@contextmanager
def _progress(file: Path, table: Table) -> Iterator[Callable[[], None]]:
    console = Console(stderr=True)
    shown = (TextColumn(file.name, markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(
        *shown,
        console=console,
        transient=True,
        disable=not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),  # what goes to a file is not for the screen
    ) as progress:
        task = progress.add_task("", total=file.stat().st_size)
        yield lambda: progress.update(task, completed=table.read_bytes())


def _fault_texts() -> Mapping[Fault, str]:
    _ = words().gettext
    return {
        "too_many_cells": _(
            "there are more cells than headings: is a separator missing its quotation marks?"
        ),
        "no_name": _("neither a name nor a company"),
        "no_reach": _("neither a number nor an e-mail address"),
        "bad_number": _("“%(text)s” is no telephone number that can be dialled"),
        "bad_email": _("“%(text)s” is no e-mail address"),
        "too_long": _("the text is too long: %(text)s"),
        "no_text": _("there are signs that are no text: %(text)s"),
        "too_many": _("more than 20 numbers or addresses"),
        "erased": _("%(text)s was erased and is not brought in again"),
        "full": _("%(text)s would have more than 20 numbers or addresses"),
        "no_row": _("a quotation mark is opened and not closed"),
    }


def export_contacts(settings: Settings, file: Path) -> None:
    """Write all customers to a table that a spreadsheet opens and ``contacts import`` reads; ``-`` is stdout.

    The file is there once it is whole.

    Raises:
        RecordsError: it cannot be written, or the database cannot be used.
    """
    try:
        if str(file) == "-":
            asyncio.run(_export(settings.database.url, sys.stdout))
            return
        part = file.with_name(f"{file.name}.part")
        with open(part, "w", encoding="utf-8-sig", newline="", opener=_private) as out:
            count = asyncio.run(_export(settings.database.url, out))
        part.replace(file)
    except CrmError as error:
        raise RecordsError(str(error)) from error
    except OSError as error:
        raise RecordsError(f"{file}: {error.strerror}") from error
    said = words().ngettext("%(count)d contact written.", "%(count)d contacts written.", count)
    typer.echo(said % {"count": count})


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


async def _export(url: str, out: TextIO) -> int:
    writer, count = csv.writer(out, delimiter=";"), 0
    writer.writerow(_headings())
    db = await open_database(url)
    try:
        async for contact in _everybody(db):
            writer.writerow(_cells(contact))
            count += 1
        what = f"contacts export: {count}"
        await db.run(audit.note, who=somebody(), what=what, address=None, now=utc_now())
    finally:
        await db.close()
    return count


async def _everybody(db: Database) -> AsyncIterator[Contact]:
    after: tuple[str, str] | None = None
    while page := await db.read(contacts.find, q="", after=after, limit=PAGE, region="ES"):
        for contact in page:
            yield contact
        after = (page[-1].listed_as, page[-1].id)


def _headings() -> list[str]:
    _ = words().gettext
    return [
        _("First name"),
        _("Last name"),
        _("Company"),
        *(_("Phone"), _("Mobile"), _("Home phone"), _("Fax")),
        _("E-mail"),
        _("Notes"),
    ]


def _cells(contact: Contact) -> list[str]:
    """Return a contact as a row; a number that was read stays as it is: a + and digits are no formula."""
    numbers = {label: " | ".join(_written(contact, label)) for label in ("mobile", "home", "fax")}
    emails = " | ".join(email.address for email in contact.emails)
    given = " ".join(filter(None, (contact.given, contact.additional)))
    family = " ".join(filter(None, (contact.family, contact.second_family)))
    words_of = map(safe_cell, (given, family, contact.company or ""))
    phones = (" | ".join(_written(contact, "work", "other")), *numbers.values())
    return [*words_of, *phones, safe_cell(emails), safe_cell(contact.note or "")]


def _written(contact: Contact, *labels: str) -> Iterator[str]:
    for phone in contact.phones:
        if phone.label in labels:
            number = phone.e164 or safe_cell(phone.raw)
            yield f"{number} ext. {phone.ext}" if phone.ext and phone.e164 else number
