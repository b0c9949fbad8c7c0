"""Rows of the exchange's own records (CEL, queue_log), as they are known to both files and tables.

Source: https://docs.asterisk.org/Configuration/Reporting/Channel-Event-Logging-CEL/ and
https://docs.asterisk.org/Configuration/Reporting/Queue-Logs/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

LONGEST_CALL = timedelta(hours=6)
"""How far before an instant a call that ended after it may have begun."""
UNSURE = "unsure_s"
"""In ``extra`` of a row of ours: by how many seconds its instant may be off."""


class CelRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event of one leg. ``type`` is Asterisk's name of it, ``extra`` what its JSON holds, as text."""

    type: str
    at: datetime
    uniqueid: str
    linkedid: str
    channel: str
    num: str = ""
    name: str = ""
    exten: str = ""
    context: str = ""
    app: str = ""
    app_args: str = ""
    peer: str = ""
    extra: Mapping[str, str] = {}


class QueueLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of queue_log; ``caller`` is the uniqueid of the caller's leg, times are whole seconds."""

    at: datetime
    caller: str
    queue: str
    agent: str
    event: str
    args: tuple[str, ...] = ()
