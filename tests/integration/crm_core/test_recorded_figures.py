"""Figures of recorded calls of a real Asterisk, against those that SIPp's own log gives.

SIPp hears the exchange pick up half a second before the queue is entered: ``Answer()`` waits so long for
media that SIPp does not send.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from centralita.replay import replay_file
from centralita.settings import Pbx
from crm_core.db.database import Database
from crm_core.db.migrate import upgrade
from crm_core.domain.figures import QueueTally, total
from crm_core.domain.sla import Target
from crm_core.services import calls, reports

FOLDER = Path(__file__).parents[2] / "fixtures" / "ami"
LAB = Pbx(inside=(r"PJSIP/agent\d+",))
BEFORE_THE_QUEUE_S, NEAR_S = 0.5, 0.1
TARGET = Target(within=timedelta(seconds=1.1), short_abandon=timedelta(seconds=1.7))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def true_calls() -> Iterator[dict[str, Any]]:
    """Yield the calls to queues as SIPp saw them."""
    for path in sorted(FOLDER.glob("*.truth.json")):
        yield from (one for one in json.loads(path.read_text())["calls"] if one.get("queue"))


def true_wait(call: dict[str, Any]) -> float:
    over: float = call["answered_at"] or call["ended_at"]
    return over - float(call["picked_up_at"]) - BEFORE_THE_QUEUE_S


def true_figures() -> dict[str, dict[str, Any]]:
    """Return by queue how many calls went how, and their seconds; counted here, from what SIPp saw."""
    told: dict[str, dict[str, Any]] = defaultdict(lambda: defaultdict(float))
    for call in true_calls():
        queue, outcome = told[call["queue"]], call["outcome"]
        if outcome == "abandoned":
            outcome = "short_abandoned" if true_wait(call) < TARGET.short_abandon.total_seconds() else outcome
        queue[{"timeout": "left"}.get(outcome, outcome)] += 1
        if outcome == "answered":
            queue["in_time"] += true_wait(call) < TARGET.within.total_seconds()
            queue["wait_s"] += true_wait(call)
            gone = next((one["started_at"] for one in call["transfers"]), call["ended_at"])  # all are blind
            queue["handled_s"] += gone - call["answered_at"]
    return told


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[dict[str, QueueTally]]:
    """What the database counts of all recordings."""
    file = tmp_path / "records.sqlite3"
    upgrade(f"sqlite:///{file}")
    db = Database(f"sqlite:///{file}")
    await db.start()
    for path in FOLDER.glob("*.ami.gz"):
        found = replay_file(path, pbx=LAB, region="ES")
        await db.run(calls.record, calls=list(found), events=[])
    (counted,) = await db.read(reports.tallies, since=[LONG_AGO], target=TARGET)
    yield {one.queue: one for one in counted}
    await db.close()


async def test_recorded_calls_are_counted_as_they_were(told: dict[str, QueueTally]) -> None:
    true = true_figures()
    assert told.keys() == true.keys()
    for queue, expected in true.items():
        tally = told[queue].tally
        counts = ("answered", "in_time", "abandoned", "short_abandoned", "left", "refused")
        assert {name: getattr(tally, name) for name in counts} == {name: expected[name] for name in counts}
        near = pytest.approx(expected["wait_s"], abs=NEAR_S * max(1, tally.answered))
        assert (queue, tally.wait_s) == (queue, near)
        near = pytest.approx(expected["handled_s"], abs=NEAR_S * max(1, tally.answered))
        assert (queue, tally.handled_s) == (queue, near)


async def test_every_way_to_leave_a_queue_is_among_the_recordings(told: dict[str, QueueTally]) -> None:
    all_of = total(one.tally for one in told.values())
    assert min(all_of.answered, all_of.abandoned, all_of.short_abandoned, all_of.left, all_of.refused) > 0
