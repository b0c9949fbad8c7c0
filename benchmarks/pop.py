"""Screen pops under load: from the bytes at the service's socket to the frame at the agent's desk.

A simulated exchange makes 60 queue calls a second, each asked about by FastAGI, from 100,000 numbers that
are all known; 500 agents sit at their desks. Exchange, service (SQLite, everything as ``centralita serve``
runs it) and desks run in processes of their own. See ``floor_kit`` for what is measured. The second run has
the recorder switched off, to show its share.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import uvloop

sys.path.insert(0, str(Path(__file__).parent))

import floor_kit
import load
from figures import figure

from centralita import logs
from centralita.app import running
from centralita.process import settle
from centralita.settings import Settings
from crm_core.db.migrate import upgrade
from crm_core.domain.errors import SchemaError

FILE = Path(__file__).parents[1] / "build" / "pop.sqlite3"
A_SECOND, CALLERS, AGENTS = 60.0, 100_000, 500
SETTLES_S, MEASURED_S = 5.0, 10.0
TARGET_P50_MS, TARGET_P99_MS = 1.0, 5.0
SEATS = [(str(1001 + place), f"PJSIP/agent{1001 + place}") for place in range(AGENTS)]


def measure() -> list[dict[str, Any]]:
    """Return p50 and p99 of a pop with the recorder on, p99 without it, and what share came with its card."""
    _make()
    with tempfile.TemporaryDirectory(prefix="centralita-pop-") as folder:
        whole = _run(Path(folder) / "with.sqlite3", is_recording=True)
        without = _run(Path(folder) / "without.sqlite3", is_recording=False)
    return [
        figure("pop_p50", share(whole["waits"], 0.50), "ms", TARGET_P50_MS),
        figure("pop_p99", share(whole["waits"], 0.99), "ms", TARGET_P99_MS),
        figure("pop_p99_without_recorder", share(without["waits"], 0.99), "ms"),
        figure("pop_with_card", 100 * whole["carded"] / len(whole["waits"]), "%"),
        figure("pop_a_second", len(whole["waits"]) / MEASURED_S, "pops/s"),
        figure("pop_service_cpu", whole["cpu"], "% of a core"),
    ]


def share(waits: list[float], share: float) -> float:
    return 1e3 * sorted(waits)[int(len(waits) * share)]


def _make() -> None:
    """Make the file of customers, once; it is kept in ``build/``."""
    with suppress(SchemaError):
        if FILE.exists():
            upgrade(f"sqlite:///{FILE}")
            return
    FILE.parent.mkdir(exist_ok=True)
    draft = FILE.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    asyncio.run(floor_kit.fill(f"sqlite:///{draft}", [f"+34{number}" for number in load.numbers(CALLERS)]))
    draft.rename(FILE)


def _run(database: Path, *, is_recording: bool) -> dict[str, Any]:
    """Run everything once; return the seconds that pops took, how many had a card, and the service's CPU."""
    shutil.copy(FILE, database)
    cookies = asyncio.run(floor_kit.sign_in(f"sqlite:///{database}", SEATS))
    ports = {name: floor_kit.free_port() for name in ("http", "ws", "agi", "relay")}
    settings = settings_of(f"sqlite:///{database}", ports, user=load.USER, secret=load.SECRET)
    exchange = load.floor(a_second=A_SECOND, callers=CALLERS, agents=AGENTS, agi=("127.0.0.1", ports["agi"]))
    with load.running(exchange) as pbx:
        wanted = {"ports": ports, "exchange": pbx.port, "cookies": cookies}
        with (
            program("clients", wanted) as clients,
            program("serve", settings, str(is_recording)) as service,
        ):
            seated(clients)
            time.sleep(SETTLES_S)
            clients.stdin.write("begin\n")
            used = floor_kit.cpu_s(service.pid)
            time.sleep(MEASURED_S)
            used = floor_kit.cpu_s(service.pid) - used
            clients.stdin.write("end\n")
            told: dict[str, Any] = json.loads(clients.stdout.readline())
    return told | {"cpu": 100 * used / MEASURED_S}


def settings_of(url: str, ports: dict[str, int], *, user: str, secret: str) -> dict[str, Any]:
    """Return the settings of a service whose exchange is the relay."""
    return {
        "http": {"port": ports["http"], "ws_port": ports["ws"]},
        "agi": {"port": ports["agi"]},
        "database": {"url": url},
        "log_level": "error",
        "pbx": {"main": {"port": ports["relay"], "user": user, "secret": secret}},
    }


def seated(clients: subprocess.Popen[str]) -> None:
    """Return when everybody sits at his desk."""
    clients.stdin.write("sit\n")
    assert clients.stdout.readline() == "seated\n"


@contextmanager
def program(role: str, wanted: dict[str, Any], *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run a role of this file as a process; it is told *wanted*, and has said that it is ready."""
    process = subprocess.Popen(
        [sys.executable, __file__, role, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    with process:
        process.stdin.write(json.dumps(wanted) + "\n")
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()


async def _words() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return reader


async def _serve(*, is_recording: bool) -> None:
    words = await _words()
    settings = Settings.model_validate_json(await words.readline())
    logs.set_up(settings.log_level)
    async with running(settings) as service:
        service.recorder.is_on = is_recording
        settle()
        print("ready", flush=True)
        await words.readline()


async def _clients() -> None:
    words, loop = await _words(), asyncio.get_running_loop()
    wanted = json.loads(await words.readline())
    ports, offers, pops = wanted["ports"], floor_kit.Offers(), {}
    exchange = ("127.0.0.1", wanted["exchange"])
    await loop.create_server(lambda: floor_kit.Relay(exchange, offers), "127.0.0.1", ports["relay"])
    print("ready", flush=True)
    await words.readline()
    for cookie in wanted["cookies"]:
        _, desk = await loop.create_connection(
            lambda cookie=cookie: floor_kit.Desk(ports["ws"], ports["http"], cookie, pops),
            "127.0.0.1",
            ports["ws"],
        )
        await desk.is_in
    print("seated", flush=True)
    await words.readline()
    offers.clear()
    pops.clear()
    await words.readline()
    rung = offers.at()
    took = [(at - rung[key], carded) for key, (at, carded) in pops.items() if key in rung]
    missing = sum(key not in pops for key in rung)
    print(
        json.dumps(
            {
                "waits": [wait for wait, _ in took],
                "carded": sum(carded for _, carded in took),
                "missing": missing,
            }
        ),
        flush=True,
    )
    await words.readline()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        uvloop.run(_serve(is_recording=sys.argv[2] == "True"))
    elif sys.argv[1:2] == ["clients"]:
        uvloop.run(_clients())
    else:
        print(json.dumps(measure(), indent=1))
