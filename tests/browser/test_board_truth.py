"""The board's floor, followed event by event, is the ledger's own: checked with every recorded exchange."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from browser.kit import Visitors

from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from centralita.replay import reader_of, timed

RECORDINGS = Path(__file__).parents[1] / "fixtures" / "ami"
TICK = timedelta(milliseconds=250)
LOOK_EVERY = 10  # events
FOLLOW = """async (steps) => {
  const { Floor } = await import('/static/js/floor.js');
  const floor = new Floor();
  floor.take({ pbx: { main: true }, floor: { queues: [], agents: [], calls: [] } });
  const wrong = [];
  for (const { events, calls, queues } of steps) {
    for (const event of events) floor.apply(event);
    const seen = [...floor.calls].map(([id, call]) => [id, call.segments.map((one) => [one.kind, one.at])]);
    const there = [...floor.queues.values()].map((queue) => [queue.queue, queue.waiting.length]);
    const both = [[seen, there].map(Object.fromEntries), [calls, queues]];
    const [is, should] = both.map((one) => JSON.stringify(sorted(one)));
    if (is !== should) wrong.push({ after: events.at(-1).type, is, should });
  }
  return wrong.slice(0, 3);
  function sorted(value) {
    if (Array.isArray(value)) return value.map(sorted);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).sort().map(([key, one]) => [key, sorted(one)]));
  }
}"""


def steps_of(recording: Path) -> list[dict[str, Any]]:
    """Return what the ledger tells of *recording*, and now and then how its floor is."""
    floor = Floor("main", inside=Inside(patterns=(), is_guessing=True), read=reader_of("ES"))
    steps, told, next_tick = [], [], None
    for event, now in timed(recording):
        told += floor.step(event, now)
        if next_tick is None or now >= next_tick:
            told += floor.tick(now)
            next_tick = now + TICK
            if len(told) >= LOOK_EVERY:
                steps.append({"events": told, **how_it_is(floor)})
                told = []
    return msgspec.to_builtins(steps)


def how_it_is(floor: Floor) -> dict[str, Any]:
    calls = {
        call.id: [(one.kind, one.at) for one in call.segments if one.party == "customer"]
        for call in floor.calls()
    }
    return msgspec.to_builtins(
        {"calls": calls, "queues": {one.queue: len(one.waiting) for one in floor.queues() if one.queue}}
    )


async def test_what_the_board_shows_is_what_the_ledger_holds(visitors: Visitors) -> None:
    page = await visitors.visit(None, "/sign-in")
    recordings = sorted(RECORDINGS.glob("*.ami.gz"))
    wrong = {path.name: await page.evaluate(FOLLOW, steps_of(path)) for path in recordings}
    assert {name: faults for name, faults in wrong.items() if faults} == {}
    assert len(wrong) > 30
