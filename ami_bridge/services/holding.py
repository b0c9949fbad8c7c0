"""Hold from the desk: who talks to one alone parts from him, and comes back; events tell that it was."""

from __future__ import annotations

from ami_bridge.domain.errors import HeldAlreadyError, NotHeldError, NotInTalkError
from ami_bridge.ports import CallControl, LiveFloor


async def hold(floor: LiveFloor, control: CallControl, *, call_id: str, interface: str) -> None:
    """Let the one to whom *interface* talks in a live call hear music.

    Raises:
        HeldAlreadyError: he is on hold there by our doing.
        NotInTalkError: it talks to nobody alone.
        AmiBridgeError: the exchange did not take it (see ``CallControl.hold``).
    """
    pair = floor.pair(call_id, interface)
    if pair is None:
        raise NotInTalkError(interface)
    if pair.is_kept:
        raise HeldAlreadyError(interface)
    await control.hold(pair)


async def resume(floor: LiveFloor, control: CallControl, *, call_id: str, interface: str) -> None:
    """Join *interface* again with whom it put on hold so.

    Raises:
        NotHeldError: nobody is on hold there by our doing.
        AmiBridgeError: the exchange did not take it (see ``CallControl``).
    """
    pair = floor.pair(call_id, interface)
    if pair is None or not pair.is_kept:
        raise NotHeldError(interface)
    await control.resume(pair)
