"""The database for coroutines: threads that write and threads that read, each with a connection of its own.

A service is one transaction in one hop to a thread. One at a time takes its places in the event log, commits
and is published: the order of the commits is the order of the log.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from crm_core.db import engines, migrate
from crm_core.db.in_use import FileInUseError, InUse
from crm_core.db.uow import SqlUnitOfWork
from crm_core.domain.errors import DatabaseAwayError
from crm_core.domain.events import CrmEvent, stored
from crm_core.ports import UnitOfWork

T = TypeVar("T")
Publish = Callable[[Sequence[CrmEvent]], None]
Fence = Callable[[UnitOfWork], None]
# Nobody was served for so long: it is away. A queue that moves is only long, as when a whole floor signs
# in, and is waited in until the second, which is the limit of a transaction that began, too.
AWAY_S, RUN_S, LOOK_S = 2.0, 30.0, 0.5
TRIES, RACES, AGAIN_S = 3, 20, 0.01
KNOWN_S, ASK_S = 10.0, 0.1


class Database:
    """Runs services in transactions.

    *publish* is called in the event loop with the events of a transaction, after its commit, in the order of
    the commits, and before ``run`` returns; also when who waited for ``run`` was cancelled meanwhile.
    ``fence`` is asked at the begin of each transaction that writes; what it raises keeps it from writing.
    """

    def __init__(self, url: str, *, publish: Publish | None = None) -> None:
        self.fence: Fence | None = None
        self._url, self._publish = url, publish
        self._in_use: InUse | None = None
        self._make = make = engines.make_of(url)
        self._last_step = threading.Lock()
        self._writers = _Threads(make, make.writing_engine(url), make.WRITERS, "db-writer")
        self._asking = make.reading_engine(url)
        self._readers = _Threads(make, self._asking, make.READERS, "db-reader")

    async def start(self) -> None:
        """Open the database.

        Raises:
            SchemaError: its tables are not those of this version.
            DatabaseAwayError: it cannot be reached.
        """
        self._in_use = _in_use(self._url)
        try:
            await asyncio.to_thread(migrate.demand_head, self._url)
        except BaseException:
            self._in_use.end()
            raise

    async def run(self, fn: Callable[..., T], /, **kw: object) -> T:
        """Return what *fn* returns, run as ``fn(uow, **kw)`` in a transaction; its exception rolls back.

        After a conflict it is run again, so it may change nothing but the records.

        Raises:
            DatabaseAwayError: nothing was stored.
        """
        loop = asyncio.get_running_loop()
        return await self._writers.do(partial(self._written, loop, fn, kw))

    async def read(self, fn: Callable[..., T], /, **kw: object) -> T:
        """Return what *fn* returns, run as ``fn(uow, **kw)`` on one state of the database.

        Raises:
            DatabaseAwayError: it could not be read in time.
        """
        return await self._readers.do(partial(_read, fn, kw))

    async def close(self) -> None:
        """Finish what was begun, write the log back into the file, and close it."""
        await asyncio.to_thread(self._readers.close)
        await asyncio.to_thread(self._writers.close)
        if self._in_use is not None:
            self._in_use.end()

    def _written(
        self,
        loop: asyncio.AbstractEventLoop,
        fn: Callable[..., T],
        kw: dict[str, object],
        uow: SqlUnitOfWork,
        turn: _Turn,
    ) -> T:
        failures = 0
        while True:
            try:
                return self._transaction(loop, fn, kw, uow, turn)
            except (DBAPIError, self._make.DriverError) as error:
                failures += 1
                if failures >= self._tries_after(engines.driver_error(error)):
                    raise
                # Who races the same others again and again does not always lose if he comes another time.
                time.sleep(random.uniform(0, AGAIN_S * (failures - 1)))  # noqa: S311 - no secret

    def _transaction(
        self,
        loop: asyncio.AbstractEventLoop,
        fn: Callable[..., T],
        kw: dict[str, object],
        uow: SqlUnitOfWork,
        turn: _Turn,
    ) -> T:
        uow.begin()
        name: str | None = None
        with ExitStack() as last_step:
            try:
                with uow.connection.begin():
                    turn.begin()
                    if self.fence is not None:  # what it sees holds until the commit
                        self.fence(uow)
                    result = fn(uow, **kw)
                    uow.search.index.catch_up(uow.events)
                    uow.log.append(stored(event) for event in uow.events)
                    if uow.log.waits:
                        last_step.enter_context(self._last_step)
                        name = self._make.lock_log(uow.connection)
                        uow.log.write()
                    turn.commit()
            except (DBAPIError, self._make.DriverError) as error:
                if not self._was_kept(name, engines.driver_error(error)):
                    raise
            if uow.events and self._publish:
                loop.call_soon_threadsafe(self._publish, tuple(uow.events))
        return result

    def _was_kept(self, name: str | None, error: BaseException) -> bool:
        """Return whether a transaction was kept whose commit got no answer, if that shows in time."""
        if name is None or not self._make.is_cut(error):
            return False
        give_up_at = time.monotonic() + KNOWN_S
        while time.monotonic() < give_up_at:
            try:
                with self._asking.begin() as connection:
                    if (kept := self._make.was_kept(connection, name)) is not None:
                        return kept
            except (DBAPIError, self._make.DriverError):
                pass
            time.sleep(ASK_S)
        return False

    def _tries_after(self, error: BaseException) -> int:
        if self._make.is_race(error):
            return RACES
        return TRIES if self._make.is_conflict(error) else 1


def _in_use(url: str) -> InUse:
    try:
        return InUse(url)
    except (FileInUseError, OSError) as error:
        raise DatabaseAwayError(str(error)) from error


def _read(fn: Callable[..., T], kw: dict[str, object], uow: SqlUnitOfWork, turn: _Turn) -> T:
    with uow.connection.begin():
        turn.begin()
        return fn(uow, **kw)


class _GivenUpError(Exception):
    """Nobody waits for this transaction any more."""


class _Turn:
    """A transaction that somebody waits for: it commits or it is given up, never both."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_given_up = self._is_committing = False
        self.has_begun = False

    def begin(self) -> None:
        """Say that the transaction has begun."""
        self.has_begun = True
        if self._is_given_up:
            raise _GivenUpError

    def commit(self) -> None:
        """Say that it commits now."""
        with self._lock:
            if self._is_given_up:
                raise _GivenUpError
            self._is_committing = True

    def give_up(self) -> bool:
        """Say that nobody waits; False when it is too late for that, for it commits."""
        with self._lock:
            self._is_given_up = not self._is_committing
            return self._is_given_up


class _Threads:
    """Threads with a connection each, opened when it is first needed and again after it failed."""

    def __init__(self, make: engines.Make, engine: Engine, count: int, name: str) -> None:
        self._make, self._engine = make, engine
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._local = threading.local()
        self._open: list[Connection] = []
        self._served_at = 0.0

    async def do(self, work: Callable[[SqlUnitOfWork, _Turn], T]) -> T:
        """Return what *work* returns in one of the threads."""
        turn = _Turn()
        future = asyncio.get_running_loop().run_in_executor(self._pool, self._work, work, turn)
        future.add_done_callback(_taken_note_of)
        await self._turn_comes(future, turn)
        if future.done():
            return future.result()
        if turn.has_begun:
            await asyncio.wait((future,), timeout=RUN_S)
        if not future.done() and turn.give_up():
            raise DatabaseAwayError
        return await asyncio.shield(future)

    async def _turn_comes(self, future: asyncio.Future[T], turn: _Turn) -> None:
        """Return when the work is over or has begun, or when it is to be given up.

        Time is counted in looks: a machine that stood still takes one look from the patience, not all of it.
        """
        served_at, patience, looks = self._served_at, AWAY_S, RUN_S
        while not (future.done() or turn.has_begun) and patience > 0 and looks > 0:
            await asyncio.wait((future,), timeout=min(LOOK_S, patience, looks))
            patience, looks = patience - LOOK_S, looks - LOOK_S
            if self._served_at != served_at:
                served_at, patience = self._served_at, AWAY_S

    def close(self) -> None:
        """Wait for the work that is there, then close every connection."""
        self._pool.shutdown(wait=True)
        for connection in self._open:
            connection.close()
        self._engine.dispose()

    def _work(self, work: Callable[[SqlUnitOfWork, _Turn], T], turn: _Turn) -> T:
        try:
            return self._worked(work, turn)
        except (DBAPIError, self._make.DriverError) as error:
            said = engines.driver_error(error)
            if not self._make.is_away(said):
                raise
            self._drop()
            raise DatabaseAwayError(str(said)) from error
        finally:
            if turn.has_begun:
                self._served_at = time.monotonic()

    def _worked(self, work: Callable[[SqlUnitOfWork, _Turn], T], turn: _Turn) -> T:
        """Work; a line that was cut while nobody used it is laid anew."""
        was_open = hasattr(self._local, "uow")
        try:
            return work(self._uow(), turn)
        except (DBAPIError, self._make.DriverError) as error:
            if turn.has_begun or not was_open or not self._make.is_cut(engines.driver_error(error)):
                raise
            self._drop()
        return work(self._uow(), turn)

    def _uow(self) -> SqlUnitOfWork:
        uow: SqlUnitOfWork | None = getattr(self._local, "uow", None)
        if uow is None:
            connection = self._engine.connect()
            self._open.append(connection)
            uow = self._local.uow = SqlUnitOfWork(connection)
        return uow

    def _drop(self) -> None:
        uow: SqlUnitOfWork | None = self._local.__dict__.pop("uow", None)
        if uow is not None:
            self._open.remove(uow.connection)
            uow.connection.invalidate()  # nothing more is said on it, not even that all is undone
            uow.connection.close()


def _taken_note_of(future: asyncio.Future[T]) -> None:
    """Look at the exception of work that nobody waits for any more; who waits gets it all the same."""
    if not future.cancelled():
        future.exception()
