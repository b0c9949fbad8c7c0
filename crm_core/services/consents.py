"""Consents: noted, shown, and asked before somebody is dialled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from crm_core.domain.consents import Consent, Standing, Stands, all_standing, checked, standing, strictest
from crm_core.domain.events import ConsentNoted
from crm_core.ports import UnitOfWork
from crm_core.services.led_on import missing

MOST = 500


def note(uow: UnitOfWork, *, consent: Consent, now: datetime) -> Consent:
    """Keep what somebody said beside all that he said before.

    Raises:
        NotFoundError: there is no such contact.
        InvalidError: a field cannot be kept.
    """
    _demand(uow, consent.contact_id)
    uow.consents.add(checked(consent, now=now))
    uow.events.append(
        ConsentNoted(at=now, by=consent.noted_by, contact_id=consent.contact_id, consent_id=consent.id)
    )
    return consent


def said(uow: UnitOfWork, *, contact_id: str) -> list[Consent]:
    """Return the last 500 things that somebody said, newest first.

    Raises:
        NotFoundError: there is no such contact.
    """
    _demand(uow, contact_id)
    return uow.consents.of(contact_id, MOST)


def stands(uow: UnitOfWork, *, contact_id: str, now: datetime) -> list[Stands]:
    """Return how somebody stands to each purpose and channel of which he said something.

    Raises:
        NotFoundError: there is no such contact.
    """
    return all_standing(said(uow, contact_id=contact_id), now=now)


def to_marketing_calls(uow: UnitOfWork, *, numbers: Sequence[str], now: datetime) -> dict[str, Standing]:
    """Return how who has each of *numbers* (E.164) stands to being called to be sold something."""
    found: dict[str, defaultdict[str, list[Consent]]] = {one: defaultdict(list) for one in numbers}
    for number, one in uow.consents.of_numbers(numbers, "marketing", "call"):
        found[number][one.contact_id].append(one)
    return {
        number: strictest(standing(entries, now=now) for entries in whose.values())
        for number, whose in found.items()
    }


def _demand(uow: UnitOfWork, contact_id: str) -> None:
    if uow.contacts.get(contact_id) is None:
        raise missing(uow, "contact", contact_id)
