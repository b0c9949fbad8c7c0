"""Whatever is sent, the answer is a refusal, and memory stays bounded."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from integration.screenpop.desk import resident
from integration.screenpop.house import House, open_house

from crm_core.domain.errors import DatabaseAwayError

NASTY = [
    "\0",
    "\ud800",
    "\u2028",
    "\r\n",
    "\x1b[2J",
    "'",
    '"; DROP TABLE contact; --',
    "%00",
    "../..",
    "🂡" * 40,
]
MIB = 1 << 20


@dataclass
class Running:
    """A house in a thread of its own, so that a test may ask it in plain code."""

    house: House
    loop: asyncio.AbstractEventLoop

    def exchange(self, request: bytes) -> bytes:
        """Return everything that comes back for *request*."""
        return asyncio.run_coroutine_threadsafe(send(self.house.port, request), self.loop).result(20)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Running]:
    loop, ready, done = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    opened: list[House] = []

    async def live() -> None:
        async with open_house(tmp_path_factory.mktemp("house"), empty_database) as house:
            opened.append(house)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(live(),))
    thread.start()
    assert ready.wait(20)
    yield Running(opened[0], loop)
    loop.call_soon_threadsafe(done.set)
    thread.join(20)
    loop.close()


async def send(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await writer.drain()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=40))
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(10**30), max_value=10**30),
    st.floats(),
    texts,
    st.text(min_size=300, max_size=300),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)


@st.composite
def bodies(draw: st.DrawFn, names: list[str]) -> bytes:
    """Draw a body: fields of the operation with anything in them, any JSON, or any bytes."""
    kind = draw(st.sampled_from(["fields", "fields", "fields", "json", "bytes"]))
    if kind == "bytes":
        return draw(st.binary(max_size=200))
    value = draw(
        st.dictionaries(st.sampled_from([*names, "x"]), values) if kind == "fields" and names else values
    )
    text = json.dumps(value, ensure_ascii=draw(st.booleans()))
    return text.encode("utf-8", "surrogatepass")


@st.composite
def requests(draw: st.DrawFn, running: Running) -> bytes:
    """Draw a request to one of the described operations."""
    document = running.house.described.document
    method, path, operation = draw(st.sampled_from(running.house.described.operations()))
    parts = st.one_of(st.sampled_from([b"u-ana", b"main:1.1", b"%FF", b"\xff"]), st.binary(max_size=20))
    for _ in range(path.count("{")):
        part = quote_from_bytes(draw(parts).replace(b"/", b""), safe="%:") or "x"
        path = re.sub(r"{\w+}", lambda _found, part=part: part, path, count=1)
    names = [one["name"] for one in operation["parameters"] if one["in"] == "query"]
    query = draw(
        st.dictionaries(st.sampled_from([*names, "x"]), st.one_of(texts, st.integers().map(str)), max_size=3)
    )
    pairs = [
        f"{name}={quote_from_bytes(text.encode('utf-8', 'surrogatepass'))}" for name, text in query.items()
    ]
    body = draw(bodies(_fields(document, operation))) if method in {"POST", "PUT", "PATCH"} else b""
    role = draw(st.sampled_from(["supervisor", "integration"]))
    headers = {
        "Host": "localhost",
        "Connection": "close",
        "Authorization": f"Bearer {running.house.keys[role]}",
        "Content-Type": draw(
            st.sampled_from(["application/json"] * 9 + ["text/plain", "application/json; charset=x"])
        ),
        "Content-Length": str(len(body)),
        "If-Match": draw(st.sampled_from(['"1"', "*", '"', "W/x", "9" * 30])),
    }
    if draw(st.booleans()):
        headers["Idempotency-Key"] = draw(st.sampled_from(["a", "é", "x" * 65, ""]))
    head = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
    target = path + ("?" + "&".join(pairs) if pairs else "")
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


def _fields(document: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    if "requestBody" not in operation:
        return []
    ref = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return sorted(document["components"]["schemas"][ref.rpartition("/")[2]].get("properties", {}))


@settings(
    max_examples=700,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(drawn=st.data())
def test_no_request_makes_the_service_fail(running: Running, drawn: st.DataObject) -> None:
    request = drawn.draw(requests(running))
    answer = running.exchange(request)
    status, head, body = _read(answer)
    assert 200 <= status < 500, (request, answer)
    if status >= 400:
        assert "application/problem+json" in head or status == 400, (request, answer)
    if "application/problem+json" in head:
        assert json.loads(body)["status"] == status


def _read(answer: bytes) -> tuple[int, str, bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), head.decode("latin-1").lower(), body


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{" + b'"a":' * 1000, 400, id="half"),
        pytest.param(b"[" * 60_000, 400, id="deep"),
        pytest.param(b'"' + b"x" * (64 * 1024) + b'"', 413, id="more than any form"),
        pytest.param(b" " * (300 * 1024), 413, id="more than any request"),
        pytest.param(b'{"given": "\xff"}', 400, id="no UTF-8"),
        pytest.param(b'{"given": "a\\u0000"}', 422, id="NUL"),
        pytest.param(b'{"given": "\\ud800"}', 400, id="half a character"),
        pytest.param(b'{"given": "a", "given": "b"}', 201, id="the last of two counts, as in RFC 8259"),
        pytest.param(b"", 400, id="nothing"),
    ],
)
async def test_a_body_that_is_none(house: House, body: bytes, status: int) -> None:
    answer = await house.system().ask(
        "POST", "/api/v1/contacts", data=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status == status


async def test_a_body_of_another_kind(house: House) -> None:
    answer = await house.system().ask("POST", "/api/v1/contacts", data={"given": "a"})
    assert (answer.status, answer.code) == (415, "not_json")


async def test_a_body_without_end_is_cut_off(house: House) -> None:
    """The refusal comes at once, the sender is cut off soon after, and nothing is kept meanwhile."""
    head = (
        b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    before, clock = resident(), asyncio.get_running_loop().time
    _, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(head)
    started = clock()
    with suppress(ConnectionError):
        while clock() - started < 10:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(0)
    assert clock() - started < 10
    writer.close()
    assert resident() - before < 32 * MIB


async def test_random_bytes_at_the_port_do_no_harm(house: House, caplog: pytest.LogCaptureFixture) -> None:
    chance, before = random.Random(7), resident()
    with caplog.at_level(logging.ERROR):
        for n in range(60):
            opening = b"" if n % 2 else b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
            async with asyncio.timeout(20):
                answer = await send(
                    house.port, opening + chance.randbytes(chance.randint(1, 100_000)) + b"\r\n\r\n"
                )
            assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
    assert resident() - before < 32 * MIB
    assert (await house.stranger().get("/health")).status == 200


async def test_the_database_is_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = house.system()

    async def away(*_asked: object, **_facts: object) -> None:
        raise DatabaseAwayError

    monkeypatch.setattr(house.db, "read", away)
    monkeypatch.setattr(house.db, "run", away)
    for method, path in (
        ("GET", "/api/v1/contacts"),
        ("POST", "/api/v1/contacts"),
        ("GET", "/api/v1/session"),
    ):
        answer = await crm.ask(method, path)
        assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "database_away", "2")
    assert (await house.stranger().get("/health")).status == 200
    answer = await house.stranger().signs_in("ana")
    assert (answer.status, answer.code) == (503, "database_away")
