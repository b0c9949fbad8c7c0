"""In whose history a call stands, and how it is told in a line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_core.domain.calls import Attempt, Call, Segment, Visit
from crm_core.domain.cards import CardCall, CardSegment
from crm_core.domain.history import agents_of, as_card_call, last_agent, last_queue

BEGAN = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def at(second: float) -> datetime:
    return BEGAN + timedelta(seconds=second)


def rung(agent: str | None, result: Any) -> Attempt:
    return Attempt(interface=f"PJSIP/agent{agent}", agent=agent, started_at=BEGAN, result=result)


def served(agent: str | None, kind: Any = "talk", party: str = "PJSIP/a") -> Segment:
    return Segment(kind=kind, party=party, agent=agent, at=BEGAN, until=at(9))


def a_call(
    *rung_in_queue: Attempt, segments: list[Segment] | None = None, answered: bool = False, **more: Any
) -> Call:
    visits = [Visit(queue="sales", entered_at=BEGAN, attempts=list(rung_in_queue))] if rung_in_queue else []
    return Call(
        id="x",
        pbx="main",
        linkedid="1.0",
        started_at=BEGAN,
        answered_at=at(1) if answered else None,
        visits=visits,
        segments=segments or [],
        **more,
    )


@pytest.mark.parametrize(
    ("call", "agents"),
    [
        pytest.param(a_call(), {}, id="nobody was rung"),
        pytest.param(a_call(rung("101", "answered"), answered=True), {"101": False}, id="he took it"),
        pytest.param(a_call(segments=[served("101")], answered=True), {"101": False}, id="he talked"),
        pytest.param(a_call(segments=[served("101", "consult")]), {"101": False}, id="he was consulted"),
        pytest.param(a_call(segments=[served("101", "spy")]), {}, id="he listened in"),
        pytest.param(
            a_call(segments=[served("101", party="customer")]), {}, id="the customer's segment is not his"
        ),
        pytest.param(a_call(segments=[served(None)]), {}, id="nobody was signed in there"),
        pytest.param(a_call(rung("101", "no_answer")), {"101": True}, id="it rang out"),
        pytest.param(a_call(rung("101", "busy")), {"101": True}, id="he was busy"),
        pytest.param(a_call(rung("101", "rejected")), {"101": True}, id="he refused"),
        pytest.param(a_call(rung("101", "unreachable")), {"101": True}, id="his phone was dead"),
        pytest.param(a_call(rung("101", "cancelled")), {"101": True}, id="the caller left"),
        pytest.param(a_call(rung("101", "forwarded")), {}, id="his phone sent it on"),
        pytest.param(a_call(rung("101", None)), {}, id="it rings still"),
        pytest.param(a_call(rung(None, "no_answer")), {}, id="nobody sits there"),
        pytest.param(
            a_call(rung("101", "cancelled"), rung("102", "answered"), answered=True),
            {"102": False},
            id="another was quicker",
        ),
        pytest.param(
            a_call(rung("101", "no_answer"), rung("102", "answered"), answered=True),
            {"101": True, "102": False},
            id="it rang out, then another took it",
        ),
        pytest.param(
            a_call(rung("101", "no_answer"), rung("101", "answered"), answered=True),
            {"101": False},
            id="it rang out, then he took it",
        ),
        pytest.param(
            a_call(attempts=[rung("103", "no_answer")]), {"103": True}, id="dialled outside a queue"
        ),
    ],
)
def test_agents_of_a_call(call: Call, agents: dict[str, bool]) -> None:
    assert agents_of(call) == agents


def test_who_talked_last_and_where() -> None:
    call = a_call(
        rung("101", "answered"), segments=[served("101"), served("102"), served("103", "hold"), served(None)]
    )
    call.visits.append(Visit(queue="help", entered_at=at(3)))

    assert (last_agent(call), last_queue(call)) == ("102", "help")
    assert (last_agent(a_call()), last_queue(a_call())) == (None, None)


def test_a_call_in_a_line() -> None:
    call = a_call(
        rung("101", "answered"),
        segments=[
            served(None, "wait", "customer"),
            served("101", "talk", "customer"),
            served("101"),
            Segment(kind="hold", party="customer", at=at(9)),
        ],
        ended_at=at(9.5),
        outcome="answered",
    )

    assert as_card_call(call, agent="Ana") == CardCall(
        id="x",
        started_at=BEGAN,
        duration_s=9.5,
        outcome="answered",
        agent="Ana",
        queue="sales",
        segments=(
            CardSegment(kind="wait", at=BEGAN, until=at(9)),
            CardSegment(kind="talk", at=BEGAN, until=at(9)),
        ),
    )
    assert as_card_call(a_call(), agent=None).duration_s == 0.0
