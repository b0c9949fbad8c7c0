"""The history made whole: what records of an exchange tell of calls that were not heard to their ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crm_core.domain.calls import Call
from crm_core.domain.sources import instead_of, is_better
from crm_core.ports import UnitOfWork


def watermark(uow: UnitOfWork, *, pbx: str) -> datetime | None:
    """Return up to when the calls of an exchange are in the history; None when it was never said."""
    return uow.watermarks.of(pbx)


def move_watermark(uow: UnitOfWork, *, pbx: str, at: datetime, now: datetime) -> None:
    """Say that the calls of an exchange that ended until *at* are in the history.

    It never goes back, unless it was set by a clock that was ahead.
    """
    before = uow.watermarks.of(pbx)
    if before is None or before > now or at > before:
        uow.watermarks.put(pbx, at)


def missing(uow: UnitOfWork, *, calls: Sequence[Call]) -> list[Call]:
    """Return those of *calls*, told from records, that the history lacks or knows less surely.

    The latter come as the next version of what is kept. Asked again after they are kept, none is left.
    """
    known = uow.calls.known([call.id for call in calls])
    found = []
    for call in calls:
        before = known.get(call.id)
        if before is None:
            found.append(call)
        elif is_better(call, before):
            found.append(instead_of(call, before))
    return found


def seated(uow: UnitOfWork, *, pbx: str, since: datetime) -> dict[str, str]:
    """Return who has sat at the phones of an exchange since *since* or longer: agents' codes by interface."""
    found = {}
    for user in uow.users.seated_since(since):
        at, _, interface = (user.seat or "").partition(":")
        if at == pbx and user.agent:
            found[interface] = user.agent
    return found
