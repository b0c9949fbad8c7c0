"""``centralita replay --cel``: the exchange's own records, told as calls."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from ami_bridge.domain.afterwards import tell
from ami_bridge.domain.errors import RecordsError
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from ami_bridge.wire.cel_csv import ColumnsError, Reading, columns_named
from ami_bridge.wire.record_files import RecordFiles
from centralita.replay import ReplayError, reader_of
from centralita.settings import Pbx
from crm_core.domain.calls import Call


def replay_cel(
    path: Path, *, queue_log: Path | None, columns: str | None, pbx: Pbx | None, region: str
) -> tuple[list[Call], Reading]:
    """Return the calls of a CSV file of CEL in the order of their ends, live ones last, and how it was read.

    Without *columns* they are known by what stands in them; without *pbx* who is inside is guessed.

    Raises:
        ReplayError: a file cannot be read, or holds no row of CEL.
    """
    files = RecordFiles(path, queue_log, zone=ZoneInfo(pbx.time_zone if pbx else "UTC"))
    try:
        files.columns = columns_named(columns) if columns else None
        rows, lines = files.rows(), files.lines()
    except RecordsError as error:
        raise ReplayError(str(error)) from error
    except ColumnsError as error:
        raise ReplayError(f"--columns: {error}") from error
    if not rows:
        raise ReplayError(f"{path}: no row of CEL in it (lines that were not understood: {files.told.bad})")
    inside = Inside(patterns=pbx.inside if pbx else (), is_guessing=pbx is None)
    floor = Floor("main", inside=inside, read=reader_of(pbx.region if pbx else region))
    return list(tell(floor, rows, lines)), files.told
