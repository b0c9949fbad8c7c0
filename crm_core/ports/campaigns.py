"""Campaigns: their leads, each try to reach one, and who may not be called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from crm_core.domain.campaigns import Campaign, CampaignState, DialAttempt, Lead, LeadState
from crm_core.domain.do_not_call import Excluded, Lifted
from crm_core.domain.funnel import LeadCount, TryCount
from crm_core.ports.places import LeadPlace


class Campaigns(Protocol):
    """Lists of people to be called, and their rules."""

    def get(self, campaign_id: str) -> Campaign | None:
        """Return one campaign."""

    def named(self, name: str) -> Campaign | None:
        """Return the campaign called *name*."""

    def all(self) -> list[Campaign]:
        """Return every campaign, by name."""

    def add(self, campaign: Campaign) -> None:
        """Keep a new campaign."""

    def set_state(self, campaign_id: str, state: CampaignState) -> None:
        """Keep whether a campaign runs."""


class Leads(Protocol):
    """Whom the lists hold."""

    def get(self, lead_id: str) -> Lead | None:
        """Return one lead."""

    def with_agent(self, agent: str, now: datetime) -> Lead | None:
        """Return the lead that *agent* has before him."""

    def due(
        self, campaign_id: str, state: LeadState, *, agent: str, now: datetime, overdue: datetime, limit: int
    ) -> list[Lead]:
        """Return leads that *agent* may take at *now*, first due first.

        Those that are kept for somebody else are his from *overdue* on.
        """

    def coming(self, campaign_id: str, state: LeadState, after: LeadPlace | None, limit: int) -> list[Lead]:
        """Return the leads of one state, first due first."""

    def listed(self, campaign_id: str, numbers: Iterable[str]) -> set[str]:
        """Return those of *numbers* that came with a list of this campaign."""

    def last_place(self, campaign_id: str) -> int:
        """Return the place of the last lead; 0 of an empty list."""

    def add(self, leads: Sequence[Lead]) -> None:
        """Keep new leads and their numbers."""

    def change(self, lead: Lead) -> None:
        """Keep a lead as it is now."""

    def counts(self, campaign_id: str) -> list[LeadCount]:
        """Return how many leads there are of each kind."""


class Attempts(Protocol):
    """Every try to reach a lead, forbidden ones included."""

    def get(self, attempt_id: str) -> DialAttempt | None:
        """Return one try."""

    def add(self, attempt: DialAttempt) -> None:
        """Keep a new try."""

    def change(self, attempt: DialAttempt) -> None:
        """Keep a try as it is now."""

    def of_lead(self, lead_id: str, limit: int) -> list[DialAttempt]:
        """Return the last tries of a lead, newest first."""

    def dials(self, number: str, since: datetime) -> list[datetime]:
        """Return when a number was dialled after *since*, by any campaign."""

    def counts(self, campaign_id: str) -> list[TryCount]:
        """Return how many tries there are of each kind."""


class DoNotCall(Protocol):
    """Numbers that no campaign may dial."""

    def among(self, numbers: Iterable[str]) -> set[str]:
        """Return those of *numbers* that must not be called; a contact's phone can be marked so, too."""

    def add(self, numbers: Iterable[str], *, by: str | None, why: str, now: datetime) -> int:
        """Keep that *numbers* must not be called; return how many are new, the others stay as they are."""

    def get(self, number: str) -> Excluded | None:
        """Return what is kept of a number; None when it is not on the list."""

    def listed(self, begin: str, after: str | None, limit: int) -> list[Excluded]:
        """Return the numbers that begin with *begin*, in their order, behind *after*."""

    def remove(self, one: Lifted) -> None:
        """Take a number off the list, and keep who did it and why."""

    def lifted(self, number: str, limit: int) -> list[Lifted]:
        """Return when a number was taken off the list, the last time first."""

    def marked_by(self, number: str) -> list[str]:
        """Return the contacts at whose phone a number is marked as not to be called, by id."""
