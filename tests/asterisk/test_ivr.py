"""Callers serve themselves by keys (RFC 4733) on the real Asterisk, or get a person."""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from lab.ami_tap import tap
from lab.desk import Message
from lab.floor import Desk, Floor
from lab.menu import NUMBER, joined, said, saying, side_by_side, spoken
from lab.pbx import Asterisk
from lab.phones import Answers, caller, customer, phone
from lab.service import House, on_exchange
from lab.wire import Wire

from centralita.clock import utc_now
from crm_core.domain.calendar import DAYS
from crm_core.domain.callbacks import Callback
from crm_core.domain.calls import Call
from crm_core.services import callbacks, calls, contacts, incidents

pytestmark = pytest.mark.asterisk
E164 = f"+34{NUMBER}"
MADRID = ZoneInfo("Europe/Madrid")


def heard(message: Message, kind: str) -> bool:
    """Return whether a desk's *message* is an event of this kind."""
    return message["op"] == "event" and message["event"]["type"] == kind


def assert_all_of_it_is_menu(call: Call, wire: Wire) -> None:
    """Compare with what SIPp saw, too, which is later or earlier on a busy machine."""
    assert call.ended_at
    assert call.ivr_s == pytest.approx((call.ended_at - call.started_at).total_seconds(), abs=0.002)
    assert call.ivr_s == pytest.approx(wire.ended_at - wire.invite_at, abs=1.0)


async def recorded(house: House, number: str = E164) -> Call:
    """Return the one call from this number, once it is in the records."""
    async with asyncio.timeout(20):
        while True:
            if found := [
                call for call in await house.db.read(calls.history, limit=9) if call.ani in {number, None}
            ]:
                (call,) = found
                return call
            await asyncio.sleep(0.05)


async def waiting(house: House) -> list[Callback]:
    listed: list[Callback] = await house.db.read(callbacks.waiting, limit=9)
    return listed


async def report(house: House, contact: str | None, *, key: str = "a", age: timedelta) -> str:
    """Open an incident, so long ago, and return its number as it is said."""
    made = await house.db.run(
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
    return made.number.removeprefix("INC-")


async def test_callers_hear_how_their_incidents_are_going(asterisk: Asterisk, lab_floor: Floor) -> None:
    async with on_exchange(asterisk) as house, tap(asterisk, role="recorder") as ear:

        async def play(desk: Desk, number: str, language: str, keys: str) -> None:
            ana = await house.add_contact("Ana", number)
            reference = await report(house, ana, key=language, age=timedelta(days=3, hours=1))
            async with caller(asterisk, desk.menu, number=number, keys=keys, hang_up_after=14) as line:
                (wire,) = await line.ended()
            call = await recorded(house, f"+34{number}")
            at = said(ear, number).index("incident")
            told = ["incident", reference, "state-new", "opened-before", "3", "days", "for-status"]
            assert said(ear, number)[at : at + 7] == told
            days = next(each for each in spoken(ear, "AGIExecStart", number) if saying("days")(each))
            assert days["Language"] == language
            ends = [block["Result"] for block in spoken(ear, "AGIExecEnd", number)]
            assert set(ends[: at + 6]) == {"Success"}
            assert (call.contact_id, call.outcome, call.hung_up_by) == (ana, "self_service", "customer")
            assert_all_of_it_is_menu(call, wire)

        await side_by_side(lab_floor, play, ("es", "1 1"), ("en", "2 1"))


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


async def test_0_reaches_a_person(asterisk: Asterisk, lab_floor: Floor) -> None:
    async with on_exchange(asterisk) as house:

        async def play(desk: Desk, number: str, keys: str) -> None:
            seat = desk.phones[0]
            async with phone(asterisk, seat, Answers(after=0.3, hang_up_after=0.5)):
                async with caller(asterisk, desk.menu, number=number, keys=keys) as line:
                    await line.ended()
                call = await recorded(house, f"+34{number}")
            (visit,) = call.visits
            assert (call.outcome, visit.queue, visit.interface) == (
                "answered",
                desk.queue.name,
                seat.interface,
            )
            assert call.ivr_s == pytest.approx((visit.entered_at - call.started_at).total_seconds(), abs=0.01)

        from_the_menu, before_any_language = ("1 0",), ("0",)
        await side_by_side(lab_floor, play, from_the_menu, before_any_language)


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
    assert "incident" in said(ear, "anonymous")
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


async def test_who_hangs_up_inside_is_on_record(asterisk: Asterisk, lab_floor: Floor) -> None:
    async with on_exchange(asterisk) as house:

        async def play(desk: Desk, number: str, keys: str) -> None:
            async with caller(asterisk, desk.menu, number=number, keys=keys, hang_up_after=1.5) as line:
                (wire,) = await line.ended()
            call = await recorded(house, f"+34{number}")
            assert wire.bye_by == "us"
            assert (call.outcome, call.hung_up_by) == ("abandoned", "customer")
            assert (call.visits, call.anomalies) == ([], [])
            assert_all_of_it_is_menu(call, wire)

        await side_by_side(lab_floor, play, ("",), ("1",), ("1 2",), ("1 2 2 957",))
        assert await waiting(house) == []


HOSTILE = {
    "numbers that somebody else earns by": "00231770123456# 806000000#",
    "too long, then no digits": "9999999999999999 **#",
    "an emergency, a service code": "112# *72957212000#",
}


async def test_hostile_numbers_are_not_kept_and_get_a_person(asterisk: Asterisk, lab_floor: Floor) -> None:
    async with on_exchange(asterisk) as house, tap(asterisk, role="recorder") as ear:

        async def play(desk: Desk, number: str, typed: str) -> None:
            keys = f"1 2 2 {typed}"
            async with caller(asterisk, desk.menu, number=number, keys=keys, hang_up_after=8) as line:
                await ear.until(partial(joined, number=number), within=30)
                await line.ended()
            assert said(ear, number)[-2:] == ["not-callable", "to-a-person"]

        await side_by_side(lab_floor, play, *((typed,) for typed in HOSTILE.values()))
        assert await waiting(house) == []
