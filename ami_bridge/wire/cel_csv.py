"""CEL as Asterisk writes it to a CSV file: no header, so the columns are known by what stands in them.

Hostile like everything read from outside: lines and fields have a bound, what is no row is counted and left.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from ami_bridge.domain.cel import CelRow
from ami_bridge.wire.local_times import LocalTimes

MASTER = (
    "eventtype",
    "eventtime",
    "cid_name",
    "cid_num",
    "cid_ani",
    "cid_rdnis",
    "cid_dnid",
    "exten",
    "context",
    "channame",
    "appname",
    "appdata",
    "amaflags",
    "accountcode",
    "uniqueid",
    "linkedid",
    "peer",
    "userfield",
    "userdeftype",
    "extra",
)
"""cel_custom.conf.sample of Asterisk; the last columns came one after the other."""
OURS = (
    "eventtype",
    "eventtime",
    "cid_name",
    "cid_num",
    "cid_dnid",
    "exten",
    "context",
    "channame",
    "appname",
    "appdata",
    "uniqueid",
    "linkedid",
    "peer",
    "extra",
)
"""What ``asterisk_conf`` renders."""
SHORT = tuple(name for name in OURS if name != "cid_dnid")
LAYOUTS = (OURS, SHORT, MASTER, MASTER[:19], MASTER[:18], MASTER[:17])
NEEDED = frozenset(("eventtype", "eventtime", "channame", "uniqueid", "linkedid"))
LONGEST_LINE, LONGEST_FIELD = 65_536, 4_096
MOST_ROWS = 1_000_000
"""At once, in memory; some 50,000 calls."""
_UNIQUEID = re.compile(r"(?:[\w.-]{1,100}-)?[0-9]{1,11}\.[0-9]{1,10}")
_TYPE = re.compile(r"[A-Z][A-Z0-9_]{1,79}")
"""Names of events; a user's own have the same look."""


class ColumnsError(ValueError):
    """The columns of a table cannot be told, or the named ones do not suffice."""


@dataclass(slots=True)
class Reading:
    """How the reading of a table went: ``bad`` lines were left out."""

    rows: int = 0
    bad: int = 0


def columns_named(text: str) -> Sequence[str]:
    """Return the columns that *text* names, separated by commas, in the order of the file.

    Raises:
        ColumnsError: one is not known, or one that is needed is missing.
    """
    names = [name.strip().lower() for name in text.split(",")]
    if unknown := [name for name in names if name not in MASTER and name != "-"]:
        raise ColumnsError(f"{unknown[0]!r} is no column of CEL; known: {', '.join(MASTER)}, - for others")
    if missing := sorted(NEEDED - set(names)):
        raise ColumnsError(f"columns that are needed: {', '.join(missing)}")
    return names


def columns_of(fields: Sequence[str]) -> Sequence[str] | None:
    """Return the columns of a table of which *fields* is a row; None when none is known."""
    for layout in LAYOUTS:
        if len(layout) == len(fields) and _is_row(dict(zip(layout, fields, strict=True))):
            return layout
    return None


def read_cel(
    lines: Iterable[str], *, zone: tzinfo = UTC, columns: Sequence[str] | None = None, told: Reading
) -> Iterator[CelRow]:
    """Yield the rows of a CSV file; *told* is filled in. Times without an offset are those of *zone*."""
    times = LocalTimes(zone)
    layout: Sequence[str] = columns or ()
    for fields in _fields(lines, told):
        if columns is None and len(fields) != len(layout):
            layout = columns_of(fields) or layout
        row = _row(dict(zip(layout, fields, strict=True)), times) if len(fields) == len(layout) else None
        if row is None:
            told.bad += 1
        else:
            told.rows += 1
            yield row


def _fields(lines: Iterable[str], told: Reading) -> Iterator[list[str]]:
    """Yield the fields of each line; Asterisk never breaks a row over lines, it escapes what would."""
    for line in lines:
        if not line.strip():
            continue
        if len(line) > LONGEST_LINE:
            told.bad += 1
            continue
        try:
            (fields,) = csv.reader([line.rstrip("\r\n")], strict=False)
        except (csv.Error, ValueError):
            told.bad += 1
            continue
        yield [field[:LONGEST_FIELD] for field in fields]


def is_uniqueid(text: str) -> bool:
    """Return whether *text* looks like the Uniqueid of a leg, ``1795311086.0`` or ``name-1795311086.0``."""
    return _UNIQUEID.fullmatch(text) is not None


def _is_row(row: Mapping[str, str]) -> bool:
    return bool(
        _TYPE.fullmatch(row["eventtype"]) and is_uniqueid(row["uniqueid"]) and is_uniqueid(row["linkedid"])
    )


def _row(row: Mapping[str, str], times: LocalTimes) -> CelRow | None:
    return row_of(row, times.instant(row["eventtime"], born=row["uniqueid"]))


def row_of(row: Mapping[str, str], at: datetime | None) -> CelRow | None:
    """Return what a row of a table, written *at*, says; None when it is none."""
    if at is None or not _is_row(row):
        return None
    return CelRow(
        type=_type(row),
        at=at,
        uniqueid=row["uniqueid"],
        linkedid=row["linkedid"],
        channel=row["channame"],
        num=row.get("cid_num", ""),
        name=row.get("cid_name", ""),
        exten=row.get("exten", ""),
        context=row.get("context", ""),
        app=row.get("appname", ""),
        app_args=row.get("appdata", ""),
        peer=row.get("peer", ""),
        extra=extra_of(row["eventtype"], row.get("extra") or ""),
    )


def _type(row: Mapping[str, str]) -> str:
    return (
        row.get("userdeftype") or row["eventtype"] if row["eventtype"] == "USER_DEFINED" else row["eventtype"]
    )


def extra_of(kind: str, text: str) -> dict[str, str]:
    """Return what a row says besides: JSON, or before Asterisk 12 values with commas between."""
    if not text:
        return {}
    if text[0] != "{":
        names = _OLD_EXTRA.get(kind, ())
        return dict(zip(names, text.split(","), strict=False))
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return {str(key): str(value) for key, value in told.items() if isinstance(value, str | int)}


_OLD_EXTRA: dict[str, tuple[str, ...]] = {
    "HANGUP": ("hangupcause", "hangupsource", "dialstatus"),
    "BLINDTRANSFER": ("extension", "context"),
}
