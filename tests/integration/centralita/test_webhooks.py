"""Events delivered to a real server: one that takes them, fails, stalls, lies, floods, sends us elsewhere."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from lab.desk import until

from ami_bridge.bus import Bus
from centralita import webhooks as part
from centralita.receivers import Receivers
from centralita.webhooks import Webhooks
from crm_core.db.database import Database
from crm_core.db.migrate import upgrade
from crm_core.domain.contacts import Contact
from crm_core.domain.webhooks import Keys, Patience, Webhook, secret_of, signature
from crm_core.services import contacts, events, webhooks
from screenpop.sealing import Sealer

SECRET = secret_of(b"s" * 32)
PATIENCE = Patience(first=timedelta(milliseconds=20), tries=3, at_most=timedelta(hours=1))
BY: dict[str, Any] = {"by": "eva", "address": None}
Manner = Callable[[web.Request], Awaitable[web.StreamResponse]]


def now() -> datetime:
    return datetime.now(UTC)


async def takes(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=204)


def says(status: int, **headers: str) -> Manner:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers=headers)

    return answer


async def stalls(_request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def floods(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(10 * 16):
        await response.write(b"x" * 65_536)
    return response


async def cuts(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


class Receiver:
    """A server of somebody else; ``manners`` are how it answers, the last one for good."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.manners: list[Manner] = [takes]
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.heard.append((dict(request.headers), await request.read()))
        return await (self.manners.pop(0) if len(self.manners) > 1 else self.manners[0])(request)

    @property
    def places(self) -> list[int]:
        return [json.loads(body)["pos"] for _, body in self.heard]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Receiver]:
        app = web.Application()
        app.router.add_route("*", "/{any:.*}", self.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            await web.SockSite(runner, listener).start()
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/in"
            try:
                yield self
            finally:
                await runner.cleanup()


class House:
    """A database, and the part that tells others what happens in it."""

    def __init__(self, file: Path) -> None:
        self.bus, self.sealer = Bus(epoch="e"), Sealer()
        self.db = Database(f"sqlite:///{file}", publish=self.bus.publish)
        self.part = self.a_part()
        self.may_send = True

    def a_part(self, **more: Any) -> Webhooks:
        asked = {
            "allowed": ("127.0.0.1",),
            "may_send": lambda: self.may_send,
            "now": now,
            "sealer": self.sealer,
        }
        return Webhooks(self.db, **asked | {"patience": PATIENCE, "within_s": 1.0} | more)

    @asynccontextmanager
    async def delivering(self, **more: Any) -> AsyncIterator[Webhooks]:
        part = self.a_part(**more)
        self.bus.subscribe(part.on_events)
        running = asyncio.create_task(part.run())
        try:
            yield part
        finally:
            running.cancel()
            await asyncio.wait((running,))

    async def subscribe(self, url: str, *types: str) -> Webhook:
        fields = {"name": url, "url": url, "types": types or ("contact.*",)}
        sealed = self.sealer.seal(SECRET, now=now())
        one: Webhook = await self.db.run(
            webhooks.add, fields=fields, sealed=sealed, allowed=("127.0.0.1",), now=now(), **BY
        )
        return one

    async def happens(self, *keys: str) -> list[int]:
        """Let contacts be made; return the places of the events."""
        for key in keys:
            contact = Contact(id=key, given=key, created_at=now(), updated_at=now())
            await self.db.run(contacts.create, contact=contact, region="ES", by=None, now=now())
        found = await self.db.read(events.after, pos=0, limit=200)
        return [one.pos for one in found if one.type == "contact.created"]

    async def get(self, one: Webhook) -> Webhook:
        found: Webhook = await self.db.read(webhooks.get, webhook_id=one.id)
        return found

    async def given_up(self, one: Webhook) -> list[tuple[int, str, int]]:
        found = await self.db.read(webhooks.undelivered, webhook_id=one.id, after=0, limit=99)
        return [(letter.pos, letter.why, letter.tries) for letter in found]


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(part, "LOOK_S", 0.02)
    file = tmp_path / "records.sqlite3"
    upgrade(f"sqlite:///{file}")
    house = House(file)
    await house.db.start()
    yield house
    await house.db.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().open() as one:
        yield one


async def test_events_arrive_in_their_order_signed_and_once(house: House, receiver: Receiver) -> None:
    async with house.delivering() as told:
        one = await house.subscribe(receiver.url)
        places = await house.happens("ana", "son", "eva")
        await until(lambda: len(receiver.heard) == 3)
        await until(lambda: told.told.behind == 0)
    assert receiver.places == places
    headers, body = receiver.heard[0]
    at = int(headers["webhook-timestamp"])
    assert headers["webhook-id"] == f"evt_{places[0]}"
    assert headers["webhook-signature"] == signature([SECRET], message=f"evt_{places[0]}", at=at, body=body)
    assert json.loads(body)["event"]["contact_id"] == "ana"
    assert (await house.get(one)).progress.pos >= places[-1]
    assert (told.told.taken, told.told.failed) == (3, 0)


async def test_a_secret_from_before_signs_on_and_is_sealed_at_the_start(
    house: House, receiver: Receiver, tmp_path: Path
) -> None:
    one = await house.subscribe(receiver.url)
    await house.db.run(lambda uow: uow.webhooks.put_keys(one.id, Keys(sealed=SECRET)))
    (place,) = await house.happens("ana")
    async with house.delivering():
        await until(lambda: len(receiver.heard) == 1)
    headers, body = receiver.heard[0]
    at = int(headers["webhook-timestamp"])
    assert headers["webhook-signature"] == signature([SECRET], message=f"evt_{place}", at=at, body=body)
    kept = await house.db.read(lambda uow: uow.webhooks.keys(one.id))
    assert house.sealer.open(kept.sealed) == SECRET


async def test_a_secret_sealed_by_another_key_signs_nothing(house: House, receiver: Receiver) -> None:
    one = await house.subscribe(receiver.url)
    await house.happens("ana")
    async with house.delivering(sealer=Sealer()) as told:
        await until(lambda: told.told.failed == 3)
        await until(lambda: told.told.behind == 0)
    assert [(why, tries) for _, why, tries in await house.given_up(one)] == [("no_secret", 3)]
    assert receiver.heard == []


@pytest.mark.parametrize(
    ("manner", "why"),
    [
        pytest.param(says(500), "http_500", id="fails"),
        pytest.param(stalls, "timeout", id="stalls"),
        pytest.param(cuts, "no_answer", id="hangs up"),
        pytest.param(says(302, Location="http://127.0.0.1:9/elsewhere"), "http_302", id="sends us elsewhere"),
        pytest.param(says(503, **{"Retry-After": "soon"}), "http_503", id="lies about when"),
    ],
)
async def test_what_is_not_taken_is_tried_again_before_what_follows(
    house: House, receiver: Receiver, manner: Manner, why: str
) -> None:
    one = await house.subscribe(receiver.url)
    first, second = await house.happens("ana", "son")
    receiver.manners = [manner, manner, takes]
    async with house.delivering():
        await until(lambda: receiver.places[-1:] == [second])
    assert receiver.places == [first, first, first, second]
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 2
    assert await house.given_up(one) == []


async def test_what_fails_too_often_is_given_up_and_sent_again_when_asked(
    house: House, receiver: Receiver
) -> None:
    one = await house.subscribe(receiver.url)
    first, second = await house.happens("ana", "son")
    receiver.manners = [says(500), says(500), says(404), takes]
    async with house.delivering():
        await until(lambda: receiver.places[-1:] == [second])
        assert await house.given_up(one) == [(first, "http_404", 3)]
        await house.db.run(webhooks.send_again, webhook_id=one.id, pos=first, now=now(), **BY)
        await until(lambda: receiver.places[-1:] == [first])
        await until_not(lambda: house.given_up(one))
    assert receiver.places == [first, first, first, second, first]


async def until_not(found: Callable[[], Awaitable[Any]]) -> None:
    """Return when *found* finds nothing any more."""
    async with asyncio.timeout(10):
        while await found():  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0.01)


async def test_ten_megabytes_of_answer_are_not_read(house: House, receiver: Receiver) -> None:
    receiver.manners = [floods]
    async with house.delivering() as told:
        await house.subscribe(receiver.url)
        places = await house.happens("ana", "son")
        await until(lambda: told.told.taken == 2)
    assert receiver.places == places


async def test_who_asks_us_to_wait_is_waited_for(house: House, receiver: Receiver) -> None:
    one = await house.subscribe(receiver.url)
    await house.happens("ana")
    receiver.manners = [says(429, **{"Retry-After": "1800"})]
    async with house.delivering() as told:
        await until(lambda: told.told.failing == 1)
    progress = (await house.get(one)).progress
    assert (len(receiver.heard), progress.why) == (1, "http_429")
    assert progress.next_at
    assert timedelta(seconds=1790) < progress.next_at - now() <= timedelta(seconds=1800)


async def test_who_is_gone_is_told_nothing_more(house: House, receiver: Receiver) -> None:
    one = await house.subscribe(receiver.url)
    await house.happens("ana", "son")
    receiver.manners = [says(410)]
    async with house.delivering() as told:
        await until(lambda: told.told.stopped == 1)
    after = await house.get(one)
    assert (len(receiver.heard), after.is_active, after.stopped_why) == (1, False, "http_410")


async def test_who_is_killed_goes_on_where_it_was(house: House, receiver: Receiver) -> None:
    one = await house.subscribe(receiver.url)
    first, second = await house.happens("ana", "son")
    receiver.manners = [takes, stalls, takes]
    async with house.delivering(within_s=60):
        await until(lambda: len(receiver.heard) == 2)
    assert (await house.get(one)).progress.pos < second
    async with house.delivering():
        await until(lambda: receiver.places[-1] == second and len(receiver.heard) > 2)
    assert sorted(set(receiver.places)) == [first, second]


async def test_a_replay_tells_everything_behind_a_place_once_more(house: House, receiver: Receiver) -> None:
    async with house.delivering() as told:
        one = await house.subscribe(receiver.url)
        first, second = await house.happens("ana", "son")
        await until(lambda: told.told.behind == 0 and len(receiver.heard) == 2)
        await house.db.run(webhooks.replay, webhook_id=one.id, after=first, now=now(), **BY)
        await until(lambda: len(receiver.heard) == 3)
    assert receiver.places == [first, second, second]


async def test_one_that_fails_keeps_nobody_else_waiting(house: House, receiver: Receiver) -> None:
    async with Receiver().open() as other:
        other.manners = [stalls]
        await house.subscribe(other.url)
        await house.subscribe(receiver.url)
        places = await house.happens("ana", "son")
        async with house.delivering(within_s=30):
            await until(lambda: receiver.places == places)
        assert len(other.heard) == 1


async def test_who_does_not_lead_sends_nothing(house: House, receiver: Receiver) -> None:
    await house.subscribe(receiver.url)
    await house.happens("ana")
    house.may_send = False
    async with house.delivering() as told:
        await until(lambda: told.told.behind > 0)
        assert receiver.heard == []
        house.may_send = True
        await until(lambda: len(receiver.heard) == 1)


class Rebinding(AbstractResolver):
    """A name server that says first what pleases us, and then where it wants us to go."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
            )
        ]

    async def close(self) -> None:
        return


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.7"])
async def test_a_name_that_leads_inside_leads_nowhere(receiver: Receiver, address: str) -> None:
    port = receiver.url.rpartition(":")[2].partition("/")[0]
    async with Receivers((), now=now, resolver=Rebinding(address)) as receivers:
        for url in (f"http://crm.example:{port}/in", f"https://crm.example:{port}/in"):
            assert (await receivers.post(url, body=b"{}", headers={})).why == "not_allowed"
        assert (await receivers.post(f"http://127.0.0.1:{port}/", body=b"", headers={})).why == "not_allowed"
        assert (await receivers.post(f"http://[::1]:{port}/", body=b"", headers={})).why == "not_allowed"
    assert receiver.heard == []


async def test_a_host_that_the_settings_allow_may_be_inside(receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2].partition("/")[0]
    async with Receivers(("crm.example",), now=now, resolver=Rebinding("127.0.0.1")) as receivers:
        answer = await receivers.post(f"http://crm.example:{port}/in", body=b"{}", headers={})
    assert (answer.why, len(receiver.heard)) == (None, 1)


async def test_no_certificate_is_no_receiver(receiver: Receiver) -> None:
    async with Receivers(("127.0.0.1",), now=now) as receivers:
        answer = await receivers.post(receiver.url.replace("http:", "https:"), body=b"{}", headers={})
    assert answer.why == "certificate"
