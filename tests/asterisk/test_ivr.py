"""Callers serve themselves by keys (RFC 4733) on the real Asterisk, or get a person.

What is said to them is seen by the AGI commands that Asterisk carried out, told by its own events; how their
calls ended, in the records.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from lab.ami_tap import Block, Tap, tap
from lab.desk import Message
from lab.floor import Floor
from lab.pbx import Asterisk
from lab.phones import Answers, caller, customer, phone
from lab.service import House, on_exchange
from lab.wire import Wire

from agi_scripts.ivr.route import Route
from agi_scripts.ivr.self_service import SelfService
from agi_scripts.menus import Caller
from agi_scripts.ports import RouteFacts, Status
from agi_scripts.server import FastAgiServer
from centralita.clock import utc_now
from crm_core.domain.calendar import DAYS
from crm_core.domain.callbacks import Callback
from crm_core.domain.calls import Call
from crm_core.services import callbacks, calls, contacts, incidents

pytestmark = pytest.mark.asterisk
NUMBER, E164 = "957212000", "+34957212000"
MADRID = ZoneInfo("Europe/Madrid")
TALK = ("STREAM FILE", "SAY DIGITS", "SAY NUMBER")


def said(ear: Tap) -> list[str]:
    """Return what was said so far: our sounds by name, digits and numbers as they are."""
    commands = [block["Command"] for block in ear.blocks if block.get("Event") == "AGIExecStart"]
    spoken = [command.split('"')[1] for command in commands if command.startswith(TALK)]
    return [name.removeprefix("centralita/") for name in spoken]


def saying(name: str) -> Callable[[Block], bool]:
    """Return whether a block is the begin of a sound."""
    return lambda block: (
        block.get("Event") == "AGIExecStart" and f'"centralita/{name}"' in block.get("Command", "")
    )


def heard(message: Message, kind: str) -> bool:
    """Return whether a desk's *message* is an event of this kind."""
    return message["op"] == "event" and message["event"]["type"] == kind


def joined(block: Block) -> bool:
    return block.get("Event") == "QueueCallerJoin"


def ends(ear: Tap) -> list[str]:
    """Return how the commands ended by which something was said."""
    ended = [block for block in ear.blocks if block.get("Event") == "AGIExecEnd"]
    return [block["Result"] for block in ended if block["Command"].startswith(TALK)]


def assert_all_of_it_is_menu(call: Call, wire: Wire) -> None:
    """Compare with what SIPp saw, too, which is later or earlier on a busy machine."""
    assert call.ended_at
    assert call.ivr_s == pytest.approx((call.ended_at - call.started_at).total_seconds(), abs=0.002)
    assert call.ivr_s == pytest.approx(wire.ended_at - wire.invite_at, abs=1.0)


async def recorded(house: House) -> Call:
    """Return the one call, once it is in the records."""
    async with asyncio.timeout(20):
        while not (found := await house.db.read(calls.history, limit=9)):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)
    (call,) = found
    return call


async def waiting(house: House) -> list[Callback]:
    listed: list[Callback] = await house.db.read(callbacks.waiting, limit=9)
    return listed


async def report(house: House, contact: str | None, *, key: str = "a", age: timedelta) -> None:
    """Open an incident, so long ago."""
    await house.db.run(
        incidents.open_incident,
        call_id=None,
        contact_id=contact,
        subject="No sound",
        description=None,
        priority=3,
        key=key,
        by="test",
        now=utc_now() - age,
    )


@pytest.mark.parametrize(("language", "key"), [("es", "1"), ("en", "2")])
async def test_a_caller_hears_how_his_incident_is_going(
    asterisk: Asterisk, lab_floor: Floor, language: str, key: str
) -> None:
    with lab_floor.desk() as desk:
        async with on_exchange(asterisk) as house, tap(asterisk, role="recorder") as ear:
            ana = await house.add_contact("Ana", NUMBER)
            await report(house, ana, age=timedelta(days=3, hours=1))
            async with caller(asterisk, desk.menu, number=NUMBER, keys=f"{key} 1", hang_up_after=14) as line:
                (wire,) = await line.ended()
            call = await recorded(house)
    told = ["incident", "10001", "state-new", "opened-before", "3", "days", "for-status"]
    at = said(ear).index("incident")
    assert said(ear)[at : at + 7] == told
    assert (await ear.until(saying("days")))["Language"] == language
    assert set(ends(ear)[: at + 6]) == {"Success"}
    assert (call.contact_id, call.outcome, call.hung_up_by) == (ana, "self_service", "customer")
    assert_all_of_it_is_menu(call, wire)


async def test_a_callback_is_kept_and_done_when_he_is_spoken_with(
    asterisk: Asterisk, lab_floor: Floor
) -> None:
    with lab_floor.desk() as desk:
        seat = desk.phones[0]
        async with on_exchange(asterisk) as house:
            ana = await house.add_contact("Ana", NUMBER)
            async with caller(asterisk, desk.menu, number=NUMBER, keys="1 2 1") as line:
                (wire,) = await line.ended()
            call = await recorded(house)
            (wish,) = await waiting(house)
            async with house.desk("eva", seat) as eva:
                listed = (await eva.get("/callbacks"))["items"]
            async with phone(asterisk, seat, Answers(after=0.2, hang_up_after=1)):
                async with caller(asterisk, desk.did, number=NUMBER) as line:
                    await line.ended()
                async with asyncio.timeout(10):
                    while await waiting(house):  # noqa: ASYNC110 - nothing tells
                        await asyncio.sleep(0.05)
    assert wire.bye_by == "them"
    assert (call.outcome, call.hung_up_by, call.visits) == ("self_service", "system", [])
    assert (wish.number, wish.contact_id, wish.call_id, wish.did) == (E164, ana, call.id, desk.menu)
    assert call.started_at < wish.asked_at == wish.due_at < call.ended_at
    assert [one["id"] for one in listed] == [wish.id]


async def test_a_callback_that_is_dialled_is_done_when_he_answers(
    asterisk: Asterisk, lab_floor: Floor
) -> None:
    with lab_floor.desk() as desk, lab_floor.line() as line:
        seat = desk.phones[0]
        async with on_exchange(asterisk) as house:
            now = utc_now()
            kept: Callback = await house.db.run(
                callbacks.ask, number=f"+34{line.number}", call_id=None, did=None, due_at=now, now=now
            )
            async with (
                house.desk("eva", seat) as eva,
                phone(asterisk, seat, Answers(after=0.3)),
                customer(asterisk, line, Answers(after=0.5, hang_up_after=1)),
            ):
                await eva.post("/calls", {"number": kept.number}, status=202)
                done = await eva.until(lambda message: heard(message, "callback.done"))
            assert await waiting(house) == []
    assert done.message["event"]["callback_id"] == kept.id


async def test_who_is_known_is_not_asked_for_his_language(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk:
        async with on_exchange(asterisk) as house, tap(asterisk, role="recorder") as ear:
            contact = await house.add_contact("Ana", NUMBER)
            changes = {"language": "en-GB"}
            await house.db.run(
                contacts.change, contact_id=contact, version=1, changes=changes, by=None, now=utc_now()
            )
            async with caller(asterisk, desk.menu, number=NUMBER, hang_up_after=4) as line:
                first = await ear.until(saying("for-status"))
                await line.ended()
    assert said(ear)[0] == "for-status"
    assert first["Language"] == "en"


@pytest.mark.parametrize(
    "keys", [pytest.param("1 0", id="from the menu"), pytest.param("0", id="before any language")]
)
async def test_0_reaches_a_person(asterisk: Asterisk, lab_floor: Floor, keys: str) -> None:
    with lab_floor.desk() as desk:
        seat = desk.phones[0]
        async with (
            on_exchange(asterisk) as house,
            phone(asterisk, seat, Answers(after=0.3, hang_up_after=0.5)),
        ):
            async with caller(asterisk, desk.menu, keys=keys) as line:
                await line.ended()
            call = await recorded(house)
    (visit,) = call.visits
    assert (call.outcome, visit.queue, visit.interface) == ("answered", desk.queue.name, seat.interface)
    assert call.ivr_s == pytest.approx((visit.entered_at - call.started_at).total_seconds(), abs=0.01)


async def test_an_incident_typed_in_says_who_calls_from_nowhere(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk:
        seat = desk.phones[0]
        async with on_exchange(asterisk) as house, tap(asterisk, role="recorder") as ear:
            ana = await house.add_contact("Ana", NUMBER)
            await report(house, ana, age=timedelta(minutes=5))
            async with (
                house.desk("eva", seat) as eva,
                phone(asterisk, seat, Answers(after=0.5, hang_up_after=0.5)),
            ):
                keys = "1 1 10001# 0"
                async with caller(asterisk, desk.menu, number="anonymous", keys=keys) as line:
                    pop = await eva.pop(None, of=ana)
                    await line.ended()
            call = await recorded(house)
    assert "incident" in said(ear)
    assert pop.message["card"]["match"]["kind"] == "ivr_id"
    assert (call.contact_id, call.match.kind) == (ana, "ivr_id")


async def test_when_closed_he_is_told_so_and_rung_when_it_opens(asterisk: Asterisk, lab_floor: Floor) -> None:
    """The calendar is moved, not the clock: open tomorrow only, from 9:30 on in Madrid."""
    tomorrow = datetime.now(MADRID).date() + timedelta(days=1)
    hours = {DAYS[tomorrow.weekday()]: ["09:30-14:00"]}
    with lab_floor.desk() as desk:
        async with (
            on_exchange(asterisk, reception={"hours": hours}) as house,
            tap(asterisk, role="recorder") as ear,
        ):
            async with caller(asterisk, desk.menu, number=NUMBER, keys="1 2 1") as line:
                await line.ended()
            (wish,) = await waiting(house)
    assert said(ear)[1] == "closed"
    assert said(ear)[-2:] == ["will-call-when-open", "goodbye"]
    assert wish.due_at == datetime.combine(tomorrow, time(9, 30), MADRID)


@pytest.mark.parametrize("keys", ["", "1", "1 2", "1 2 2 957"])
async def test_who_hangs_up_inside_is_on_record(asterisk: Asterisk, lab_floor: Floor, keys: str) -> None:
    with lab_floor.desk() as desk:
        async with on_exchange(asterisk) as house:
            async with caller(asterisk, desk.menu, keys=keys, hang_up_after=1.5) as line:
                (wire,) = await line.ended()
            call = await recorded(house)
            assert await waiting(house) == []
    assert wire.bye_by == "us"
    assert (call.outcome, call.hung_up_by) == ("abandoned", "customer")
    assert (call.visits, call.anomalies) == ([], [])
    assert_all_of_it_is_menu(call, wire)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("00231770123456# 806000000#", id="numbers that somebody else earns by"),
        pytest.param("9999999999999999 **#", id="too long, then no digits"),
        pytest.param("112# *72957212000#", id="an emergency, a service code"),
    ],
)
async def test_hostile_numbers_are_not_kept_and_get_a_person(
    asterisk: Asterisk, lab_floor: Floor, typed: str
) -> None:
    with lab_floor.desk() as desk:
        async with on_exchange(asterisk) as house, tap(asterisk, role="recorder") as ear:
            async with caller(asterisk, desk.menu, keys=f"1 2 2 {typed}", hang_up_after=8) as line:
                await ear.until(joined, within=30)
                await line.ended()
            assert await waiting(house) == []
    assert said(ear)[-2:] == ["not-callable", "to-a-person"]


# --- trouble of ours


class Faulty:
    """A ``Reception`` that can tell who calls, and nothing else."""

    def now(self) -> datetime:
        return utc_now()

    def caller(self, number: str) -> Caller:
        return Caller(number=E164, region="ES", is_open=True, until=utc_now() + timedelta(minutes=5))

    async def incidents(self, number: str, *, typed: str | None) -> Status:
        raise ConnectionError("the database is away")

    async def keep_callback(self, number: str, *, linkedid: str, did: str) -> None:
        raise ConnectionError("the database is away")


async def nobody(number: str, did: str, *, trunk: str, id: str | None = None) -> RouteFacts:  # noqa: A002
    return RouteFacts(match="none")


async def away(number: str, did: str, *, trunk: str, id: str | None = None) -> RouteFacts:  # noqa: A002
    raise ConnectionError("the database is away")


@asynccontextmanager
async def our_service(asterisk: Asterisk, route: Route) -> AsyncIterator[FastAgiServer]:
    flows = {"route": route, "menu": SelfService(Faulty(), default="es")}
    server = FastAgiServer(flows, stays={"menu": 300.0})
    await server.start(asterisk.host, asterisk.agi_port)
    try:
        yield server
    finally:
        await server.stop()


@pytest.mark.parametrize("keys", [pytest.param("1 1", id="status"), pytest.param("1 2 1", id="callback")])
async def test_a_database_that_goes_away_inside_sends_him_to_a_person(
    asterisk: Asterisk, lab_floor: Floor, keys: str
) -> None:
    with lab_floor.desk() as desk:
        async with (
            our_service(asterisk, Route(nobody)),
            tap(asterisk, role="recorder") as ear,
            caller(asterisk, desk.menu, keys=keys, hang_up_after=9) as line,
        ):
            queued = await ear.until(joined, within=20)
            await line.ended()
    assert queued["Queue"] == desk.queue.name
    assert said(ear)[-1] == "to-a-person"


async def test_a_database_that_is_away_asks_him_nothing(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk:
        async with (
            our_service(asterisk, Route(away)),
            tap(asterisk, role="recorder") as ear,
            caller(asterisk, desk.menu, hang_up_after=4) as line,
        ):
            await ear.until(joined)
            await line.ended()
    assert said(ear) == []


async def test_without_the_service_he_gets_a_person_at_once(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk:
        async with (
            tap(asterisk, role="recorder") as ear,
            caller(asterisk, desk.menu, hang_up_after=4) as line,
        ):
            await ear.until(joined)
            (wire,) = await line.ended()
    assert wire.status == 200


async def test_a_service_that_stops_while_it_talks_leaves_him_to_a_person(
    asterisk: Asterisk, lab_floor: Floor
) -> None:
    with lab_floor.desk() as desk:
        async with (
            our_service(asterisk, Route(nobody)) as server,
            tap(asterisk, role="recorder") as ear,
            caller(asterisk, desk.menu, hang_up_after=9) as line,
        ):
            await ear.until(saying("for-spanish"))
            await server.stop()
            await ear.until(joined)
            await line.ended()
