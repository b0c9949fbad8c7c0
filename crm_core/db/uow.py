"""One transaction on one connection."""

from __future__ import annotations

import os
from datetime import datetime

from sqlalchemy import Connection

from crm_core.db.accounts import SqlAccounts
from crm_core.db.audit import SqlAudit
from crm_core.db.callbacks import SqlCallbacks
from crm_core.db.calls import SqlCalls
from crm_core.db.campaigns import SqlAttempts, SqlCampaigns, SqlDoNotCall, SqlLeads
from crm_core.db.consents import SqlConsents
from crm_core.db.contacts import SqlContacts
from crm_core.db.duplicates import SqlDuplicates
from crm_core.db.equipment import SqlAssets, SqlContracts, SqlProducts
from crm_core.db.event_log import SqlEventLog
from crm_core.db.fields import SqlFields
from crm_core.db.imported_companies import SqlImportedCompanies
from crm_core.db.imports import SqlImports
from crm_core.db.incident_entries import SqlIncidentEntries
from crm_core.db.incident_lists import SqlIncidentLists
from crm_core.db.incidents import SqlIncidents
from crm_core.db.interactions import SqlInteractions
from crm_core.db.knowledge import SqlKnowledge
from crm_core.db.leases import SqlLeases
from crm_core.db.lines import SqlLines
from crm_core.db.masking import SqlMasking
from crm_core.db.merges import SqlMerges
from crm_core.db.phone_book import SqlPhoneBook
from crm_core.db.privacy import SqlPrivacy
from crm_core.db.repairs import SqlRepairs
from crm_core.db.reports import SqlReports
from crm_core.db.retention import SqlRetention
from crm_core.db.saved_views import SqlSavedViews
from crm_core.db.search import SqlSearch
from crm_core.db.service_levels import SqlCalendars, SqlChoices, SqlDues, SqlPolicies
from crm_core.db.sign_ins import SqlProviderSubjects, SqlSecondFactors
from crm_core.db.tasks import SqlTasks
from crm_core.db.teams import SqlTeams
from crm_core.db.users import SqlUsers
from crm_core.db.watermarks import SqlWatermarks
from crm_core.db.webhooks import SqlWebhooks
from crm_core.domain.events import CrmEvent
from crm_core.domain.ids import new_id


class SqlUnitOfWork:
    """A ``UnitOfWork``; ``Database`` begins and ends its transactions, one after the other."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.events: list[CrmEvent] = []
        self.accounts = SqlAccounts(connection)
        self.contacts = SqlContacts(connection)
        self.phone_book = SqlPhoneBook(connection)
        self.duplicates = SqlDuplicates(connection)
        self.merges = SqlMerges(connection)
        self.fields = SqlFields(connection)
        self.incidents = SqlIncidents(connection)
        self.incident_lists = SqlIncidentLists(connection)
        self.incident_entries = SqlIncidentEntries(connection)
        self.choices = SqlChoices(connection)
        self.calendars = SqlCalendars(connection)
        self.policies = SqlPolicies(connection)
        self.dues = SqlDues(connection)
        self.tasks = SqlTasks(connection)
        self.interactions = SqlInteractions(connection)
        self.products = SqlProducts(connection)
        self.assets = SqlAssets(connection)
        self.contracts = SqlContracts(connection)
        self.repairs = SqlRepairs(connection)
        self.callbacks = SqlCallbacks(connection)
        self.calls = SqlCalls(connection)
        self.reports = SqlReports(connection)
        self.lines = SqlLines(connection)
        self.campaigns = SqlCampaigns(connection)
        self.leads = SqlLeads(connection)
        self.attempts = SqlAttempts(connection)
        self.do_not_call = SqlDoNotCall(connection)
        self.privacy = SqlPrivacy(connection)
        self.retention = SqlRetention(connection)
        self.masking = SqlMasking(connection)
        self.knowledge = SqlKnowledge(connection)
        self.consents = SqlConsents(connection)
        self.imports = SqlImports(connection)
        self.imported_companies = SqlImportedCompanies(connection)
        self.users = SqlUsers(connection)
        self.teams = SqlTeams(connection)
        self.second_factors = SqlSecondFactors(connection)
        self.provider_subjects = SqlProviderSubjects(connection)
        self.audit = SqlAudit(connection)
        self.leases = SqlLeases(connection)
        self.log = SqlEventLog(connection)
        self.watermarks = SqlWatermarks(connection)
        self.webhooks = SqlWebhooks(connection)
        self.saved_views = SqlSavedViews(connection)
        self.search = SqlSearch(connection)

    def begin(self) -> None:
        """Forget what a transaction that failed left behind."""
        self.events.clear()
        self.log.forget()
        self.search.index.forget()

    def new_id(self, now: datetime) -> str:
        """Return an id that nothing else has."""
        return new_id(now, os.urandom(10))
