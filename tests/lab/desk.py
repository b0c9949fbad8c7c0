"""Somebody at a desk: signed in over REST, listening to the websocket, as the page does it."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

WITHIN_S = 20.0
Message = dict[str, Any]


@dataclass(slots=True)
class Heard:
    """A message of the websocket; ``at`` is when it came, in seconds since the epoch."""

    at: float
    message: Message


@dataclass(slots=True)
class Desk:
    """Somebody signed in, who hears what the websocket says."""

    origin: str
    ws_url: str
    http: aiohttp.ClientSession
    csrf: str
    heard: list[Heard] = field(default_factory=list)
    close_code: int | None = None
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, wanted: Callable[[Message], bool], *, within: float = WITHIN_S) -> Heard:
        """Return the first message that is *wanted*, past ones included."""
        async with asyncio.timeout(within):
            while True:
                self._news.clear()
                for one in self.heard:
                    if wanted(one.message):
                        return one
                await self._news.wait()

    async def pop(self, number: str | None, *, of: str | None = None) -> Heard:
        """Return the first screen pop of a call from *number* whose card names the contact *of*."""

        def fits(message: Message) -> bool:
            if message["op"] != "screen_pop" or message["call"]["ani"] != number:
                return False
            contact = (message["card"] or {}).get("contact")
            return of is None or (contact or {}).get("id") == of

        return await self.until(fits)

    async def pop_end(self, call: str) -> Heard:
        """Return the end of a call's pop."""
        return await self.until(lambda m: m["op"] == "screen_pop_end" and m["call"] == call)

    async def get(self, path: str) -> Any:
        """Return what REST says, its status checked."""
        async with self.http.get(f"{self.origin}/api/v1{path}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def put(self, path: str, body: Message, *, status: int = 200) -> Any:
        """Ask for something to be so by REST."""
        return await self.post(path, body, status=status, method="PUT")

    async def post(self, path: str, body: Message, *, status: int = 201, method: str = "POST") -> Any:
        """Ask for a change by REST."""
        headers = {"X-CSRF-Token": self.csrf, "Origin": self.origin, "Idempotency-Key": secrets.token_hex(8)}
        address = f"{self.origin}/api/v1{path}"
        async with self.http.request(method, address, json=body, headers=headers) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def health(self, wanted: Callable[[Message], bool]) -> Message:
        """Return how the parts are, once it is as *wanted*."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                async with self.http.get(f"{self.origin}/health") as answer:
                    parts: Message = (await answer.json())["parts"]
                if wanted(parts):
                    return parts
                await asyncio.sleep(0.05)

    async def listen(self, link: ClientConnection) -> None:
        """Take everything that comes, until the end."""
        try:
            async for text in link:
                self.heard.append(Heard(time.time(), json.loads(text)))
                self._news.set()
        except ConnectionClosedError:
            pass
        self.close_code = link.close_code
        self.closed.set()

    async def calls_of(self, contact_id: str, count: int = 1) -> list[Message]:
        """Return the calls in a contact's timeline, newest first, once there are *count*."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                items = (await self.get(f"/contacts/{contact_id}/timeline"))["items"]
                calls = [item["call"] for item in items if item["call"]]
                if len(calls) >= count:
                    return calls
                await asyncio.sleep(0.05)


@asynccontextmanager
async def signed_in(port: int, name: str, password: str, *topics: str) -> AsyncIterator[Desk]:
    """Sign *name* in where pages are served at *port*, with an open websocket on its desk or *topics*."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        desk = await _sign_in(http, port, name, password)
        cookie = "; ".join(f"{one.key}={one.value}" for one in http.cookie_jar)
        async with connect(
            desk.ws_url,
            origin=desk.origin,
            subprotocols=["centralita.v1"],
            additional_headers={"Cookie": cookie},
        ) as link:
            await link.send(json.dumps({"op": "hello", "topics": topics or ["desk"], "resume": None}))
            listening = asyncio.create_task(desk.listen(link))
            await desk.until(lambda message: message["op"] == "snapshot")
            try:
                yield desk
            finally:
                listening.cancel()
                await asyncio.wait([listening])


async def _sign_in(http: aiohttp.ClientSession, port: int, name: str, password: str) -> Desk:
    origin = f"http://127.0.0.1:{port}"
    asked = {"name": name, "password": password}
    async with http.post(f"{origin}/api/v1/session", json=asked, headers={"Origin": origin}) as answer:
        assert answer.status == 200, await answer.text()
        me = await answer.json()
    return Desk(origin, me["ws_url"], http, me["csrf_token"])


async def until(condition: Callable[[], Any], *, within: float = WITHIN_S) -> None:
    """Return when *condition* holds; for what no event tells."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
