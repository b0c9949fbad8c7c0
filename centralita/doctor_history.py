"""What the doctor sees of an exchange's own records: can gaps in the history be filled from them.

What stands in them is looked at, not how they are configured: that is what counts, and who fills the history
may read it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median

from ami_bridge.domain.cel import UNSURE, CelRow
from ami_bridge.domain.errors import RecordsError
from ami_bridge.ports import CallRecords
from centralita.backfill import FILE, CannotFillError, records_of
from centralita.findings import Finding
from centralita.settings import Pbx
from centralita.words import words
from crm_core.domain.calls import birth_of, seconds

LOOKED_BACK = (timedelta(hours=1), timedelta(days=1))
AHEAD = timedelta(days=1)
"""Times of a zone that is not set right may be to come."""
ENOUGH_LEGS = 20
"""From so many on what never came is not written."""
BIRTH_WITHIN_S = 60.0
NEEDED = ("CHAN_START", "ANSWER", "HANGUP", "CHAN_END", "LINKEDID_END")


async def examine_history(name: str, pbx: Pbx, *, now: datetime) -> list[Finding]:
    """Return what there is to say of the records of the exchange *name*."""
    about = f"pbx.{name}.records"
    try:
        records = records_of(pbx)
        if records is None or pbx.records is None:
            return [_not_set(about)]
        rows = await asyncio.to_thread(_lately, records, now)
    except (CannotFillError, RecordsError) as error:
        return [_unreadable(about, str(error))]
    bad = records.told.bad
    if not rows:
        return [_no_rows(about, bad)]
    found = list(_faults(about, rows, is_file=pbx.records.cel.startswith(FILE)))
    if pbx.records.queue_log is None:
        found.append(_no_queue_log(about))
    return found


def _lately(records: CallRecords, now: datetime) -> Sequence[CelRow]:
    """Return the rows of the last hour; of the last day when those are few.

    Raises:
        RecordsError: they cannot be read.
    """
    rows: Sequence[CelRow] = ()
    for back in LOOKED_BACK:
        rows = records.rows(now - back, now + AHEAD)
        if len(_births(rows)) >= ENOUGH_LEGS:
            break
    return rows


def _births(rows: Sequence[CelRow]) -> list[float]:
    """Return by how many seconds the rows of new legs are later than the births that their names tell."""
    return [
        seconds(born, row.at)
        for row in rows
        if row.type == "CHAN_START" and (born := birth_of(row.uniqueid)) is not None
    ]


def _faults(about: str, rows: Sequence[CelRow], *, is_file: bool) -> Iterator[Finding]:
    births = _births(rows)
    if births and abs(late_s := median(births)) > BIRTH_WITHIN_S:
        yield _other_zone(about, late_s)
    if any(UNSURE in row.extra for row in rows):
        yield _only_cdr(about)
        return
    if len(births) >= ENOUGH_LEGS:
        if is_file and not any(row.at.microsecond for row in rows):
            yield _whole_seconds(about)
        if lacking := [kind for kind in NEEDED if all(row.type != kind for row in rows)]:
            yield _never_told(about, lacking, "cel.conf: [general] events = ALL")
        if all(row.type != "APP_START" for row in rows):
            yield _never_told(about, ["APP_START"], "cel.conf: [general] apps = queue,dial")
    _, ngettext = words().gettext, words().ngettext
    told = ngettext(
        "%(count)d leg was written down lately.", "%(count)d legs were written down lately.", len(births)
    )
    yield Finding(level="ok", about=about, what=told % {"count": len(births)})


# --- what is said


def _not_set(about: str) -> Finding:
    _ = words().gettext
    return Finding(
        level="warning",
        about=about,
        what=_("Its own records are not read."),
        why=_gaps(),
        change=f'[{about}] cel = "file:/var/log/asterisk/cel-custom/Centralita.csv"',
    )


def _gaps() -> str:
    return words().gettext("Calls that come or end while nobody listens never get into the history.")


def _unreadable(about: str, why: str) -> Finding:
    _ = words().gettext
    change = _("the address, or who may read there")
    return Finding(level="bad", about=about, what=why, why=_gaps(), change=f"[{about}] cel: {change}")


def _no_rows(about: str, bad: int) -> Finding:
    _, ngettext = words().gettext, words().ngettext
    if not bad:
        return Finding(
            level="unknown",
            about=about,
            what=_("No call was written down in the last day."),
            why=_("When there were calls CEL is switched off, or goes elsewhere."),
            change="cel.conf: [general] enable = yes, apps = queue,dial, events = ALL",
        )
    told = ngettext(
        "%(count)d line of it is not understood.", "None of its %(count)d lines is understood.", bad
    )
    return Finding(
        level="bad",
        about=about,
        what=told % {"count": bad},
        why=_gaps(),
        change=f'[{about}] columns = "eventtype,eventtime,channame,uniqueid,linkedid,…"',
    )


def _other_zone(about: str, late_s: float) -> Finding:
    _ = words().gettext
    told = _("Its times are %(minutes)+d minutes from when the legs were born.")
    return Finding(
        level="bad",
        about=about,
        what=told % {"minutes": round(late_s / 60)},
        why=_("Calls from the records would stand at another hour, and gaps stay open."),
        change=f"[{about.removesuffix('.records')}] time_zone",
    )


def _only_cdr(about: str) -> Finding:
    _ = words().gettext
    return Finding(
        level="warning",
        about=about,
        what=_("There is no CEL: the table of CDR is read."),
        why=_("It does not tell when a queue's member picked up, nor what happened in between."),
        change="cel.conf: [general] enable = yes, apps = queue,dial, events = ALL",
    )


def _whole_seconds(about: str) -> Finding:
    _ = words().gettext
    return Finding(
        level="warning",
        about=about,
        what=_("Its times are whole seconds."),
        why=_("Times of calls from the records are up to a second off."),
        change=_("cel.conf: [general] without dateformat"),
    )


def _never_told(about: str, kinds: Sequence[str], change: str) -> Finding:
    _ = words().gettext
    return Finding(
        level="warning",
        about=about,
        what=_("CEL never tells %(kinds)s.") % {"kinds": ", ".join(kinds)},
        why=_("Without it calls from the records lack their ends, their answers or their queues."),
        change=change,
    )


def _no_queue_log(about: str) -> Finding:
    _ = words().gettext
    return Finding(
        level="warning",
        about=about,
        what=_("queue_log is not read."),
        why=_("Why callers left a queue is guessed for calls from the records."),
        change=f'[{about}] queue_log = "file:/var/log/asterisk/queue_log"',
    )
