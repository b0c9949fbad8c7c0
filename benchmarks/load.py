"""A floor under load, for the programs beside this one: a simulated exchange in a process of its own.

``floor()`` is a configuration for so many queue calls a second with callers drawn from so many numbers, each
a valid Spanish mobile as a Spanish trunk delivers it (``numbers()``; ``+34`` before it is its E.164).
``running(floor())`` starts ``python -m pbxsim`` with it and gives the way to it:

    with load.running(load.floor(), log_in=("centralita", "secret")) as pbx:
        connect("127.0.0.1", pbx.port)

The random callers begin at once; who connects later finds calls in progress, as in life.
By itself this program tells what the generator costs, so that nobody takes its cost for the service's.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

A_SECOND, CALLERS = 60.0, 100_000
QUEUES, AGENTS, QUEUES_EACH = 20, 500, 5
TALK_S, RINGS_S = (2.0, 4.0), (0.5, 1.5)
USER, SECRET = "centralita", "load-secret"
FIRST_NUMBER = 600_000_000
SETTLES_S, MEASURED_S = 8.0, 15.0
MOST_CPU = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


def numbers(count: int = CALLERS) -> Iterator[str]:
    """Give *count* different Spanish mobiles, nine digits as dialled inside Spain."""
    return (str(FIRST_NUMBER + place) for place in range(count))


def floor(
    *,
    a_second: float = A_SECOND,
    callers: int = CALLERS,
    agents: int = AGENTS,
    agi: tuple[str, int] | None = None,
    verbosity: str = "bridge",
) -> dict[str, Any]:
    """Return the configuration of the exchange, as ``python -m pbxsim`` reads it.

    Agents 1001, 1002… (``PJSIP/agent1001``) serve five each of 20 queues ``q01``…, whose numbers are
    ``9002001``…. Phones ring for 0.5 to 1.5 s and people talk for 2 to 4, so that at 60 calls a second 240 of
    500 agents are busy, nobody waits for long, and a call has the 49 events that a real exchange gave it.
    """
    extensions = [str(1001 + place) for place in range(agents)]
    names = [f"q{place:02}" for place in range(1, QUEUES + 1)]
    dids = [f"9002{place:03}" for place in range(1, QUEUES + 1)]
    answers = {"after": {"low": RINGS_S[0], "high": RINGS_S[1]}}
    return {
        "users": [{"name": USER, "secret": SECRET, **({"read": "all"} if verbosity == "all" else {})}],
        "phones": [{"extension": each, "manners": [[1.0, answers]]} for each in extensions],
        "queues": [
            {"name": name, "members": _members(place, extensions), "timeout": 15.0}
            for place, name in enumerate(names)
        ],
        "dids": [{"number": did, "to": f"queue:{name}"} for did, name in zip(dids, names, strict=True)],
        "agi": agi and {"host": agi[0], "port": agi[1]},
        "load": {
            "per_second": a_second,
            "callers": [[number, ""] for number in numbers(callers)],
            "dids": [[1.0, did] for did in dids],
            "patience": {"low": 60.0, "high": 60.0},
            "talk": {"low": TALK_S[0], "high": TALK_S[1]},
        },
        "verbosity": verbosity,
    }


def _members(queue: int, extensions: list[str]) -> list[str]:
    return [extension for place, extension in enumerate(extensions) if (place - queue) % QUEUES < QUEUES_EACH]


@dataclass(frozen=True, slots=True)
class Generator:
    """A running simulated exchange: where its manager interface listens, and its process."""

    port: int
    pid: int

    def cpu_s(self) -> float:
        """Return the CPU seconds it has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def running(config: dict[str, Any]) -> Iterator[Generator]:
    """Run a simulated exchange in a process of its own; it ends with the block."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(config, file)
        file.flush()
        command = [sys.executable, "-m", "pbxsim", "--config", file.name]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin
        assert process.stdout
        try:
            port = int(json.loads(process.stdout.readline())["ami_port"])
            yield Generator(port, process.pid)
        finally:
            process.stdin.close()
            process.stdout.close()
            process.wait(15)


# --- what the generator costs by itself


def measure() -> list[dict[str, Any]]:
    """Return the CPU of the generator at 60 queue calls a second with one reader, and how much it said."""
    with running(floor()) as pbx, socket.create_connection(("127.0.0.1", pbx.port), timeout=10) as link:
        link.sendall(f"Action: Login\r\nUsername: {USER}\r\nSecret: {SECRET}\r\n\r\n".encode())
        _hear(link, SETTLES_S)
        started, used = time.monotonic(), pbx.cpu_s()
        heard = _hear(link, MEASURED_S)
        took_s = time.monotonic() - started
        cpu = 100 * (pbx.cpu_s() - used) / took_s
    ended = heard.count(b"\r\nEvent: AgentComplete\r\n") / took_s
    events = heard.count(b"\r\nEvent: ") / took_s / ended
    return [
        _figure(
            "pbxsim_calls",
            ended,
            "queue calls/s",
            target=f">= {0.9 * A_SECOND:.0f}",
            ok=ended >= 0.9 * A_SECOND,
        ),
        _figure("pbxsim_events", events, "events a call"),
        _figure("pbxsim_cpu", cpu, "% of a core", target=f"<= {MOST_CPU:.0f}", ok=cpu <= MOST_CPU),
    ]


def _figure(
    name: str, value: float, unit: str, *, target: str | None = None, ok: bool | None = None
) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "ratio_to": None,
        "target": target,
        "ok": ok,
    }


def _hear(link: socket.socket, seconds: float) -> bytes:
    """Read for so long and return all of it."""
    heard, until = bytearray(), time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        link.settimeout(left)
        try:
            heard += link.recv(1 << 20)
        except TimeoutError:
            break
    return bytes(heard)


if __name__ == "__main__":
    for figure in measure():
        print(figure)
