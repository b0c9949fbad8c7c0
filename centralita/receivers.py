"""Speaking to the servers of others: to public addresses only, and never longer or more than is needed.

The address is looked at when it is dialled, so that a name that changes its mind leads nowhere.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple, Self

import aiohttp
from aiohttp import hdrs

from crm_core.domain.webhooks import host_of, may_reach, wait_of, why_not

ANSWER_WITHIN_S, READ_AT_MOST = 10.0, 8 * 1024
TIMEOUT, NOT_ALLOWED, NO_ANSWER, CERTIFICATE = "timeout", "not_allowed", "no_answer", "certificate"


class Answer(NamedTuple):
    """What became of a request: ``why`` it is no receipt (None: it is one), ``wait`` as the server asks."""

    why: str | None
    wait: timedelta | None = None


class Receivers:
    """Connections to receivers; hosts that are *allowed* may be behind our walls."""

    def __init__(
        self,
        allowed: Collection[str],
        *,
        now: Callable[[], datetime],
        within_s: float = ANSWER_WITHIN_S,
        resolver: aiohttp.abc.AbstractResolver | None = None,
    ) -> None:
        self._allowed, self._now, self._within_s, self._resolver = allowed, now, within_s, resolver
        self._open = AsyncExitStack()
        self._near: aiohttp.ClientSession
        self._far: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        self._near = await self._open.enter_async_context(self._session(socket_factory=None))
        self._far = await self._open.enter_async_context(self._session(socket_factory=_public_only))
        return self

    async def __aexit__(self, *_why: object) -> None:
        await self._open.aclose()

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send *body* to *url*; what the server says besides its status is read as far as it is short."""
        session = self._near if host_of(url) in self._allowed else self._far
        try:
            async with (
                asyncio.timeout(self._within_s),
                session.post(url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                await response.content.read(READ_AT_MOST)  # the connection of who says more is closed
                return Answer(why_not(response.status), self._asked_to_wait(response))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Answer(_why(error))

    def _asked_to_wait(self, response: aiohttp.ClientResponse) -> timedelta | None:
        if response.status < HTTPStatus.BAD_REQUEST:
            return None
        return wait_of(response.headers.get(hdrs.RETRY_AFTER), now=self._now())

    def _session(self, *, socket_factory: Any) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=self._resolver, use_dns_cache=False, socket_factory=socket_factory
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
        )


def _public_only(told: tuple[Any, ...]) -> socket.socket:
    """Return a socket for an address that somebody may be at to whom we speak.

    Raises:
        PermissionError: it is behind our walls.
    """
    family, kind, protocol, _, address = told
    if not may_reach(str(address[0])):
        raise PermissionError(errno.EPERM, "this address is not of the public network")
    return socket.socket(family, kind, protocol)


def _why(error: Exception) -> str:
    match error:
        case TimeoutError():
            return TIMEOUT
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError() | ssl.SSLError():
            return CERTIFICATE
        case OSError(errno=errno.EPERM):
            return NOT_ALLOWED
    return NO_ANSWER
