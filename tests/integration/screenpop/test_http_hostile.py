"""Whatever is sent, the answer is a refusal, and memory stays bounded."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from integration.screenpop.desk import resident
from integration.screenpop.house import KEYS, House, open_house
from unit.screenpop.fakes import START

from crm_core.domain.contacts import Contact
from crm_core.domain.errors import DatabaseAwayError
from crm_core.services import contacts

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
CONTACT = "01931f00-0000-7000-8000-000000000001"
SOUND: dict[str, dict[str, Any]] = {
    "sign_in": {"name": "nobody", "password": "x"},
    "change_me": {"language": "en"},
    "dial": {"number": "957212000"},
    "put_work": {"notes": "Called back", "disposition": None},
    "choose_contact": {"contact_id": CONTACT},
    "open_from_call": {"subject": "No line", "contact_id": CONTACT},
    "open_incident": {"subject": "No line", "description": "Since Monday", "priority": 2},
    "change_incident": {"state": "assigned", "impact": 2, "assignee": None},
    "add_article": {"title_es": "No enfría", "text_es": "Limpie el filtro.", "is_public": True},
    "change_article": {"title_en": "No cold", "text_en": "Clean it."},
    "write_entry": {"text": "Rang back", "is_public": True},
    "merge_incident": {"into": "INC-10001"},
    "create_contact": {"given": "Ana", "phones": [{"raw": "957212000"}], "emails": ["a@example.org"]},
    "change_contact": {"note": "Prefers mornings", "company": "Talleres Sur", "vip": True},
    "add_phone": {"raw": "600111222", "label": "mobile"},
}
HEADERS = st.fixed_dictionaries(
    {
        "Content-Type": st.sampled_from(["application/json"] * 12 + ["text/plain", "application/json; x"]),
        "If-Match": st.sampled_from(['"1"'] * 4 + ['"2"', "*", '"', "W/x", "9" * 30]),
        "Idempotency-Key": st.sampled_from([*map(str, range(500)), "é", "x" * 65]),
    }
)


@dataclass
class Running:
    """A house in a thread of its own, so that a test may ask it in plain code."""

    house: House
    loop: asyncio.AbstractEventLoop
    ids: list[str]
    askers: list[str]

    def __post_init__(self) -> None:
        self.requests = requests(self)

    def exchange(self, request: bytes) -> bytes:
        """Return everything that comes back for *request*."""
        return asyncio.run_coroutine_threadsafe(send(self.house.port, request), self.loop).result(20)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Running]:
    loop, ready, done = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    opened: list[Running] = []

    async def live() -> None:
        async with open_house(tmp_path_factory.mktemp("house"), furnished) as house:
            opened.append(Running(house, loop, *await _furnished(house)))
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(live(),))
    thread.start()
    assert ready.wait(20)
    yield opened[0]
    loop.call_soon_threadsafe(done.set)
    thread.join(20)
    loop.close()


async def _furnished(house: House) -> tuple[list[str], list[str]]:
    """Put records into the house; return ids for paths, and the headers of those who ask."""
    crm = house.system()
    maria = Contact(id=CONTACT, given="María", created_at=START, updated_at=START)
    await house.db.run(contacts.create, contact=maria, region="ES", by=None, now=START)
    incident = (await crm.post("/api/v1/incidents", {"subject": "No line"})).body["id"]
    ana = house.stranger()
    answer = await ana.signs_in("ana")
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    headers = f"Origin: {house.origin}\r\nX-CSRF-Token: {ana.headers['X-CSRF-Token']}\r\nCookie: {cookie}\r\n"
    keys = [f"Authorization: Bearer {KEYS[role]}\r\n" for role in ("supervisor", "integration")]
    return [CONTACT, incident, house.stage.call().id, "main:1795311086.0"], [headers, headers, *keys]


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


def bodies(names: Iterable[str], sound: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """Return bodies: one that is right but for a field or two, any JSON, any bytes."""
    nearly = st.dictionaries(st.sampled_from([*names]), values, max_size=2).map(lambda wrong: sound | wrong)
    written = st.tuples(st.one_of(st.just(sound), nearly, nearly, values), st.booleans()).map(
        lambda drawn: json.dumps(drawn[0], ensure_ascii=drawn[1]).encode("utf-8", "surrogatepass")
    )
    return st.one_of(written, written, written, st.binary(max_size=200))


@dataclass(frozen=True)
class Request:
    """A request to one operation, as it goes over the line."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    asker: str
    body: bytes

    def __bytes__(self) -> bytes:
        query = "&".join(
            f"{name}={quote_from_bytes(text.encode('utf-8', 'surrogatepass'))}"
            for name, text in self.query.items()
        )
        headers = {
            "Host": "localhost",
            "Connection": "close",
            "Content-Length": len(self.body),
            **self.headers,
        }
        head = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
        return f"{self.method} {self.path}?{query} HTTP/1.1\r\n{self.asker}{head}\r\n".encode() + self.body


def requests(running: Running) -> st.SearchStrategy[Request]:
    """Return requests to all described operations but signing out."""
    return st.one_of(
        *(
            _requests_to(method, path, operation, running)
            for method, path, operation in running.house.described.operations()
            if operation["operationId"] != "sign_out"
        )
    )


def _requests_to(
    method: str, path: str, operation: dict[str, Any], running: Running
) -> st.SearchStrategy[Request]:
    part = st.one_of(*[st.sampled_from(running.ids)] * 4, st.binary(max_size=20).map(_quoted))
    names = [one["name"] for one in operation["parameters"] if one["in"] == "query"]
    sound = SOUND.get(operation["operationId"])
    return st.builds(
        Request,
        method=st.just(method),
        path=part.map(lambda filled: re.sub(r"{\w+}", lambda _: filled, path)),
        query=st.dictionaries(st.sampled_from([*names, "x"]), texts, max_size=2) if names else st.just({}),
        headers=HEADERS,
        asker=st.sampled_from(running.askers),
        body=bodies(sound | {"x": 1}, sound) if sound else st.just(b""),
    )


def _quoted(part: bytes) -> str:
    return quote_from_bytes(part.replace(b"/", b"")) or "x"


@settings(
    max_examples=600,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(drawn=st.data())
def test_no_request_makes_the_service_fail(running: Running, drawn: st.DataObject) -> None:
    request = bytes(drawn.draw(running.requests))
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


@pytest.mark.parametrize("key", ["", "Idempotency-Key: k\r\n"])
async def test_a_body_that_does_not_come(house: House, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr("screenpop.api.exchange.BODY_WITHIN_S", 0.2)
    head = (
        "POST /api/v1/contacts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {KEYS['integration']}\r\nContent-Length: 20\r\n{key}\r\n{{"
    )
    async with asyncio.timeout(10):
        answer = await send(house.port, head.encode())
    assert answer.startswith(b"HTTP/1.1 408")


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
