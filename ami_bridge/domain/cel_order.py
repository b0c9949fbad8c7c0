"""Rows of CEL in the order of what happened: some things are written later than they were so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from msgspec.structs import replace

from ami_bridge.domain.births import NO_DIGITS
from ami_bridge.domain.cel import CelRow

ASKED = "HANGUP_REQUEST"
"""A row of our own: the far end of a leg hung up. CEL says so when the leg goes, which is after its peers."""
SOON = timedelta(seconds=1)
_ENDS = frozenset(("HANGUP", "APP_END", "BRIDGE_EXIT"))


def in_order(rows: Iterable[CelRow]) -> list[CelRow]:
    """Return *rows* as they happened, each hang-up by a far end where its consequences begin."""
    ordered = _joined_at_once(sorted(rows, key=lambda row: row.at))
    ends: dict[str, list[int]] = {}
    requests: list[tuple[int, CelRow]] = []
    for n, row in enumerate(ordered):
        near = ends.setdefault(row.linkedid, [])
        if row.type in _ENDS:
            near.append(n)
            near[:] = [one for one in near if row.at - ordered[one].at <= SOON]
        if row.type == "HANGUP" and row.extra.get("hangupsource") == row.channel:
            requests.append((near[0], row))
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


def originated(rows: Iterable[CelRow]) -> frozenset[str]:
    """Return the first legs that the exchange itself began: nobody dialled, and then there is an answer."""
    waiting: set[str] = set()
    found: set[str] = set()
    for row in rows:
        if row.type == "CHAN_START" and row.uniqueid == row.linkedid and row.exten in NO_DIGITS and row.exten:
            waiting.add(row.uniqueid)
        elif row.uniqueid in waiting and row.type != ASKED:
            waiting.discard(row.uniqueid)
            if row.type in ("ANSWER", "HANGUP"):
                found.add(row.uniqueid)
    return frozenset(found)
