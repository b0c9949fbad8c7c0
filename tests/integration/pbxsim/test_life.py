"""The life of a simulated exchange: start, stop, kill, start again; and as a process of its own."""

from __future__ import annotations

import asyncio
import json
import runpy
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from integration.pbxsim.client import CONFIG, USER, connected, logged_in

from pbxsim.config import Load, User, exactly
from pbxsim.server import Simulator
from pbxsim.world.callers import call_in

TREE: dict[str, Any] = {
    "users": [{"name": USER.name, "secret": USER.secret}],
    "phones": [{"extension": "101", "manners": [[1.0, {"after": {"low": 0.1, "high": 0.1}}]]}],
    "queues": [{"name": "sales", "members": ["101"]}],
    "dids": [{"number": "5551", "to": "queue:sales"}],
    "load": {"per_second": 20, "callers": [["957212000", "Zoë"]], "dids": [[1, "5551"]]},
}


async def test_numbers_of_legs_begin_with_the_second_of_the_start() -> None:
    before = int(time.time())
    async with Simulator(CONFIG) as pbx, logged_in(pbx.port) as client:
        call_in(pbx.world, to="5551")
        pbx.pump()
        born = await client.event("Newchannel")
    second, _, number = born["Uniqueid"].partition(".")
    assert number == "0"
    assert before <= int(second) <= int(time.time())
    assert abs(float(born["Timestamp"]) - time.time()) < 10


async def test_a_stop_ends_the_calls_says_farewell_and_closes() -> None:
    pbx = Simulator(CONFIG)
    await pbx.start()
    async with logged_in(pbx.port) as client:
        call_in(pbx.world, to="5551")
        pbx.pump()
        await client.event("QueueCallerJoin")
        await pbx.stop()
        assert (await client.event("Hangup"))["Cause"] == "16"
        assert (await client.event("Shutdown"))["Shutdown"] == "Cleanly"
        await client.ended()
    await pbx.stop()


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_it_starts_again_on_the_same_port_without_its_calls(how: str) -> None:
    pbx = Simulator(CONFIG)
    await pbx.start()
    try:
        port = pbx.port
        async with logged_in(port) as client:
            call_in(pbx.world, to="5551")
            pbx.pump()
            await client.event("QueueCallerJoin")
            await (pbx.stop() if how == "stop" else pbx.kill())
            await client.ended()
            assert ("Shutdown" in {block.get("Event") for block in client.blocks}) is (how == "stop")
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", port)
        await pbx.start()
        assert pbx.port == port
        async with logged_in(port) as client:
            assert await client.listed("CoreShowChannels") == []
            call_in(pbx.world, to="5551")
            pbx.pump()
            assert (await client.event("Newchannel"))["Uniqueid"].endswith(".0")
    finally:
        await pbx.kill()
    await pbx.kill()
    pbx.pump()


async def test_random_callers_come_by_themselves_and_stop_with_it() -> None:
    load = Load(per_second=50.0, callers=[("957212000", "")], dids=((1.0, "5551"),), talk=exactly(0.1))
    async with Simulator(replace(CONFIG, load=load)) as pbx, logged_in(pbx.port) as client:
        joined = await client.event("QueueCallerJoin")
        assert joined["CallerIDNum"] == "957212000"
        assert pbx.load is not None
    assert pbx.load.rate == 0.0


async def program(config: Path, *options: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "pbxsim", "--config", str(config), *options]
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "pbx.json"
    path.write_text(json.dumps(TREE))
    return path


@pytest.mark.parametrize("end", ["its input closes", "SIGTERM"])
async def test_as_a_program_it_says_its_port_serves_and_stops(config: Path, end: str) -> None:
    process = await program(config, *(["--stay"] if end == "SIGTERM" else []))
    assert process.stdin
    assert process.stdout
    try:
        async with asyncio.timeout(20):
            port = json.loads(await process.stdout.readline())["ami_port"]
            if end == "SIGTERM":
                process.stdin.close()
            async with logged_in(port) as client:
                assert (await client.event("QueueCallerJoin"))["CallerIDName"] == "Zoë"
                process.stdin.close() if end != "SIGTERM" else process.send_signal(signal.SIGTERM)
                await client.event("Shutdown")
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_port_may_be_chosen_on_the_command_line(config: Path) -> None:
    async with Simulator(CONFIG) as pbx:
        taken = pbx.port
    process = await program(config, "--ami-port", str(taken))
    assert process.stdin
    assert process.stdout
    async with asyncio.timeout(20):
        assert json.loads(await process.stdout.readline()) == {"ami_port": taken}
        async with connected(taken):
            process.stdin.write(b"what comes in is not read\n")
        process.stdin.close()
        assert await process.wait() == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "Expecting property name"),
        ('{"users": [], "colour": 1}', "unknown key 'colour'"),
        (None, "No such file"),
    ],
)
async def test_a_configuration_that_cannot_be_used(tmp_path: Path, text: str | None, told: str) -> None:
    path = tmp_path / "pbx.json"
    if text is not None:
        path.write_text(text)
    process = await program(path)
    async with asyncio.timeout(20):
        out, complaint = await process.communicate()
    assert (process.returncode, out) == (2, b"")
    assert told in complaint.decode()


async def test_the_floor_of_the_benchmarks_has_calls() -> None:
    load = runpy.run_path(str(Path(__file__).parents[3] / "benchmarks" / "load.py"))
    floor = load["floor"](a_second=20.0, callers=50, agents=40)
    numbers = set(load["numbers"](50))
    user = User(name=load["USER"], secret=load["SECRET"])
    with load["running"](floor) as pbx:
        async with logged_in(pbx.port, user) as client:
            for _ in range(5):
                assert (await client.event("AgentConnect"))["CallerIDNum"] in numbers
        assert pbx.cpu_s() > 0
