"""Another program holds the database for a while: cards may be late, nothing is lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from lab.floor import Floor
from lab.pbx import Asterisk
from lab.phones import Answers, caller, phone
from lab.service import on_exchange

pytestmark = pytest.mark.asterisk
NUMBER = "957212000"


async def test_a_call_that_ends_meanwhile_is_in_the_history_afterwards(
    asterisk: Asterisk, lab_floor: Floor, tmp_path: Path
) -> None:
    with lab_floor.desk() as place:
        seat = place.phones[0]
        async with (
            on_exchange(asterisk, folder=tmp_path) as house,
            house.desk("ana", seat) as ana,
            phone(asterisk, seat, Answers(after=0.2)),
        ):
            maria = await house.add_contact("María", NUMBER)
            async with caller(asterisk, place.did, number=NUMBER, hang_up_after=2) as line:
                await ana.pop(f"+34{NUMBER}", of=maria)
                other = sqlite3.connect(tmp_path / "centralita.sqlite3", isolation_level=None)
                other.execute("BEGIN IMMEDIATE")
                await line.ended()
                await ana.until(lambda m: m["op"] == "event" and m["event"]["type"] == "call.ended")
                # Nobody can be told before it is stored: this waits for the recorder to have failed.
                health = await ana.health(lambda parts: not parts["recorder"]["is_well"])
                assert "database" in health["recorder"]["why"]
                other.execute("COMMIT")
                other.close()
            (call,) = await ana.calls_of(maria)
            await ana.health(lambda parts: parts["recorder"]["is_well"])
    assert (call["outcome"], call["hung_up_by"]) == ("answered", "customer")
