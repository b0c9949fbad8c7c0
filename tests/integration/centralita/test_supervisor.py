"""A part that fails is started again, and nobody else notices."""

import asyncio

from centralita.clock import utc_now
from centralita.supervisor import Part, Supervisor


async def test_a_failed_part_is_started_again() -> None:
    supervisor, runs, steady = Supervisor(now=utc_now, first_pause_s=0.001), [], []
    again = asyncio.Event()

    async def failing() -> None:
        runs.append(1)
        if len(runs) < 3:
            raise ExceptionGroup("of its tasks", [RuntimeError("broken"), ValueError("also")])
        again.set()
        await asyncio.Event().wait()

    async def other() -> None:
        steady.append(1)
        await asyncio.Event().wait()

    supervisor.start("failing", failing)
    supervisor.start("other", other)
    async with asyncio.timeout(20):
        await again.wait()
    assert supervisor.health["failing"].restarts == 2
    assert supervisor.health["failing"].why == "RuntimeError: broken"
    assert steady == [1]
    await supervisor.stop(["failing", "other"], within=1)
    assert supervisor.health["failing"].state == "stopped"


async def test_only_the_parts_that_are_named_stop() -> None:
    supervisor, ended = Supervisor(now=utc_now), []

    def part(name: str) -> Part:
        async def run() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(name)

        return run

    for name in ("first", "second", "third"):
        supervisor.start(name, part(name))
    await asyncio.sleep(0)
    await supervisor.stop(["second", "third", "nobody"], within=1)
    assert sorted(ended) == ["second", "third"]
    await supervisor.stop(["first"], within=1)
    assert supervisor.health["first"].state == "stopped"


async def test_a_part_that_does_not_stop_keeps_nobody_waiting() -> None:
    supervisor, let_go = Supervisor(now=utc_now), asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await let_go.wait()

    supervisor.start("stubborn", stubborn)
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        await supervisor.stop(["stubborn"], within=0.01)
    let_go.set()
