"""What was heard while the exchange's lists were on their way, so that stream and lists are ordered rightly.

A row may be older than what was heard after we asked, and newer than what is still under way. So it counts
for what nothing was heard of since we asked; the stream counts for the rest. What is said of a leg that we
do not know yet is kept and told again once the lists have brought it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from ami_bridge.domain import ami

KEPT_AT_MOST = 20_000
_MOVES = (ami.BridgeEnter, ami.BridgeLeave)
_IN_QUEUE = (ami.QueueCallerJoin, ami.QueueCallerLeave, ami.QueueCallerAbandon, ami.AgentConnect)
_LEGS = ("uniqueid", "dest_uniqueid", "one", "two")


class Meanwhile:
    """Facts heard since the lists were asked for; ``knows`` tells whether a leg is held already.

    With ``knows_call`` a leg that is born into a call unknown to us waits for the lists: they tell who calls.

    ``heard_of`` are the legs that something was said of, ``moved`` those that went from bridge to bridge,
    ``queued`` the legs and linkedids whose place in a queue changed, ``members`` the (queue, interface) that
    were told, ``gone`` the known legs that ended.
    """

    def __init__(self, knows: Callable[[str], bool], knows_call: Callable[[str], bool] | None = None) -> None:
        self.heard_of: set[str] = set()
        self.moved: set[str] = set()
        self.queued: set[str] = set()
        self.gone: set[str] = set()
        self.members: set[tuple[str, str]] = set()
        self._knows, self._knows_call = knows, knows_call
        self._held_back: set[str] = set()
        self._of_strangers: list[tuple[datetime, ami.AmiEvent]] = []

    def note(self, fact: ami.AmiEvent, at: datetime) -> bool:
        """Take a fact of the stream, before the ledger does; return whether it waits for the lists."""
        if isinstance(fact, ami.QueueMember | ami.QueueMemberRemoved):
            self.members.add((fact.queue, fact.interface))
            return False
        legs = _legs_of(fact)
        self.heard_of |= legs
        if isinstance(fact, _MOVES):
            self.moved |= legs
        elif isinstance(fact, _IN_QUEUE):
            self.queued |= {fact.uniqueid, fact.linkedid}
        elif isinstance(fact, ami.Hangup) and self._knows(fact.uniqueid):
            self.gone.add(fact.uniqueid)
        if all(map(self._knows, legs)) or len(self._of_strangers) >= KEPT_AT_MOST:
            return False
        self._of_strangers.append((at, fact))
        if self._is_born_into_unknown(fact):
            self._held_back |= legs
        return bool(self._held_back & legs)

    def said_of(self, legs: set[str]) -> Iterator[tuple[datetime, ami.AmiEvent]]:
        """Yield, in order, what was said of *legs* while nobody knew them, and what was held back."""
        wanted = legs | self._held_back
        for at, fact in self._of_strangers:
            is_known = isinstance(fact, ami.Newchannel) and self._knows(fact.uniqueid)
            if wanted & _legs_of(fact) and not is_known:
                yield at, fact

    def _is_born_into_unknown(self, fact: ami.AmiEvent) -> bool:
        if self._knows_call is None or not isinstance(fact, ami.Newchannel):
            return False
        return fact.linkedid not in {"", fact.uniqueid} and not self._knows_call(fact.linkedid)


def _legs_of(fact: ami.AmiEvent) -> set[str]:
    return {leg for name in _LEGS if (leg := getattr(fact, name, ""))}
