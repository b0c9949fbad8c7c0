"""Who is called back sees, on a real Asterisk, the number of the brand that he had called."""

from __future__ import annotations

import pytest
from lab.floor import Floor
from lab.pbx import Asterisk
from lab.phones import NEVER, Answers, caller, customer, phone
from lab.service import on_exchange

from centralita.clock import utc_now
from crm_core.domain.lines import Line
from crm_core.services import lines

pytestmark = pytest.mark.asterisk


async def test_a_missed_call_is_called_back_as_the_brand(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as place, lab_floor.line() as line:
        seat = place.phones[0]
        hotel = Line(pbx="main", kind="did", code=place.did, name="Hostelería Sur", caller_id="957000200")
        async with on_exchange(asterisk) as house:
            await house.db.run(lines.put, line=hotel, version=None, by=None, now=utc_now())
            async with house.desk("ana", seat) as ana:
                async with (
                    phone(asterisk, seat, NEVER),
                    caller(asterisk, place.did, number=line.number, hang_up_after=2) as lost,
                ):
                    pop = await ana.pop(f"+34{line.number}")
                    await lost.ended()
                missed = pop.message["call"]["id"]
                await ana.pop_end(missed)
                async with (
                    phone(asterisk, seat, Answers(after=0.3)),
                    customer(asterisk, line, Answers(after=0.5, hang_up_after=1)) as called,
                ):
                    await ana.post("/calls", {"number": line.number, "call_id": missed}, status=202)
                    back = await called.until(lambda call: call.ended_at)
                    plain = await ana.until(
                        lambda m: (
                            m["op"] == "event"
                            and m["event"]["type"] == "call.ended"
                            and m["event"]["call"] != missed
                        )
                    )
    assert "Hostelería Sur" in pop.message["html"]
    assert back.shown == "957000200"
    told = plain.message["event"]["record"]
    assert (told["direction"], told["origin"]["kind"], told["customer"]) == (
        "outbound",
        "click",
        f"+34{line.number}",
    )
