"""A resync at any moment of a busy floor, row by row while calls go on, as the simulated exchange tells them.

While nothing is missed it changes nothing, however stream and lists overtake each other. After a gap it
brings back the picture of a floor that heard everything.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ami_bridge.domain import ami, events
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.meanwhile import Meanwhile
from ami_bridge.wire.parse import read_event, read_item
from ami_bridge.wire.shape import headers_in
from crm_core.domain.calls import Call, untiled
from pbxsim.config import Config, Did, Load, Manner, Phone, Queue, Spread, exactly
from pbxsim.manager import items
from pbxsim.manager.action import HERE
from pbxsim.world.callers import RandomCallers
from pbxsim.world.exchange import Exchange

START = 1_795_536_000.0
STEP_S, LAST_STEP_S, LONGEST_S = 0.1, 1.0, 70.0
UNHELD = {"hold": "talk", "holding": "talking"}
MANNERS = (
    (3.0, Manner(after=Spread(0.2, 1.5))),
    (1.0, Manner(after=exactly(0.3), hold_after=Spread(0.2, 1.0), hold_for=Spread(0.3, 2.0))),
    (1.0, Manner(after=exactly(0.3), transfer_after=Spread(0.3, 1.5), transfer_to="102")),
    (1.0, Manner(takes="ignores")),
    (0.5, Manner(takes="busy", after=exactly(0.0))),
    (0.5, Manner(takes="rejects", after=exactly(0.4))),
)
EXTENSIONS = ("101", "102", "103", "104")
LOAD = Load(
    per_second=3.0,
    callers=(("957212000", "Ana Soto"), ("600123456", ""), ("", "")),
    dids=((3.0, "5551001"), (2.0, "5551002"), (1.0, "5551003")),
    patience=Spread(0.5, 6.0, mean=3.0),
    talk=Spread(0.2, 4.0, mean=1.5),
    internal=0.2,
)
CONFIG = Config(
    users=(),
    phones=tuple(Phone(extension=one, manners=MANNERS) for one in EXTENSIONS),
    queues=(
        Queue(name="sales", members=EXTENSIONS[:3], strategy="ringall", timeout=3.0),
        Queue(name="care", members=EXTENSIONS[2:], timeout=2.0, max_wait=4.0),
    ),
    dids=(
        Did(number="5551001", to="queue:sales"),
        Did(number="5551002", to="queue:care"),
        Did(number="5551003", to="phone:103"),
    ),
)


def read(raw: str) -> str | None:
    return f"+34{raw}" if len(raw) == 9 else None


class Listener:
    """A floor and what it told."""

    def __init__(self) -> None:
        self.floor = Floor("main", inside=Inside(patterns=(r"PJSIP/agent\d+",)), read=read)
        self.told: list[events.FloorEvent] = []
        self.meanwhile: Meanwhile | None = None
        for extension in EXTENSIONS:
            self.hear(ami.SeatTaken(interface=f"PJSIP/agent{extension}", agent=extension), START)

    def hear(self, fact: ami.AmiEvent, now: float) -> None:
        if self.meanwhile and self.meanwhile.note(fact, at(now)):
            return
        self.told += self.floor.step(fact, at(now))

    def tick(self, now: float) -> None:
        self.told += self.floor.tick(at(now))

    def ended(self) -> list[Call]:
        return [event.record for event in self.told if isinstance(event, events.CallEnded)]

    def words(self) -> list[bytes]:
        """Everything told that is no picture of a queue and no report."""
        kept = (one for one in self.told if not isinstance(one, events.QueueChanged | events.PbxResynced))
        return [msgspec.json.encode(one) for one in kept]


class Stage:
    """The exchange, one listener who hears everything, and one who has the lists laid beside.

    What the exchange says reaches both after *lag* seconds.
    """

    def __init__(self, seed: int, *, lag: float = 0.0) -> None:
        chance = random.Random(seed)
        self.world = Exchange(CONFIG, chance=chance, now=START)
        self.callers = RandomCallers(self.world, LOAD, LOAD.per_second)
        self.callers.start()
        self.whole, self.ours = Listener(), Listener()
        self.is_deaf = False
        self._lag, self._pipe = lag, deque[tuple[float, ami.AmiEvent]]()
        for listener in (self.whole, self.ours):
            listener.floor.resync(self.lists(), at(START))

    def go(self, seconds: float, *, step: float = STEP_S) -> None:
        """Let life go on for so long."""
        until = self.world.now + seconds
        while self.world.now < until:
            self.world.run(min(self.world.now + step, until))
            self.flow()
            for listener in (self.whole, self.ours):
                listener.tick(self.world.now)

    def flow(self) -> None:
        """Let what was said arrive that is due."""
        now = self.world.now
        for said in self.world.take_events():
            fact = read_event(said.text.encode().removesuffix(b"\r\n\r\n"))
            self._pipe += [(now + self._lag, fact)] if fact else []
        while self._pipe and self._pipe[0][0] <= now:
            _, fact = self._pipe.popleft()
            self.whole.hear(fact, now)
            if not self.is_deaf:
                self.ours.hear(fact, now)

    def end(self) -> None:
        """Nobody calls any more, and all go home."""
        self.callers.rate = 0.0
        self.go(LONGEST_S, step=LAST_STEP_S)

    # --- the lists

    def lists(self, pauses: Iterator[float] | None = None) -> ami.Snapshot:
        """Return the lists; life goes on for the next of *pauses* before each row."""
        world, rows = self.world, list[ami.AmiEvent]()

        def keep(texts: Sequence[str]) -> None:
            rows.extend(filter(None, (read_item(headers_in(text.replace(HERE, ""))) for text in texts)))

        for line in list(world.lines):
            if pauses:
                self.go(next(pauses))
            keep(list(items.queue_status(world, line, "")))
        for name in list(world.channels):
            if pauses:
                self.go(next(pauses))
            keep([row for row in items.channels(world) if f"{HERE}Channel: {name}\r\n" in row])
        keep(list(items.bridges(world)))
        return ami.Snapshot(
            channels=tuple(row for row in rows if isinstance(row, ami.ChannelRow)),
            bridges=tuple(row for row in rows if isinstance(row, ami.BridgeRow)),
            queues=tuple(row for row in rows if isinstance(row, ami.QueueParams)),
            members=tuple(row for row in rows if isinstance(row, ami.QueueMember)),
            entries=tuple(row for row in rows if isinstance(row, ami.QueueEntry)),
        )

    def look(self, pauses: Sequence[float], seen: Meanwhile | None = None) -> tuple[ami.Snapshot, Meanwhile]:
        """Return lists taken row by row, and what we heard since they were asked for (or since *seen*)."""
        self.ours.meanwhile = seen = seen or self.ours.floor.meanwhile()
        return self.lists(_again(pauses)), seen

    def lay_beside(self, snapshot: ami.Snapshot, meanwhile: Meanwhile) -> events.PbxResynced:
        self.ours.meanwhile = None
        told = self.ours.floor.resync(snapshot, at(self.world.now), meanwhile=meanwhile)
        self.ours.told += told
        report = told[-1]
        assert isinstance(report, events.PbxResynced)
        return report


def _again(pauses: Sequence[float]) -> Iterator[float]:
    while True:
        yield from pauses


def at(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC)


def picture(floor: Floor) -> dict[str, object]:
    """What a floor shows: who is in which queue, who talks to whom, what everybody does, who is rung.

    A hold counts as a talk: no list of the exchange tells of holds. Who called, talked and is handed on
    counts as dialling until the next phone is picked up: no list tells that he talked before.
    """
    calls = sorted(floor.calls(), key=lambda call: call.linkedid)
    with_somebody = {
        one for call in calls for kind, party, with_ in _now(call) if with_ for one in (party, *with_)
    }
    return {
        "calls": [
            (call.linkedid, call.direction, call.ani, call.ended_at is not None, _now(call)) for call in calls
        ],
        "waiting": {queue.queue: sorted(one.call for one in queue.waiting) for queue in floor.queues()},
        "members": {queue.queue: queue.members for queue in floor.queues()},
        "agents": {view.interface: _shown(view, with_somebody) for view in floor.agents()},
        "rung": {one: sorted(c.id for c in floor.ringing_at(f"PJSIP/agent{one}")) for one in EXTENSIONS},
    }


def _shown(view: events.AgentView, with_somebody: set[str]) -> str:
    state = UNHELD.get(view.state, view.state)
    return "dialling" if state == "talking" and view.interface not in with_somebody else state


def _now(call: Call) -> list[tuple[str, str, tuple[str, ...]]]:
    return sorted(
        (one.party, UNHELD.get(one.kind, one.kind), one.with_) for one in call.segments if one.until is None
    )


seeds = st.integers(0, 10_000)
moments = st.floats(0.5, 12.0)
pauses = st.lists(st.sampled_from((0.0, 0.0, 0.001, 0.02, 0.1, 0.4)), min_size=1, max_size=6)
EACH = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@EACH
@given(seeds, moments, pauses)
def test_lists_taken_at_any_moment_change_nothing_when_nothing_was_missed(
    seed: int, moment: float, rests: list[float]
) -> None:
    stage = Stage(seed)
    stage.go(moment)
    report = stage.lay_beside(*stage.look(rests))
    assert (report.adopted, report.closed, report.corrected, report.by) == (0, 0, 0, {})
    stage.end()
    assert stage.ours.words() == stage.whole.words()
    assert stage.ours.floor.legs_held == 0


@EACH
@given(seeds, moments, pauses, st.floats(0.0, 1.5))
def test_an_audit_finds_nothing_when_the_stream_lags_behind_the_lists(
    seed: int, moment: float, rests: list[float], lag: float
) -> None:
    """The first look may find what is still under way; the second does not find the same."""
    stage = Stage(seed, lag=lag)
    stage.go(moment)
    snapshot, seen = stage.look(rests)
    suspects = stage.ours.floor.differences(snapshot, seen)
    stage.go(2.0)
    assert suspects & stage.ours.floor.differences(*stage.look(rests, seen)) == set()


@EACH
@example(310, 1.0, 10.0, [0.0])
@given(seeds, moments, st.floats(0.1, 15.0), pauses)
def test_after_a_gap_the_picture_is_that_of_a_floor_that_heard_everything(
    seed: int, moment: float, gap: float, rests: list[float]
) -> None:
    """At once, but for what was said of while the lists were taken; that the first audit mends."""
    stage = Stage(seed)
    stage.go(moment)
    stage.ours.floor.link_lost(at(stage.world.now))
    stage.is_deaf = True
    stage.go(gap)
    stage.is_deaf = False
    stage.lay_beside(*stage.look(rests, stage.ours.floor.meanwhile(is_new=True)))
    stage.go(0.6)  # who is between two things is settled by then
    stage.lay_beside(*stage.look([0.0]))
    assert stage.ours.floor.differences(*stage.look([0.0])) == set()
    assert picture(stage.ours.floor) == picture(stage.whole.floor)
    stage.end()
    assert stage.ours.floor.legs_held == 0
    ended = stage.ours.ended()
    assert len({call.id for call in ended}) == len(ended)
    for call in ended:
        assert untiled(call) == []
