"""The service is killed in mid-call: callers notice nothing, and the next one takes the calls over.

Who comes next waits until the killed one's lease is over, so the calls are longer than that.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lab.floor import Floor
from lab.pbx import Asterisk
from lab.phones import Answers, caller, phone
from lab.service import Process

pytestmark = pytest.mark.asterisk
NUMBER, E164 = "957212000", "+34957212000"


@pytest.mark.timeout(180)
async def test_calls_go_on_and_are_adopted_and_recorded_once(
    asterisk: Asterisk, lab_floor: Floor, tmp_path: Path
) -> None:
    with lab_floor.desk() as place:
        first, second = place.phones[:2]
        service = Process(asterisk, tmp_path)
        async with service.running() as house:
            maria = await house.add_contact("María", NUMBER)
            pepe = await house.add_contact("Pepe", "957212001")
            await house.add_agent("ana", first)
            async with (
                phone(asterisk, first, Answers(after=0.3)) as talking,
                house.signed_in("ana") as ana,
                caller(asterisk, place.did, number=NUMBER, hang_up_after=24) as line,
            ):
                pop = await ana.pop(E164, of=maria)
                rung = await talking.until(lambda call: call.answered_at)
                service.kill()
                await service.gone()
                # While nobody is there to be asked, callers get through all the same.
                async with (
                    phone(asterisk, second, Answers(after=0.3)) as later,
                    caller(asterisk, place.did, number="957212001", hang_up_after=18) as alone,
                ):
                    taken = await later.until(lambda call: call.answered_at)
                    await service.start()
                    (second_wire,) = await alone.ended()
                (wire,) = await line.ended()
            async with house.signed_in("ana") as ana:
                (call,) = await ana.calls_of(maria)
                (other,) = await ana.calls_of(pepe)
    assert wire.bye_by == second_wire.bye_by == "us"  # each caller hung up when he wanted to
    assert (call["id"], call["source"], call["outcome"]) == (
        pop.message["call"]["id"],
        "adopted",
        "answered",
    )
    assert (other["source"], other["outcome"]) == ("adopted", "answered")
    assert taken.answered_at
    assert rung.answered_at


async def test_it_stops_cleanly_and_tells_the_desks(
    asterisk: Asterisk, lab_floor: Floor, tmp_path: Path
) -> None:
    with lab_floor.desk() as place:
        service = Process(asterisk, tmp_path)
        async with service.running() as house:
            await house.add_agent("ana", place.phones[0])
            async with house.signed_in("ana") as ana:
                stopping = asyncio.create_task(service.stop())
                await ana.closed.wait()
                assert await stopping == 0
    assert ana.close_code == 4010
    assert '"event": "stopped"' in service.log()
