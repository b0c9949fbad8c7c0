"""Rows of CEL in the order of what happened: some things are written later than they were so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from msgspec.structs import replace

from ami_bridge.domain.births import NO_DIGITS
from ami_bridge.domain.cel import CelRow

ASKED = "HANGUP_REQUEST"
"""A row of our own: the far end of a leg hung up. CEL says so when the leg goes, which is after its peers."""
AT_ONCE = timedelta(milliseconds=100)
"""Within which everything goes that one hang-up takes with it."""
_ENDS = frozenset(("HANGUP", "APP_END", "BRIDGE_EXIT"))


def in_order(rows: Iterable[CelRow]) -> list[CelRow]:
    """Return *rows* as they happened, each hang-up by a far end where its consequences begin."""
    ordered = _joined_at_once(sorted(rows, key=lambda row: row.at))
    ends: dict[str, list[int]] = {}
    requests: list[tuple[int, CelRow]] = []
    for n, row in enumerate(ordered):
        near = ends.setdefault(row.linkedid, [])
        is_own = row.type == "HANGUP" and row.extra.get("hangupsource") == row.channel
        if row.type in _ENDS:
            near[:] = [one for one in near if row.at - ordered[one].at <= AT_ONCE]
        if is_own:
            requests.append((near[0] if near else n, row))
            near.clear()
        elif row.type in _ENDS:
            near.append(n)
    for n, row in sorted(requests, key=lambda one: one[0], reverse=True):
        asked = CelRow(
            type=ASKED, at=ordered[n].at, uniqueid=row.uniqueid, linkedid=row.linkedid, channel=row.channel
        )
        ordered.insert(n, asked)
    return ordered


def _joined_at_once(rows: list[CelRow]) -> list[CelRow]:
    """Let a leg that a bridge joins to an older call bear its linkedid at once: CEL writes it a row late."""
    later: dict[str, str] = {}
    for n in range(len(rows) - 1, -1, -1):
        row = rows[n]
        linkedid = later.get(row.uniqueid, row.linkedid)
        later[row.uniqueid] = row.linkedid
        if row.type == "BRIDGE_ENTER" and linkedid != row.linkedid:
            rows[n] = replace(row, linkedid=linkedid)
    return rows


def originated(rows: Iterable[CelRow]) -> dict[str, str]:
    """Return the first legs that the exchange itself began, with the number that each was to be joined with.

    Nobody dialled there, and the first thing is an answer, or the end. The number is what the exchange showed
    as caller, "" when it showed none.
    """
    waiting: dict[str, str] = {}
    found: dict[str, str] = {}
    for row in rows:
        if row.type == "CHAN_START" and row.uniqueid == row.linkedid and row.exten in NO_DIGITS - {""}:
            waiting[row.uniqueid] = row.num
        elif row.uniqueid in waiting and row.type != ASKED:
            own = waiting.pop(row.uniqueid)
            if row.type in ("ANSWER", "HANGUP"):
                found[row.uniqueid] = row.num if row.num != own else ""
    return found
