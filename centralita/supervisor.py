"""One owner for each long-running part: starts it again with back-off, and says how it is.

A part is a coroutine function that runs until it is cancelled. When it returns or fails it is
started again after a pause that doubles to 30 s and falls back to the shortest after a minute of
good running; what the others do is not touched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog

log = structlog.get_logger(__name__)
LONGEST_S, GOOD_RUN_S = 30.0, 60.0

Part = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Health:
    """How a part is: ``why`` tells the last failure, ``restarts`` how many there were."""

    state: Literal["starting", "running", "waiting", "stopped"]
    since: datetime
    restarts: int = 0
    why: str | None = None


class Supervisor:
    """Owns the tasks of the parts."""

    def __init__(self, *, now: Callable[[], datetime], first_pause_s: float = 0.5) -> None:
        self.health: dict[str, Health] = {}
        self._now, self._first_pause_s = now, first_pause_s
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, part: Part) -> None:
        """Run *part* until it is stopped."""
        self.health[name] = Health("starting", self._now())
        self._tasks[name] = asyncio.create_task(self._keep(name, part), name=name)

    async def stop(self, names: Iterable[str], *, within: float) -> None:
        """Cancel the parts called *names*, all at once, and wait at most *within* seconds for them."""
        tasks = [task for name in names if (task := self._tasks.pop(name, None))]
        for task in tasks:
            task.cancel()
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=within)
        for task in late:
            log.warning("a part did not stop in time", part=task.get_name())

    async def _keep(self, name: str, part: Part) -> None:
        pause, clock, health = self._first_pause_s / 2, asyncio.get_running_loop().time, self.health[name]
        while True:
            self._say(health, "running")
            started = clock()
            try:
                await part()
                health.why = "ended by itself"
            except asyncio.CancelledError:
                self._say(health, "stopped")
                raise
            except Exception as error:  # the supervisor is where a part's failure is handled
                health.why = _reason(error)
                log.exception("a part failed and is started again", part=name)
            health.restarts += 1
            ran_well = clock() - started > GOOD_RUN_S
            pause = self._first_pause_s if ran_well else min(pause * 2, LONGEST_S)
            self._say(health, "waiting")
            await asyncio.sleep(pause)

    def _say(self, health: Health, state: Literal["running", "waiting", "stopped"]) -> None:
        health.state, health.since = state, self._now()


def _reason(error: BaseException) -> str:
    """Return what went wrong; of a group of tasks the first failure."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
