"""What the exchange wrote down, in the ledger's vocabulary: rows of CEL become the facts of a live stream.

CEL tells of legs, answers, bridges and hang-ups, and nothing of ringing: a leg that another one begets counts
as rung from its birth. What CEL says late (who hung up, why a queue was left) is told where it belongs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ami_bridge.domain import ami
from ami_bridge.domain.births import DOWN, RING
from ami_bridge.domain.cel import CelRow
from ami_bridge.domain.cel_order import ASKED, AT_ONCE, GIVEN_UP
from ami_bridge.domain.cel_plain import PLAIN, plain_facts
from ami_bridge.domain.inside import interface_of, is_local
from ami_bridge.domain.keeping import WHERE
from ami_bridge.domain.legs import PARKING
from ami_bridge.domain.queue_log import ABANDONED, CONNECTED, LEFT

Dated = tuple[datetime, ami.AmiEvent]
NEARLY = timedelta(seconds=1)
DIGITS = 9
_AFTER_DEATH = frozenset(("HANGUP", "CHAN_END", "LINKEDID_END"))
_OUR_QUEUE_LEFT = {"kind": "queue_left"}
_REFUSED = frozenset(("BUSY", "CONGESTION", "CHANUNAVAIL"))


@dataclass(slots=True)
class _Leg:
    """What is remembered of a leg while its rows pass."""

    channel: str
    linkedid: str
    cause: int | None = None
    bridge: str = ""
    queue: str = ""
    joined_at: datetime | None = None
    waits_at_most: timedelta | None = None
    why_left: str | None = None
    is_asked: bool = False
    is_given_up: bool = False
    is_parked: bool = False


class CelFacts:
    """Turns rows, in order, into dated facts.

    ``ours`` are the legs that the exchange itself began, with the number each was to be joined with.
    """

    def __init__(self, *, ours: Mapping[str, str]) -> None:
        self._ours = ours
        self._legs: dict[str, _Leg] = {}
        self._ids: dict[str, str] = {}
        self._bridges: dict[str, list[str]] = {}
        self._dialled: dict[str, str] = {}
        self._dialler: dict[str, str] = {}
        self._take: dict[str, Callable[[CelRow, _Leg], Iterator[ami.AmiEvent]]] = {
            ASKED: self._asked,
            "HANGUP": self._hangup,
            "CHAN_END": self._chan_end,
            "LINKEDID_END": self._linkedid_end,
            "APP_START": self._app_start,
            GIVEN_UP: self._given_up,
            "APP_END": self._app_end,
            CONNECTED: self._connected,
            LEFT: self._left,
            "BRIDGE_ENTER": self._bridge_enter,
            "BRIDGE_EXIT": self._bridge_exit,
            "BRIDGE_START": self._bridge_start,
            "BRIDGE_END": self._bridge_end,
            "CONF_ENTER": self._bridge_enter,
            "CONF_EXIT": self._bridge_exit,
            "FORWARD": self._forward,
            "PARK_START": self._park_start,
            "PARK_END": self._park_end,
        }

    def of(self, row: CelRow) -> Iterator[Dated]:
        """Yield the facts that *row* stands for."""
        for fact in self._of(row):
            yield row.at, fact

    def left_over(self, at: datetime) -> Iterator[Dated]:
        """Yield the ends of legs that hung up and whose end was not written; the others may live on."""
        for uniqueid, leg in list(self._legs.items()):
            if leg.cause is not None:
                yield at, self._gone(uniqueid, leg)

    def _of(self, row: CelRow) -> Iterator[ami.AmiEvent]:
        leg = self._legs.get(row.uniqueid)
        if row.type == "CHAN_START":
            if leg is None:
                yield from self._born(row)
            return
        take = self._take.get(row.type)
        if take is None and row.type not in PLAIN:
            return
        if leg is None and row.type not in _AFTER_DEATH and row.type != ASKED:
            yield from self._born(row)  # the file begins in its midst
            leg = self._legs[row.uniqueid]
        if leg is not None:
            leg.linkedid = row.linkedid
            yield from take(row, leg) if take else plain_facts(row)
        elif row.type == "LINKEDID_END":
            yield from self._ends_of(row.linkedid)

    # --- legs

    def _born(self, row: CelRow) -> Iterator[ami.AmiEvent]:
        leg = self._legs[row.uniqueid] = _Leg(row.channel, row.linkedid)
        self._ids[row.channel] = row.uniqueid
        is_first = row.uniqueid == row.linkedid
        calls = is_first and row.uniqueid not in self._ours
        number = row.num or ("" if is_first else self._dialled.get(row.linkedid, ""))
        yield ami.Newchannel(
            uniqueid=row.uniqueid,
            linkedid=row.linkedid,
            channel=row.channel,
            state=RING if calls else DOWN,
            num=number,
            name=row.name,
            context=row.context,
            exten=row.exten if calls else "",
        )
        if is_local(row.channel):
            yield from self._pair(row, leg)
        if not calls and not row.channel.endswith(";2"):
            yield from self._rung(row, self._ours.get(row.uniqueid, number))

    def _rung(self, row: CelRow, number: str) -> Iterator[ami.AmiEvent]:
        dialler = "" if row.uniqueid == row.linkedid else self._dialler.get(row.linkedid, "")
        yield ami.DialBegin(uniqueid=dialler, dest_uniqueid=row.uniqueid, dest_num=number)
        yield ami.DialState(uniqueid=dialler, dest_uniqueid=row.uniqueid, status="RINGING")

    def _pair(self, row: CelRow, leg: _Leg) -> Iterator[ami.AmiEvent]:
        stem, _, half = row.channel.rpartition(";")
        other = self._ids.get(f"{stem};{'1' if half == '2' else '2'}")
        if other is None or other not in self._legs:
            return
        one, two = (row.uniqueid, other) if half == "1" else (other, row.uniqueid)
        yield ami.LocalBridge(
            one=one,
            one_channel=f"{stem};1",
            one_linkedid=leg.linkedid,
            two=two,
            two_channel=f"{stem};2",
            two_linkedid=leg.linkedid,
        )

    def _asked(self, row: CelRow, leg: _Leg) -> Iterator[ami.AmiEvent]:
        leg.is_asked = True
        yield ami.HangupRequest(uniqueid=row.uniqueid, linkedid=row.linkedid)

    def _hangup(self, row: CelRow, leg: _Leg) -> Iterator[ami.AmiEvent]:
        leg.cause = _whole(row.extra.get("hangupcause", "")) or 0
        if (
            status := row.extra.get("dialstatus", "")
        ) in _REFUSED:  # who refused may be written as gone later
            yield from self._rung_in_vain(row, status)

    def _chan_end(self, row: CelRow, leg: _Leg) -> Iterator[ami.AmiEvent]:
        yield self._gone(row.uniqueid, leg)

    def _linkedid_end(self, row: CelRow, _leg: _Leg) -> Iterator[ami.AmiEvent]:
        yield from self._ends_of(row.linkedid)

    def _ends_of(self, linkedid: str) -> Iterator[ami.AmiEvent]:
        for uniqueid, leg in list(self._legs.items()):
            if leg.linkedid == linkedid and leg.cause is not None:
                yield self._gone(uniqueid, leg)
        self._dialled.pop(linkedid, None)
        self._dialler.pop(linkedid, None)

    def _gone(self, uniqueid: str, leg: _Leg) -> ami.Hangup:
        del self._legs[uniqueid]
        self._out_of_bridge(uniqueid, leg)
        if self._ids.get(leg.channel) == uniqueid:
            del self._ids[leg.channel]
        return ami.Hangup(uniqueid=uniqueid, cause=leg.cause)

    # --- queues

    def _app_start(self, row: CelRow, leg: _Leg) -> Iterator[ami.AmiEvent]:
        if row.app in ("Dial", "Queue"):
            self._dialler[row.linkedid] = row.uniqueid
        if row.app == "Dial" and row.exten.lstrip("+").isdecimal():
            self._dialled[row.linkedid] = row.exten  # what an outside leg that is born now is dialled as
        if row.app != "Queue" or not row.app_args:
            return
        args = row.app_args.split(",")
        leg.queue, leg.joined_at, leg.why_left, leg.is_given_up = args[0], row.at, None, False
        seconds = _whole(args[_TIMEOUT_ARG]) if len(args) > _TIMEOUT_ARG else None
        leg.waits_at_most = timedelta(seconds=seconds) if seconds else None
        yield ami.QueueCallerJoin(
            uniqueid=row.uniqueid, linkedid=row.linkedid, queue=leg.queue, num=row.num, exten=row.exten
        )

    def _given_up(self, row: CelRow, leg: _Leg) -> Iterator[ami.AmiEvent]:
        """A queue that waited too long says of each phone that it rang in vain, and then of the caller."""
        if not leg.queue or leg.is_asked:
            return
        yield from self._taken_out(row, leg)
        if self._why_left(row, leg) != "TIMEOUT":
            return
        yield from self._rung_in_vain(row, "NOANSWER")
        yield ami.QueueCallerAbandon(uniqueid=row.uniqueid, linkedid=row.linkedid, queue=leg.queue)

    def _taken_out(self, row: CelRow, leg: _Leg) -> Iterator[ami.AmiEvent]:
        """He did not hang up, yet the queue gave him up; queue_log may say so only when he is let go of."""
        if leg.why_left == ABANDONED and row.exten and not (leg.is_asked or leg.is_given_up):
            leg.is_given_up = True
            yield ami.QueueCallerAbandon(
                uniqueid=row.uniqueid, linkedid=row.linkedid, queue=leg.queue, exten=row.exten
            )

    def _rung_in_vain(self, row: CelRow, status: str) -> Iterator[ami.AmiEvent]:
        for uniqueid, other in self._legs.items():
            if other.linkedid == row.linkedid and uniqueid != row.uniqueid:
                yield ami.DialEnd(uniqueid=row.uniqueid, dest_uniqueid=uniqueid, status=status)

    def _app_end(self, row: CelRow, leg: _Leg) -> Iterator[ami.AmiEvent]:
        if leg.queue:
            yield from self._taken_out(row, leg)
        queue, status, leg.queue = leg.queue, self._why_left(row, leg), ""
        if row.app != "Queue" or not queue:
            return
        if status:
            headers = _OUR_QUEUE_LEFT | {"queue": queue, "status": status}
            yield ami.UserEvent(
                uniqueid=row.uniqueid, linkedid=row.linkedid, name="Centralita", headers=headers
            )
        else:
            yield ami.QueueCallerLeave(uniqueid=row.uniqueid, linkedid=row.linkedid, queue=queue)

    def _why_left(self, row: CelRow, leg: _Leg) -> str | None:
        if leg.why_left is not None:
            return leg.why_left
        return _why_left(row.at - leg.joined_at, leg) if leg.joined_at else None

    def _connected(self, row: CelRow, _leg: _Leg) -> Iterator[ami.AmiEvent]:
        yield ami.AgentConnect(
            uniqueid=row.uniqueid,
            linkedid=row.linkedid,
            queue=row.extra["queue"],
            interface=interface_of(row.extra["channel"]),
            dest_uniqueid=row.extra["uniqueid"],
        )

    def _left(self, row: CelRow, leg: _Leg) -> Iterator[ami.AmiEvent]:
        leg.why_left = row.extra["status"]
        yield from ()

    # --- bridges

    def _bridge_enter(self, row: CelRow, leg: _Leg) -> Iterator[ami.AmiEvent]:
        bridge = row.extra.get("bridge_id") or self._bridge_of_peers(row)
        self._out_of_bridge(row.uniqueid, leg)
        leg.bridge, leg.queue = bridge, ""
        self._bridges.setdefault(bridge, []).append(row.uniqueid)
        yield ami.BridgeEnter(
            uniqueid=row.uniqueid,
            linkedid=row.linkedid,
            channel=row.channel,
            bridge=bridge,
            technology=row.extra.get("bridge_technology", ""),
            bridge_type=PARKING if leg.is_parked else "",
        )

    def _bridge_of_peers(self, row: CelRow) -> str:
        """Return the bridge that *row* means without naming it: where its peers are, else where one waits."""
        for peer in filter(None, row.peer.split(",")):
            if bridge := self._bridge_at(self._ids.get(peer, "")):
                return bridge
        for bridge, there in self._bridges.items():
            if len(there) == 1 and self._is_near(there[0], row):
                return bridge
        return f"of {row.uniqueid} at {row.at.timestamp():.6f}"

    def _bridge_at(self, uniqueid: str) -> str:
        leg = self._legs.get(uniqueid)
        return leg.bridge if leg else ""

    def _is_near(self, uniqueid: str, row: CelRow) -> bool:
        leg = self._legs.get(uniqueid)
        return leg is not None and leg.linkedid == row.linkedid and uniqueid != row.uniqueid

    def _out_of_bridge(self, uniqueid: str, leg: _Leg) -> None:
        there = self._bridges.get(leg.bridge, [])
        if uniqueid in there:
            there.remove(uniqueid)
        if not there:
            self._bridges.pop(leg.bridge, None)
        leg.bridge = ""

    def _bridge_exit(self, row: CelRow, leg: _Leg) -> Iterator[ami.AmiEvent]:
        bridge = row.extra.get("bridge_id") or leg.bridge
        if bridge == leg.bridge:
            self._out_of_bridge(row.uniqueid, leg)
        yield ami.BridgeLeave(
            uniqueid=row.uniqueid,
            linkedid=row.linkedid,
            channel=row.channel,
            bridge=bridge,
            exten=row.exten if row.exten in WHERE else "",
        )

    def _bridge_start(self, row: CelRow, _leg: _Leg) -> Iterator[ami.AmiEvent]:
        """Before Asterisk 12 one row tells of both; without its peer the other is the only other leg."""
        for uniqueid in (row.uniqueid, self._ids.get(row.peer) or self._only_other(row)):
            if uniqueid and uniqueid in self._legs:
                self._legs[uniqueid].bridge = bridge = f"of {row.uniqueid}"
                yield ami.BridgeEnter(uniqueid=uniqueid, linkedid=row.linkedid, bridge=bridge)

    def _only_other(self, row: CelRow) -> str:
        others = [
            uniqueid
            for uniqueid, leg in self._legs.items()
            if leg.linkedid == row.linkedid and uniqueid != row.uniqueid
        ]
        return others[0] if len(others) == 1 else ""

    def _bridge_end(self, row: CelRow, _leg: _Leg) -> Iterator[ami.AmiEvent]:
        bridge = f"of {row.uniqueid}"
        for uniqueid, leg in self._legs.items():
            if leg.bridge == bridge:
                leg.bridge = ""
                yield ami.BridgeLeave(uniqueid=uniqueid, bridge=bridge)

    def _forward(self, row: CelRow, _leg: _Leg) -> Iterator[ami.AmiEvent]:
        """The row is of who dials: the phone that forwards is the last that he dialled."""
        rung = [
            uniqueid
            for uniqueid, leg in self._legs.items()
            if leg.linkedid == row.linkedid and uniqueid != row.uniqueid and not is_local(leg.channel)
        ]
        if rung and (to := row.extra.get("forward")):
            yield ami.DialEnd(uniqueid=row.uniqueid, dest_uniqueid=rung[-1], status="", forward=to)

    # --- parking

    def _park_start(self, row: CelRow, leg: _Leg) -> Iterator[ami.AmiEvent]:
        leg.is_parked = True
        yield ami.ParkedCall(uniqueid=row.uniqueid, linkedid=row.linkedid)

    def _park_end(self, row: CelRow, leg: _Leg) -> Iterator[ami.AmiEvent]:
        leg.is_parked = False
        yield ami.ParkedCallTimeOut(uniqueid=row.uniqueid, linkedid=row.linkedid)


_TIMEOUT_ARG = 4
"""Queue(name,options,URL,announce,timeout,…):
https://docs.asterisk.org/Latest_API/API_Documentation/Dialplan_Applications/Queue/"""


def _why_left(waited: timedelta, leg: _Leg) -> str | None:
    """Return why a caller left a queue unanswered; None when he hung up, or may have wished to go on."""
    if leg.is_asked:
        return None
    if waited <= AT_ONCE:
        return "FULL"
    at_most = leg.waits_at_most
    return "TIMEOUT" if at_most is not None and waited >= at_most - NEARLY else None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else None
