"""Lines of queue_log: ``time|callid|queue|agent|event|…``.

Source: https://docs.asterisk.org/Configuration/Reporting/Queue-Logs/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, tzinfo

from ami_bridge.domain.cel import QueueLine
from ami_bridge.wire.cel_csv import LONGEST_LINE, Reading
from ami_bridge.wire.local_times import LocalTimes

FIELDS = 5
NOBODY = "NONE"


def read_queue_log(
    lines: Iterable[str], *, zone: tzinfo = UTC, told: Reading, of_nobody: bool = False
) -> Iterator[QueueLine]:
    """Yield the lines that are of a caller, with *of_nobody* the others, too; *told* is filled in.

    Times without an offset are those of *zone*.
    """
    times = LocalTimes(zone)
    for text in lines:
        if not text.strip():
            continue
        line = _line(text, times)
        if line is None:
            told.bad += 1
            continue
        told.rows += 1
        if of_nobody or line.caller != NOBODY:
            yield line


def _line(text: str, times: LocalTimes) -> QueueLine | None:
    fields = text.rstrip("\r\n").split("|") if len(text) <= LONGEST_LINE else []
    if len(fields) < FIELDS:
        return None
    at, caller, queue, agent, event, *args = fields
    instant = times.instant(at, born=caller)
    if instant is None or not event.isupper():
        return None
    return QueueLine(at=instant, caller=caller, queue=queue, agent=agent, event=event, args=tuple(args))
