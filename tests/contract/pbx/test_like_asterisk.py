"""The simulated exchange says what Asterisk says: same events, same headers, same certain order.

The measure are the recordings of a real Asterisk 22.10 in tests/fixtures/ami.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from pathlib import Path

import pytest
from contract.pbx import trace
from contract.pbx.scenes import SCENES, play

FIXTURES = Path(__file__).parents[2] / "fixtures" / "ami"
SEEDS = range(6)


def recorded(name: str) -> trace.Trace:
    return trace.read(gzip.decompress((FIXTURES / f"{name}.ami.gz").read_bytes()))


@pytest.mark.parametrize("name", SCENES)
def test_the_simulated_exchange_says_what_asterisk_said(name: str) -> None:
    real = recorded(name)
    for seed in SEEDS:
        assert "\n".join(trace.differences(real, trace.read(play(SCENES[name], seed=seed)))) == ""


def out_of_order(seen: trace.Trace) -> list[tuple[str, str]]:
    """Return the certain pairs that came the other way round."""
    first: dict[str, int] = {}
    for place, (kind, _, _) in enumerate(seen.order):
        first.setdefault(kind, place)
    return [
        (earlier, later)
        for earlier, later in trace.CERTAIN
        if earlier in first and later in first and first[earlier] > first[later]
    ]


@pytest.mark.parametrize("name", SCENES)
def test_what_is_certain_holds_in_both(name: str) -> None:
    assert out_of_order(recorded(name)) == []
    for seed in SEEDS:
        assert out_of_order(trace.read(play(SCENES[name], seed=seed))) == []


def test_what_asterisk_shuffles_is_shuffled() -> None:
    """The six at the ringing of a phone come in many orders; every one of them keeps the strands."""
    orders = defaultdict(int)
    for seed in range(40):
        seen = trace.read(play(SCENES["answered_agent_hangs_up"], seed=seed))
        six = [
            f"{kind} {thing}"
            for kind, thing, label in seen.order
            if kind in {"AgentCalled", "DialBegin", "NewConnectedLine", "DialState"}
            or (kind == "Newstate" and "State=5" in label)
            or (kind == "QueueMemberStatus" and "Status=6" in label)
        ]
        orders[tuple(six)] += 1
    assert len(orders) >= 10
