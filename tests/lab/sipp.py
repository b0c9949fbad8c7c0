"""SIPp as our telephones: each phone and each caller is a process that writes down what it sees."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lab import wire
from lab.priority import TELEPHONE, urgent

SCENARIOS = Path(__file__).parent.parent / "fixtures" / "sipp"
FOREVER_MS = 3_600_000
REFUSALS = (403, 404, 408, 480, 481, 486, 487, 488, 500, 503, 600, 603)
_templates = Environment(
    loader=FileSystemLoader(SCENARIOS),
    undefined=StrictUndefined,
    trim_blocks=True,
    autoescape=False,  # noqa: S701 - SIP text in CDATA, not markup
)


class SippError(Exception):
    """SIPp ended in a way its scenario does not foresee; the text has what it complained about."""


class Sipp:
    """A running SIPp process with its account of the calls."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path, port: int) -> None:
        self._process = process
        self._folder = folder
        self.port = port
        self._kept: list[wire.Wire] = []

    def calls(self) -> list[wire.Wire]:
        """Return the calls it has seen up to now, oldest first; also after it was stopped."""
        path = self._folder / "messages.log"
        return wire.calls(path.read_text(encoding="utf-8", errors="replace")) if path.exists() else self._kept

    async def listening(self) -> None:
        """Return when it can be reached at its port."""
        deadline = asyncio.get_running_loop().time() + 5.0
        while f":{self.port:04X} " not in await asyncio.to_thread(Path("/proc/net/udp").read_text):
            if self._process.returncode is not None or asyncio.get_running_loop().time() > deadline:
                raise SippError(f"SIPp does not listen at {self.port}: {self._complaints()}")
            await asyncio.sleep(0.01)

    async def until(self, seen: Callable[[wire.Wire], object], *, within: float = 10.0) -> wire.Wire:
        """Return the first call for which *seen* is true, as soon as it is.

        Raises:
            SippError: not within so many seconds, or SIPp ended before.
        """
        deadline = asyncio.get_running_loop().time() + within
        while True:
            ended = self._process.returncode is not None
            for call in self.calls():
                if seen(call):
                    return call
            if ended or asyncio.get_running_loop().time() > deadline:
                raise SippError(f"not seen within {within} s: {self.calls()}\n{self._complaints()}")
            await asyncio.sleep(0.02)

    async def ended(self, *, within: float = 30.0) -> list[wire.Wire]:
        """Wait until the process is through with its scenario and return its calls.

        Raises:
            SippError: it takes longer, or something came that the scenario does not foresee.
        """
        try:
            async with asyncio.timeout(within):
                code = await self._process.wait()
        except TimeoutError:
            raise SippError(f"SIPp still runs after {within} s: {self.calls()}") from None
        if code != 0:
            raise SippError(f"SIPp ended with {code}: {self.calls()}\n{self._complaints()}")
        return self.calls()

    def no_more(self) -> None:
        """Let it begin no call any more; it ends by itself when the last is over."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGUSR1)

    async def over(self) -> None:
        """Return when it is through with every call, whatever became of them."""
        await self._process.wait()

    async def stop(self) -> None:
        """End it, whatever it is doing; doing it twice is harmless."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._kept = self.calls()

    def _complaints(self) -> str:
        texts = [self._folder / "errors.log", self._folder / "screen.log"]
        return "\n".join(path.read_text(errors="replace")[-1500:] for path in texts if path.exists())


def _memory() -> str | None:
    """Return a place that no disk is behind: a telephone that waits for a busy one is late on the wire."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of its own in there


@asynccontextmanager
async def sipp(
    scenario: str,
    *,
    peer: tuple[str, int],
    port: int,
    calls: int | None = None,
    rate: float = 10.0,
    rows: Sequence[tuple[str, ...]] = (),
    at_once: int | None = None,
    **words: Any,
) -> AsyncIterator[Sipp]:
    """Run *scenario* of ``tests/fixtures/sipp`` filled with *words* against *peer*; it is ended on leaving.

    *calls*: how many calls it makes or takes before it ends by itself; None: it goes on until it is stopped.
    *rate*: calls it makes a second. *at_once*: how many may go on at a time. *rows*: what ``[field0]``,
    ``[field1]`` … are in each call, in turn.
    """
    with tempfile.TemporaryDirectory(prefix="centralita-sipp-", dir=_memory()) as name:
        folder = Path(name)
        text = _templates.get_template(f"{scenario}.xml").render(words)
        (folder / "scenario.xml").write_text(text, encoding="utf-8")
        arguments = ["-r", str(rate), *(["-m", str(calls)] if calls else []), *_table(folder, rows)]
        arguments += ["-l", str(at_once)] if at_once else []
        running = await _start(folder, arguments, peer=peer, port=port)
        try:
            yield running
        finally:
            await running.stop()


def _table(folder: Path, rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    (folder / "rows.csv").write_text("SEQUENTIAL\n" + "".join(";".join(row) + "\n" for row in rows))
    return ["-inf", "rows.csv"]


async def _start(folder: Path, arguments: list[str], *, peer: tuple[str, int], port: int) -> Sipp:
    arguments += [
        "-sf",
        "scenario.xml",
        "-i",
        peer[0],
        "-p",
        str(port),
        "-mp",
        str(port + 1),
        "-nostdin",
        "-aa",
    ]
    arguments += ["-trace_msg", "-message_file", "messages.log", "-trace_err", "-error_file", "errors.log"]
    arguments += ["-timer_resol", "5", "-skip_rlimit", f"{peer[0]}:{peer[1]}"]
    with (folder / "screen.log").open("wb") as screen:
        process = await asyncio.create_subprocess_exec(
            *urgent(TELEPHONE),
            *("setpriv", "--pdeathsig", "KILL", "sipp"),  # a killed test leaves no phone behind
            *arguments,
            cwd=folder,
            env=os.environ | {"TZ": "UTC", "TERM": "dumb"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=screen,
            stderr=screen,
        )
    return Sipp(process, folder, port)


def milliseconds(seconds: float | None) -> int:
    """Return SIPp's way to say it; None is an hour, longer than any test."""
    return FOREVER_MS if seconds is None else max(1, round(seconds * 1000))


def display_name(name: str) -> str:
    """Return a name as it stands before the address; SIPp's own brackets cannot be sent."""
    if "[" in name or "]" in name:
        raise ValueError(f"SIPp takes brackets for keywords: {name!r}")
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' if name else ""
