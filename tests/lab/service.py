"""The service on an exchange, and the people who use it: an agent's desk over REST and websocket.

``async with on_exchange(asterisk) as house`` runs everything on a fresh SQLite file, with FastAGI where the
dialplan asks for it; ``house.desk("ana", seat)`` signs an agent in at a phone. ``Process`` is the same as a
program of its own, which can be killed and started again on its database and ports.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

from asterisk_conf.model import Phone as Seat
from centralita.app import Service, running
from centralita.clock import utc_now
from centralita.settings import Settings
from centralita.store import open_database
from crm_core.db.database import Database
from crm_core.domain.contacts import Contact, Phone
from crm_core.domain.ids import new_id
from crm_core.domain.people import User
from crm_core.services import contacts, users
from lab.floor import SECRETS
from lab.pbx import Asterisk
from lab.ports import free_port, give_back
from screenpop.passwords import hash_password

WITHIN_S = 20.0
PASSWORD = "correct horse"
HASHED = hash_password(PASSWORD)
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

    async def post(self, path: str, body: Message, *, status: int = 201) -> Any:
        """Ask for a change by REST."""
        headers = {"X-CSRF-Token": self.csrf, "Origin": self.origin, "Idempotency-Key": secrets.token_hex(8)}
        async with self.http.post(f"{self.origin}/api/v1{path}", json=body, headers=headers) as answer:
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


@dataclass(slots=True)
class House:
    """A running service; what is in its database was put there by the test."""

    db: Database
    http_port: int

    async def add_contact(self, given: str, *numbers: str) -> str:
        """Return the id of a new customer."""
        now = utc_now()
        contact = Contact(
            id=new_id(now, secrets.token_bytes(10)),
            given=given,
            created_at=now,
            updated_at=now,
            phones=tuple(Phone(id=new_id(now, secrets.token_bytes(10)), raw=raw) for raw in numbers),
        )
        made = await self.db.run(contacts.create, contact=contact, region="ES", by="test", now=now)
        return made.id

    async def add_agent(self, name: str, seat: Seat | None, *, role: str = "agent") -> None:
        """Let *name* sign in, at a phone."""
        await self.db.run(users.add_user, user=agent_of(name, seat, role=role))

    @asynccontextmanager
    async def desk(
        self, name: str, seat: Seat | None, *topics: str, role: str = "agent"
    ) -> AsyncIterator[Desk]:
        """Sign somebody new in, at a phone, with an open websocket."""
        await self.add_agent(name, seat, role=role)
        async with self.signed_in(name, *topics) as desk:
            yield desk

    @asynccontextmanager
    async def signed_in(self, name: str, *topics: str) -> AsyncIterator[Desk]:
        """Sign in somebody who is known, with an open websocket."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            desk = await self._sign_in(http, name)
            cookie = "; ".join(f"{one.key}={one.value}" for one in http.cookie_jar)
            headers = {"Cookie": cookie}
            async with connect(
                desk.ws_url, origin=desk.origin, subprotocols=["centralita.v1"], additional_headers=headers
            ) as link:
                await link.send(json.dumps({"op": "hello", "topics": topics or ["desk"], "resume": None}))
                listening = asyncio.create_task(desk.listen(link))
                await desk.until(lambda message: message["op"] == "snapshot")
                try:
                    yield desk
                finally:
                    listening.cancel()
                    await asyncio.wait([listening])

    async def _sign_in(self, http: aiohttp.ClientSession, name: str) -> Desk:
        origin = f"http://127.0.0.1:{self.http_port}"
        asked = {"name": name, "password": PASSWORD}
        async with http.post(f"{origin}/api/v1/session", json=asked, headers={"Origin": origin}) as answer:
            assert answer.status == 200, await answer.text()
            me = await answer.json()
        return Desk(origin, me["ws_url"], http, me["csrf_token"])


def agent_of(name: str, seat: Seat | None, *, role: str = "agent") -> User:
    """Return a user who sits at a phone."""
    return User(
        id=new_id(utc_now(), secrets.token_bytes(10)),
        name=name,
        full_name=name.title(),
        role=role,
        agent=seat and seat.extension,
        seat=seat and f"main:{seat.interface}",
        password_hash=HASHED,
    )


def settings_of(asterisk: Asterisk, folder: Path, **ami: Any) -> Message:
    """Return the settings of a service on *asterisk*; *ami* says otherwise about its manager interface."""
    pbx = {"host": asterisk.host, "port": asterisk.ami_port, "user": "bridge", "secret": SECRETS["bridge"]}
    return {
        "http": {"port": 0, "ws_port": 0},
        "agi": {"host": asterisk.host, "port": asterisk.agi_port},
        "database": {"url": f"sqlite:///{folder}/centralita.sqlite3"},
        "pbx": {"main": pbx | ami},
    }


@asynccontextmanager
async def on_exchange(asterisk: Asterisk, *, folder: Path | None = None, **ami: Any) -> AsyncIterator[House]:
    """Run the service in this process on a fresh database, in step with *asterisk*."""
    with tempfile.TemporaryDirectory(prefix="centralita-") as temporary:
        settings = Settings.model_validate(settings_of(asterisk, folder or Path(temporary), **ami))
        async with running(settings) as service:
            await in_step(service)
            yield House(service.db, service.http_port)


async def in_step(service: Service) -> None:
    """Return when the service is connected and has laid its picture beside the exchange's."""
    live = service.exchanges["main"].live
    await until(lambda: live.is_connected and live.queues())


async def until(condition: Callable[[], Any], *, within: float = WITHIN_S) -> None:
    """Return when *condition* holds; for what no event tells."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


class Process:
    """``centralita serve`` on a folder of its own: started, killed, started again, on the same ports."""

    def __init__(self, asterisk: Asterisk, folder: Path, **ami: Any) -> None:
        tree = settings_of(asterisk, folder, **ami)
        self._url = tree["database"]["url"]
        self._ports = [free_port() for _ in range(2)]
        tree["http"] = dict(zip(("port", "ws_port"), self._ports, strict=True))
        self._environment = {**os.environ, **_as_environment(tree)}
        self._log = folder / "service.log"
        self._process: asyncio.subprocess.Process | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[House]:
        """Run it for the time of the block; its house has the database open, too."""
        await self.start()
        db = await open_database(self._url)
        try:
            yield House(db, self._ports[0])
        finally:
            await db.close()
            await self.stop()
            for port in self._ports:
                give_back(port)

    async def start(self) -> None:
        """Start it and return when every part is well."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "centralita.cli", "serve", env=self._environment, stderr=log
            )
        async with asyncio.timeout(WITHIN_S), aiohttp.ClientSession() as http:
            while not await self._is_well(http):
                assert self._process.returncode is None, self.log()
                await asyncio.sleep(0.05)

    async def _is_well(self, http: aiohttp.ClientSession) -> bool:
        try:
            async with http.get(f"http://127.0.0.1:{self._ports[0]}/health") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectionError:
            return False

    def kill(self) -> None:
        """Kill it in the middle of what it does."""
        assert self._process
        self._process.kill()

    async def stop(self) -> int:
        """Ask it to stop and return its exit code."""
        assert self._process
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(12):
            return await self._process.wait()

    async def gone(self) -> None:
        """Return when the process is gone."""
        assert self._process
        await self._process.wait()

    def log(self) -> str:
        """Return what it logged."""
        return self._log.read_text(errors="replace")


def _as_environment(tree: Message, prefix: str = "CENTRALITA") -> dict[str, str]:
    """Return settings as environment variables."""
    found: dict[str, str] = {}
    for key, value in tree.items():
        name = f"{prefix}{'_' if prefix == 'CENTRALITA' else '__'}{key.upper()}"
        found |= _as_environment(value, name) if isinstance(value, dict) else {name: str(value)}
    return found
