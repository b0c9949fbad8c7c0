"""Which calls fit what is looked for, and who is lost: told of few calls in tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_core.domain.calls import Attempt, Call, Visit, VisitOutcome
from crm_core.domain.lost import Stay, lost_callers
from crm_core.domain.search import Wanted, fits
from crm_core.domain.sla import Target, Targets

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
RUNG = Attempt(interface="PJSIP/101", agent="101", started_at=NOON, result="no_answer")
CALL = Call(
    id="c",
    pbx="main",
    linkedid="1.0",
    direction="inbound",
    customer="+34957212000",
    ani="+34957212000",
    contact_id="ana",
    started_at=NOON,
    outcome="timeout",
    visits=[
        Visit(queue="sales", entered_at=NOON + timedelta(seconds=9), outcome="timeout", attempts=[RUNG]),
    ],
)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("wanted", "is_found"),
    [
        pytest.param({}, True, id="all"),
        pytest.param({"since": NOON}, True, id="from its begin on"),
        pytest.param({"since": after(1)}, False, id="later ones"),
        pytest.param({"until": NOON}, False, id="until before its begin"),
        pytest.param({"queue": "sales", "since": after(9), "until": after(10)}, True, id="by the entry"),
        pytest.param({"queue": "sales", "until": after(9)}, False, id="before the entry"),
        pytest.param({"queue": "other"}, False, id="another queue"),
        pytest.param({"figure": "left"}, True, id="a figure"),
        pytest.param({"figure": "answered"}, False, id="another figure"),
        pytest.param({"numbers": ("+1", "+34957212000")}, True, id="his number"),
        pytest.param({"numbers": ("+1",)}, False, id="another number"),
        pytest.param({"digits": "101"}, False, id="an extension"),
        pytest.param({"contact_ids": ("leo", "ana")}, True, id="one of contacts"),
        pytest.param({"contact_ids": ()}, False, id="nobody's"),
        pytest.param({"agent": "101"}, True, id="whom it rang at"),
        pytest.param({"agent": "101", "missed": True}, True, id="who missed it"),
        pytest.param({"agent": "102"}, False, id="another agent"),
        pytest.param({"missed": True}, True, id="taken by nobody"),
        pytest.param({"pbx": "spare"}, False, id="another exchange"),
        pytest.param({"direction": "outbound"}, False, id="another direction"),
        pytest.param({"outcome": "answered"}, False, id="another outcome"),
    ],
)
def test_a_call_fits(wanted: dict[str, Any], *, is_found: bool) -> None:
    assert fits(CALL, Wanted(**wanted), Targets(of_all=Target())) is is_found


def stay(customer: str, second: float, outcome: VisitOutcome, call: str = "c") -> Stay:
    return Stay(
        customer=customer,
        contact_id=None,
        call=call,
        pbx="main",
        queue="sales",
        entered_at=after(second),
        wait_s=9.0,
        outcome=outcome,
    )


@pytest.mark.parametrize(
    ("stays", "lost"),
    [
        pytest.param([], [], id="nobody"),
        pytest.param([stay("a", 0, "abandoned")], [("a", 1)], id="hung up"),
        pytest.param(
            [stay("a", 9, "timeout"), stay("a", 0, "abandoned")], [("a", 2)], id="twice, in any order"
        ),
        pytest.param([stay("a", 0, "abandoned"), stay("a", 9, "exit_key")], [], id="then left by a key"),
        pytest.param([stay("a", 0, "exit_key"), stay("a", 9, "cut")], [("a", 1)], id="cut off after a key"),
        pytest.param(
            [stay("a", 5, "refused"), stay("b", 0, "left_empty")],
            [("b", 1), ("a", 1)],
            id="who waits longest",
        ),
    ],
)
def test_who_is_lost(stays: list[Stay], lost: list[tuple[str, int]]) -> None:
    assert [(one.customer, one.tries) for one in lost_callers(stays)] == lost
