"""The demo as a program: an agent who signs in is called, Ctrl-C ends it, a second start keeps the data."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from integration.centralita.program import Program, program
from lab.desk import signed_in

from centralita.demo_records import PASSWORD

POP_WITHIN_S = 10.0
pytestmark = pytest.mark.timeout(90)


async def port_of(running: Program) -> int:
    found = re.search(r":(\d+)/", await running.line("http://localhost"))
    assert found
    return int(found[1])


async def test_an_agent_is_called_within_ten_seconds_and_a_second_start_keeps_the_data(
    tmp_path: Path,
) -> None:
    words = ("demo", "--folder", str(tmp_path), "--port", "0")
    async with program(*words) as first:
        port = await port_of(first)
        async with signed_in(port, "ana", PASSWORD) as ana:
            pop = await ana.until(lambda m: m["op"] == "screen_pop", within=POP_WITHIN_S)
            people = (await ana.get("/contacts?q=mar"))["items"]
            made = await ana.post("/contacts", {"given": "Kept", "phones": [{"raw": "600123456"}]})
        assert pop.message["interface"] == "PJSIP/agent101"
        assert people
        assert await first.interrupt() == 0
        assert await first.errors() == ""
    async with program(*words) as second:
        port = await port_of(second)
        async with signed_in(port, "luis", PASSWORD) as luis:
            assert (await luis.get(f"/contacts/{made['id']}"))["given"] == "Kept"
            assert (await luis.get("/contacts?q=mar"))["items"] == people
        assert await second.interrupt() == 0


async def test_two_agents_are_both_called(tmp_path: Path) -> None:
    async with program("demo", "--folder", str(tmp_path), "--port", "0") as running:
        port = await port_of(running)
        async with signed_in(port, "ana", PASSWORD) as ana, signed_in(port, "luis", PASSWORD) as luis:
            pops = (one.until(lambda m: m["op"] == "screen_pop", within=POP_WITHIN_S) for one in (ana, luis))
            interfaces = [pop.message["interface"] for pop in await asyncio.gather(*pops)]
    assert interfaces == ["PJSIP/agent101", "PJSIP/agent102"]


async def test_the_supervisor_sees_a_running_floor(tmp_path: Path) -> None:
    words = ("demo", "--folder", str(tmp_path), "--port", "0", "--calls-per-minute", "240")
    async with program(*words) as running:
        port = await port_of(running)
        async with signed_in(port, "eva", PASSWORD, "floor") as eva:
            await eva.until(lambda m: m["op"] == "event" and m["event"]["type"] == "call.answered")


@pytest.mark.parametrize(
    ("language", "says"),
    [
        pytest.param("es_ES.UTF-8", "Entra con la contraseña", id="Spanish"),
        pytest.param("en_GB.UTF-8", "Sign in with the password", id="English"),
        pytest.param("C", "Sign in with the password", id="no language"),
    ],
)
async def test_it_speaks_the_language_of_its_user(tmp_path: Path, language: str, says: str) -> None:
    words = ("demo", "--folder", str(tmp_path), "--port", "0")
    async with program(*words, LANGUAGE="", LC_ALL=language) as running:
        assert await running.line(says)
        assert await running.interrupt() == 0
