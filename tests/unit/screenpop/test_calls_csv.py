"""Calls as rows of a table for spreadsheets, and what must not become a formula."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm_core.domain.calls import Call, Visit, Work
from crm_core.domain.cells import safe_cell
from screenpop.i18n import translator
from screenpop.pages.calls_csv import COLUMNS, Manner, span

MADRID = ZoneInfo("Europe/Madrid")
SPANISH = Manner(t=translator("es"), zone=MADRID)
NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("María", "María"),
        ("=1+1", "'=1+1"),
        ("+34957212000", "'+34957212000"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =cmd|' /C calc'!A0", "'  =cmd|' /C calc'!A0"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_no_text_is_a_formula(text: str, written: str) -> None:
    assert safe_cell(text) == written


@pytest.mark.parametrize(
    ("length_s", "written"),
    [
        pytest.param(None, None, id="not known"),
        pytest.param(0.0, "0:00:00", id="none"),
        pytest.param(59.4, "0:00:59", id="down"),
        pytest.param(59.5, "0:01:00", id="halves up"),
        pytest.param(307.0, "0:05:07", id="minutes"),
        pytest.param(90_061.0, "25:01:01", id="more than a day"),
    ],
)
def test_a_span_can_be_added_up(length_s: float | None, written: str | None) -> None:
    assert span(length_s) == written


def test_a_call() -> None:
    call = Call(
        id="c",
        pbx="main",
        linkedid="1.0",
        direction="inbound",
        ani="+34957212000",
        customer="+34957212000",
        did="5551001",
        contact_id="ana",
        started_at=NOON,
        ended_at=NOON + timedelta(seconds=75.2),
        outcome="answered",
        wait_s=10.25,
        ring_s=4.0,
        talk_s=61.0,
        hold_s=0.0,
        visits=[Visit(queue="sales", entered_at=NOON, outcome="answered", agent="101")],
        work=[Work(agent="101", disposition="=Sold", saved_at=NOON)],
    )
    told = SPANISH.call(call, {"ana": "@Ana"}, {"101": "Eva Sanz"})
    assert told == [
        *("2026-11-26 13:00:00", "Entrante", "+34957212000", "@Ana", "5551001", "sales", "Eva Sanz"),
        *("Atendida", "=Sold", "0:00:10", "0:00:04", "0:01:01", "0:00:00", "0:01:15", 10.25, "c"),
    ]
    assert len(set(COLUMNS)) == len(told)
