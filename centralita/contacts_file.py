"""``centralita contacts`` and ``accounts``: customers in from a table, told row by row, and taken back."""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from centralita import importing, presets
from centralita.clock import utc_now
from centralita.errors import UnusableError
from centralita.presets import Preset
from centralita.records import RecordsError, somebody
from centralita.settings import Settings
from centralita.store import is_new, open_database
from centralita.table_file import TableError
from centralita.table_reader import Asked
from centralita.table_reading import look
from centralita.words import words
from crm_core.db.copies import CopyError, back_up
from crm_core.db.database import Database
from crm_core.db.in_use import SQLITE, beside
from crm_core.db.moving import MoveError, move
from crm_core.domain.custom_fields import FieldDef
from crm_core.domain.errors import CrmError
from crm_core.domain.ids import new_id
from crm_core.domain.imports import (
    LONGEST_NAME,
    Columns,
    ImportBatch,
    Kind,
    Policy,
    RejectedRow,
    columns_for_kind,
    entity_of,
    signature_of,
    with_own,
)
from crm_core.domain.typed_cells import DayOrder
from crm_core.services import audit, fields, import_batches
from screenpop.pages.import_words import fault_text

COUNTED = ("added", "completed", "known", "rejected")
PAGE = 500


class HowToImport(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked besides the file: ``mapped`` headings are these columns, others as ``preset`` says."""

    kind: Kind
    region: str | None
    policy: Policy
    preset: str | None
    mapped: Mapping[str, str]
    order: DayOrder
    is_dry: bool
    as_json: bool


class _Teller:
    """Tells each row that was not kept as soon as it is known, and in the end what became of all."""

    def __init__(self, db: Database, *, as_json: bool) -> None:
        self._db, self._as_json = db, as_json
        self._told = 0

    async def catch_up(self, batch: ImportBatch) -> None:
        """Tell which rows were rejected since."""
        while some := await self._db.read(
            import_batches.rejected, batch_id=batch.id, after=self._told, limit=PAGE
        ):
            for one in some:
                typer.echo(self._said(one))
            self._told = some[-1].line

    def summary(self, batch: ImportBatch) -> str:
        """Return what became of all rows."""
        counts = {name: getattr(batch, name) for name in COUNTED}
        if self._as_json:
            return msgspec.json.encode(counts | {"batch": batch.id}).decode()
        return (
            words().gettext(
                "%(added)d new, %(completed)d completed, %(known)d known already, %(rejected)d rejected."
            )
            % counts
        )

    def _said(self, one: RejectedRow) -> str:
        if self._as_json:
            return msgspec.json.encode(one).decode()
        why = fault_text(words(), one.fault, one.text)
        return words().gettext("Line %(line)d: %(why)s") % {"line": one.line, "why": why}


def import_table(settings: Settings, file: Path, how: HowToImport) -> bool:
    """Bring the people or companies of a table in; return whether every row could be kept.

    Everything of a dry run is real but the database, which is a copy.

    Raises:
        TableError: the file is no such table.
        RecordsError: the database cannot be used; groups of rows that were kept before stay kept.
    """
    region = how.region or next((pbx.region for pbx in settings.pbx.values()), "ES")
    try:
        batch = asyncio.run(_import(settings.database.url, file, how, region))
    except (CrmError, CopyError, MoveError) as error:
        raise RecordsError(str(error)) from error
    if not how.as_json:
        said = words().gettext("It was a trial: nothing was kept.")
        undo = words().gettext("To take it back: centralita %(kind)s undo %(batch)s")
        undo %= {"kind": batch.kind, "batch": batch.id}
        typer.echo(said if how.is_dry else undo)
    return not batch.rejected


def undo_import(settings: Settings, batch_id: str, kind: Kind) -> bool:
    """Take back what a batch of this *kind* brought in; return whether nobody stays.

    Raises:
        RecordsError: there is no such batch, it is of another kind, or the database cannot be used.
    """
    try:
        batch = asyncio.run(_undo(settings.database.url, batch_id, kind))
    except CrmError as error:
        raise RecordsError(str(error)) from error
    said = words().gettext("%(undone)d as before, %(stayed)d stay: they were changed since, or are in use.")
    typer.echo(said % {"undone": batch.undone, "stayed": batch.stayed})
    return not batch.stayed


async def _import(url: str, file: Path, how: HowToImport, region: str) -> ImportBatch:
    known = _presets(url, how)
    found = await look(Asked(file=str(file), kind=how.kind, presets=tuple(known)))
    digest, size = await asyncio.to_thread(importing.digest_of, file)
    async with _database(url, is_dry=how.is_dry) as db:
        columns = await _columns(db, file, found.headings, how, known)
        batch = ImportBatch(
            id=new_id(utc_now(), secrets.token_bytes(10)),
            name=file.name[:LONGEST_NAME],
            signature=signature_of(found.headings),
            digest=digest,
            columns=columns,
            region=region,
            policy=how.policy,
            is_trial=False,
            state="new",
            by=somebody(),
            begun_at=utc_now(),
            bytes=size,
            kind=how.kind,
            day_order=how.order,
        )
        batch = await _begun(db, batch)
        teller = _Teller(db, as_json=how.as_json)
        with _progress(file.name, batch.bytes) as advance:
            batch = await _brought(db, batch, file, teller, advance)
        typer.echo(teller.summary(batch))
        what = f"{how.kind} import: {batch.added} new, {batch.completed} completed"
        await db.run(audit.note, who=somebody(), what=what, address=None, now=utc_now())
    return batch


async def _brought(
    db: Database, batch: ImportBatch, file: Path, teller: _Teller, advance: Callable[[int], None]
) -> ImportBatch:
    rejected = batch.rejected
    if rejected:
        await teller.catch_up(batch)
    async for done in importing.steps(db, batch, file, now=utc_now):
        batch = done
        if batch.rejected > rejected:
            rejected = batch.rejected
            await teller.catch_up(batch)
        advance(batch.read_bytes)
    return batch


async def _begun(db: Database, batch: ImportBatch) -> ImportBatch:
    """Return the batch as it begins; of the same file, read in the same way, the one that did not end."""
    before = await db.read(import_batches.unfinished, digest=batch.digest)
    if before and not before.is_trial and _way(before) == _way(batch):
        said = words().gettext("Goes on behind row %(row)d, where it was before.") % {"row": before.rows}
        typer.echo(said, err=True)
        return await db.run(import_batches.go_on, batch_id=before.id)
    return await db.run(import_batches.begin, batch=batch, address=None, now=utc_now())


def _way(batch: ImportBatch) -> tuple[object, ...]:
    return batch.kind, batch.columns, batch.region, batch.policy, batch.day_order


def _presets(url: str, how: HowToImport) -> list[Preset]:
    if how.preset is None:
        return presets.presets(presets.folder_beside(url))
    if (file := Path(how.preset)).suffix == ".toml":
        return [presets.read(file)]
    found = presets.presets(presets.folder_beside(url))
    if not any(one.code == how.preset for one in found):
        raise UnusableError(f"--preset: {', '.join(one.code for one in found)}")
    return [one for one in found if one.code == how.preset]


async def _columns(
    db: Database, file: Path, headings: Sequence[str], how: HowToImport, known: Sequence[Preset]
) -> Columns:
    own = await db.read(fields.of, entity=entity_of(how.kind))
    mapped = _mapped(headings, how, own)
    if how.preset is not None:
        columns = with_own(known[0].columns_of(headings, how.kind), headings, own)
    else:
        columns = await db.read(importing.columns_for, headings=headings, kind=how.kind, known=known)
    columns = tuple(mapped.get(heading, column) for heading, column in zip(headings, columns, strict=True))
    if not any(columns):
        raise TableError(words().gettext("%(file)s: no heading in its first line is known.") % {"file": file})
    if not importing.can_be_read(how.kind, columns):
        raise TableError(_needed(how.kind) % {"file": file})
    return columns


def _needed(kind: Kind) -> str:
    if kind == "accounts":
        return words().gettext("%(file)s: a column with the names of companies is needed.")
    return words().gettext(
        "%(file)s: a column with names or companies is needed, and one with numbers or e-mail addresses."
    )


def _mapped(headings: Sequence[str], how: HowToImport, own: Sequence[FieldDef]) -> Mapping[str, str | None]:
    known: dict[str, str | None] = {"-": None}
    known |= {one: one for one in columns_for_kind(how.kind, own)}
    for heading, column in how.mapped.items():
        if heading not in headings or column not in known:
            raise UnusableError(f"--map: {', '.join(headings)} = {', '.join(known)}")
    return {heading: known[column] for heading, column in how.mapped.items()}


async def _undo(url: str, batch_id: str, kind: Kind) -> ImportBatch:
    db = await open_database(url)
    try:
        found = (await db.read(import_batches.get, batch_id=batch_id)).kind
        if found != kind:
            who = "companies" if found == "accounts" else "people"
            raise RecordsError(f"{batch_id}: it brought in {who}: `{found} undo` takes it back")
        batch = await db.run(
            import_batches.undo, batch_id=batch_id, by=somebody(), address=None, now=utc_now()
        )
        with _progress(batch.name, batch.added + batch.completed) as advance:
            async for done in importing.steps_back(db, batch, by=somebody(), now=utc_now):
                batch = done
                advance(batch.undone + batch.stayed)
        return batch
    finally:
        await db.close()


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
def _progress(name: str, total: int) -> Iterator[Callable[[int], None]]:
    console = Console(stderr=True)
    shown = (TextColumn(name, markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(
        *shown,
        console=console,
        transient=True,
        disable=not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),  # what goes to a file is not for the screen
    ) as progress:
        task = progress.add_task("", total=total)
        yield lambda done: progress.update(task, completed=done)
