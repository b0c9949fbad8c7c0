"""What a caller may hear without an agent: how his incidents are going."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from crm_core.domain.cards import CardIncident
from crm_core.domain.incidents import Incident
from crm_core.domain.phone import read_number
from crm_core.ports import UnitOfWork
from crm_core.services.lookup import callers

LISTED = 20


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """``contact_id`` when one customer is meant: ``incidents`` are his then, else a company's."""

    is_known: bool
    contact_id: str | None = None
    incidents: Sequence[CardIncident] = ()


def status(uow: UnitOfWork, *, number: str, typed: str | None, region: str) -> Told:
    """Return the open incidents of who calls from *number*, over a trunk in *region*.

    What he *typed* counts instead, when it is not None: an incident's number (that one alone is told, open or
    not), else the telephone number that is known of him.
    """
    if typed is not None and (incident := uow.incidents.by_number(typed)):
        return Told(is_known=True, contact_id=incident.contact_id, incidents=[_shown(incident)])
    asked = number if typed is None else typed
    found = callers(uow, number=read_number(asked, region=region))
    one = found.contact or found.company
    if one is None:
        return Told(is_known=False)
    contact_id = found.contact.contact_id if found.contact else None
    incidents = uow.incidents.open_of(contact_id=contact_id, account_id=one.account_id, limit=LISTED)
    return Told(is_known=True, contact_id=contact_id, incidents=incidents)


def _shown(incident: Incident) -> CardIncident:
    return CardIncident(
        id=incident.id,
        number=incident.number,
        subject=incident.subject,
        state=incident.state,
        priority=incident.priority,
        opened_at=incident.opened_at,
    )
