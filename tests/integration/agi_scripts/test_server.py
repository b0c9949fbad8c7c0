"""The FastAGI server over a real socket, with an Asterisk that is played, and with peers that are none."""

from __future__ import annotations

import asyncio
import random
import socket
import time
import tracemalloc
from contextlib import suppress
from ipaddress import ip_network
from typing import Any

import pytest

from agi_scripts.ports import CommandRefusedError, CommandTimeoutError, Line, LineLostError
from agi_scripts.protocol import Reply, UnsendableError

BUSY = ['SET VARIABLE "CENTRALITA_STATUS" "BUSY"']


async def hello(line: Line) -> None:
    """Say who was asked for, and take the answer."""
    await line.set_variable("SAID", line.request.script)


async def failing(line: Line) -> None:
    raise ZeroDivisionError("a fault in a flow")


async def waiting(line: Line) -> None:
    await asyncio.get_running_loop().create_future()


class Asks:
    """A flow that sends *commands* and notes what each brought."""

    def __init__(self, *commands: tuple[str, ...], timeout_s: float = 5.0) -> None:
        self.got: list[Reply | Exception] = []
        self.hung_up: list[bool] = []
        self._commands, self._timeout_s = commands, timeout_s

    async def __call__(self, line: Line) -> None:
        for verb, *args in self._commands:
            try:
                self.got.append(await line.command(verb, *args, timeout_s=self._timeout_s))
            except (LineLostError, CommandRefusedError, CommandTimeoutError, UnsendableError) as error:
                self.got.append(error)
            self.hung_up.append(line.is_hung_up)

    def kinds(self) -> list[str]:
        return [got.result if isinstance(got, Reply) else type(got).__name__ for got in self.got]


GET_A, GET_B = ("GET VARIABLE", "A"), ("GET VARIABLE", "B")


async def test_a_flow_is_asked_for_and_answered(house: Any) -> None:
    open_house = await house({"hello": hello})
    assert await open_house.asked("hello") == ['SET VARIABLE "SAID" "hello"']
    assert await open_house.asked("hello?pbx=main") == ['SET VARIABLE "SAID" "hello"']
    await open_house.until(lambda: open_house.server.links == 0)
    assert (open_house.server.answered, open_house.server.failed, open_house.server.refused) == (2, 0, 0)


async def test_a_request_that_comes_byte_by_byte(house: Any) -> None:
    open_house = await house({"hello": hello})
    async with open_house.call() as exchange:
        for byte in b"agi_network: yes\nagi_network_script: hello\n\n":
            await exchange.say(bytes((byte,)))
            await asyncio.sleep(0)
        assert await exchange.converse() == ['SET VARIABLE "SAID" "hello"']


async def test_an_unknown_flow_is_told_so(house: Any) -> None:
    open_house = await house({"hello": hello})
    assert await open_house.asked("evil\x1b[31m" * 40) == ['SET VARIABLE "CENTRALITA_STATUS" "UNKNOWN_FLOW"']
    assert await open_house.asked("") == ['SET VARIABLE "CENTRALITA_STATUS" "UNKNOWN_FLOW"']
    assert await open_house.asked("hello") == ['SET VARIABLE "SAID" "hello"']


@pytest.mark.parametrize(
    ("answers", "kinds"),
    [
        pytest.param(
            [b"HANGUP\n200 result=-1\n", b"200 result=2\n"], ["-1", "2"], id="hang-up before an answer"
        ),
        pytest.param(
            [b"200 result=1\nHANGUP\n", b"200 result=2\n"], ["1", "2"], id="hang-up after an answer"
        ),
        pytest.param([b"100 result=0 Trying...\n200 result=1\n"], ["1", "1"], id="trying"),
        pytest.param([b"511 Command Not Permitted\n"], ["LineLostError", "1"], id="dead channel"),
        pytest.param(
            [b"510 Invalid or unknown command\n"], ["CommandRefusedError", "1"], id="unknown command"
        ),
        pytest.param(
            [b"520-Invalid command syntax.  Proper usage follows:\nUsage\n520 End of proper usage.\n"],
            ["CommandRefusedError", "1"],
            id="wrong arguments, usage over several lines",
        ),
        pytest.param([b"nonsense\n"], ["LineLostError", "LineLostError"], id="rubbish"),
        pytest.param([b"200 result=1\n200 result=2\n"], ["1", "LineLostError"], id="an answer too many"),
    ],
)
async def test_each_answer_goes_to_its_command(house: Any, answers: list[bytes], kinds: list[str]) -> None:
    flow = Asks(GET_A, GET_B)
    open_house = await house({"ask": flow})
    await open_house.asked("ask", *answers)
    await open_house.until(lambda: open_house.server.links == 0)
    assert flow.kinds() == kinds


async def test_a_flow_knows_that_the_caller_is_gone(house: Any) -> None:
    flow = Asks(GET_A, GET_B)
    open_house = await house({"ask": flow})
    await open_house.asked("ask", b"200 result=1\n", b"HANGUP\n200 result=-1\n")
    await open_house.until(lambda: open_house.server.links == 0)
    assert flow.hung_up == [False, True]


async def test_a_link_that_is_cut_within_a_command_ends_the_flow(house: Any) -> None:
    flow = Asks(GET_A, GET_B)
    open_house = await house({"ask": flow})
    async with open_house.call() as exchange:
        await exchange.ask("ask")
        await exchange.command()
        exchange.writer.transport.abort()
        await open_house.until(lambda: open_house.server.links == 0 and len(flow.got) == 2)
    assert flow.kinds() == ["LineLostError", "LineLostError"]


async def test_an_asterisk_that_answers_no_more_is_noticed(house: Any) -> None:
    """Half-open: the other machine is gone and no packet says so."""
    flow = Asks(GET_A, GET_B, timeout_s=0.05)
    open_house = await house({"ask": flow})
    async with open_house.call() as exchange:
        await exchange.ask("ask")
        await exchange.command()
        await open_house.until(lambda: open_house.server.links == 0)
    assert flow.kinds() == ["CommandTimeoutError", "LineLostError"]


async def test_nothing_unsendable_is_sent(house: Any) -> None:
    flow = Asks(("SET VARIABLE", "A", "1\nEXEC System reboot"), GET_A)
    open_house = await house({"ask": flow})
    assert await open_house.asked("ask") == ['GET VARIABLE "A"']
    assert flow.kinds() == ["UnsendableError", "1"]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="a port scan"),
        pytest.param(b"agi_network: yes\n", id="half a request"),
        pytest.param(b"agi_network: yes\nagi_network_script: hello\n\n", id="gone after asking"),
    ],
)
async def test_who_connects_and_goes_does_no_harm(house: Any, sent: bytes) -> None:
    """This froze panoramisk's server: https://github.com/gawel/panoramisk, fast_agi.py, 1.4."""
    open_house = await house({"hello": hello})
    for _ in range(50):
        async with open_house.call() as exchange:
            await exchange.say(sent)
    assert await open_house.asked("hello") == ['SET VARIABLE "SAID" "hello"']
    await open_house.until(lambda: open_house.server.links == 0)


@pytest.mark.parametrize("sent", [b"", b"agi_network: yes\nagi_chan"], ids=["silent", "stops half way"])
async def test_a_silent_peer_is_cut(house: Any, sent: bytes) -> None:
    open_house = await house({"hello": hello}, head_s=0.1)
    async with open_house.call() as exchange:
        await exchange.say(sent)
        assert await open_house.asked("hello") == ['SET VARIABLE "SAID" "hello"']
        assert await exchange.closed() == b""


async def test_a_peer_that_drips_is_cut_in_the_same_time(house: Any) -> None:
    open_house = await house({"hello": hello}, head_s=0.2)
    started = time.monotonic()
    async with open_house.call() as exchange:
        await exchange.say(b"agi_")
        with suppress(ConnectionError):  # who is cut hears of it by an end, or by a reset when he next speaks
            while not exchange.reader.at_eof() and time.monotonic() - started < 5:
                await exchange.say(b"x")
                await asyncio.sleep(0.01)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"agi_x: " + b"a" * 200_000,
        b"\n" * 9,
    ],
    ids=["a browser", "TLS", "no end", "empty lines"],
)
async def test_what_is_not_agi_is_cut_at_once(house: Any, sent: bytes) -> None:
    open_house = await house({"hello": hello}, head_s=60)
    async with open_house.call() as exchange:
        exchange.writer.write(sent)
        assert await exchange.closed() == b""
    assert await open_house.asked("hello") == ['SET VARIABLE "SAID" "hello"']


async def test_random_bytes_do_no_harm(house: Any) -> None:
    open_house, chance = await house({"ask": Asks(GET_A)}, head_s=0.2), random.Random(7)
    for _ in range(60):
        async with open_house.call() as exchange:
            if chance.random() < 0.5:
                await exchange.ask("ask")
            exchange.writer.write(chance.randbytes(chance.randrange(2_000)))
    await open_house.until(lambda: open_house.server.links == 0)
    assert await open_house.asked("ask") == ['GET VARIABLE "A"']


@pytest.mark.parametrize("asks", [False, True], ids=["requests", "answers"])
async def test_what_never_ends_costs_bounded_memory(house: Any, *, asks: bool) -> None:
    """Fifty peers that send a megabyte each: cut at 32 KiB of a request, 64 KiB of an answer."""

    async def ask(line: Line) -> None:
        await line.command(*GET_A)

    open_house = await house({"ask": ask}, head_s=60)
    begin = b"agi_network: yes\nagi_network_script: ask\n\n200 result=1 (" if asks else b"agi_x: "
    endless, loop = begin + b"a" * 1_000_000, asyncio.get_running_loop()
    peers = [socket.create_connection(("127.0.0.1", open_house.port)) for _ in range(50)]
    tracemalloc.start()
    try:
        for peer in peers:
            peer.setblocking(False)
            async with asyncio.timeout(10):
                with suppress(ConnectionError):
                    await loop.sock_sendall(peer, endless)
                    while await loop.sock_recv(peer, 4096):
                        pass
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        for peer in peers:
            peer.close()
    assert most < 2 * 1024 * 1024
    assert await open_house.asked("ask") == ['GET VARIABLE "A"']


async def test_a_fault_in_a_flow_stays_there(house: Any) -> None:
    open_house = await house({"failing": failing, "hello": hello})
    assert await open_house.asked("failing") == []
    assert await open_house.asked("hello") == ['SET VARIABLE "SAID" "hello"']
    assert (open_house.server.failed, open_house.server.answered) == (1, 1)


async def test_a_flow_that_hangs_is_ended(house: Any) -> None:
    open_house = await house({"waiting": waiting}, flow_s=0.1)
    assert await open_house.asked("waiting") == []
    assert open_house.server.failed == 1


async def test_who_comes_when_all_are_busy_is_told_so(house: Any) -> None:
    open_house = await house({"waiting": waiting, "hello": hello}, flows_at_once=2)
    async with open_house.call() as first, open_house.call() as second:
        await first.ask("waiting")
        await second.ask("waiting")
        await open_house.until(lambda: open_house.server.links == 2)
        assert await open_house.asked("hello") == BUSY
        assert await open_house.asked("hello") == BUSY
    assert open_house.server.refused == 2


async def test_links_have_a_bound(house: Any) -> None:
    open_house = await house({"hello": hello}, links=2)
    async with open_house.call(), open_house.call(), open_house.call() as third:
        assert await third.closed() == b""
    await open_house.until(lambda: open_house.server.links == 0)
    assert await open_house.asked("hello") == ['SET VARIABLE "SAID" "hello"']


async def test_only_allowed_peers_may_ask(house: Any) -> None:
    closed = await house({"hello": hello}, allowed=(ip_network("192.0.2.0/24"),))
    async with closed.call() as exchange:
        assert await exchange.closed() == b""
    allowed = await house({"hello": hello}, allowed=(ip_network("192.0.2.0/24"), ip_network("127.0.0.0/8")))
    assert await allowed.asked("hello") == ['SET VARIABLE "SAID" "hello"']


async def test_five_hundred_at_once(house: Any) -> None:
    open_house = await house({"hello": hello})
    started = time.monotonic()
    heard = await asyncio.gather(*(open_house.asked("hello") for _ in range(500)))
    assert heard == [['SET VARIABLE "SAID" "hello"']] * 500
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("script", ["waiting", ""], ids=["a flow runs", "nothing asked yet"])
async def test_it_stops_within_seconds(house: Any, script: str) -> None:
    open_house = await house({"waiting": waiting}, stop_s=0.2)
    async with open_house.call() as exchange:
        if script:
            await exchange.ask(script)
        await open_house.until(lambda: open_house.server.links == 1)
        started = time.monotonic()
        await open_house.server.stop()
        assert time.monotonic() - started < 2
        assert await exchange.closed() == b""
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", open_house.port), timeout=1)


async def test_a_flow_may_end_while_the_server_stops(house: Any) -> None:
    open_house = await house({"hello": hello}, stop_s=5)
    async with open_house.call() as exchange:
        await exchange.ask("hello")
        await exchange.command()
        stopping = asyncio.create_task(open_house.server.stop())
        await asyncio.sleep(0)
        await exchange.say(b"200 result=1\n")
        await stopping
    assert open_house.server.answered == 1


async def test_as_a_part_it_stops_when_cancelled(house: Any) -> None:
    open_house = await house({})
    await open_house.server.stop()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        part = asyncio.create_task(open_house.server.run(listener))
        await asyncio.sleep(0)
        part.cancel()
        with pytest.raises(asyncio.CancelledError):
            await part
