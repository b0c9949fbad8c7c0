"""A place of the laboratory is given back clean, also by a test that failed in mid-call."""

from __future__ import annotations

from contextlib import suppress

import pytest
from lab.floor import Desk, Floor
from lab.pbx import Asterisk
from lab.phones import Answers, caller, customer, phone

pytestmark = pytest.mark.asterisk


async def fail_in_mid_call(asterisk: Asterisk, desk: Desk) -> None:
    """Leave a call, a pause and a member behind."""
    first, second = desk.phones[:2]
    async with phone(asterisk, first, Answers(after=0.1)) as ringing, caller(asterisk, desk.did):
        await ringing.until(lambda call: call.answered_at)
    asterisk.cli(f"queue pause member {second.interface} queue {desk.queue.name} reason lunch")
    asterisk.cli(f"queue add member PJSIP/agent160 to {desk.queue.name}")
    shown = asterisk.cli(f"queue show {desk.queue.name}")
    assert "paused:lunch" in shown
    assert "PJSIP/agent160" in shown
    raise LookupError


async def test_a_desk_is_given_back_as_it_was_taken(asterisk: Asterisk, lab_floor: Floor) -> None:
    with suppress(LookupError), lab_floor.desk() as desk:
        await fail_in_mid_call(asterisk, desk)
    shown = asterisk.cli(f"queue show {desk.queue.name}")
    assert "paused" not in shown
    assert "PJSIP/agent160" not in shown
    assert "!" not in asterisk.cli("core show channels concise")
    kinds = [what.split(": ")[1] for what in lab_floor.left]
    assert sorted(kinds) == ["a call", "a call", "a member added", "a pause"]
    lab_floor.left.clear()  # nobody has to be told


async def test_a_line_is_given_back_without_its_call(asterisk: Asterisk, lab_floor: Floor) -> None:
    with lab_floor.desk() as desk:
        with lab_floor.line() as line:
            async with (
                customer(asterisk, line, Answers(after=0.1)) as called,
                caller(asterisk, line.number, seat=desk.phones[0]),
            ):
                await called.until(lambda call: call.answered_at)
        assert "!" not in asterisk.cli("core show channels concise")
    assert [what.split(": ")[0] for what in lab_floor.left] == [line.trunk, line.trunk]
    lab_floor.left.clear()
