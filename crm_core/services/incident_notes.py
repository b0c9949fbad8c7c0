"""What is written about an incident: notes that stay inside, and what the customer was told."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.events import IncidentNoted
from crm_core.domain.incident_entries import Entry, checked_text
from crm_core.ports import UnitOfWork
from crm_core.services.incidents import get, store


def write(
    uow: UnitOfWork, *, incident_id: str, text: str, is_public: bool, by: str | None, now: datetime
) -> Entry:
    """Keep what was written; the first words to the customer are the first response.

    Raises:
        NotFoundError: there is no such incident.
        InvalidError: there is no text, or too much.
    """
    incident = get(uow, incident_id=incident_id)
    entry = Entry(
        id=uow.new_id(now),
        incident_id=incident.id,
        at=now,
        by=by,
        kind="reply" if is_public else "note",
        text=checked_text(text),
    )
    uow.incident_entries.add(entry)
    uow.events.append(IncidentNoted(at=now, by=by, incident_id=incident.id, entry_id=entry.id))
    if is_public and incident.first_responded_at is None and incident.is_open:
        after = replace(incident, first_responded_at=now, updated_at=now, version=incident.version + 1)
        store(uow, incident, after, by=by, now=now)
    return entry
