"""The command line as a program of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

# A first start makes a database and fills it: on a machine where all suites run at once that takes its time.
STARTED_S, WITHIN_S = 40.0, 15.0


@dataclass(slots=True)
class Program:
    """A running command."""

    process: asyncio.subprocess.Process

    async def line(self, wanted: str) -> str:
        """Return the next line of its output that holds *wanted*."""
        assert self.process.stdout
        async with asyncio.timeout(STARTED_S):
            while text := (await self.process.stdout.readline()).decode():
                if wanted in text:
                    return text
        raise EOFError(f"{wanted!r} was not said: {await self.errors()}")

    async def interrupt(self) -> int:
        """Press Ctrl-C and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return await self.ended()

    async def ended(self) -> int:
        """Return the exit code once it has ended."""
        async with asyncio.timeout(WITHIN_S):
            return await self.process.wait()

    async def errors(self) -> str:
        """Return everything that it wrote to standard error, once it has ended."""
        assert self.process.stderr
        async with asyncio.timeout(WITHIN_S):
            return (await self.process.stderr.read()).decode()


@asynccontextmanager
async def program(*words: str, within: Sequence[str] = (), **environment: str) -> AsyncIterator[Program]:
    """Run ``centralita`` with *words* for the time of the block, behind the words of *within*."""
    process = await asyncio.create_subprocess_exec(
        *(*within, sys.executable, "-m", "centralita.cli", *words),
        env={**os.environ, "LANGUAGE": "en", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
