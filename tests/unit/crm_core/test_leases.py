"""Who stands by: what he does by what he sees of the leases, second by second."""

from __future__ import annotations

import pytest

from crm_core.domain.leases import GRACE_S, STILL_S, VALID_S, Lease, Watch

ME, OTHER, THIRD = "1", "2", "3"
LONG_S = STILL_S + GRACE_S


def held(beat: int = 0, *, wanted_by: str = "", holder: str = OTHER) -> tuple[Lease, ...]:
    return (
        Lease(name="pbx main", holder=holder, term=1, beat=7, wanted_by=wanted_by),
        Lease(name="service", holder=holder, term=4, beat=beat, wanted_by=wanted_by),
    )


@pytest.mark.parametrize(
    ("looks", "steps"),
    [
        pytest.param([(0, held(holder=""))], ["take"], id="given back"),
        pytest.param([(0, (Lease(name="service"),))], ["take"], id="never held"),
        pytest.param([(0, held()), (1, held(1)), (2.0, held(2))], ["wait"] * 3, id="the holder beats"),
        pytest.param([(0, held()), (1.9, held())], ["wait", "wait"], id="a beat is late"),
        pytest.param([(0, held()), (2.0, held())], ["wait", "want"], id="still for long"),
        pytest.param(
            [(0, held()), (2.0, held()), (2.25, held(wanted_by=ME)), (6.24, held(wanted_by=ME))],
            ["wait", "want", "wait", "wait"],
            id="wanted, and not long enough",
        ),
        pytest.param(
            [(0, held()), (2.0, held()), (2.25, held(wanted_by=ME)), (6.25, held(wanted_by=ME))],
            ["wait", "want", "wait", "take"],
            id="wanted, and no answer",
        ),
        pytest.param(
            [(0, held()), (2.0, held()), (2.25, held(wanted_by=ME)), (4, held(1)), (5.9, held(1))],
            ["wait", "want", "wait", "wait", "wait"],
            id="the holder answers",
        ),
        pytest.param(
            [(0, held(wanted_by=THIRD)), (5.9, held(wanted_by=THIRD))], ["wait", "wait"], id="another wants"
        ),
        pytest.param(
            [(0, held(wanted_by=THIRD)), (6, held(wanted_by=THIRD))], ["wait", "want"], id="and died over it"
        ),
    ],
)
def test_what_is_done_by_what_is_seen(looks: list[tuple[float, tuple[Lease, ...]]], steps: list[str]) -> None:
    watch = Watch(ME)
    assert [watch.step(seen, now=now, is_dead=False) for now, seen in looks] == steps


def test_who_is_known_to_be_dead_is_not_waited_for() -> None:
    assert Watch(ME).step(held(), now=0, is_dead=True) == "take"


def test_while_the_database_is_away_nobody_s_silence_counts() -> None:
    watch = Watch(ME)
    watch.step(held(), now=0, is_dead=False)
    watch.failed()
    assert watch.step(held(), now=20, is_dead=False) == "wait"
    assert watch.step(held(), now=22, is_dead=False) == "want"


def test_a_holder_stops_acting_before_anybody_takes_over() -> None:
    """And that comes within the 10 s that a floor may be without us, with time to start."""
    assert VALID_S < GRACE_S
    assert LONG_S <= 6
