"""The stand-alone script as Asterisk runs it: a process, and its two pipes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parents[3] / "agi_scripts/standalone/centralita_route.py"
NUMBER = "957212000"
ENV = {
    "request": "centralita_route.py",
    "channel": "PJSIP/provider-00000001",
    "callerid": NUMBER,
    "calleridname": "Zoë",
    "dnid": "5551001",
    "arg_1": "1795311086.0",
    "arg_2": "5551001",
}
PATIENT = f"""
source = open({str(SCRIPT)!r}, encoding="utf-8").read()
assert "LIMIT_S = 0.25" in source
exec(compile(source.replace("LIMIT_S = 0.25", "LIMIT_S = 4.0"), "centralita_route.py", "exec"))
"""
# The script with more time, for all that is not about time: a busy machine is no fault of its.


def status(word: str) -> list[str]:
    return [f'SET VARIABLE "CENTRALITA_STATUS" "{word}"']


class Script:
    """The running script, and Asterisk's side of its two pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.heard: list[str] = []

    async def begin(self, **headers: str) -> None:
        lines = (f"agi_{name}: {text}\n" for name, text in {**ENV, **headers}.items())
        await self.say("".join(lines) + "\n")

    async def say(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(text.encode())
        with suppress(ConnectionError):
            await self.process.stdin.drain()

    async def command(self) -> str:
        assert self.process.stdout
        line = (await self.process.stdout.readline()).decode().removesuffix("\n")
        if line:
            self.heard.append(line)
        return line

    async def converse(self, *answers: str) -> list[str]:
        """Answer every command, first with *answers*, then with success; return what was heard."""
        left = list(answers)
        while await self.command():
            await self.say(left.pop(0) if left else "200 result=1\n")
        return self.heard

    async def ended(self) -> None:
        """Check what holds whatever happened: ended with 0, nothing of the caller on standard error."""
        assert self.process.stderr
        told = (await self.process.stderr.read()).decode()
        assert await self.process.wait() == 0
        assert told == ""


@asynccontextmanager
async def script(conf: Path, *, without_pyst2: bool = False, in_time: bool = False) -> AsyncIterator[Script]:
    options = ["-S"] if without_pyst2 else []
    program = [str(SCRIPT)] if in_time else ["-c", PATIENT]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *options,
        *program,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"CENTRALITA_AGI_CONF": str(conf), "LC_ALL": "C", "PATH": os.environ["PATH"]},
    )
    try:
        async with asyncio.timeout(20):
            yield Script(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def one_call(conf: Path, *answers: str, **options: Any) -> list[str]:
    async with script(conf, **options) as call:
        await call.begin()
        heard = await call.converse(*answers)
        await call.ended()
    return heard
