"""Real websockets against the hub: handshake, close codes, resume, slow and hostile clients."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import statistics
import time
from contextlib import suppress

import pytest
from integration.screenpop.desk import Desk, close_code, heard, hello, resident, served, until
from unit.screenpop.fakes import ANA, ANA_SEAT, about, card_of, numbers
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from ami_bridge.domain import events
from crm_core.domain.calls import Match, call_id

CALL = call_id("main", "1795311086.0")
OWN = {"Origin": "http://127.0.0.1:8080", "Cookie": "other=1; centralita=ana"}


async def test_a_screen_pop_reaches_the_agent_who_is_rung(desk: Desk) -> None:
    async with desk.connect() as ana:
        assert (await hello(ana))["op"] == "snapshot"
        call = desk.stage.call()
        desk.stage.cards.cards[call.id] = card_of("María")
        desk.stage.offers(call)
        pop = await heard(ana)
    assert (pop["op"], pop["call"]["ani"], pop["html"]) == (
        "screen_pop",
        "+34957212000",
        "<b>es agent María</b>",
    )


async def test_the_subprotocol_carries_the_version(desk: Desk) -> None:
    async with desk.connect() as ana:
        assert ana.subprotocol == "centralita.v1"
    async with desk.connect(subprotocols=["centralita.v9"]) as ana:
        assert await close_code(ana) == 1002


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("http://evil.example", id="another site"),
        pytest.param("http://127.0.0.1:3000", id="another program on this machine"),
        pytest.param("https://127.0.0.1:8080", id="another scheme"),
        pytest.param("null", id="a page without origin"),
        pytest.param(None, id="none, with a cookie"),
    ],
)
async def test_a_wrong_origin_is_refused_before_the_handshake(desk: Desk, origin: str | None) -> None:
    headers = {"Cookie": "centralita=ana"} | ({"Origin": origin} if origin else {})
    with pytest.raises(InvalidStatus) as refused:
        async with desk.connect(None, additional_headers=headers):
            pass
    assert refused.value.response.status_code == 403


async def test_our_own_page_comes_with_its_cookie(desk: Desk) -> None:
    async with desk.connect(None, additional_headers=OWN) as ana:
        assert (await hello(ana))["desk"]["agent"] == "101"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("stranger", 4001, id="not signed in"),
        pytest.param("away", 1013, id="the database is away: come again"),
        pytest.param("broken", 1011, id="a fault of ours"),
    ],
)
async def test_who_cannot_be_let_in_is_told_why(desk: Desk, name: str, code: int) -> None:
    async with desk.connect(name) as client:
        assert await close_code(client) == code


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param("", 1007, id="nothing"),
        pytest.param("{", 1007, id="half a hello"),
        pytest.param('{"op":"hello","topics":[]}', 1007, id="no topics"),
        pytest.param('{"op":"hello","topics":["desk"],"x":1}', 1007, id="a field that we do not know"),
        pytest.param('{"op":"dial","topics":["desk"]}', 1007, id="a command"),
        pytest.param(b'{"op":"hello","topics":["desk"]}', 1007, id="binary"),
        pytest.param('{"op":"hello","topics":["' + "x" * 9000 + '"]}', 1009, id="too large"),
        pytest.param('{"op":"hello","topics":["floor"]}', 4003, id="not allowed"),
        pytest.param("[" * 5000, 1007, id="deep"),
    ],
)
async def test_a_message_that_is_no_hello_closes(desk: Desk, message: str | bytes, code: int) -> None:
    async with desk.connect() as ana:
        await ana.send(message)
        assert await close_code(ana) == code


async def test_what_was_missed_comes_once_and_in_order_after_a_reconnect(desk: Desk) -> None:
    stage = desk.stage
    async with desk.connect() as ana:
        await hello(ana)
        call = stage.call()
        stage.offers(call)
        seen = [await heard(ana)]
    await until(lambda: not stage.hub.listeners())
    stage.cards.cards[call.id] = card_of("María")
    stage.happens(about(events.CallMatched, call, match=Match(kind="exact")))
    stage.offer_ends(call, "no_answer")
    async with desk.connect() as ana:
        resumed = await hello(ana, resume=seen[-1]["seq"])
        assert resumed == {"op": "resumed", "seq": seen[-1]["seq"]}
        seen += [await heard(ana), await heard(ana)]
        stage.offers(stage.call("1795311099.0"))
        seen.append(await heard(ana))
    assert [one["op"] for one in seen] == ["screen_pop", "screen_pop", "screen_pop_end", "screen_pop"]
    assert numbers(seen) == [1, 2, 3, 4]
    assert seen[1]["html"] == "<b>es agent María</b>"


async def test_a_stream_cut_at_any_moment_is_whole_after_resuming(desk: Desk) -> None:
    """A supervisor's board is cut after every few frames, while events go on."""
    stage, chance = desk.stage, random.Random(7)
    seen: list[int] = []
    resume: str | None = None
    call = stage.call()
    while len(seen) < 300:
        async with desk.connect("eva") as eva:
            first = await hello(eva, "floor", resume=resume)
            if first["op"] == "snapshot":
                assert resume is None
                resume = first["seq"]
            for _ in range(chance.randint(1, 20)):
                stage.happens(about(events.CallAnomaly, call, kind="test"))
            for _ in range(chance.randint(1, 20)):
                try:
                    message = json.loads(await asyncio.wait_for(eva.recv(), 0.2))
                except TimeoutError:
                    break
                seen.append(int(message["seq"].rpartition("-")[2]))
                resume = message["seq"]
            eva.transport.abort()
    assert seen == list(range(1, len(seen) + 1))


@pytest.mark.parametrize(
    "resume",
    [
        pytest.param("e0-1", id="another epoch"),
        pytest.param("e1-99", id="the future"),
        pytest.param("rubbish", id="rubbish"),
        pytest.param("e1-99999999999999999999", id="a number too large"),
    ],
)
async def test_who_cannot_resume_gets_a_snapshot(desk: Desk, resume: str) -> None:
    async with desk.connect() as ana:
        assert (await hello(ana, resume=resume))["op"] == "snapshot"


async def test_another_topic_is_one_more_hello(desk: Desk) -> None:
    async with desk.connect("eva") as eva:
        assert (await hello(eva, "desk")).get("floor") is None
        assert (await hello(eva, "floor"))["floor"]["calls"] == []
        assert len(desk.stage.hub.listeners()) == 1


async def test_another_person_at_the_seat_sends_the_first_away(desk: Desk) -> None:
    async with desk.connect() as ana:
        await hello(ana)
        async with desk.connect("pep") as pep:
            await hello(pep)
            assert await close_code(ana) == 4009
            assert desk.stage.floor.seats == {ANA_SEAT.interface: "103"}


async def test_a_revoked_session_loses_its_sockets_and_its_seat(desk: Desk) -> None:
    async with desk.connect() as one, desk.connect() as two:
        await hello(one)
        await hello(two)
        desk.stage.hub.end_sessions([ANA.session])
        assert [await close_code(one), await close_code(two)] == [4001, 4001]
        assert desk.stage.floor.seats == {}


async def test_a_stopped_reader_is_cut_off_and_slows_nobody(desk: Desk) -> None:
    """Another desktop hears of each event as quickly while one is stuck as without it."""
    stage = desk.stage
    async with desk.connect("eva") as quick:
        await hello(quick, "floor")
        alone = [await _told_after(desk, quick) for _ in range(1000)]
        raw = await _stuck_reader(desk)
        await until(lambda: len(stage.hub.listeners()) == 2)
        stuck = next(
            one
            for one in stage.hub.listeners()
            if one.transport.get_extra_info("peername")[1] == raw.getsockname()[1]
        )
        beside = []
        for _ in range(3000):
            beside.append(await _told_after(desk, quick))
            waiting = stuck.transport.get_write_buffer_size() if stuck.protocol.state.name == "OPEN" else 0
            assert waiting + len(stuck.outbox) * 2100 < 1_300_000
        await until(lambda: len(stage.hub.listeners()) == 1)
    assert stuck.protocol.close_sent.code == 4008
    assert stage.hub.counted.too_slow == 1
    raw.close()
    median, usual = statistics.median(beside), statistics.median(alone)
    worst = sorted(beside)[len(beside) * 99 // 100]
    print(f"told after {usual * 1e3:.2f} ms alone, {median * 1e3:.2f} ms beside it, p99 {worst * 1e3:.2f} ms")  # noqa: T201
    assert median < 3 * usual + 0.001
    assert worst < 0.1


async def test_who_catches_up_in_time_has_missed_nothing(desk: Desk) -> None:
    stage, told = desk.stage, 0
    async with desk.connect("eva", max_queue=1) as slow:
        await hello(slow, "floor")
        (listener,) = stage.hub.listeners()
        call = stage.call()
        while len(listener.outbox) < 100:
            stage.happens(about(events.CallAnomaly, call, kind="test", detail="x" * 2000))
            told += 1
            await asyncio.sleep(0)
        seen = [(await heard(slow))["event"]["version"] for _ in range(told)]
    assert seen == list(range(1, told + 1))


async def _told_after(desk: Desk, client: ClientConnection) -> float:
    """Let something happen; return the seconds until *client* heard of it."""
    started = time.perf_counter()
    call = desk.stage.floor.live.get(CALL) or desk.stage.call()
    desk.stage.happens(about(events.CallAnomaly, call, kind="test", detail="x" * 2000))
    assert (await heard(client))["event"]["version"] == call.version
    return time.perf_counter() - started


async def _stuck_reader(desk: Desk) -> socket.socket:
    """Return a client that said hello and reads nothing."""
    raw = socket.create_connection(("127.0.0.1", desk.port))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    opening = _handshake("eva") + _masked(b'{"op":"hello","topics":["floor"]}')
    await asyncio.get_running_loop().sock_sendall(raw, opening)
    return raw


async def test_random_bytes_do_no_harm_and_memory_stays_bounded(desk: Desk) -> None:
    chance, before = random.Random(11), resident()
    for attempt in range(40):
        reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
        opening = b"" if attempt % 2 else _handshake("ana")
        with suppress(ConnectionError):
            writer.write(opening + chance.randbytes(chance.randint(1, 1 << 20)))
            writer.write_eof()
            async with asyncio.timeout(15):
                await reader.read()
        writer.close()
    assert resident() - before < 32 << 20
    async with desk.connect() as ana:
        assert (await hello(ana))["op"] == "snapshot"


async def test_who_floods_with_pings_and_reads_nothing_is_cut_off(desk: Desk) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", desk.port, limit=1)
    writer.transport.pause_reading()
    writer.write(_handshake("ana") + _masked(b'{"op":"hello","topics":["desk"]}'))
    async with asyncio.timeout(40):
        with pytest.raises(ConnectionError):
            await _flood(writer)
    writer.close()


async def _flood(writer: asyncio.StreamWriter) -> None:
    pings = (bytes([0x89, 0x80 | 125]) + b"\0\0\0\0" + b"x" * 125) * 500
    while True:
        writer.write(pings)
        await writer.drain()


async def test_who_answers_no_ping_is_cut_off(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screenpop.ws_server.PING_S", 0.2)
    monkeypatch.setattr("screenpop.ws_server.LOOK_S", 0.02)
    async with served(listener) as desk, desk.connect("eva") as alive:
        await hello(alive, "floor")
        reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
        writer.write(_handshake("eva") + _masked(b'{"op":"hello","topics":["floor"]}'))
        async with asyncio.timeout(5):
            with suppress(ConnectionError):
                told = await reader.read()  # to the end: cut off
        assert told.endswith(b"\x89\x00")
        await until(lambda: len(desk.stage.hub.listeners()) == 1)
        desk.stage.happens(about(events.CallAnomaly, desk.stage.call(), kind="test"))
        assert (await heard(alive))["event"]["kind"] == "test"
        writer.close()


async def test_stopping_says_that_the_server_restarts(listener: socket.socket) -> None:
    clock = asyncio.get_running_loop().time
    async with served(listener) as desk:
        ana, started = await desk.connect(), clock()
        await hello(ana)
        raw = await _stuck_reader(desk)  # waits for nobody's goodbye
        await until(lambda: len(desk.stage.hub.listeners()) == 2)
    assert await close_code(ana) == 4010
    assert clock() - started < 10
    raw.close()


def _handshake(name: str) -> bytes:
    return (
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {name}\r\n\r\n"
    ).encode()


def _masked(text: bytes) -> bytes:
    return bytes([0x81, 0x80 | len(text)]) + b"\0\0\0\0" + text
