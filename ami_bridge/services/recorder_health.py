"""How the recorder is doing, and what it had to leave to the exchanges' own records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from crm_core.domain.calls import Call


@dataclass(frozen=True, slots=True)
class LeftOut:
    """So many calls of an exchange had no room; the first of them began at ``since``."""

    calls: int
    since: datetime


@dataclass(slots=True)
class RecorderHealth:
    """How the recorder is doing.

    ``why`` is None while the database is there, ``spool_why`` while calls can wait on the disk. ``stored``,
    ``waiting`` (of them ``spooled`` on the disk) and ``refused`` count calls, ``thinned`` is of events.
    ``left_out`` are calls that had no room, by exchange: they are in its own records only.
    """

    stored: int = 0
    waiting: int = 0
    spooled: int = 0
    thinned: int = 0
    refused: int = 0
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    why: str | None = None
    spool_why: str | None = None

    def leave_out(self, call: Call) -> None:
        """Count a call that has no room."""
        before = self.left_out.get(call.pbx, LeftOut(0, call.started_at))
        self.left_out[call.pbx] = LeftOut(before.calls + 1, min(before.since, call.started_at))

    def told(self) -> str | None:
        """Return what is not well, None when all is."""
        said = [self.why, self.spool_why]
        if self.waiting and self.why:
            said.append(f"{self.waiting} calls wait, {self.spooled} of them on the disk")
        for pbx, left_out in self.left_out.items():
            said.append(f"{left_out.calls} calls are in the records of {pbx} only")
        return "; ".join(filter(None, said)) or None
