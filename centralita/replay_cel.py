"""``centralita replay --cel``: the exchange's own records, told as calls."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from ami_bridge.domain.afterwards import tell
from ami_bridge.domain.inside import Inside
from ami_bridge.wire.cel_csv import ColumnsError, Reading, columns_named, read_cel
from centralita.replay import ReplayError, reader_of
from centralita.settings import Pbx
from crm_core.domain.calls import Call

LONGEST_TABLE = 2_000_000
"""Rows; some 100,000 calls, told from memory."""


def replay_cel(
    path: Path, *, columns: str | None, pbx: Pbx | None, region: str
) -> tuple[list[Call], Reading]:
    """Return the calls of a CSV file of CEL in the order of their ends, live ones last, and how it was read.

    Without *columns* they are known by what stands in them; without *pbx* who is inside is guessed.

    Raises:
        ReplayError: the file cannot be read, or holds no row of CEL.
    """
    where = pbx.region if pbx else region
    zone = ZoneInfo(pbx.time_zone if pbx else "UTC")
    told = Reading()
    try:
        named = columns_named(columns) if columns else None
        with path.open(encoding="utf-8", errors="replace") as lines:
            rows = []
            for row in read_cel(lines, zone=zone, columns=named, told=told):
                rows.append(row)
                if len(rows) > LONGEST_TABLE:
                    raise ReplayError(f"{path}: more than {LONGEST_TABLE:,} rows; cut it by days")
    except OSError as error:
        raise ReplayError(f"{path}: {error.strerror}") from error
    except ColumnsError as error:
        raise ReplayError(f"--columns: {error}") from error
    if not rows:
        raise ReplayError(f"{path}: no row of CEL in it (lines that were not understood: {told.bad})")
    inside = Inside(patterns=pbx.inside if pbx else (), is_guessing=pbx is None)
    return list(tell("main", rows, inside=inside, read=reader_of(where), seats={})), told
