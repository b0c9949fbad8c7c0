"""docker/caddy/Caddyfile, run by a real Caddy in front of a real service: one TLS address for all of it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from lab.ports import port
from lab.service import PASSWORD, agent_of
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from centralita.app import Service, running
from centralita.settings import Settings
from crm_core.services import users

from .places import ROOT

pytestmark = pytest.mark.caddy
CADDYFILE = ROOT / "docker" / "caddy" / "Caddyfile"
WITHIN_S, LOOPBACK = 15, "127.0.0.1"


def caddy() -> Path:
    """Return the program: an installed one, or the one that tools/test-system unpacked."""
    cache = Path(os.environ.get("CENTRALITA_CACHE") or Path.home() / ".cache" / "centralita")
    return Path(shutil.which("caddy") or cache / "caddy" / "usr" / "bin" / "caddy")


class Here(AbstractResolver):
    """Finds every name on this machine, which need not know that it is called localhost."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=LOOPBACK,
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """There is nothing to close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Caddy and the service behind it, as a browser meets them."""

    url: str
    tls: ssl.SSLContext
    service: Service

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Give a browser that trusts Caddy's own authority."""
        connector = aiohttp.TCPConnector(ssl=self.tls, resolver=Here())
        async with aiohttp.ClientSession(self.url, connector=connector) as browser:
            yield browser


def site(folder: Path, *, https: int, http: int, service: Service) -> Path:
    """Return the Caddyfile as JSON: what is in it, on ports and in a folder of the test."""
    environment = {
        "CENTRALITA_SITE": f"localhost:{https}",
        "CENTRALITA_HTTP_PORT": str(service.http_port),
        "CENTRALITA_WS_PORT": str(service.ws_port),
    }
    adapt = [caddy(), "adapt", "--adapter", "caddyfile", "--config", CADDYFILE]
    adapted = subprocess.run(adapt, check=True, capture_output=True, env=os.environ | environment).stdout
    config = json.loads(adapted)
    config["storage"] = {"module": "file_system", "root": str(folder / "caddy")}
    config["apps"]["http"] |= {"http_port": http, "https_port": https}
    (folder / "caddy.json").write_text(json.dumps(config))
    return folder / "caddy.json"


async def authority(folder: Path) -> ssl.SSLContext:
    """Wait for Caddy's own authority and return what trusts it."""
    root = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    async with asyncio.timeout(WITHIN_S):
        while True:
            if root.with_suffix(".key").exists():  # written last
                return ssl.create_default_context(cafile=root)
            await asyncio.sleep(0.05)


async def is_up(browser: aiohttp.ClientSession) -> None:
    """Wait until Caddy answers."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            try:
                async with browser.get("/sign-in"):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


@pytest.fixture
async def origin(tmp_path: Path) -> AsyncIterator[Origin]:
    with port() as https, port() as http:
        url = f"https://localhost:{https}"
        settings = Settings.model_validate(
            {
                "http": {
                    "port": 0,
                    "ws_port": 0,
                    "public_url": url,
                    "public_ws_url": f"wss://localhost:{https}/ws",
                    "trusted_proxies": ["127.0.0.1", "::1"],
                },
                "agi": {"enabled": False},
                "database": {"url": f"sqlite:///{tmp_path / 'records.sqlite3'}"},
                "pbx": {},
            }
        )
        async with running(settings) as service:
            await service.db.run(users.add_user, user=agent_of("eva", None, role="supervisor"))
            config = site(tmp_path, https=https, http=http, service=service)
            with (tmp_path / "caddy.log").open("wb") as log:
                program = await asyncio.create_subprocess_exec(
                    caddy(), "run", "--config", config, stdout=log, stderr=log
                )
            try:
                tls = await authority(tmp_path)
                origin = Origin(url=url, tls=tls, service=service)
                async with origin.browser() as browser:
                    await is_up(browser)
                yield origin
            finally:
                program.terminate()
                await program.wait()


async def test_one_signs_in_and_hears_the_floor_at_one_address(origin: Origin) -> None:
    async with origin.browser() as browser:
        form = {"name": "eva", "password": PASSWORD}
        async with browser.post("/api/v1/session", json=form, headers={"Origin": origin.url}) as answer:
            assert answer.status == 200
            cookie = answer.cookies["__Host-centralita"]
        assert (cookie["secure"], cookie["httponly"], cookie["path"]) == (True, True, "/")
        async with browser.get("/floor") as page:
            assert page.status == 200
            assert page.headers["Strict-Transport-Security"]
            address = origin.url.replace("https", "wss")
            assert f"connect-src 'self' {address}" in page.headers["Content-Security-Policy"]
    async with (
        asyncio.timeout(WITHIN_S),
        connect(
            f"{address}/ws",
            host=LOOPBACK,
            ssl=origin.tls,
            origin=origin.url,  # type: ignore[arg-type]
            subprotocols=["centralita.v1"],  # type: ignore[list-item]
            additional_headers={"Cookie": f"__Host-centralita={cookie.value}"},
        ) as ws,
    ):
        await ws.send(json.dumps({"op": "hello", "topics": ["floor"]}))
        assert json.loads(await ws.recv())["op"] == "snapshot"


async def test_pages_of_others_may_not_connect(origin: Origin) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(
            f"{origin.url.replace('https', 'wss')}/ws",
            host=LOOPBACK,
            ssl=origin.tls,
            origin="https://elsewhere.example",  # type: ignore[arg-type]
        )
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("path", ["/health", "/metrics"])
async def test_what_is_for_the_machine_itself_is_not_seen_from_outside(origin: Origin, path: str) -> None:
    async with origin.browser() as browser, browser.get(path) as answer:
        assert (answer.status, await answer.read()) == (404, b"")
    inside = f"http://127.0.0.1:{origin.service.http_port}{path}"
    async with aiohttp.ClientSession() as machine, machine.get(inside, allow_redirects=False) as answer:
        assert answer.status != 404


async def test_the_name_without_tls_leads_to_the_one_with(origin: Origin, tmp_path: Path) -> None:
    http = json.loads((tmp_path / "caddy.json").read_text())["apps"]["http"]["http_port"]
    plain = f"http://localhost:{http}/floor"
    here = aiohttp.TCPConnector(resolver=Here())
    async with (
        aiohttp.ClientSession(connector=here) as browser,
        browser.get(plain, allow_redirects=False) as answer,
    ):
        assert answer.status == 308
        assert answer.headers["Location"].startswith("https://localhost")
