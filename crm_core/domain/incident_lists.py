"""Which incidents are looked for, in which order, and how a list shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec

from crm_core.domain.confines import Confines
from crm_core.domain.incidents import Incident, Kind, State

Order = Literal["newest", "due"]
MOST_COUNTED: Final = 500
"""So many are counted; of more is told that there are more."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; None and empty ask for all. ``due`` are those that are due before an instant.

    ``within`` are those that somebody sees who is confined to his teams.
    """

    contact_id: str | None = None
    account_id: str | None = None
    assignee: str | None = None
    is_unassigned: bool = False
    team_id: str | None = None
    kind: Kind | None = None
    priority: int | None = None
    state: State | None = None
    only_open: bool = False
    category_ids: tuple[str, ...] = ()
    product_line_id: str | None = None
    asset_id: str | None = None
    parent_id: str | None = None
    merged_into: str | None = None
    due_before: datetime | None = None
    within: Confines | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An incident, and what its people are called."""

    incident: Incident
    contact: str | None = None
    account: str | None = None
    assignee: str | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """How many incidents of a category there were; None are those without one. ``open`` of them still are."""

    category_id: str | None
    product_line_id: str | None
    incidents: int
    open: int
