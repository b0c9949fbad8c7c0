"""The web application over a real database, a floor to put calls on, and people who ask."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.web_app import _cached_build_middleware
from integration.screenpop.described import Described
from msgspec.structs import replace
from unit.screenpop.fakes import START, FakeQueues, Stage

from ami_bridge.domain.errors import AmiBridgeError
from ami_bridge.domain.keeping import Pair
from centralita.import_desk import ImportDesk
from crm_core.db.database import Database
from crm_core.domain.events import CrmEvent
from crm_core.domain.people import Role, Token, User
from crm_core.domain.phone import DialRoute
from crm_core.domain.tokens import hash_of, token_of
from crm_core.services import users
from screenpop.auth import AUTH, Auth
from screenpop.context import Context, PartState, WebSettings
from screenpop.lines import LineBook
from screenpop.masks import MaskBook
from screenpop.passwords import hash_password
from screenpop.web import make_runner, make_web
from screenpop.ws_server import WsServer

PASSWORD = "correct horse battery staple"
HASHED = hash_password(PASSWORD)
ROLES: tuple[Role, ...] = ("agent", "supervisor", "administrator", "integration", "auditor")
KEYS = {role: token_of(secrets.token_bytes(32)) for role in ROLES}
PEOPLE = (
    User(id="u-ana", name="ana", full_name="Ana Ruiz", role="agent", agent="101", seat="main:PJSIP/agent101"),
    User(
        id="u-luis", name="luis", full_name="Luis Gil", role="agent", agent="102", seat="main:PJSIP/agent102"
    ),
    User(id="u-tom", name="tom", full_name="Tom Reed", role="agent", language="en", agent="103"),
    User(id="u-eva", name="eva", full_name="Eva Sanz", role="supervisor"),
    User(id="u-off", name="off", full_name="Ota Off", role="agent", is_active=False),
)


class FakeControl:
    """An exchange that takes every request, or fails as it is told."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.fails: AmiBridgeError | None = None

    async def originate(self, *, ref: str | None = None, **asked: Any) -> str:
        await asyncio.sleep(0)
        if self.fails:
            raise self.fails
        self.asked.append(asked)
        return ref or "click"

    async def hold(self, pair: Pair) -> None:
        await self._part("hold", pair)

    async def resume(self, pair: Pair) -> None:
        await self._part("resume", pair)

    async def _part(self, what: str, pair: Pair) -> None:
        if self.fails:
            raise self.fails
        self.asked.append({what: pair})


@dataclass(slots=True)
class Answer:
    """A response, read."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str | None:
        return self.body.get("code") if isinstance(self.body, dict) else None

    @property
    def faults(self) -> set[tuple[str, str]]:
        return {(one["field"], one["code"]) for one in self.body["errors"]}


@dataclass
class Person:
    """Somebody who asks; what he is answered must be as the description says."""

    client: aiohttp.ClientSession
    described: Described
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, json_body: Any = None, **options: Any) -> Answer:
        headers = {**self.headers, **options.pop("headers", {})}
        if json_body is not None:
            options["data"], headers["Content-Type"] = json.dumps(json_body), "application/json"
        async with self.client.request(
            method, path, headers=headers, allow_redirects=False, **options
        ) as response:
            raw = await response.read()
            is_json = response.content_type.endswith("json")
            body = json.loads(raw) if is_json and raw else raw
            if path.startswith("/api/"):
                self.described.check(method, response.url.path, response.status, response.content_type, body)
            return Answer(response.status, response.headers, body)

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.ask("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return await self.ask("POST", path, {} if body is None else body, **options)

    async def signs_in(self, name: str = "ana", password: str = PASSWORD, **options: Any) -> Answer:
        answer = await self.post("/api/v1/session", {"name": name, "password": password}, **options)
        if answer.status == 200:
            self.headers["X-CSRF-Token"] = answer.body["csrf_token"]
        return answer


@dataclass
class House:
    """The service."""

    stage: Stage
    db: Database
    context: Context
    app: web.Application
    port: int
    file: Path
    control: FakeControl
    described: Described
    parts: dict[str, PartState]
    queues: FakeQueues
    clients: list[aiohttp.ClientSession] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def auth(self) -> Auth:
        return self.app[AUTH]

    @property
    def ws_port(self) -> int:
        return self.context.settings.ws_port

    def stranger(self, **headers: str) -> Person:
        """Return somebody in a browser of his own."""
        jar = aiohttp.CookieJar(unsafe=True)
        client = aiohttp.ClientSession(self.origin, cookie_jar=jar)
        self.clients.append(client)
        return Person(client, self.described, {"Origin": self.origin, **headers})

    def system(self, role: str = "integration") -> Person:
        """Return a program that asks with a key."""
        person = self.stranger(Authorization=f"Bearer {KEYS[role]}")
        del person.headers["Origin"]
        return person

    async def person(self, name: str = "ana") -> Person:
        """Return somebody who signed in."""
        person = self.stranger()
        answer = await person.signs_in(name)
        assert answer.status == 200, answer.body
        return person


@asynccontextmanager
async def open_house(folder: Path, template: Path, **settings: Any) -> AsyncIterator[House]:
    """Yield the service on a database of its own in *folder*, a copy of *template*."""
    file = folder / "centralita.db"
    shutil.copy(template, file)
    stage, control, parts = Stage(), FakeControl(), {"database": PartState(state="running", is_well=True)}
    queues = FakeQueues(stage)
    book = LineBook(frame_origins=["https://crm.example.com"])
    masks = MaskBook()

    def publish(events: Sequence[CrmEvent]) -> None:
        for hears in (book.on_events, masks.on_events):
            hears(list(enumerate(events)))

    db = Database(f"sqlite:///{file}", publish=publish)
    await db.start()
    with (
        socket.create_server(("127.0.0.1", 0), backlog=512) as listener,
        socket.create_server(("127.0.0.1", 0)) as ws_listener,
    ):
        port = listener.getsockname()[1]
        context = Context(
            db=db,
            floors={"main": stage.floor},
            cards=stage.cards,
            hub=stage.hub,
            settings=WebSettings(http_port=port, ws_port=ws_listener.getsockname()[1], **settings),
            now=stage.clock,
            control={"main": control},
            presence={"main": stage.presence(queues, within_s=0.1)},
            routes={"main": DialRoute(region="ES", access="0")},
            lines=book,
            masks=masks,
            health=lambda: parts,
            imports=(desk := ImportDesk(db, url=f"sqlite:///{file}", now=stage.clock)),
        )
        app = make_web(context)
        runner = make_runner(app, stop_within_s=1)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        desks = WsServer(stage.hub, who_is=app[AUTH].identify, settings=context.settings)
        serving = [asyncio.create_task(one) for one in (desks.run(ws_listener), desk.run())]
        house = House(stage, db, context, app, port, file, control, Described.of(app), parts, queues)
        try:
            yield house
        finally:
            for one in serving:
                one.cancel()
            await asyncio.wait(serving)
            for client in house.clients:
                await client.close()
            await runner.cleanup()
            await db.close()
            _cached_build_middleware.cache_clear()  # else aiohttp keeps the applications of many tests


async def furnish(file: Path) -> None:
    """Put the people and the keys of all roles into an empty database."""
    db = Database(f"sqlite:///{file}")
    await db.start()
    for user in PEOPLE:
        await db.run(users.add_user, user=replace(user, password_hash=HASHED))
    for role, key in KEYS.items():
        token = Token(id=hash_of(key), name=f"key of {role}", role=role, created_at=START)
        await db.run(users.add_token, token=token)
    await db.close()
