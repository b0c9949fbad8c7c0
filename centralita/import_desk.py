"""Tables that were sent to the service: kept beside the database, brought in one after the other.

A file stays a day at most, and no longer than it is needed: it is full of people. What was under way when the
service ended goes on when it starts again.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterable, Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import structlog

from centralita import presets
from centralita.importing import can_be_read, columns_for, digest_of, steps, steps_back
from centralita.table_file import TableError
from centralita.table_reader import Asked, Look
from centralita.table_reading import look
from crm_core.db.in_use import beside
from crm_core.domain.errors import DatabaseAwayError, InvalidError, NotFoundError
from crm_core.domain.ids import new_id
from crm_core.domain.imports import (
    LONGEST_NAME,
    ImportBatch,
    ImportStateError,
    Kind,
    columns_for_kind,
    entity_of,
    signature_of,
)
from crm_core.services import fields, import_batches
from screenpop.context import Records
from screenpop.imports import HowToBringIn, PresetName, Sheet, TooLargeError, UnreadableTableError

log = structlog.get_logger(__name__)
LARGEST, MOST_WAITING = 64 << 20, 20
KEPT, EACH_S = timedelta(days=1), 60.0
TABLE, LOOK = ".table", ".json"


class ImportDesk:
    """``screenpop.imports.ImportDesk``; its files lie in the folder ``imports`` beside the database *url*."""

    def __init__(self, db: Records, *, url: str, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now
        self._folder = beside(url).absolute().parent / "imports"
        self._presets = presets.folder_beside(url)
        self._asked = asyncio.Event()

    async def run(self) -> None:
        """Work on what is begun, one table at a time, until cancelled."""
        while True:
            self._asked.clear()
            try:
                await self._work()
            except DatabaseAwayError as error:
                log.warning("no table is brought in now", why=str(error))
            await asyncio.to_thread(self._let_go)
            try:
                async with asyncio.timeout(EACH_S):
                    await self._asked.wait()
            except TimeoutError:
                pass

    async def receive(
        self, name: str, content: AsyncIterable[bytes], *, kind: Kind, by: str, region: str, language: str
    ) -> Sheet:
        """Keep a table of people or companies and return what is in it."""
        batch_id = new_id(self._now(), secrets.token_bytes(10))
        file = self._file(batch_id, TABLE)
        await asyncio.to_thread(self._make_room)
        with ExitStack() as unread:
            unread.callback(file.unlink, missing_ok=True)
            try:
                await _write(file, content)
                known = await asyncio.to_thread(presets.presets, self._presets)
                asked = Asked(file=str(file), kind=kind, language=language, presets=tuple(known))
                found = await look(asked)
            except (TableError, presets.PresetError) as error:
                raise UnreadableTableError(str(error).replace(str(file), name)) from error
            unread.pop_all()
        digest, size = await asyncio.to_thread(digest_of, file)
        columns = await self._db.read(columns_for, headings=found.headings, kind=kind, known=known)
        await self._db.run(
            import_batches.keep,
            batch=ImportBatch(
                id=batch_id,
                name=name[:LONGEST_NAME],
                signature=signature_of(found.headings),
                digest=digest,
                columns=columns,
                region=region,
                policy="complete",
                is_trial=True,
                state="new",
                by=by,
                begun_at=self._now(),
                bytes=size,
                kind=kind,
            ),
        )
        await asyncio.to_thread(_write_private, self._file(batch_id, LOOK), msgspec.json.encode(found))
        sheet = await self.sheet(batch_id)
        assert sheet is not None  # noqa: S101 - it was written a moment ago
        return sheet

    async def sheet(self, batch_id: str) -> Sheet | None:
        """Return what is in a table that was sent; None when its file is not there any more.

        A preset of the site's own that was damaged since names no columns: who sends a table is told of it.
        """
        batch = await self._db.read(import_batches.get, batch_id=batch_id)
        found = await asyncio.to_thread(self._look, batch_id)
        if found is None:
            return None
        try:
            known = await asyncio.to_thread(presets.presets, self._presets)
        except presets.PresetError:
            known = await asyncio.to_thread(presets.presets)
        named = [
            PresetName(code=one.code, name=one.name, columns=one.columns_of(found.headings, batch.kind))
            for one in known
        ]
        return Sheet(
            id=batch_id,
            name=batch.name,
            kind=batch.kind,
            headings=found.headings,
            sample=found.sample,
            encoding=found.encoding,
            columns=batch.columns,
            presets=tuple(one for one in named if any(one.columns)),
            is_cards=found.is_cards,
        )

    async def begin(self, batch_id: str, how: HowToBringIn, *, by: str, address: str | None) -> ImportBatch:
        """Begin to bring a table in, or to try that out."""
        batch = await self._here(batch_id)
        if len(how.columns) != len(batch.columns):
            raise InvalidError("columns", "one for each heading", fault="wrong_number")
        own = await self._db.read(fields.of, entity=entity_of(batch.kind))
        if not set(how.columns) <= {None, *columns_for_kind(batch.kind, own)}:
            raise InvalidError("columns", "no table of this kind has such columns", fault="other_kind")
        if not can_be_read(batch.kind, how.columns):
            needed = "a name or a company, and a number or an address; of a company its name"
            raise InvalidError("columns", needed, fault="incomplete")
        batch = msgspec.structs.replace(
            batch,
            columns=how.columns,
            policy=how.policy,
            region=how.region,
            day_order=how.day_order,
            is_trial=how.is_trial,
            by=by,
        )
        begun = await self._db.run(import_batches.begin, batch=batch, address=address, now=self._now())
        self._asked.set()
        return begun

    async def go_on(self, batch_id: str) -> ImportBatch:
        """Go on with a table that was called off, or could not be read on."""
        await self._here(batch_id)
        batch = await self._db.run(import_batches.go_on, batch_id=batch_id)
        self._asked.set()
        return batch

    async def undo(self, batch_id: str, *, by: str, address: str | None) -> ImportBatch:
        """Begin to take back what a table brought in."""
        batch = await self._db.run(
            import_batches.undo, batch_id=batch_id, by=by, address=address, now=self._now()
        )
        self._asked.set()
        return batch

    async def _work(self) -> None:
        while ours := [one for one in await self._db.read(import_batches.under_way) if self._is_ours(one)]:
            batch = ours[0]
            try:
                await self._step_through(batch)
            except ImportStateError:  # it was called off
                continue
            except TableError as error:
                log.warning("a table cannot be read on", batch=batch.id, why=str(error))

    async def _step_through(self, batch: ImportBatch) -> None:
        if batch.state == "undoing":
            async for _ in steps_back(self._db, batch, by=batch.by, now=self._now):
                pass
            return
        file = self._file(batch.id, TABLE)
        if batch.is_trial and batch.rows:  # what it had seen is forgotten
            batch = await self._db.run(import_batches.anew, batch_id=batch.id)
        async for done in steps(self._db, batch, file, now=self._now):
            if done.state == "done" and not done.is_trial:
                self._forget(batch.id)

    def _is_ours(self, batch: ImportBatch) -> bool:
        return batch.state == "undoing" or self._file(batch.id, TABLE).exists()

    async def _here(self, batch_id: str) -> ImportBatch:
        batch = await self._db.read(import_batches.get, batch_id=batch_id)
        if not await asyncio.to_thread(self._file(batch_id, TABLE).exists):
            raise NotFoundError("import", batch_id)
        return batch

    def _file(self, batch_id: str, ending: str) -> Path:
        return self._folder / f"{Path(batch_id).name}{ending}"

    def _look(self, batch_id: str) -> Look | None:
        try:
            return msgspec.json.decode(self._file(batch_id, LOOK).read_bytes(), type=Look)
        except FileNotFoundError:
            return None

    def _forget(self, batch_id: str) -> None:
        for ending in (TABLE, LOOK):
            self._file(batch_id, ending).unlink(missing_ok=True)

    def _make_room(self) -> None:
        """See to it that one more file may be kept; the oldest go."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for file in self._by_age()[MOST_WAITING - 1 :]:
            self._forget(file.stem)

    def _let_go(self) -> None:
        """Delete what is older than a day."""
        for file in self._by_age():
            if self._now().timestamp() - file.stat().st_mtime > KEPT.total_seconds():
                self._forget(file.stem)

    def _by_age(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{TABLE}"), key=lambda file: file.stat().st_mtime, reverse=True)


async def _write(file: Path, content: AsyncIterable[bytes]) -> None:
    size = 0
    await asyncio.to_thread(_write_private, file, b"")
    with file.open("ab") as out:
        async for piece in content:
            size += len(piece)
            if size > LARGEST:
                raise TooLargeError
            await asyncio.to_thread(out.write, piece)


def _write_private(file: Path, content: bytes) -> None:
    with open(file, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        out.write(content)
