"""What queue_log adds to CEL: that somebody entered a queue, who took him, why he left it unanswered.

Its times are whole seconds, so each line is laid beside the row of CEL that it belongs to; only where CEL
does not write of queues at all do the seconds of queue_log count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from ami_bridge.domain.cel import CelRow, QueueLine

CONNECTED, LEFT = "QUEUE_CONNECTED", "QUEUE_LEFT"
"""Rows of our own beside those of CEL; ``extra`` holds the member's leg, the status."""
ABANDONED = ""
WHY_LEFT = {
    "EXITWITHTIMEOUT": "TIMEOUT",
    "EXITEMPTY": "LEAVEEMPTY",
    "EXITWITHKEY": "EXITWITHKEY",
    "ABANDON": ABANDONED,
}
NEAR = timedelta(seconds=2)
"""How far a whole second, written after the fact, may be from the row it belongs to."""


def with_queue_log(rows: Sequence[CelRow], lines: Iterable[QueueLine]) -> list[CelRow]:
    """Return *rows* with what *lines* add, each in front of the row of the same instant that follows."""
    legs: dict[str, list[CelRow]] = {}
    for row in rows:
        legs.setdefault(row.uniqueid, []).append(row)
    added = [row for line in lines if (of_leg := legs.get(line.caller)) for row in _of(line, of_leg, legs)]
    return [*added, *rows]


def _of(line: QueueLine, leg: list[CelRow], legs: dict[str, list[CelRow]]) -> Iterator[CelRow]:
    if line.event == "ENTERQUEUE" and _beside(line, leg, "APP_START") is None:
        at = max(line.at, min(row.at for row in leg))
        yield _row(leg[0], "APP_START", at, app="Queue", app_args=line.queue)
    elif line.event == "CONNECT" and len(line.args) > 1:
        member = legs.get(line.args[1], [])
        bridged = next((row for row in member if row.type == "BRIDGE_ENTER"), None)
        if bridged is not None:
            extra = {"queue": line.queue, "uniqueid": bridged.uniqueid, "channel": bridged.channel}
            yield _row(leg[0], CONNECTED, bridged.at, extra=extra)
    elif line.event in WHY_LEFT:
        end = _beside(line, leg, "APP_END")
        at = end.at if end else _before_the_end(line.at, leg)
        yield _row(leg[0], LEFT, at, extra={"queue": line.queue, "status": WHY_LEFT[line.event]})
        if end is None:
            yield _row(leg[0], "APP_END", at, app="Queue", app_args=line.queue)


def _beside(line: QueueLine, leg: list[CelRow], kind: str) -> CelRow | None:
    """Return the row of Queue() that *line* belongs to."""
    near = (row for row in leg if row.type == kind and row.app == "Queue" and abs(row.at - line.at) <= NEAR)
    return next((row for row in near if row.app_args.split(",")[0] == line.queue), None)


def _before_the_end(at: datetime, leg: list[CelRow]) -> datetime:
    ends = [row.at for row in leg if row.type in ("HANGUP", "CHAN_END")]
    return min([max(at, leg[0].at), *ends])


def _row(leg: CelRow, kind: str, at: datetime, **more: Any) -> CelRow:
    """Return a row of *leg*, as it was called first."""
    return CelRow(
        type=kind,
        at=at,
        uniqueid=leg.uniqueid,
        linkedid=leg.linkedid,
        channel=leg.channel,
        num=leg.num,
        **more,
    )
