"""The spine on a real Asterisk: pops at 20 queue calls a second, and the service's CPU beside Asterisk's.

Asterisk runs on rendered configuration, as in the tests; SIPp calls from 10,000 known numbers and plays 24
phones in eight queues, an agent at the desk of each. Pops are timed as in ``pop.py``. CPU is what the two
processes used during the measured calls: Asterisk's without SIPp, the service's with FastAGI and recorder.
It needs root and the folder of ``make test-system``; elsewhere it measures nothing and says so.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

import floor_kit  # noqa: E402
import pop  # noqa: E402
from figures import figure  # noqa: E402
from lab import chroot, floor  # noqa: E402
from lab.floor import SECRETS  # noqa: E402
from lab.pbx import Asterisk, Instance  # noqa: E402
from lab.phones import Answers, callers, phones  # noqa: E402

A_SECOND, CALLERS, QUEUES = 20.0, 10_000, 8
SETTLES_S, MEASURED_S, AFTER_S = 5, 20, 1
RINGS_S, TALK_S = 0.25, 1.0
FIRST_NUMBER = 600_000_000
TARGET_SHARE = 15.0


def measure() -> list[dict[str, Any]]:
    """Return p50 and p99 of a pop, and the service's CPU per call as a share of Asterisk's."""
    if os.geteuid() != 0:
        print("asterisk: not measured, it needs root", file=sys.stderr)
        return []
    return asyncio.run(_measure())


async def _measure() -> list[dict[str, Any]]:
    instance = Instance(chroot.ready())
    with (
        tempfile.TemporaryDirectory(prefix="centralita-asterisk-") as folder,
        Asterisk(floor.settings(instance), instance) as asterisk,
    ):
        url = f"sqlite:///{folder}/centralita.sqlite3"
        numbers = [str(FIRST_NUMBER + place) for place in range(CALLERS)]
        await floor_kit.fill(url, [f"+34{number}" for number in numbers])
        told = await _run(asterisk, url, numbers)
    waits, ratio = told["waits"], 100 * told["service_s"] / told["asterisk_s"]
    return [
        figure("asterisk_pop_p50", pop.share(waits, 0.50), "ms", pop.TARGET_P50_MS),
        figure("asterisk_pop_p99", pop.share(waits, 0.99), "ms", pop.TARGET_P99_MS),
        figure("asterisk_pop_a_second", len(waits) / MEASURED_S, "pops/s"),
        figure("service_cpu_a_call", 1e3 * told["service_s"] / len(waits), "ms"),
        figure("service_cpu_beside_asterisk", ratio, "%", TARGET_SHARE) | {"ratio_to": "Asterisk's CPU"},
    ]


async def _run(asterisk: Asterisk, url: str, numbers: list[str]) -> dict[str, Any]:
    settings = asterisk.settings
    queues = settings.queues[:QUEUES]
    seats = [settings.phone(member.phone) for queue in queues for member in queue.members]
    dids = [did.number for did in settings.dids if did.to in {f"queue:{queue.name}" for queue in queues}]
    cookies = await floor_kit.sign_in(url, [(seat.extension, seat.interface) for seat in seats])
    ports = {name: floor_kit.free_port() for name in ("http", "ws", "relay")} | {"agi": asterisk.agi_port}
    count = round(A_SECOND * (SETTLES_S + MEASURED_S + AFTER_S))
    calls = [(dids[place % len(dids)], numbers[place]) for place in range(count)]
    service = pop.settings_of(url, ports, user="bridge", secret=SECRETS["bridge"])
    wanted = {"ports": ports, "exchange": asterisk.ami_port, "cookies": cookies}
    with pop.program("clients", wanted) as clients, pop.program("serve", service, "True") as serving:
        pop.seated(clients)
        async with (
            phones(asterisk, seats, Answers(after=RINGS_S)),
            callers(asterisk, calls, rate=A_SECOND, hang_up_after=TALK_S) as line,
        ):
            await asyncio.sleep(SETTLES_S)
            clients.stdin.write("begin\n")
            used = [floor_kit.cpu_s(pid) for pid in (serving.pid, asterisk.pid)]
            await asyncio.sleep(MEASURED_S)
            clients.stdin.write("end\n")
            service_s, asterisk_s = (
                floor_kit.cpu_s(pid) - before
                for pid, before in zip((serving.pid, asterisk.pid), used, strict=True)
            )
            told: dict[str, Any] = json.loads(await asyncio.to_thread(clients.stdout.readline))
            await line.ended()
    return told | {"service_s": service_s, "asterisk_s": asterisk_s}


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
