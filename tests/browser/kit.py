"""A browser that looks at the service: real pages and websocket on loopback, a floor that does as told."""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from aiohttp import web
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from unit.screenpop.fakes import FakeExchanges, FakeQueues, Stage

from centralita.import_desk import ImportDesk
from crm_core.db.database import Database
from crm_core.db.migrate import upgrade
from crm_core.domain.people import Session, User
from crm_core.domain.phone import DialRoute
from crm_core.domain.tokens import hash_of, token_of
from crm_core.services import users
from screenpop.auth import AUTH
from screenpop.context import Context, WebSettings
from screenpop.lines import LineBook
from screenpop.pages.card import render
from screenpop.passwords import hash_password
from screenpop.web import make_web
from screenpop.ws_server import WsServer

PICTURES = Path(__file__).parents[2] / "build" / "pictures"
WITHIN_S = 5.0
PASSWORD = "correct horse battery staple"
HASHED = hash_password(PASSWORD)
PEOPLE = (
    User(id="u-ana", name="ana", full_name="Ana Ruiz", role="agent", agent="101", seat="main:PJSIP/agent101"),
    User(
        id="u-luis", name="luis", full_name="Luis Gil", role="agent", agent="102", seat="main:PJSIP/agent102"
    ),
    User(
        id="u-tom",
        name="tom",
        full_name="Tom Reed",
        role="agent",
        agent="103",
        seat="main:PJSIP/agent103",
        language="en",
    ),
    User(id="u-eva", name="eva", full_name="Eva Sanz", role="supervisor"),
    User(id="u-bea", name="bea", full_name="Bea Alcántara", role="administrator"),
    User(id="u-sue", name="sue", full_name="Sue Poole", role="supervisor", language="en"),
)
CRM = "https://crm.example.com"
AXE_OPTIONS = {"resultTypes": ["violations"], "preload": False}  # it would fetch style sheets of its own
# Of another scheme the styles change the colours alone.
SCHEMES: tuple[tuple[Literal["light", "dark"], dict[str, list[str]]], ...] = (
    ("light", {}),
    ("dark", {"runOnly": ["color-contrast", "link-in-text-block"]}),
)
# As wide, as high, and whether axe-core looks: the widest has tests of its own, 390 is laid out as 320.
WIDTHS = ((1440, 900, False), (1280, 800, True), (768, 1024, True), (390, 844, False), (320, 640, True))
# The same engine without windows and profiles: there a new page costs a third.
CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Place:
    """The service. ``stage`` is its floor, to let things happen on."""

    stage: Stage
    db: Database
    context: Context
    origin: str
    listener: socket.socket
    who_is: Callable[..., Any]
    queues: FakeQueues
    exchanges: FakeExchanges
    _serving: asyncio.Task[None] | None = None

    async def plug(self) -> None:
        """Serve the websocket."""
        server = WsServer(self.stage.hub, who_is=self.who_is, settings=self.context.settings)
        self._serving = asyncio.create_task(server.run(self.listener))

    async def unplug(self) -> None:
        """Stop serving the websocket: who was connected is cut, who comes again waits in vain."""
        if self._serving is not None:
            self._serving.cancel()
            with suppress(asyncio.CancelledError):
                await self._serving
            self._serving = None

    async def cookie_of(self, name: str) -> dict[str, Any]:
        """Return the cookie of a new session of *name*."""
        user = next(one for one in PEOPLE if one.name == name)
        secret, now = token_of(secrets.token_bytes(32)), self.context.now()
        session = Session(
            id=hash_of(secret), user_id=user.id, created_at=now, seen_at=now, address="127.0.0.1"
        )
        await self.db.run(users.open_session, session=session)
        return {
            "name": "centralita",
            "value": secret,
            "url": self.origin,
            "httpOnly": True,
            "sameSite": "Lax",
        }


async def people_in(file: Path) -> None:
    """Make the database *file*, with PEOPLE and nothing else in it."""
    upgrade(f"sqlite:///{file}")
    db = Database(f"sqlite:///{file}")
    await db.start()
    for user in PEOPLE:
        await db.run(users.add_user, user=with_password(user))
    await db.close()


@asynccontextmanager
async def open_place(folder: Path, database: Path, **settings: Any) -> AsyncIterator[Place]:
    """Yield the service on a copy of *database* in *folder*."""
    file = folder / "centralita.db"
    shutil.copy(database, file)
    db = Database(f"sqlite:///{file}")
    await db.start()
    with socket.create_server(("127.0.0.1", 0)) as pages, socket.create_server(("127.0.0.1", 0)) as sockets:
        book = LineBook(frame_origins=[CRM])
        stage = Stage(render=partial(render, book=book))
        queues, exchanges = FakeQueues(stage), FakeExchanges()
        port = pages.getsockname()[1]
        context = Context(
            db=db,
            floors={"main": stage.floor},
            cards=stage.cards,
            hub=stage.hub,
            settings=WebSettings(http_port=port, ws_port=sockets.getsockname()[1], **settings),
            now=stage.clock,
            presence={"main": stage.presence(queues, within_s=0.3)},
            routes={"main": DialRoute(region="ES", access="0")},
            lines=book,
            exchanges=exchanges,
            imports=(desk := ImportDesk(db, url=f"sqlite:///{file}", now=stage.clock)),
        )
        importing = asyncio.create_task(desk.run())
        app = make_web(context)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, pages).start()
        place = Place(
            stage, db, context, f"http://127.0.0.1:{port}", sockets, app[AUTH].identify, queues, exchanges
        )
        await place.plug()
        try:
            yield place
        finally:
            importing.cancel()
            await asyncio.wait([importing])
            await place.unplug()
            await runner.cleanup()
            await db.close()


@dataclass
class Visitors:
    """Opens pages, and keeps what their consoles complained of; the test's end looks at ``complaints``."""

    browser: Browser
    place: Place
    complaints: list[str] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)
    _opened: list[BrowserContext] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Say that the console may complain of *pattern*, which this test causes."""
        self._expected.append(pattern)

    async def visit(
        self, name: str | None, path: str = "/", *, is_clock_mine: bool = False, **options: Any
    ) -> Page:
        """Return *path* as *name* sees it (None: a stranger), in a browser of his own.

        ``page.clock`` may put the time of its scripts forward where *is_clock_mine*.
        """
        options.setdefault("viewport", {"width": 1440, "height": 900})
        options.setdefault("reduced_motion", "reduce")
        context = await self.browser.new_context(**options)
        self._opened.append(context)
        context.set_default_timeout(WITHIN_S * 1000)
        if is_clock_mine:
            await context.clock.install()
        if name is not None:
            await context.add_cookies([await self.place.cookie_of(name)])
        return await self.tab(context, path)

    async def tab(self, context: BrowserContext, path: str = "/") -> Page:
        """Return another tab of the same browser."""
        page = await context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._complain(f"error in a script: {error}"))
        await page.goto(self.place.origin + path)
        return page

    async def leave(self) -> None:
        """Close every page."""
        for context in self._opened:
            await context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(f"{message.text} ({message.location.get('url')})")

    def _complain(self, text: str) -> None:
        if not any(re.search(pattern, text) for pattern in self._expected):
            self.complaints.append(text)


def with_password(user: User) -> User:
    return User(**{name: getattr(user, name) for name in user.__struct_fields__} | {"password_hash": HASHED})


async def fill_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Sign in as somebody does who has no mouse; the first field has the focus by itself."""
    await expect(page.locator("[name=name]")).to_be_focused()
    await page.keyboard.type(name)
    await page.keyboard.press("Tab")
    await page.keyboard.type(password)
    await page.keyboard.press("Enter")


async def until(is_so: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait until *is_so*, where no element of a page tells it."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            answer = is_so()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.02)


async def faults_for_everybody(page: Page) -> list[str]:
    """Return what axe-core finds on *page*, in light and in dark; it stays dark."""
    found = []
    for scheme, rules in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {fault}" for fault in await faults(page, **rules)]
    return found


async def faults_at_widths(page: Page, name: str) -> list[str]:
    """Return what is wrong with *page* at each width; keeps a picture of each.

    Something sticks out, or axe-core finds something.
    """
    found = []
    await page.emulate_media(color_scheme="light")
    for width, height, is_looked_at in WIDTHS:
        await page.set_viewport_size({"width": width, "height": height})
        await picture(page, f"{name}-{width}")
        if more := await sideways(page):
            found.append(f"{width}: {more} px stick out")
        if is_looked_at:
            found += [f"{width}: {fault}" for fault in await faults(page)]
    return found


async def faults(page: Page, **rules: list[str]) -> list[str]:
    """Return what axe-core finds on *page* as it is: rule, what it is, where."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found = await page.evaluate("options => axe.run(options)", AXE_OPTIONS | rules)
    return [
        f"{one['id']}: {one['help']}: {', '.join(str(node['target']) for node in one['nodes'][:4])}"
        for one in found["violations"]
    ]


async def picture(page: Page, name: str) -> None:
    """Keep how *page* looks in ``build/pictures``."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png", caret="initial")  # hiding it needs an inline style


async def sideways(page: Page) -> int:
    """Return how many pixels the page is wider than its window."""
    return await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
