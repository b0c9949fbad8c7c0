"""What the services ask of the world: a unit of work, and in it the records by idea.

Everything asked of one unit of work is one transaction: kept whole when the service returns, or not at all.
Lists that go on ask ``before`` or ``after`` a place: the last item's instant (or name) and id.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from crm_core.domain.events import CrmEvent
from crm_core.ports.calls import Calls, Reports
from crm_core.ports.campaigns import Attempts, Campaigns, DoNotCall, Leads
from crm_core.ports.consents import Consents
from crm_core.ports.equipment import Assets, Contracts, Products, Repairs
from crm_core.ports.fields import Fields
from crm_core.ports.imports import ImportedCompanies, Imports
from crm_core.ports.incidents import Callbacks, IncidentEntries, IncidentLists, Incidents
from crm_core.ports.interactions import Interactions
from crm_core.ports.knowledge import Knowledge
from crm_core.ports.log import Audit, EventLog, Leases, Watermarks
from crm_core.ports.masking import Masking
from crm_core.ports.merges import Duplicates, Merges
from crm_core.ports.people import Accounts, Contacts, PhoneBook
from crm_core.ports.privacy import Privacy
from crm_core.ports.retention import Retention
from crm_core.ports.saved_views import SavedViews
from crm_core.ports.search import Search
from crm_core.ports.service_levels import Calendars, Choices, Dues, Policies
from crm_core.ports.sign_ins import ProviderSubjects, SecondFactors
from crm_core.ports.tasks import Tasks
from crm_core.ports.teams import Teams
from crm_core.ports.users import LineNames, Users
from crm_core.ports.webhooks import Webhooks


class UnitOfWork(Protocol):
    """One transaction: the records, and ``events``, stored with it and published when it is kept."""

    @property
    def accounts(self) -> Accounts:
        """Companies."""

    @property
    def contacts(self) -> Contacts:
        """People."""

    @property
    def fields(self) -> Fields:
        """Fields that a site adds to its records."""

    @property
    def phone_book(self) -> PhoneBook:
        """Who is behind a number."""

    @property
    def duplicates(self) -> Duplicates:
        """Who may be there twice."""

    @property
    def merges(self) -> Merges:
        """What became a part of what."""

    @property
    def incidents(self) -> Incidents:
        """What was reported."""

    @property
    def incident_lists(self) -> IncidentLists:
        """What was reported, looked for and counted."""

    @property
    def incident_entries(self) -> IncidentEntries:
        """What was written and done about it."""

    @property
    def choices(self) -> Choices:
        """What it is sorted by."""

    @property
    def calendars(self) -> Calendars:
        """When houses are open."""

    @property
    def policies(self) -> Policies:
        """What is promised."""

    @property
    def dues(self) -> Dues:
        """When somebody hears of it."""

    @property
    def tasks(self) -> Tasks:
        """What is to be done."""

    @property
    def interactions(self) -> Interactions:
        """What was said to customers and by them."""

    @property
    def products(self) -> Products:
        """What we sell or look after."""

    @property
    def assets(self) -> Assets:
        """What customers have of it."""

    @property
    def contracts(self) -> Contracts:
        """What we owe them."""

    @property
    def repairs(self) -> Repairs:
        """What they gave us to be repaired."""

    @property
    def callbacks(self) -> Callbacks:
        """Who waits to be rung."""

    @property
    def calls(self) -> Calls:
        """Past calls."""

    @property
    def campaigns(self) -> Campaigns:
        """Lists to be called."""

    @property
    def leads(self) -> Leads:
        """Whom they hold."""

    @property
    def attempts(self) -> Attempts:
        """Every try to reach one."""

    @property
    def do_not_call(self) -> DoNotCall:
        """Who must not be called."""

    @property
    def consents(self) -> Consents:
        """What people agreed to."""

    @property
    def imports(self) -> Imports:
        """What was brought in from tables."""

    @property
    def imported_companies(self) -> ImportedCompanies:
        """What tables of companies made and changed."""

    @property
    def knowledge(self) -> Knowledge:
        """What we know, and what it helped with."""

    @property
    def privacy(self) -> Privacy:
        """What people wish, and taking them out of the records."""

    @property
    def masking(self) -> Masking:
        """What is shown to whom."""

    @property
    def retention(self) -> Retention:
        """How long records are kept."""

    @property
    def reports(self) -> Reports:
        """Past calls, counted."""

    @property
    def lines(self) -> LineNames:
        """What our numbers and queues are called."""

    @property
    def users(self) -> Users:
        """Who signs in."""

    @property
    def second_factors(self) -> SecondFactors:
        """What some prove themselves by besides their passwords."""

    @property
    def teams(self) -> Teams:
        """Who is in which team."""

    @property
    def provider_subjects(self) -> ProviderSubjects:
        """Who is who at a provider."""

    @property
    def audit(self) -> Audit:
        """Who did what."""

    @property
    def leases(self) -> Leases:
        """Who leads."""

    @property
    def log(self) -> EventLog:
        """The event log."""

    @property
    def watermarks(self) -> Watermarks:
        """Up to when the history is whole."""

    @property
    def webhooks(self) -> Webhooks:
        """Who is told what happens."""

    @property
    def saved_views(self) -> SavedViews:
        """What is asked of lists, under names."""

    @property
    def search(self) -> Search:
        """What is found by which words."""

    @property
    def events(self) -> list[CrmEvent]:
        """What happened in this transaction, in order; services append."""

    def new_id(self, now: datetime) -> str:
        """Return an id that nothing else has."""
