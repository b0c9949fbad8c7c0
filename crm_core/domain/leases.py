"""Who leads: a lease for the service and one for each exchange, held by one process at a time (pure).

The holder beats once a second. Who stands by watches the rows. When they no longer change he says that he
wants them, and takes them over when even that brings no answer. A holder whose beat cannot be stored, because
the database is away for everybody, sees that nobody wants his lease and stays; one that was asleep finds it
gone.
Each side measures by its own monotonic clock: no clock of a wall is compared with another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

FREE = NOBODY = ""
BEAT_S = 1.0
VALID_S = 3.5
"""So long a holder may act since he began to store a beat, or to read that nobody wants the lease."""
STILL_S, GRACE_S = 2.0, 4.0
"""So long the rows do not change before they are wanted; so long after that they are taken."""
Step = Literal["wait", "want", "take"]


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """``term`` counts the changes of hands, ``beat`` the holder's signs of life."""

    name: str
    holder: str = FREE
    term: int = 0
    beat: int = 0
    wanted_by: str = NOBODY


class Watch:
    """What somebody (``me``) does who stands by, by what he sees of the leases."""

    def __init__(self, me: str) -> None:
        self._me = me
        self._seen: Sequence[Lease] | None = None
        self._since = 0.0

    def step(self, seen: Sequence[Lease], *, now: float, is_dead: bool) -> Step:
        """Return what to do; *is_dead*: it is known that no process of the holders is there any more."""
        if is_dead or all(lease.holder in {FREE, self._me} for lease in seen):
            return "take"
        if seen != self._seen:
            self._seen, self._since = seen, now
            return "wait"
        still_s = now - self._since
        wanting = {lease.wanted_by for lease in seen}
        if wanting == {self._me}:
            return "take" if still_s >= GRACE_S else "wait"
        if wanting == {NOBODY}:
            return "want" if still_s >= STILL_S else "wait"
        return (
            "want" if still_s >= STILL_S + GRACE_S else "wait"
        )  # another wants them, unless he died over it

    def failed(self) -> None:
        """Begin to watch anew: the database is away, so nobody's beat could be stored."""
        self._seen = None
