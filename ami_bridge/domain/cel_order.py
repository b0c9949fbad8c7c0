"""Rows of CEL in the order of what happened: some things are written later than they were so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from msgspec.structs import replace

from ami_bridge.domain.births import NO_DIGITS
from ami_bridge.domain.cel import CelRow

ASKED = "HANGUP_REQUEST"
"""A row of our own: the far end of a leg hung up. CEL says so when the leg goes, which is after its peers."""
AT_ONCE = timedelta(milliseconds=100)
"""Within which everything goes that one hang-up takes with it."""
GIVEN_UP = "QUEUE_GIVEN_UP"
"""Another: a queue lets go of a caller, and of the phones that it rings for him."""
_GOES = frozenset(("HANGUP", "CHAN_END", "BRIDGE_EXIT"))
_ENDS = frozenset(("HANGUP", "APP_END", "BRIDGE_EXIT"))


def in_order(rows: Iterable[CelRow]) -> list[CelRow]:
    """Return *rows* as they happened, what ends a call or a wait where its consequences begin."""
    dated = list(_without_shells(sorted(rows, key=lambda row: row.at)))
    ordered = _phones_first(_joined_at_once(dated))
    ends: dict[str, list[int]] = {}
    causes: list[tuple[int, CelRow]] = []
    for n, row in enumerate(ordered):
        if row.type not in _ENDS:
            if _begins_anew(row):
                ends.pop(row.linkedid, None)
            continue
        near = [one for one in ends.get(row.linkedid, ()) if row.at - ordered[one].at <= AT_ONCE]
        begin = near[0] if near else n
        if row.type == "HANGUP" and row.extra.get("hangupsource") == row.channel:
            causes.append((begin, replace(row, type=ASKED, at=ordered[begin].at)))
            near = []
        else:
            near.append(n)
        if row.type == "APP_END" and row.app == "Queue":
            causes.append((begin, replace(row, type=GIVEN_UP)))
        ends[row.linkedid] = near
    for n, row in sorted(causes, key=lambda one: one[0], reverse=True):
        ordered.insert(n, row)
    return ordered


def _begins_anew(row: CelRow) -> bool:
    """Return whether nobody had hung up yet: a queue is entered, or a leg is born for the call."""
    return row.type == "CHAN_START" or (row.type == "APP_START" and row.app == "Queue")


def _without_shells(rows: Iterable[CelRow]) -> Iterator[CelRow]:
    """Yield the rows but those of a queue that nobody entered.

    An agent hands his customer into what his second leg does (it dials, or waits): the two legs are swapped,
    and in the instant before the second one goes it stands in the customer's queue.
    """
    swapped: set[str] = set()
    shells: set[str] = set()
    for row in rows:
        if row.type == "ATTENDEDTRANSFER" and row.extra.get("app"):
            swapped.add(row.extra.get("channel2_uniqueid", ""))
        if row.type == "APP_START" and row.app == "Queue" and row.uniqueid in swapped:
            shells.add(row.uniqueid)
        if row.uniqueid not in shells or row.app != "Queue":
            yield row


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


def _phones_first(rows: list[CelRow]) -> list[CelRow]:
    """Let the phones that a queue rings go before it is left, as it gives them up before it goes on."""
    ordered: list[CelRow] = []
    held: dict[str, list[CelRow]] = {}
    for row in rows:
        for linkedid in [one for one, waiting in held.items() if row.at - waiting[0].at > AT_ONCE]:
            ordered += held.pop(linkedid)
        waiting = held.get(row.linkedid)
        if waiting is None and row.type == "APP_END" and row.app == "Queue":
            held[row.linkedid] = [row]
        elif waiting is not None and row.uniqueid == waiting[0].uniqueid:
            waiting.append(row)
        else:
            if waiting is not None and row.type not in _GOES:
                ordered += held.pop(row.linkedid)
            ordered.append(row)
    return ordered + [row for waiting in held.values() for row in waiting]


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
