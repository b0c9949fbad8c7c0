"""A number is learnt: the past calls that came from it find their customer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from crm_core.domain.events import CallsRelabelled
from crm_core.domain.labels import labelled
from crm_core.domain.phone import ReadNumber, equated
from crm_core.ports import UnitOfWork
from crm_core.services.lookup import callers

AT_ONCE = 500


def kept_number(e164: str) -> ReadNumber:
    """Return a number that was read before it was kept."""
    return ReadNumber(raw=e164, kind="number", e164=e164, rule="read before")


def relabel(
    uow: UnitOfWork, *, contact_id: str, numbers: Iterable[str], by: str | None, now: datetime
) -> None:
    """Give the past calls of *numbers* (E.164), as far as they are nobody's, to whom they belong now.

    To the contact when the number is his alone; else they may be his, and stand so in the history of each.
    Whom somebody chose for the number meanwhile does not count: nobody said that of these calls.
    """
    for number in dict.fromkeys(spelling for one in numbers for spelling in (one, *equated(one))):
        calls = iter(uow.calls.unlabelled([number]))
        while group := list(islice(calls, AT_ONCE)):
            found = callers(uow, number=kept_number(number), remembers=False)
            owner = found.contact.contact_id if found.contact else None
            changed = [labelled(call, contact_id=owner, match=found.match, at=now) for call in group]
            uow.calls.put(changed)
            if owner and (spoken := [call.started_at for call in changed if call.answered_at]):
                uow.contacts.spoke({owner: max(spoken)})
            told = tuple(call.id for call in changed)
            uow.events.append(CallsRelabelled(at=now, by=by, contact_id=contact_id, calls=told))
