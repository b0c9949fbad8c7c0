"""What is asked twice is done once."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from unit.screenpop.fakes import Clock

from screenpop.api.twice import Once
from screenpop.problem import ProblemError


class Work:
    """Counts how often it was done; waits when told to."""

    def __init__(self) -> None:
        self.done = 0
        self.may_go = asyncio.Event()
        self.may_go.set()
        self.fails = False

    async def __call__(self) -> web.Response:
        await self.may_go.wait()
        if self.fails:
            raise ProblemError(HTTPStatus.CONFLICT, "no")
        self.done += 1
        return web.Response(body=json.dumps({"n": self.done}).encode(), status=201, headers={"ETag": '"1"'})


def _asked(key: str | None = "k", path: str = "/calls") -> web.Request:
    request = make_mocked_request("POST", path, headers={"Idempotency-Key": key} if key else {})
    request._read_bytes = b"{}"
    return request


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def once(clock: Clock) -> Once:
    return Once(now=clock, kept=3)


async def test_the_second_answer_is_the_first(once: Once) -> None:
    work = Work()
    answers = [await once.do(_asked(), user="ana", work=work) for _ in range(2)]
    assert work.done == 1
    assert {(one.status, one.body, one.headers["ETag"]) for one in answers} == {(201, b'{"n": 1}', '"1"')}


async def test_without_a_key_it_is_done_each_time(once: Once) -> None:
    work = Work()
    for _ in range(2):
        await once.do(_asked(None), user="ana", work=work)
    assert work.done == 2


async def test_a_key_is_its_user_s_own(once: Once) -> None:
    work = Work()
    for user in ("ana", "luis"):
        await once.do(_asked(), user=user, work=work)
    assert work.done == 2


async def test_a_key_used_for_something_else_is_refused(once: Once) -> None:
    await once.do(_asked(), user="ana", work=Work())
    with pytest.raises(ProblemError, match="idempotency_key_reused"):
        await once.do(_asked(path="/contacts"), user="ana", work=Work())


async def test_the_second_waits_for_the_first(once: Once) -> None:
    work = Work()
    work.may_go.clear()
    both = [asyncio.create_task(once.do(_asked(), user="ana", work=work)) for _ in range(2)]
    await asyncio.sleep(0)
    work.may_go.set()
    assert [(await one).status for one in both] == [201, 201]
    assert work.done == 1


async def test_what_failed_may_be_tried_again(once: Once) -> None:
    work = Work()
    work.fails = True
    with pytest.raises(ProblemError, match="no"):
        await once.do(_asked(), user="ana", work=work)
    work.fails = False
    await once.do(_asked(), user="ana", work=work)
    assert work.done == 1


async def test_a_request_that_was_given_up_leaves_no_one_waiting(once: Once) -> None:
    work = Work()
    work.may_go.clear()
    first, second = (asyncio.create_task(once.do(_asked(), user="ana", work=work)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(ProblemError, match="interrupted"):
        await second


async def test_answers_are_kept_a_day_and_not_too_many(once: Once, clock: Clock) -> None:
    work = Work()
    await once.do(_asked("a"), user="ana", work=work)
    clock.passes(24 * 3600 + 1)
    await once.do(_asked("a"), user="ana", work=work)
    assert work.done == 2
    for key in "bcd":
        await once.do(_asked(key), user="ana", work=work)
    await once.do(_asked("a"), user="ana", work=work)
    assert work.done == 6
