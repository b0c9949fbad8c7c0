"""What was said to a customer and by him on other ways than the telephone, written down by hand. Pure.

A call is never one: the ledger has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

import msgspec
from msgspec.structs import replace

from crm_core.domain.confines import Confines
from crm_core.domain.errors import InvalidError
from crm_core.domain.incidents import Incident

Channel = Literal["email", "chat", "sms", "visit", "letter", "social", "web", "note"]
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
Direction = Literal["inbound", "outbound"]
SUBJECT_LENGTH, BODY_LENGTH = 200, 20_000
FAST_CLOCK: Final = timedelta(minutes=5)
"""By so much the clock of who writes may be ahead of ours."""
CHANGEABLE: Final = frozenset(("channel", "direction", "subject", "body", "at"))


class Interaction(msgspec.Struct, frozen=True, kw_only=True):
    """What was said ``at`` an instant with a contact or a company, maybe about an incident.

    A note goes in no direction, everything else does. ``created_by`` (a user's id) wrote it down.
    """

    id: str
    channel: Channel
    direction: Direction | None = None
    contact_id: str | None = None
    account_id: str | None = None
    incident_id: str | None = None
    subject: str | None = None
    body: str
    at: datetime
    created_at: datetime
    created_by: str | None = None
    version: int = 1


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which ones: None asks for all. ``within`` are those that somebody sees who is confined to his teams."""

    contact_id: str | None = None
    account_id: str | None = None
    incident_id: str | None = None
    channel: Channel | None = None
    within: Confines | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An interaction, and what those are called who have to do with it; ``incident`` is a number."""

    interaction: Interaction
    contact: str | None = None
    account: str | None = None
    incident: str | None = None
    written_by: str | None = None


def is_seen(incident: Incident | None, within: Confines) -> bool:
    """Return whether who is confined sees what was written about *incident*; about none everybody does."""
    return incident is None or within.sees_incident(incident)


def checked(one: Interaction, *, now: datetime) -> Interaction:
    """Return *one* when it can be kept.

    Raises:
        InvalidError: naming the first field that cannot.
    """
    if (one.direction is None) != (one.channel == "note"):
        raise InvalidError("direction", "a note has none, everything else has one", fault="direction")
    if len(one.subject or "") > SUBJECT_LENGTH:
        raise InvalidError("subject", f"at most {SUBJECT_LENGTH} characters")
    if not 0 < len(one.body.strip()) <= BODY_LENGTH:
        raise InvalidError("body", f"1 to {BODY_LENGTH} characters")
    if one.at > now + FAST_CLOCK:
        raise InvalidError("at", "this is yet to come", fault="in_future")
    return one


def changed(one: Interaction, changes: Mapping[str, Any], *, now: datetime) -> Interaction:
    """Return the next version of *one*; as it is without a change.

    Raises:
        InvalidError: naming a field that cannot be.
    """
    for field in sorted(changes):
        if field not in CHANGEABLE:
            raise InvalidError(field, "cannot be changed")
    after = checked(replace(one, **changes), now=now)
    return one if after == one else replace(after, version=one.version + 1)
