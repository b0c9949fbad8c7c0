"""Where the lab's Asterisk writes down its calls."""

from __future__ import annotations

from ami_bridge.wire.record_files import RecordFiles
from lab.pbx import Asterisk


def record_settings(asterisk: Asterisk) -> dict[str, str]:
    """Return the ``[pbx.NAME.records]`` of a service on *asterisk*."""
    log = asterisk.instance.outside / "log"
    return {"cel": f"file:{log}/cel-custom/Centralita.csv", "queue_log": f"file:{log}/queue_log"}


def records_of(asterisk: Asterisk) -> RecordFiles:
    """Return the records of *asterisk*."""
    log = asterisk.instance.outside / "log"
    return RecordFiles(log / "cel-custom" / "Centralita.csv", log / "queue_log")
