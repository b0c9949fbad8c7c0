"""CDR as rows of CEL, for exchanges that keep nothing else (Issabel out of the box).

A CDR is a pair of legs: who called or waited, and whom it was joined with. When they were joined is its end
less the seconds billed; but of a caller in a queue all his seconds are billed, so that
only queue_log tells when a member took him. Everything is in whole seconds, and who hung up is not told.
Source: https://docs.asterisk.org/Configuration/Reporting/Call-Detail-Records-CDR/CDR-Specification/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ami_bridge.domain.cel import UNSURE, CelRow, QueueLine

ANSWERED = "ANSWERED"
CAUSES = {"BUSY": "17", "NO ANSWER": "19", "FAILED": "1", "CONGESTION": "34"}
"""ISDN causes of the phone's leg, by disposition; 16 for one that was answered."""


class Cdr(msgspec.Struct, frozen=True, kw_only=True):
    """One record. ``linkedid`` is the uniqueid where the table has no such column."""

    start: datetime
    duration: timedelta
    billed: timedelta
    channel: str
    peer_channel: str
    disposition: str
    uniqueid: str
    linkedid: str
    num: str = ""
    name: str = ""
    dialled: str = ""
    app: str = ""
    app_args: str = ""

    @property
    def end(self) -> datetime:
        """When it ended."""
        return self.start + self.duration

    @property
    def is_joined(self) -> bool:
        """Whether the two were joined."""
        return self.disposition == ANSWERED and bool(self.peer_channel and self.billed)


def as_cel(records: Iterable[Cdr], lines: Iterable[QueueLine]) -> list[CelRow]:
    """Return the rows of CEL that *records* stand for; *lines* are those of queue_log."""
    of_leg: defaultdict[str, list[Cdr]] = defaultdict(list)
    told: defaultdict[str, list[QueueLine]] = defaultdict(list)
    for record in sorted(records, key=lambda one: one.start):
        of_leg[record.uniqueid].append(record)
    for line in lines:
        told[line.caller].append(line)
    rows = [row for uniqueid, of_one in of_leg.items() for row in _of_leg(of_one, told[uniqueid])]
    return sorted(rows, key=lambda row: row.at)


def _of_leg(records: list[Cdr], lines: list[QueueLine]) -> Iterator[CelRow]:
    """Yield the rows of the leg that *records* have in common, and of those it was paired with."""
    first, end = records[0], max(record.end for record in records)
    yield _row(first, "CHAN_START", first.start, num=first.num, name=first.name, exten=first.dialled)
    queued = [] if lines else [record for record in records if record.app == "Queue"]
    if queued:
        yield _row(first, "APP_START", queued[0].start, app="Queue", app_args=queued[0].app_args)
    for n, record in enumerate(records):
        if record.peer_channel:
            yield from _of_pair(first, record, f"{record.uniqueid}/{n}", lines)
    if queued:
        yield _row(first, "APP_END", queued[-1].end, app="Queue", app_args=queued[-1].app_args)
    yield _row(first, "HANGUP", end, extra={"hangupcause": "16"})
    yield _row(first, "CHAN_END", end)


def _of_pair(first: Cdr, record: Cdr, phone: str, lines: list[QueueLine]) -> Iterator[CelRow]:
    def of_phone(kind: str, at: datetime, extra: dict[str, str] | None = None) -> CelRow:
        return CelRow(
            type=kind,
            at=at,
            uniqueid=phone,
            linkedid=first.linkedid,
            channel=record.peer_channel,
            exten="s",
            context="cdr",
            extra=extra or {},
        )

    yield of_phone("CHAN_START", record.start)
    if record.is_joined:
        at, unsure = _joined(record, lines)
        bridge = {"bridge_id": phone, UNSURE: str(unsure)}
        yield _row(first, "ANSWER", at)
        yield of_phone("ANSWER", at)
        yield of_phone("BRIDGE_ENTER", at, bridge)
        yield _row(first, "BRIDGE_ENTER", at, extra=bridge)
        yield of_phone("BRIDGE_EXIT", record.end, bridge)
        yield _row(first, "BRIDGE_EXIT", record.end, extra=bridge)
    yield of_phone("HANGUP", record.end, {"hangupcause": CAUSES.get(record.disposition, "16")})
    yield of_phone("CHAN_END", record.end)


def _joined(record: Cdr, lines: list[QueueLine]) -> tuple[datetime, float]:
    """Return when the two were joined, and how far off that may be in seconds."""
    if record.app != "Queue":
        return record.end - record.billed, 0.0
    taken = (line.at for line in lines if line.event == "CONNECT" and record.start <= line.at <= record.end)
    if (at := next(taken, None)) is not None:
        return at, 0.0
    return record.end - record.billed, record.billed.total_seconds()


def _row(record: Cdr, kind: str, at: datetime, **more: Any) -> CelRow:
    return CelRow(
        type=kind,
        at=at,
        uniqueid=record.uniqueid,
        linkedid=record.linkedid,
        channel=record.channel,
        context="cdr",
        **more,
    )
