"""The simulated exchange says what Asterisk says: same events, same headers, same certain order.

The measure are the recordings of a real Asterisk 22.10 in tests/fixtures/ami.
"""

from __future__ import annotations

import gzip
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


def at_the_ringing(seen: trace.Trace) -> tuple[str, ...]:
    """Return the seven events at the first ringing of a phone, in the order in which they came."""
    order = [
        f"{kind} {thing}"
        for kind, thing, label in seen.order
        if kind in {"AgentCalled", "DialBegin", "NewConnectedLine", "DialState"}
        or (kind == "Newstate" and "State=5" in label)
        or (kind == "QueueMemberStatus" and "Status=6" in label)
    ]
    return tuple(order[:7])


@pytest.fixture(scope="module")
def shuffled() -> set[tuple[str, ...]]:
    """Every order that four hundred calls brought."""
    scene = SCENES["answered_agent_hangs_up"]
    return {at_the_ringing(trace.read(play(scene, seed=seed))) for seed in range(400)}


@pytest.mark.parametrize(
    "name",
    [name for name in SCENES if name.startswith(("answered_", "held_"))] + ["abandoned_while_ringing"],
)
def test_what_asterisk_shuffles_is_shuffled(name: str, shuffled: set[tuple[str, ...]]) -> None:
    """The order in which a real ringing was told is one of many in which the simulated exchange tells it."""
    assert len(shuffled) > 30
    assert at_the_ringing(recorded(name)) in shuffled
