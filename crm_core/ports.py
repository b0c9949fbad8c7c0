"""What the services ask of the world: a unit of work, and in it the records by idea.

Everything asked of one unit of work is one transaction: kept whole when the service returns, or not at all.
Lists that go on ask ``before`` or ``after`` a place: the last item's instant (or name) and id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crm_core.domain.audit import AuditEntry
from crm_core.domain.batches import SpoolPlace
from crm_core.domain.callbacks import Callback
from crm_core.domain.calls import Call, Work
from crm_core.domain.campaigns import Campaign, CampaignState, DialAttempt, Lead, LeadState
from crm_core.domain.cards import CardCall, CardIncident, CardNote
from crm_core.domain.contacts import Account, Contact, Email, Phone
from crm_core.domain.entries import Entry
from crm_core.domain.events import CrmEvent, StoredEvent
from crm_core.domain.figures import QueueTally
from crm_core.domain.funnel import LeadCount, TryCount
from crm_core.domain.incidents import Incident
from crm_core.domain.leases import Lease
from crm_core.domain.lines import Line, LineKey
from crm_core.domain.lost import Stay
from crm_core.domain.people import Session, Token, User
from crm_core.domain.search import Wanted
from crm_core.domain.sla import Target
from crm_core.domain.traces import Trace

Place = tuple[datetime, str]
LeadPlace = tuple[datetime, int]


class Accounts(Protocol):
    """Companies."""

    def named(self, name: str) -> Account | None:
        """Return the company called *name*, whatever its case and accents."""

    def all_named(self, names: Sequence[str]) -> list[Account]:
        """Return the companies called one of *names* (folded), the older ones first."""

    def add(self, account: Account) -> None:
        """Keep a new company."""

    def add_line(self, account_id: str, phone: Phone) -> None:
        """Keep a number that is the company's, nobody's in particular."""

    def add_range(self, account_id: str, range_id: str, *, first: str, last: str) -> None:
        """Keep that all numbers from *first* to *last* (E.164, equally long) are the company's."""


class Contacts(Protocol):
    """People and how they are reached."""

    def get(self, contact_id: str) -> Contact | None:
        """Return a contact with phones and addresses."""

    def add(self, contacts: Sequence[Contact]) -> None:
        """Keep new contacts, with their phones and addresses."""

    def change(self, contact: Contact) -> None:
        """Keep what is new about a contact; its phones and addresses stay as they are."""

    def add_phone(self, contact_id: str, phone: Phone) -> None:
        """Keep one more number."""

    def add_email(self, contact_id: str, email: Email) -> None:
        """Keep one more address."""

    def page(self, after: tuple[str, str] | None, limit: int) -> list[Contact]:
        """Return contacts by folded name and id."""

    def with_words(self, words: Sequence[str], after: tuple[str, str] | None, limit: int) -> list[Contact]:
        """Return contacts who have, for each of *words*, a word of name or company that begins so."""

    def with_number(
        self, *, e164: str | None, digits: str, after: tuple[str, str] | None, limit: int
    ) -> list[Contact]:
        """Return contacts who have the number *e164*, or one that begins with *digits*."""

    def with_address(self, begin: str, after: tuple[str, str] | None, limit: int) -> list[Contact]:
        """Return contacts who have an e-mail address that begins so."""

    def namesakes(
        self, *, names: Sequence[str], numbers: Sequence[str], addresses: Sequence[str]
    ) -> list[Contact]:
        """Return who has one of *names*, and one of *numbers* (E.164) or *addresses*; all folded."""

    def spoke(self, at: Mapping[str, datetime]) -> None:
        """Keep when contacts were spoken with, where that is later than what is known."""


class PhoneBook(Protocol):
    """Who is behind a number. At most 20 entries a question: more people than that share no useful number."""

    def exactly(self, numbers: Sequence[str]) -> list[Entry]:
        """Return who has one of *numbers* (E.164; one or two)."""

    def with_tail(self, tail: str, *, only_unread: bool) -> list[Entry]:
        """Return who has a number with these last eight digits; *only_unread*: that could not be read."""

    def in_range(self, e164: str) -> list[Entry]:
        """Return the companies whose range holds the number."""

    def contact(self, contact_id: str) -> Entry | None:
        """Return one contact's entry."""

    def chosen(self, e164: str) -> Entry | None:
        """Return whom somebody chose for this number."""

    def choose(self, e164: str, contact_id: str, now: datetime) -> None:
        """Remember who this number is."""


class Incidents(Protocol):
    """What was reported."""

    def get(self, incident_id: str) -> Incident | None:
        """Return one incident."""

    def by_key(self, key: str) -> Incident | None:
        """Return the incident that was opened with this key."""

    def by_number(self, number: str) -> Incident | None:
        """Return the incident with this number (INC-20418)."""

    def next_number(self) -> str:
        """Return the number of the next incident."""

    def add(self, incident: Incident, *, key: str) -> None:
        """Keep a new incident."""

    def change(self, incident: Incident) -> None:
        """Keep an incident as it is now."""

    def find(
        self,
        *,
        contact_id: str | None,
        assignee: str | None,
        only_open: bool,
        before: Place | None,
        limit: int,
    ) -> list[Incident]:
        """Return incidents, newest first; None asks for everybody's."""

    def open_of(self, *, contact_id: str | None, account_id: str | None, limit: int) -> list[CardIncident]:
        """Return a contact's open incidents, else a company's, most urgent first, as a card shows them."""


class Callbacks(Protocol):
    """Who waits to be rung."""

    def get(self, callback_id: str) -> Callback | None:
        """Return one callback."""

    def open_to(self, numbers: Sequence[str]) -> list[Callback]:
        """Return the open callbacks to *numbers* (E.164)."""

    def waiting(self, after: Place | None, limit: int) -> list[Callback]:
        """Return the open callbacks, first due first."""

    def add(self, one: Callback) -> None:
        """Keep a new callback."""

    def change(self, one: Callback) -> None:
        """Keep a callback as it is now."""


class Calls(Protocol):
    """Past calls. ``work`` and ``incident_ids`` are filled in where calls are returned."""

    def get(self, call_id: str) -> Call | None:
        """Return one call."""

    def written(self, call: Call) -> Call:
        """Return a live call with the work and the incidents that are kept of it already."""

    def all_written(self, calls: Sequence[Call]) -> list[Call]:
        """Return calls with the work and the incidents that are kept of them."""

    def known(self, ids: Sequence[str]) -> dict[str, Call]:
        """Return those of *ids* that are kept, by id, without work and incidents."""

    def put(self, calls: Sequence[Call]) -> None:
        """Keep calls, in place of what was kept of them."""

    def of(
        self, *, contact_id: str | None, agent: str | None, missed: bool, before: Place | None, limit: int
    ) -> list[Call]:
        """Return calls, newest first; *missed*: that rang at *agent* in vain, or that nobody answered."""

    def recent(self, *, contact_id: str | None, customer: str | None, limit: int) -> list[CardCall]:
        """Return the last calls of a contact, else of a number, newest first, as a card shows them."""

    def possibly_of(self, contact_id: str, before: Place | None, limit: int) -> list[Call]:
        """Return calls that are nobody's yet and may be this contact's, newest first."""

    def unlabelled(self, numbers: Sequence[str]) -> list[Call]:
        """Return the calls of these customers' numbers that are nobody's yet."""

    def work(self, call_id: str, agent: str) -> Work | None:
        """Return what an agent wrote about a call."""

    def put_work(self, call_id: str, work: Work) -> None:
        """Keep what an agent wrote about a call, which may be live still."""

    def last_notes(self, contact_id: str, limit: int) -> list[CardNote]:
        """Return the last notes about a contact's last 20 calls, newest first, as a card shows them."""


class LineNames(Protocol):
    """What our numbers and queues are called."""

    def get(self, key: LineKey) -> Line | None:
        """Return what is kept of a number or a queue."""

    def all(self) -> list[Line]:
        """Return all, by exchange, kind and code."""

    def add(self, one: Line) -> None:
        """Keep a new one."""

    def change(self, one: Line) -> None:
        """Keep one as it is now."""

    def remove(self, key: LineKey) -> None:
        """Forget one."""


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


class EventLog(Protocol):
    """What happened, in the order of the commits."""

    def append(self, events: Iterable[StoredEvent]) -> None:
        """Keep events, in this order, behind all others."""

    def after(self, pos: int, limit: int) -> list[StoredEvent]:
        """Return what stands behind *pos*."""

    def take(self, place: SpoolPlace) -> bool:
        """Remember that what waited at *place* is kept; False when it was already."""

    def trace(self, traces: Iterable[Trace]) -> None:
        """Keep how calls came to be told as they were."""

    def traces(self, ids: Sequence[str]) -> list[Trace]:
        """Return what is kept of the calls *ids*, in the order in which it was kept."""

    def thin(self, before: datetime, limit: int) -> int:
        """Forget of the oldest *limit* events and traces those before *before*; return how many it were."""


class Watermarks(Protocol):
    """Up to when each exchange's calls are in the history."""

    def of(self, pbx: str) -> datetime | None:
        """Return up to when the calls of an exchange are kept."""

    def put(self, pbx: str, at: datetime) -> None:
        """Keep up to when they are."""


class Leases(Protocol):
    """Who leads."""

    def all(self) -> list[Lease]:
        """Return those that were ever held, by name."""

    def put(self, one: Lease) -> None:
        """Keep a lease as it is now."""


class Audit(Protocol):
    """Who did what: entries are added, never changed."""

    def append(self, entry: AuditEntry) -> None:
        """Keep an entry."""

    def last(self, limit: int) -> list[AuditEntry]:
        """Return the newest entries, newest first."""

    def last_of(self, begin: str) -> AuditEntry | None:
        """Return the newest entry whose deed begins with *begin*."""


class Users(Protocol):
    """Who signs in, their sessions, and other systems' keys."""

    def named(self, name: str) -> User | None:
        """Return who signs in by this name."""

    def with_agent(self, agent: str) -> User | None:
        """Return who has this agent code."""

    def add(self, user: User) -> None:
        """Keep a new user."""

    def set_password(self, user_id: str, password_hash: str) -> None:
        """Keep another password's hash."""

    def set_language(self, user_id: str, language: str) -> None:
        """Keep which language somebody reads."""

    def set_seat(self, user_id: str, seat: str | None) -> None:
        """Keep where somebody sits."""

    def with_agents(self, agents: Sequence[str]) -> list[User]:
        """Return who has one of these agent codes, in no order."""

    def seated_since(self, since: datetime) -> list[User]:
        """Return who has a seat and a session that was open at *since* already, in no order."""

    def open_session(self, session: Session, address: str) -> None:
        """Keep a session, and from where it was opened; the user's that are 30 days old are forgotten."""

    def end_session(self, session_id: str) -> None:
        """Forget a session."""

    def end_sessions_of(self, user_id: str) -> list[str]:
        """Forget all sessions of a user; return their ids."""

    def sessions(self, ids: Sequence[str]) -> list[tuple[Session, User]]:
        """Return those of *ids* that hold, with their users; not of users who were switched off."""

    def session_seen(self, session_id: str, now: datetime) -> None:
        """Keep that a session was used."""

    def token(self, token_id: str) -> Token | None:
        """Return a key."""

    def token_named(self, name: str) -> Token | None:
        """Return the key called *name*."""

    def add_token(self, token: Token) -> None:
        """Keep a new key."""


class Reports(Protocol):
    """Past calls, counted and searched."""

    def tallies(self, since: datetime, target: Target) -> list[QueueTally]:
        """Return the tally of each queue that was entered from *since* on, by exchange and name."""

    def calls(self, wanted: Wanted, target: Target, before: Place | None, limit: int) -> list[Call]:
        """Return the calls that are looked for, newest first, without work and incidents."""

    def stays(self, since: datetime) -> list[Stay]:
        """Return the stays from *since* on, the newest 5000, of customers with whom nobody has talked since.

        Not those that an agent ended.
        """

    def names(self, contact_ids: Sequence[str]) -> dict[str, str]:
        """Return what these contacts are called, by id."""

    def agents(self, codes: Sequence[str]) -> dict[str, str]:
        """Return what the agents with these codes are called, as far as they are known."""


class UnitOfWork(Protocol):
    """One transaction: the records, and ``events``, stored with it and published when it is kept."""

    @property
    def accounts(self) -> Accounts:
        """Companies."""

    @property
    def contacts(self) -> Contacts:
        """People."""

    @property
    def phone_book(self) -> PhoneBook:
        """Who is behind a number."""

    @property
    def incidents(self) -> Incidents:
        """What was reported."""

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
    def reports(self) -> Reports:
        """Past calls, counted."""

    @property
    def lines(self) -> LineNames:
        """What our numbers and queues are called."""

    @property
    def users(self) -> Users:
        """Who signs in."""

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
    def events(self) -> list[CrmEvent]:
        """What happened in this transaction, in order; services append."""

    def new_id(self, now: datetime) -> str:
        """Return an id that nothing else has."""
