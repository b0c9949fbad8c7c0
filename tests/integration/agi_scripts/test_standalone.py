"""The stand-alone script as Asterisk runs it: a process that writes commands and reads answers."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from integration.agi_scripts.pipe import NUMBER, one_call, script, status

TOKEN = "sesame-123"
KNOWN = {"match": "exact", "contact": "c-1", "priority": 5, "language": "es-MX", "queue": "gold"}
SAID_OF_KNOWN = [
    'EXEC UserEvent "Centralita,Kind: route,Match: exact,Contact: c-1,Priority: 5"',
    'SET VARIABLE "CENTRALITA_CONTACT" "c-1"',
    'SET VARIABLE "CENTRALITA_PRIORITY" "5"',
    'SET VARIABLE "CENTRALITA_LANGUAGE" "es_MX"',
    'SET VARIABLE "CENTRALITA_QUEUE" "gold"',
    'SET VARIABLE "CENTRALITA_STATUS" "FOUND"',
]
# The look-up's limit, and what the machine may take beside it to hand the answer on.
LIMIT_S, SPARE_S = 0.25, 0.4

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answering(body: bytes, *, code: str = "200 OK", heard: list[bytes] | None = None) -> Handler:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if heard is not None:
            heard.append(head)
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (code.encode(), len(body), body))

    return answer


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a byte now and then: each within the socket's own time-out, the whole never."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    with suppress(ConnectionError):
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)


@asynccontextmanager
async def centralita(handler: Handler) -> AsyncIterator[str]:
    """Serve HTTP by *handler*; gives the address."""
    served: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await handler(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*served)


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Path]:
    def write(url: str, *, mode: int = 0o600, text: str | None = None) -> Path:
        path = tmp_path / "agi.conf"
        path.write_text(f"[centralita]\nurl = {url}\ntoken = {TOKEN}\n" if text is None else text)
        path.chmod(mode)
        return path

    return write


@pytest.mark.parametrize("without_pyst2", [False, True], ids=["pyst2", "without pyst2"])
async def test_a_customer_is_told_to_the_dialplan(settings: Any, *, without_pyst2: bool) -> None:
    requests: list[bytes] = []
    async with centralita(answering(json.dumps(KNOWN).encode(), heard=requests)) as url:
        assert await one_call(settings(url), without_pyst2=without_pyst2) == SAID_OF_KNOWN
    head = requests[0].decode().splitlines()
    assert head[0] == f"GET /api/v1/lookup?number={NUMBER}&did=5551001 HTTP/1.1"
    assert f"Authorization: Bearer {TOKEN}" in head


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({}, "number=957212000&did=5551001"),
        ({"arg_3": "42"}, "number=957212000&did=5551001&id=42"),
        ({"arg_2": "", "dnid": "5559"}, "number=957212000&did=5559"),
        ({"arg_2": "", "dnid": "unknown", "callerid": "unknown"}, "number=&did="),
        ({"callerid": "a&b=c d/é", "arg_2": "#"}, "number=a%26b%3Dc+d%2F%C3%A9&did=%23"),
    ],
)
async def test_what_is_asked(settings: Any, headers: dict[str, str], asked: str) -> None:
    requests: list[bytes] = []
    async with (
        centralita(answering(b'{"match": "none"}', heard=requests)) as url,
        script(settings(url)) as call,
    ):
        await call.begin(**headers)
        assert await call.converse() == status("NONE")
        await call.ended()
    assert requests[0].decode().split()[1] == f"/api/v1/lookup?{asked}"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(b'{"match": "none"}', status("NONE"), id="a stranger"),
        pytest.param(b'{"match": "none", "contact": null, "priority": null}', status("NONE"), id="nulls"),
        pytest.param(
            b'{"match": "exact", "priority": 3}',
            [
                'EXEC UserEvent "Centralita,Kind: route,Match: exact,Priority: 3"',
                'SET VARIABLE "CENTRALITA_PRIORITY" "3"',
                *status("POSSIBLE"),
            ],
            id="one of several",
        ),
        pytest.param(
            b'{"match": ["x"], "contact": "a\\nEXEC System x", "priority": true, "queue": "a,b"}',
            status("NONE"),
            id="values that are none",
        ),
        pytest.param(b"[]", status("ERROR"), id="not an object"),
        pytest.param(b'{"match": ', status("ERROR"), id="half of it"),
        pytest.param(b"\xff\xfe", status("ERROR"), id="no UTF-8"),
        pytest.param(b"[" * 60_000, status("ERROR"), id="nested without end"),
        pytest.param(b" " * 100_000 + b"{}", status("ERROR"), id="too long"),
        pytest.param(b"", status("ERROR"), id="empty"),
    ],
)
async def test_an_answer_is_read(settings: Any, body: bytes, said: list[str]) -> None:
    async with centralita(answering(body)) as url:
        assert await one_call(settings(url)) == said


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("401 Unauthorized", "CONFIG"),
        ("403 Forbidden", "CONFIG"),
        ("404 Not Found", "ERROR"),
        ("503 Service Unavailable", "ERROR"),
        ("302 Found", "ERROR"),
        ("nonsense", "ERROR"),
    ],
)
async def test_a_refusal_is_told(settings: Any, code: str, said: str) -> None:
    async with centralita(answering(b"{}", code=code)) as url:
        assert await one_call(settings(url)) == status(said)


@pytest.mark.parametrize(
    ("handler", "in_time", "said"),
    [
        pytest.param(silent, True, "TIMEOUT", id="never answers"),
        pytest.param(dripping, True, "TIMEOUT", id="drips"),
        pytest.param(closing, False, "ERROR", id="hangs up"),
    ],
)
async def test_a_slow_service_does_not_hold_the_call(
    settings: Any, handler: Handler, said: str, *, in_time: bool
) -> None:
    async with centralita(handler) as url, script(settings(url), in_time=in_time) as call:
        await call.begin()
        await call.command()
        assert call.heard == status(said)
        await call.say("200 result=1\n")
        await call.ended()


async def test_the_look_up_has_a_limit(settings: Any) -> None:
    """Measured from the service being asked to the answer being told to Asterisk."""
    asked_at: list[float] = []

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked_at.append(time.monotonic())
        await reader.read()

    async with centralita(never) as url, script(settings(url), in_time=True) as call:
        await call.begin()
        assert [await call.command()] == status("TIMEOUT")
        took_s = time.monotonic() - asked_at[0]
        await call.say("200 result=1\n")
        await call.ended()
    assert took_s < LIMIT_S + SPARE_S


async def test_a_service_that_is_away(settings: Any) -> None:
    async with centralita(silent) as url:
        pass
    assert await one_call(settings(url)) == status("ERROR")


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        pytest.param(0o640, None, id="the group may read it"),
        pytest.param(0o604, None, id="others may read it"),
        pytest.param(0o600, "", id="empty"),
        pytest.param(0o600, "[centralita]\nurl = https://x\n", id="no token"),
        pytest.param(0o600, "[centralita]\nurl = ftp://x\ntoken = a\n", id="no web address"),
        pytest.param(0o600, "[centralita]\nurl = http://x:port\ntoken = a\n", id="no port"),
        pytest.param(0o600, "[centralita]\nurl = http://x\ntoken = a b\n", id="a token with a blank"),
        pytest.param(0o600, "url\n", id="no settings"),
    ],
)
async def test_settings_that_cannot_be_used(settings: Any, mode: int, text: str | None) -> None:
    assert await one_call(settings("http://127.0.0.1:9", mode=mode, text=text)) == status("CONFIG")


async def test_no_settings_at_all(tmp_path: Path) -> None:
    assert await one_call(tmp_path / "none.conf") == status("CONFIG")
    assert await one_call(tmp_path) == status("CONFIG")


@pytest.mark.parametrize("without_pyst2", [False, True], ids=["pyst2", "without pyst2"])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("HANGUP\n200 result=1\n", id="hang-up before an answer"),
        pytest.param("100 result=0 Trying...\n200 result=1\n", id="trying"),
        pytest.param("200 result=-2\n", id="no UserEvent there"),
        pytest.param("510 Invalid or unknown command\n", id="unknown command"),
        pytest.param("511 Command Not Permitted on a dead channel\n", id="dead channel"),
        pytest.param(
            "520-Invalid command syntax.  Proper usage follows:\nx\n520 End of proper usage.\n", id="usage"
        ),
        pytest.param(
            "520 Invalid command syntax.  Proper usage not available.\n520 End\n", id="usage in one line"
        ),
    ],
)
async def test_what_asterisk_refuses_does_not_keep_the_rest(
    settings: Any, answer: str, *, without_pyst2: bool
) -> None:
    async with centralita(answering(json.dumps(KNOWN).encode())) as url:
        heard = await one_call(settings(url), answer, without_pyst2=without_pyst2)
    assert heard == SAID_OF_KNOWN


@pytest.mark.parametrize("without_pyst2", [False, True], ids=["pyst2", "without pyst2"])
@pytest.mark.parametrize("answer", ["", "520-Invalid command syntax.\n", "520-x\n" * 50, "x\n"])
async def test_an_asterisk_that_goes_away_ends_the_script(
    settings: Any, answer: str, *, without_pyst2: bool
) -> None:
    """pyst2 alone would loop here and eat the memory."""
    async with (
        centralita(answering(json.dumps(KNOWN).encode())) as url,
        script(settings(url), without_pyst2=without_pyst2) as call,
    ):
        await call.begin()
        await call.command()
        await call.say(answer)
        assert call.process.stdin
        call.process.stdin.close()
        await call.ended()


@pytest.mark.parametrize("sent", ["", "agi_callerid: 957212000\n", "agi_x: " + "a" * 200_000])
async def test_an_end_before_the_call_is_told(settings: Any, sent: str) -> None:
    async with script(settings("http://127.0.0.1:9")) as call:
        await call.say(sent)
        assert call.process.stdin
        call.process.stdin.close()
        assert await call.converse() == status("HANGUP")
        await call.ended()


async def test_a_hang_up_signal_changes_nothing(settings: Any) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await go_on.wait()
        await answering(json.dumps(KNOWN).encode())(reader, writer)

    async with centralita(slow) as url, script(settings(url)) as call:
        await call.begin()
        await asked.wait()
        call.process.send_signal(signal.SIGHUP)
        go_on.set()
        assert await call.converse() == SAID_OF_KNOWN
        await call.ended()


async def test_a_closed_pipe_is_no_failure(settings: Any) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await go_on.wait()
        await answering(json.dumps(KNOWN).encode())(reader, writer)

    async with centralita(slow) as url, script(settings(url)) as call:
        await call.begin()
        await asked.wait()
        assert call.process.stdin
        call.process.stdin.close()
        call.process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
        go_on.set()
        await call.ended()


async def test_an_asterisk_that_says_nothing_is_left(settings: Any) -> None:
    """The alarm, 5 s."""
    async with centralita(answering(b"{}")) as url, script(settings(url)) as call:
        await call.begin()
        await call.command()
        await call.ended()
