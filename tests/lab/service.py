"""The service on an exchange, and the people who use it: an agent's desk over REST and websocket.

``async with on_exchange(asterisk) as house`` runs everything on a fresh SQLite file, with FastAGI where the
dialplan asks for it; ``house.desk("ana", seat)`` signs an agent in at a phone. ``Process`` is the same as a
program of its own, which can be killed and started again on its database and ports.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiohttp

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
from lab.desk import WITHIN_S, Desk, Message, signed_in, until
from lab.floor import SECRETS
from lab.pbx import Asterisk
from lab.ports import free_port, give_back
from screenpop.passwords import hash_password

PASSWORD = "correct horse"
HASHED = hash_password(PASSWORD)


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
        async with signed_in(self.http_port, name, PASSWORD, *topics) as desk:
            yield desk


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
async def on_exchange(
    asterisk: Asterisk,
    *,
    folder: Path | None = None,
    url: str | None = None,
    reception: Message | None = None,
    **ami: Any,
) -> AsyncIterator[House]:
    """Run the service in this process on a fresh database, in step with *asterisk*."""
    with tempfile.TemporaryDirectory(prefix="centralita-") as temporary:
        given = settings_of(asterisk, folder or Path(temporary), **ami)
        if url:
            given["database"] = {"url": url}
        settings = Settings.model_validate(given | {"reception": reception or {}})
        async with running(settings) as service:
            await in_step(service)
            yield House(service.db, service.http_port)


async def in_step(service: Service) -> None:
    """Return when the service is connected and has laid its picture beside the exchange's."""
    live = service.exchanges["main"].live
    await until(lambda: live.is_connected and live.queues())


class Process:
    """``centralita serve`` on a folder of its own: started, killed, started again, on the same ports.

    *log*: where it writes down what it does; in *folder* unless named. *lives_in*: its environment besides.
    """

    def __init__(
        self,
        asterisk: Asterisk,
        folder: Path,
        *,
        log: Path | None = None,
        lives_in: Mapping[str, str] = MappingProxyType({}),
        **ami: Any,
    ) -> None:
        tree = settings_of(asterisk, folder, **ami)
        self._url = tree["database"]["url"]
        self._ports = [free_port() for _ in range(2)]
        tree["http"] = dict(zip(("port", "ws_port"), self._ports, strict=True))
        self._environment = {**os.environ, **_as_environment(tree), **lives_in}
        self._log = log or folder / "service.log"
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
        """Start it and return when every part is well and it leads."""
        await self.begin()
        await self.well()

    async def begin(self) -> None:
        """Start it and do not wait."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "centralita.cli", "serve", env=self._environment, stderr=log
            )

    async def well(self, *, within: float = WITHIN_S) -> None:
        """Return when every part is well and it leads."""
        assert self._process
        async with asyncio.timeout(within), aiohttp.ClientSession() as http:
            while not await self._is_well(http):
                assert self._process.returncode is None, self.log()
                await asyncio.sleep(0.05)

    async def _is_well(self, http: aiohttp.ClientSession) -> bool:
        health = await self._health(http)
        if health is None or not health["ok"]:
            return False
        return all(part["state"] != "standby" for part in health["parts"].values())

    async def clock_ahead_s(self) -> float:
        """Return by how much its clock is ahead of this machine's, as the answers to its pages say."""
        address = f"http://127.0.0.1:{self._ports[0]}/health"
        async with aiohttp.ClientSession() as http, http.get(address) as answer:
            return parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()

    async def resyncs(self) -> int:
        """Return how often it has laid its picture beside the exchange's since it was started."""
        async with aiohttp.ClientSession() as http:
            health = await self._health(http)
        truth = health and health["parts"]["pbx main"]["truth"]
        return truth["resyncs"] if truth else 0

    async def _health(self, http: aiohttp.ClientSession) -> Message | None:
        try:
            async with http.get(f"http://127.0.0.1:{self._ports[0]}/health") as answer:
                health: Message = await answer.json()
                return health
        except aiohttp.ClientConnectionError:
            return None

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
