"""Rows of CEL for tests, written as short lines: second, type, leg, then what else is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ami_bridge.domain.cel import CelRow

START = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)
EPOCH = int(START.timestamp())
CALLER, ANA, BEA = "PJSIP/trunk-00000001", "PJSIP/101-00000002", "PJSIP/102-00000003"
ONE, TWO, THREE = (f"{EPOCH + n}.{n}" for n in (0, 1, 2))
_IDS = {CALLER: ONE, ANA: TWO, BEA: THREE}
NUMBERS = {CALLER: "957212000", ANA: "101", BEA: "102"}
BRIDGE = "8f5b2a10-1111-4222-8333-123456789abc"


def row(after: float, kind: str, channel: str, *, extra: dict[str, Any] | None = None, **more: str) -> CelRow:
    """Return a row of the call of ``ONE``, *after* seconds from its start."""
    said = {key: str(value) for key, value in (extra or {}).items()}
    given = {"uniqueid": _IDS.get(channel, ""), "linkedid": ONE, "num": NUMBERS.get(channel, ""), **more}
    return CelRow(type=kind, at=START + timedelta(seconds=after), channel=channel, extra=said, **given)


def hangup(after: float, channel: str, *, by: str = "", cause: int = 16) -> list[CelRow]:
    """Return the rows of a leg's end."""
    extra = {"hangupcause": cause, "hangupsource": by, "dialstatus": ""}
    return [row(after, "HANGUP", channel, extra=extra), row(after + 0.001, "CHAN_END", channel)]


def enters(after: float, channel: str, bridge: str = BRIDGE) -> CelRow:
    """Return the row of a leg that enters a bridge."""
    return row(
        after, "BRIDGE_ENTER", channel, extra={"bridge_id": bridge, "bridge_technology": "simple_bridge"}
    )


def leaves(after: float, channel: str, bridge: str = BRIDGE) -> CelRow:
    """Return the row of a leg that leaves a bridge."""
    return row(after, "BRIDGE_EXIT", channel, extra={"bridge_id": bridge})


def calls_in() -> CelRow:
    """Return the birth of the caller's leg."""
    return row(0, "CHAN_START", CALLER, exten="5551001", context="from-trunk")


def queue_call() -> list[CelRow]:
    """Return a call that waits 2 s, rings Ana for 3 s, talks for 10 s; the caller hangs up."""
    return [
        calls_in(),
        row(0.5, "ANSWER", CALLER),
        row(1, "APP_START", CALLER, app="Queue", app_args="sales,t,,,60"),
        row(3, "CHAN_START", ANA, exten="s", context="from-agents"),
        row(6, "ANSWER", ANA, app="AppQueue"),
        enters(6, ANA),
        enters(6, CALLER),
        leaves(16, CALLER),
        row(16, "APP_END", CALLER, app="Queue", app_args="sales,t,,,60"),
        *hangup(16, CALLER, by=CALLER),
        leaves(16, ANA),
        *hangup(16, ANA, by=CALLER),
        row(16.01, "LINKEDID_END", CALLER),
    ]
