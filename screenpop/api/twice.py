"""What is asked twice is done once: answers kept by ``Idempotency-Key``.

Kept in memory for a day and a bounded number; a request under way is waited for. What must hold over
a restart has its key in the database besides (incidents).
Shape: IETF draft-ietf-httpapi-idempotency-key-header.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from aiohttp import hdrs, web

from screenpop.api.exchange import read_raw
from screenpop.problem import ProblemError

KEPT, KEPT_FOR = 10_000, timedelta(hours=24)
KEY_PATTERN = r"^[!-~]([ -~]{0,62}[!-~])?$"
_KEY = re.compile(KEY_PATTERN)
HEADER = "Idempotency-Key"


@dataclass(slots=True)
class _Answer:
    asked: bytes
    at: datetime
    answer: asyncio.Future[tuple[int, bytes, dict[str, str]]]


def key_of(request: web.Request) -> str | None:
    """Return the request's key; None without one.

    Raises:
        ProblemError: when it is empty, too long, or not printable ASCII.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, "bad_idempotency_key", "1 to 64 printable ASCII characters"
        )
    return key


class Once:
    """Runs what has a key once for each user."""

    def __init__(self, *, now: Callable[[], datetime], kept: int = KEPT) -> None:
        self._now, self._kept = now, kept
        self._answers: OrderedDict[tuple[str, str], _Answer] = OrderedDict()

    async def do(
        self, request: web.Request, *, user: str, work: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Return what *work* answers; for a key that was there before, what it answered then.

        Raises:
            ProblemError: when the key was used for another request (422).
        """
        key = key_of(request)
        if key is None:
            return await work()
        asked = hashlib.sha256(
            f"{request.method} {request.path}\n".encode() + await read_raw(request)
        ).digest()
        if before := self._fresh((user, key)):
            if before.asked != asked:
                raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key_reused")
            return _again(await asyncio.shield(before.answer))
        return await self._first((user, key), asked, work)

    async def _first(
        self, name: tuple[str, str], asked: bytes, work: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        answer = _Answer(asked, self._now(), asyncio.get_running_loop().create_future())
        self._answers[name] = answer
        while len(self._answers) > self._kept:
            self._answers.popitem(last=False)
        try:
            response = await work()
        except BaseException as error:  # not done: the next one may try again
            self._answers.pop(name, None)
            why = error if isinstance(error, Exception) else ProblemError(HTTPStatus.CONFLICT, "interrupted")
            answer.answer.set_exception(why)
            answer.answer.exception()  # taken note of, should nobody wait
            raise
        body = (
            response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b""
        )
        kept = {str(hdrs.ETAG): response.headers[hdrs.ETAG]} if hdrs.ETAG in response.headers else {}
        answer.answer.set_result((response.status, body, kept))
        return response

    def _fresh(self, name: tuple[str, str]) -> _Answer | None:
        answer = self._answers.get(name)
        if answer is not None and self._now() - answer.at > KEPT_FOR:
            del self._answers[name]
            return None
        return answer


def _again(answer: tuple[int, bytes, dict[str, str]]) -> web.Response:
    status, body, headers = answer
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


ONCE = web.AppKey("once", Once)
