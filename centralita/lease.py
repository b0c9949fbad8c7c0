"""The leases of this process: waited for, held, and lost.

All are held together: that of the service, and one for each exchange. ``run`` beats; ``is_held`` says by the
monotonic clock whether we may act, and the database asks ``demand`` at the begin of each transaction.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
from functools import partial

import structlog

from crm_core.db.database import Database
from crm_core.db.living import Living
from crm_core.domain.errors import DatabaseAwayError, LeaseLostError
from crm_core.domain.leases import BEAT_S, FREE, NOBODY, VALID_S, Lease, Watch
from crm_core.services import leases

log = structlog.get_logger(__name__)
SERVICE, LOOK_S = "service", 0.25


def names_of(exchanges: Iterable[str]) -> list[str]:
    """Return what the leases of the service and of *exchanges* are called."""
    return [SERVICE, *(f"pbx {name}" for name in exchanges)]


class Leases:
    """What *db* keeps of the leases *names*, and whether they are ours."""

    def __init__(
        self, db: Database, url: str, names: list[str], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.terms: dict[str, int] = {}
        self.lost = asyncio.Event()
        self._db, self._names, self._clock = db, names, clock
        number = secrets.randbits(40)
        self._me, self._living = str(number), _living(url, number)
        self._held_until = 0.0

    def is_held(self) -> bool:
        """Return whether we may act: the leases are ours, and nobody can have taken them over yet."""
        return self._clock() < self._held_until and not self.lost.is_set()

    async def take_at_once(self) -> bool:
        """Take the leases when nobody lives who holds them; return whether they are ours."""
        await self._try(Watch(self._me))
        return bool(self.terms)

    async def take(self) -> None:
        """Return when the leases are ours."""
        watch = Watch(self._me)
        while not self.terms:
            await asyncio.sleep(LOOK_S)
            await self._try(watch)

    async def run(self) -> None:
        """Beat until cancelled, or until the leases are lost; then ``lost`` is set."""
        while not self.lost.is_set():
            began = self._clock()
            beat = asyncio.create_task(self._db.run(leases.beat, holder=self._me, terms=self.terms))
            try:
                while not (await asyncio.wait((beat,), timeout=BEAT_S))[0]:
                    await self._read_whether_wanted()
            finally:
                beat.cancel()
            await self._note(beat, began)
            await asyncio.sleep(BEAT_S)
        await asyncio.get_running_loop().create_future()

    async def give_back(self) -> None:
        """Let the next process have the leases at once; it may be that they are not ours any more."""
        try:
            if self.terms and not self.lost.is_set():
                await self._db.run(leases.give_back, holder=self._me, terms=self.terms)
        except DatabaseAwayError as error:
            log.warning("the leases could not be given back", why=str(error))
        if self._living is not None:
            self._living.end()

    async def _try(self, watch: Watch) -> None:
        try:
            await self._look(watch)
        except DatabaseAwayError as error:
            log.warning("the leases cannot be seen", why=str(error))
            watch.failed()

    async def _look(self, watch: Watch) -> None:
        began = self._clock()
        seen = await self._db.read(leases.seen, names=self._names)
        match watch.step(seen, now=self._clock(), is_dead=self._are_dead(seen)):
            case "want":
                await self._db.run(leases.want, by=self._me, before=seen)
            case "take":
                taken: dict[str, int] | None = await self._db.run(leases.take, by=self._me, before=seen)
                if taken:
                    self._lead(taken, since=began)

    def _lead(self, terms: dict[str, int], *, since: float) -> None:
        """Act from now on; the database lets us write as long as the leases are ours."""
        self.terms, self._held_until = terms, since + VALID_S
        self._db.fence = partial(leases.demand, holder=self._me, terms=terms)
        log.info("leading", terms=terms)

    async def _note(self, beat: asyncio.Task[None], began: float) -> None:
        try:
            await beat
        except LeaseLostError as error:
            self._step_down(str(error))
        except DatabaseAwayError:
            await self._read_whether_wanted()
        else:
            self._held_until = began + VALID_S

    async def _read_whether_wanted(self) -> None:
        """Stay while nobody can write: what is not wanted now is taken by nobody within the time of grace."""
        began = self._clock()
        try:
            seen = await self._db.read(leases.seen, names=self._names)
        except DatabaseAwayError:
            return
        if any((lease.holder, lease.term) != (self._me, self.terms[lease.name]) for lease in seen):
            self._step_down("another process holds a lease of ours")
        elif all(lease.wanted_by == NOBODY for lease in seen):
            self._held_until = began + VALID_S

    def _step_down(self, why: str) -> None:
        log.error("stepping down", why=why)
        self.lost.set()

    def _are_dead(self, seen: Iterable[Lease]) -> bool:
        """Return whether no process of the holders is there any more, as far as that can be known."""
        living = self._living
        if living is None:
            return False
        holders = {lease.holder for lease in seen} - {FREE, self._me}
        return not any(living.is_there(int(holder)) for holder in holders)


def _living(url: str, number: int) -> Living | None:
    try:
        return Living(url, number)
    except OSError as error:
        log.warning("it cannot be seen which processes live", why=error.strerror)
        return None
