"""How soon a caller is served: one rule for every way in which a dialplan asks."""

from __future__ import annotations

VIP, WAITS_FOR_US = 10, 5


def queue_priority(*, is_vip: bool, open_incidents: int) -> int | None:
    """Return the caller's priority in a queue, higher is served first; None for nobody special.

    Who is a VIP comes before who waits for us to mend something, and he before everybody else.
    """
    if is_vip:
        return VIP
    return WAITS_FOR_US if open_incidents else None
