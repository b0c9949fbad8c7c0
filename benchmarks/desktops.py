"""Desktops: memory of a thousand idle ones, and the way of a pop from the hub to the client.

The server (hub and websocket server as the service runs them) and the clients run in processes of their own.
Each client signs in as an agent of its own and says hello for its desk; then nothing happens, and the
server's resident memory is compared with that before they came. After that calls are offered, 60 a
second, each to another agent; the clients' process takes the time when the frame has arrived (one clock,
CLOCK_MONOTONIC).
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import socket
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

sys.path.insert(0, str(Path(__file__).parent))

from figures import figure

from ami_bridge.domain.events import CallOffered
from centralita.process import SWITCH_S
from crm_core.domain.calls import Call, call_id
from crm_core.domain.cards import Card, CardContact
from screenpop.context import WebSettings
from screenpop.hub import Hub
from screenpop.identity import Identity, Seat
from screenpop.ws_server import WsServer

DESKTOPS, POPS, A_SECOND = 1_000, 600, 60
TARGET_KIB, TARGET_P50_MS, TARGET_P99_MS = 28.0, 1.0, 5.0
HELLO = b'{"op":"hello","topics":["desk"]}'


def measure() -> list[dict[str, Any]]:
    """Return memory of an idle desktop, and p50 and p99 of a pop."""
    server = _program("serve")
    port = int(_line(server))
    clients = _program("clients", str(port))
    assert _line(clients) == "ready"
    told = json.loads(_ask(server, "memory"))
    _ask(server, "pop")
    waits = sorted(json.loads(_ask(clients, "stop")))
    _ask(server, "stop")
    for program in (clients, server):
        program.wait(30)
    assert len(waits) == POPS, f"{len(waits)} of {POPS} pops arrived"
    kib = (told["after"] - told["before"]) / 1024 / DESKTOPS
    p50, p99 = statistics.median(waits) * 1e3, waits[int(len(waits) * 0.99)] * 1e3
    return [
        figure("desktop_idle_memory", kib, "KiB", TARGET_KIB),
        figure("pop_hub_to_client_p50", p50, "ms", TARGET_P50_MS),
        figure("pop_hub_to_client_p99", p99, "ms", TARGET_P99_MS),
    ]


def _program(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _line(program: subprocess.Popen[str]) -> str:
    assert program.stdout
    return program.stdout.readline().strip()


def _ask(program: subprocess.Popen[str], word: str) -> str:
    assert program.stdin
    program.stdin.write(word + "\n")
    program.stdin.flush()
    return _line(program)


def _resident() -> int:
    gc.collect()
    with open("/proc/self/statm") as statm:  # noqa: PTH123
        return int(statm.read().split()[1]) * resource.getpagesize()


async def _words() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


# --- the server


class _Floor:
    """One exchange with the calls that the benchmark puts there."""

    pbx, is_connected = "main", True

    def __init__(self) -> None:
        self.live: dict[str, Call] = {}

    def calls(self) -> list[Call]:
        return []

    def call(self, wanted: str) -> Call | None:
        return self.live.get(wanted)

    def pair(self, _call: str, _interface: str) -> None: ...

    def ringing_at(self, _interface: str) -> list[Call]:
        return []

    agents = queues = calls

    def queues_of(self, _interface: str) -> list[str]:
        return []

    def note_pop(self, _call: str, _interface: str) -> None: ...

    def take_seat(self, *, interface: str, agent: str) -> None: ...

    def leave_seat(self, *, interface: str, agent: str) -> None: ...


class _Cards:
    """The same card for every call."""

    known = Card(contact=CardContact(id="c-1", name="María del Carmen Fernández", number="+34957212000"))

    def card(self, _call: str) -> Card:
        return self.known

    def choose(self, _call: str, **_facts: object) -> None: ...


async def _who_is(_cookies: str | None, authorization: str | None) -> Identity:
    n = (authorization or "").rpartition(" ")[2]
    seat = Seat("main", f"PJSIP/{n}")
    return Identity(user=n, name=n, full_name=n, role="agent", language="es", agent=n, seat=seat, session=n)


def _render(_call: Call, _card: Card | None, *, language: str, role: str) -> str:
    return f"<article lang={language} class={role}>" + "x" * 3000 + "</article>"


def _now() -> datetime:
    return datetime.now(UTC)


async def _serve() -> None:
    floor = _Floor()
    hub = Hub(epoch="bench", floors={"main": floor}, cards=_Cards(), now=_now, render=_render)
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        port = listener.getsockname()[1]
        server = WsServer(hub, who_is=_who_is, settings=WebSettings(ws_port=port))
        tasks = [asyncio.create_task(server.run(listener)), asyncio.create_task(hub.run())]
        await asyncio.sleep(0.1)
        before = _resident()
        print(port, flush=True)
        words = await _words()
        while (word := (await words.readline()).decode().strip()) in {"memory", "pop"}:
            if word == "memory":
                assert len(hub.listeners()) == DESKTOPS
                print(json.dumps({"before": before, "after": _resident()}), flush=True)
            else:
                await _offer(hub, floor)
                print("popped", flush=True)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        print("stopped", flush=True)


async def _offer(hub: Hub, floor: _Floor) -> None:
    """Let calls ring, each at another agent; ``ani_name`` carries the time."""
    for n in range(1, POPS + 1):
        name = f"1795311086.{n}"
        call = Call(id=call_id("main", name), pbx="main", linkedid=name, started_at=_now())
        floor.live[call.id] = call
        call.ani_name = str(time.monotonic())
        offered = CallOffered(
            pbx="main",
            at=call.started_at,
            call=call.id,
            linkedid=name,
            version=1,
            interface=f"PJSIP/{n % DESKTOPS}",
            queue="sales",
        )
        hub.on_events([(n, offered)])
        await asyncio.sleep(1 / A_SECOND)


# --- the clients


class _Client(asyncio.Protocol):
    """Just enough of a websocket client: says hello, and notes when a pop has arrived."""

    def __init__(self, waits: list[float]) -> None:
        self.waits, self.told = waits, b""
        self.is_in = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        if not self.is_in.done():
            self.told += data
            if b'"op":"snapshot"' in self.told:
                self.is_in.set_result(None)
            return
        if (at := data.find(b'"ani_name":"')) >= 0:
            start = at + len(b'"ani_name":"')
            self.waits.append(now - float(data[start : data.index(b'"', start)]))


async def _clients(port: int) -> None:
    loop, waits = asyncio.get_running_loop(), []
    for n in range(DESKTOPS):
        transport, client = await loop.create_connection(lambda: _Client(waits), "127.0.0.1", port)
        transport.write(
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Protocol: centralita.v1\r\nAuthorization: Bearer %d\r\n"
            b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)\r\n"
            b"Accept-Encoding: gzip, deflate, br\r\nAccept-Language: es-ES,es;q=0.9\r\n"
            b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
            % n
            + bytes([0x81, 0x80 | len(HELLO)])
            + b"\0\0\0\0"
            + HELLO
        )
        await client.is_in
    print("ready", flush=True)
    await (await _words()).readline()
    await asyncio.sleep(0.5)
    print(json.dumps(waits), flush=True)


if __name__ == "__main__":
    sys.setswitchinterval(SWITCH_S)
    uvloop.run(_serve() if sys.argv[1] == "serve" else _clients(int(sys.argv[2])))
