"""FastAGI: CPU a request, our server beside panoramisk's own, in one run with the same client.

Each server runs in a process of its own; the client, in this process, plays Asterisk: it connects, sends
a real request and answers five commands. Both servers run the same flow: five commands from given words.
They take turns, many short ones; each figure is the smallest of its server, for what other work on the
machine adds is never negative. Beside it, without a target: our flow ``route``, look-up not counted.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

REQUESTS, TURNS, AT_ONCE = 400, 15, 20
HEAD = b"""\
agi_network: yes
agi_network_script: route
agi_request: agi://127.0.0.1:4573/route
agi_channel: PJSIP/provider-00000001
agi_language: es
agi_type: PJSIP
agi_uniqueid: 1795311086.0
agi_version: 22.10.1
agi_callerid: 957212000
agi_calleridname: Ana
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: 5551001
agi_rdnis: unknown
agi_context: centralita-route
agi_extension: s
agi_priority: 3
agi_enhanced: 0.0
agi_accountcode:
agi_threadid: 139934
agi_arg_1: 1795311086.0
agi_arg_2: 5551001

"""
TOLD = {"Kind": "route", "Match": "exact", "Contact": "c-1", "Priority": "5"}
SET = {"CONTACT": "c-1", "PRIORITY": "5", "LANGUAGE": "es", "STATUS": "FOUND"}
HEARD = (
    "EXEC UserEvent Centralita,Kind: route,Match: exact,Contact: c-1,Priority: 5\n"
    "SET VARIABLE CENTRALITA_CONTACT c-1\nSET VARIABLE CENTRALITA_PRIORITY 5\n"
    "SET VARIABLE CENTRALITA_LANGUAGE es\nSET VARIABLE CENTRALITA_STATUS FOUND\n"
)
ANSWER = b"200 result=1\n"


# --- the servers, each the program of a process


async def _serve(which: str, loop_kind: str) -> None:
    """Serve until standard input ends; a line on it is answered with the CPU seconds used so far."""
    port = await {"ours": _ours, "route": _route, "panoramisk": _panoramisk}[which]()
    print(json.dumps({"port": port, "loop": loop_kind}), flush=True)
    loop, asked = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(asked), sys.stdin)
    while await asked.readline():
        print(time.process_time(), flush=True)


async def _ours() -> int:
    from agi_scripts.ports import Line
    from agi_scripts.server import FastAgiServer

    async def route(line: Line) -> None:
        await line.tell(TOLD)
        for name, text in SET.items():
            await line.set_variable(f"CENTRALITA_{name}", text)

    return await FastAgiServer({"route": route}).start("127.0.0.1", 0)


async def _route() -> int:
    from agi_scripts.ivr.route import Route
    from agi_scripts.ports import RouteFacts
    from agi_scripts.server import FastAgiServer

    async def lookup(number: str, did: str, *, trunk: str, **_: str | None) -> RouteFacts:  # noqa: ARG001
        return RouteFacts(match="exact", contact="c-1", priority=5, language="es")

    return await FastAgiServer({"route": Route(lookup)}).start("127.0.0.1", 0)


async def _panoramisk() -> int:
    from panoramisk.fast_agi import Application

    async def route(request: Any) -> None:
        told = ",".join(f"{name}: {text}" for name, text in TOLD.items())
        await request.send_command(f'EXEC "UserEvent" "Centralita,{told}"')
        for name, text in SET.items():
            await request.send_command(f'SET VARIABLE "CENTRALITA_{name}" "{text}"')

    application = Application(loop=asyncio.get_running_loop())
    application.add_route("route", route)
    server = await asyncio.start_server(application.handler, "127.0.0.1", 0)
    globals()["_kept"] = server  # or it is collected and closed
    return int(server.sockets[0].getsockname()[1])


def serve(which: str, loop_kind: str) -> None:
    """Run one server, on asyncio's own event loop or on uvloop."""
    from centralita import logs

    logs.set_up("warning")
    if loop_kind == "uvloop":
        import uvloop

        uvloop.run(_serve(which, loop_kind))
    else:
        asyncio.run(_serve(which, loop_kind))


# --- Asterisk, and the figures


class _Call(asyncio.Protocol):
    """One call that asks and answers each command."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.transport.write(HEAD)

    def data_received(self, data: bytes) -> None:
        self.heard.append(data)
        self.transport.write(ANSWER * data.count(b"\n"))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.ended.set_result(None)


async def _ask(port: int, requests: int) -> None:
    loop, left = asyncio.get_running_loop(), iter(range(requests))

    async def caller() -> None:
        for _ in left:
            _, call = await loop.create_connection(_Call, "127.0.0.1", port)
            await asyncio.wait_for(call.ended, 10)
            heard = b"".join(call.heard).decode().replace('"', "")
            assert heard == HEARD, heard

    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))


class _Server:
    def __init__(self, which: str, loop_kind: str) -> None:
        program = f"import runpy; runpy.run_path({__file__!r})['serve']({which!r}, {loop_kind!r})"
        self._run = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.port = int(json.loads(self._said())["port"])

    def used(self) -> float:
        """Return the CPU seconds that the process has used."""
        assert self._run.stdin
        self._run.stdin.write("\n")
        return float(self._said())

    def _said(self) -> str:
        assert self._run.stdout
        return self._run.stdout.readline()

    def stop(self) -> None:
        assert self._run.stdin
        with suppress(BrokenPipeError):
            self._run.stdin.close()
        self._run.wait(10)
        assert self._run.stdout
        self._run.stdout.close()


def _microseconds(loop_kind: str) -> dict[str, float]:
    """Return CPU µs a request for each server."""
    servers: dict[str, _Server] = {}
    turns: dict[str, list[float]] = {}
    try:
        for which in ("ours", "route", "panoramisk"):
            servers[which], turns[which] = _Server(which, loop_kind), []
            asyncio.run(_ask(servers[which].port, REQUESTS))
        for _ in range(TURNS):
            for which, server in servers.items():
                before = server.used()
                asyncio.run(_ask(server.port, REQUESTS))
                turns[which].append((server.used() - before) / REQUESTS * 1e6)
    finally:
        for server in servers.values():
            server.stop()
    return {which: min(seen) for which, seen in turns.items()}


def measure() -> list[dict[str, Any]]:
    """Return the figures; ``ratio_to`` panoramisk's server on the same event loop in the same run."""
    figures: list[dict[str, Any]] = []
    for loop_kind in ("asyncio", "uvloop"):
        used = _microseconds(loop_kind)
        theirs = used.pop("panoramisk")
        for which, value in used.items():
            ratio = value / theirs
            is_target = which == "ours"
            figures.append(
                {
                    "name": f"fastagi_{'server' if is_target else which}_cpu_{loop_kind}",
                    "value": round(value, 1),
                    "unit": "µs CPU a request",
                    "ratio_to": f"{ratio:.2f} × panoramisk ({theirs:.0f} µs)",
                    "target": "<= 1 × panoramisk" if is_target else None,
                    "ok": ratio <= 1 if is_target else None,
                }
            )
    return figures


if __name__ == "__main__":
    for figure in measure():
        print(figure)
