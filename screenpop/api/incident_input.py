"""What is sent about an incident, and what a list of them is asked for."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from crm_core.domain.custom_fields import MOST_FIELDS
from crm_core.domain.incident_lists import Order, Wanted
from crm_core.domain.incidents import (
    HIGHEST,
    LEAST,
    LOWEST,
    MIDDLE,
    MOST,
    NORMAL,
    PROSE_LENGTH,
    REASON_LENGTH,
    SUBJECT_LENGTH,
    Kind,
    State,
    WaitingFor,
)
from screenpop.api.contact_input import Values
from screenpop.api.exchange import Id, Input, Line, PageQuery, Prose, all_stays
from screenpop.scope import Scope


class NewIncident(Input):
    """What is wrong, and for whom.

    The priority alone stands for the impact and the urgency that make it; beside them it needs its reason
    where they make another one. ``fields`` are the site's own by key.
    """

    contact_id: Id | None = None
    kind: Kind = "incident"
    subject: Line = Field(min_length=1, max_length=SUBJECT_LENGTH)
    description: Prose | None = Field(default=None, max_length=PROSE_LENGTH)
    impact: int | None = Field(default=None, ge=MOST, le=LEAST)
    urgency: int | None = Field(default=None, ge=MOST, le=LEAST)
    priority: int | None = Field(default=None, ge=HIGHEST, le=LOWEST)
    priority_reason: Line | None = Field(default=None, max_length=REASON_LENGTH)
    category_id: Id | None = None
    product_line_id: Id | None = None
    asset_id: Id | None = None
    assignee: Id | None = None
    team_id: Id | None = None
    parent_id: Id | None = None
    fields: Values = Field(default={}, max_length=MOST_FIELDS)


class IncidentChange(Input):
    """What to change; what is not named stays. Of ``fields`` those named change, null empties one."""

    model_config = ConfigDict(json_schema_extra=all_stays)

    kind: Kind = "incident"
    subject: Line = Field(default="", min_length=1, max_length=SUBJECT_LENGTH)
    description: Prose | None = Field(default=None, max_length=PROSE_LENGTH)
    impact: int = Field(default=MIDDLE, ge=MOST, le=LEAST)
    urgency: int = Field(default=MIDDLE, ge=MOST, le=LEAST)
    priority: int = Field(default=NORMAL, ge=HIGHEST, le=LOWEST)
    priority_reason: Line | None = Field(default=None, max_length=REASON_LENGTH)
    state: State = "new"
    waiting_for: WaitingFor = "customer"
    category_id: Id | None = None
    product_line_id: Id | None = None
    asset_id: Id | None = None
    assignee: Id | None = None
    team_id: Id | None = None
    parent_id: Id | None = None
    resolution_id: Id | None = None
    cause: Prose | None = Field(default=None, max_length=PROSE_LENGTH)
    fields: Values = Field(default={}, max_length=MOST_FIELDS)


class IncidentFilter(Input):
    """Which incidents; a category stands for those beneath it. ``assignee=nobody`` are those of nobody."""

    contact_id: Id | None = None
    account_id: Id | None = None
    assignee: Id | Literal["nobody"] | None = None
    team_id: Id | None = None
    kind: Kind | None = None
    priority: int | None = Field(default=None, ge=HIGHEST, le=LOWEST)
    state: State | None = None
    category_id: Id | None = None
    product_line_id: Id | None = None
    asset_id: Id | None = None
    parent_id: Id | None = None
    open: bool = False

    def wanted(self, scope: Scope) -> Wanted:
        """Return what is looked for, as far as it is in *scope*."""
        same = {name: getattr(self, name) for name in _SAME}
        return Wanted(
            **same,
            assignee=None if self.assignee == "nobody" else self.assignee,
            is_unassigned=self.assignee == "nobody",
            category_ids=(self.category_id,) if self.category_id else (),
            only_open=self.open,
            within=scope.within,
        )


_SAME = (
    "contact_id",
    "account_id",
    "team_id",
    "kind",
    "priority",
    "state",
    "product_line_id",
    "asset_id",
    "parent_id",
)


class IncidentsQuery(IncidentFilter, PageQuery):
    """Which incidents, in which order."""

    order: Order = "newest"


class ProblemsQuery(Input):
    """Whose problems, of which product line, and in how many days."""

    contact_id: Id | None = None
    account_id: Id | None = None
    product_line_id: Id | None = None
    days: int = Field(default=365, ge=1, le=3660)
    limit: int = Field(default=10, ge=1, le=100)


class NewEntry(Input):
    """What is written about an incident; ``is_public`` is what the customer was told."""

    text: Prose = Field(min_length=1, max_length=PROSE_LENGTH)
    is_public: bool = False


class Merge(Input):
    """Of which incident another becomes a part: its id or its number."""

    into: Line = Field(min_length=1, max_length=40)
