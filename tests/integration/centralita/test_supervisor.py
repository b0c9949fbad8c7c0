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
            raise RuntimeError("broken")
        again.set()
        await asyncio.Event().wait()

    async def other() -> None:
        steady.append(1)
        await asyncio.Event().wait()

    supervisor.start("failing", failing)
    supervisor.start("other", other)
    async with asyncio.timeout(5):
        await again.wait()
    assert supervisor.health["failing"].restarts == 2
    assert supervisor.health["failing"].why == "RuntimeError: broken"
    assert steady == [1]
    await supervisor.stop(within=1)
    assert supervisor.health["failing"].state == "stopped"


async def test_stop_ends_the_last_part_first() -> None:
    supervisor, ended = Supervisor(now=utc_now), []

    def part(name: str) -> Part:
        async def run() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(name)

        return run

    supervisor.start("first", part("first"))
    supervisor.start("second", part("second"))
    await asyncio.sleep(0)
    await supervisor.stop(within=1)
    assert ended == ["second", "first"]
