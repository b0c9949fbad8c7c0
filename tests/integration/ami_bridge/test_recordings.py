"""Recorded calls of a real Asterisk, told by the ledger, against what SIPp's own log says happened."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from centralita.replay import replay_file
from centralita.settings import Pbx
from crm_core.domain.calls import Attempt, Call, untiled

FOLDER = Path(__file__).parents[2] / "fixtures" / "ami"
NEAR_S = 0.1
LAB = Pbx(inside=(r"PJSIP/agent\d+",))
TRUTHS = sorted(FOLDER.glob("*.truth.json"))


def told(name: str, **how: Any) -> list[Call]:
    calls = replay_file(FOLDER / f"{name}.ami.gz", pbx=how.get("pbx", LAB), region="ES")
    return sorted(calls, key=lambda call: (who(call.ani_raw), call.started_at))


def who(number: str | None) -> str:
    """Calls that begin in the same millisecond are told apart by who calls."""
    return number or ""


def truth_of(path: Path) -> list[dict[str, Any]]:
    calls = json.loads(path.read_text())["calls"]
    return sorted(calls, key=lambda call: (who(call.get("from")), call["started_at"]))


def is_near(ours: datetime | None, truth: float | None) -> bool:
    if ours is None or truth is None:
        return (ours is None) == (truth is None)
    return abs(ours.timestamp() - truth) <= NEAR_S


def attempts(call: Call) -> list[Attempt]:
    return [attempt for visit in call.visits for attempt in visit.attempts] + call.attempts


def rung(call: dict[str, Any]) -> list[tuple[str, str]]:
    if "rung" in call:
        return [(phone["interface"], phone["result"]) for phone in call["rung"]]
    return [(call["agent"]["interface"], call["agent"]["result"])]


@pytest.mark.parametrize("path", TRUTHS, ids=lambda path: path.name.removesuffix(".truth.json"))
def test_a_real_call_is_told_as_it_was(path: Path) -> None:
    name = path.name.removesuffix(".truth.json")
    truth = truth_of(path)
    calls = told(name)
    assert len(calls) == len(truth)
    for call, true in zip(calls, truth, strict=True):
        assert call.direction == true["direction"]
        assert call.outcome == (true["outcome"] or "failed")
        assert call.hung_up_by == true["hung_up_by"]
        assert is_near(call.started_at, true["started_at"])
        assert is_near(call.answered_at, true["answered_at"])
        assert is_near(call.ended_at, true["ended_at"])
        ours = [(attempt.interface, attempt.result) for attempt in attempts(call)]
        assert [one for one in ours if "agent" in one[0]] == rung(true)
        assert untiled(call) == []
        assert call.anomalies == []


@pytest.mark.parametrize("path", TRUTHS, ids=lambda path: path.name.removesuffix(".truth.json"))
def test_without_settings_the_same_outcomes_are_found(path: Path) -> None:
    calls = told(path.name.removesuffix(".truth.json"), pbx=None)
    expected = [call["outcome"] or "failed" for call in truth_of(path)]
    assert [call.outcome for call in calls] == expected
    for call in calls:
        assert {anomaly.kind for anomaly in call.anomalies} <= {"inferred_inside"}
