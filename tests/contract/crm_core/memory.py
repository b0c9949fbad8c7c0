"""The records in memory: the ports' promises in the plainest code that keeps them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from contract.crm_core.memory_reports import Reports
from msgspec.structs import replace

from crm_core.domain.accounts import Account
from crm_core.domain.audit import AuditEntry
from crm_core.domain.batches import SpoolPlace
from crm_core.domain.callbacks import Callback
from crm_core.domain.calls import Call, Work, call_id
from crm_core.domain.campaigns import Campaign, CampaignState, DialAttempt, Lead, LeadState
from crm_core.domain.cards import CardCall, CardIncident, CardNote
from crm_core.domain.contacts import Contact, Email, Phone
from crm_core.domain.entries import Entry
from crm_core.domain.events import CrmEvent, StoredEvent, stored
from crm_core.domain.funnel import LeadCount, TryCount
from crm_core.domain.history import LOST, agents_of, as_card_call, last_agent
from crm_core.domain.ids import new_id
from crm_core.domain.incidents import Incident, number_of, sequence_of
from crm_core.domain.leases import Lease
from crm_core.domain.lines import Line, LineKey
from crm_core.domain.people import Session, Token, User
from crm_core.domain.phone import digits_of_stored, tail_of
from crm_core.domain.traces import Trace
from crm_core.domain.words import folded
from crm_core.ports.places import Place

MOST, NOTED_CALLS, FORGOTTEN_AFTER = 20, 20, timedelta(days=30)  # as the ports promise


@dataclass
class Kept:
    """Everything that is kept."""

    accounts: dict[str, Account] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    lines: list[tuple[str, Phone]] = field(default_factory=list)
    ranges: list[tuple[str, str, str]] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)
    spoken: dict[str, datetime] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    callbacks: dict[str, Callback] = field(default_factory=dict)
    names: dict[LineKey, Line] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    leads: dict[str, Lead] = field(default_factory=dict)
    lead_numbers: set[tuple[str, str]] = field(default_factory=set)
    attempts: dict[str, DialAttempt] = field(default_factory=dict)
    do_not_call: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    work: dict[tuple[str, str], Work] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    audit: list[AuditEntry] = field(default_factory=list)
    watermarks: dict[str, datetime] = field(default_factory=dict)
    log: list[StoredEvent] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)
    last_pos: int = 0
    leases: dict[str, Lease] = field(default_factory=dict)
    emptied: dict[str, int] = field(default_factory=dict)
    ids: int = 0


def by_name(contacts: Iterable[Contact], after: tuple[str, str] | None, limit: int) -> list[Contact]:
    listed = sorted(contacts, key=lambda one: (folded(one.name), one.id))
    return [one for one in listed if after is None or (folded(one.name), one.id) > after][:limit]


class Accounts:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def named(self, name: str) -> Account | None:
        same = (one for one in self._kept.accounts.values() if folded(one.name) == folded(name))
        return min(same, key=lambda one: one.id, default=None)

    def all_named(self, names: Sequence[str]) -> list[Account]:
        same = (one for one in self._kept.accounts.values() if folded(one.name) in names)
        return sorted(same, key=lambda one: one.id)

    def add(self, account: Account) -> None:
        self._kept.accounts[account.id] = account

    def add_line(self, account_id: str, phone: Phone) -> None:
        self._kept.lines.append((account_id, phone))

    def add_range(self, account_id: str, range_id: str, *, first: str, last: str) -> None:
        self._kept.ranges.append((account_id, first, last))


class Contacts:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def get(self, contact_id: str) -> Contact | None:
        return self._kept.contacts.get(contact_id)

    def add(self, contacts: Sequence[Contact]) -> None:
        for one in contacts:
            phones = tuple(sorted(one.phones, key=lambda phone: (not phone.is_primary, phone.id)))
            self._kept.contacts[one.id] = replace(one, phones=phones)

    def change(self, contact: Contact) -> None:
        before = self._kept.contacts[contact.id]
        self._kept.contacts[contact.id] = replace(contact, phones=before.phones, emails=before.emails)

    def add_phone(self, contact_id: str, phone: Phone) -> None:
        one = self._kept.contacts[contact_id]
        others = [replace(p, is_primary=p.is_primary and not phone.is_primary) for p in one.phones]
        self.add([replace(one, phones=(*others, phone))])

    def add_email(self, contact_id: str, email: Email) -> None:
        one = self._kept.contacts[contact_id]
        self.add([replace(one, emails=(*one.emails, email))])

    def page(self, after: tuple[str, str] | None, limit: int) -> list[Contact]:
        return by_name(self._kept.contacts.values(), after, limit)

    def with_words(self, words: Sequence[str], after: tuple[str, str] | None, limit: int) -> list[Contact]:
        def fits(one: Contact) -> bool:
            his = folded(f"{one.given} {one.family} {one.company or ''}").split()
            return all(any(word.startswith(begin) for word in his) for begin in words)

        return by_name(filter(fits, self._kept.contacts.values()), after, limit)

    def with_number(
        self, *, e164: str | None, digits: str, after: tuple[str, str] | None, limit: int
    ) -> list[Contact]:
        def fits(phone: Phone) -> bool:
            national = digits_of_stored(raw=phone.raw, e164=phone.e164)
            begins = national.startswith(digits) or (phone.e164 or "").startswith(f"+{digits}")
            return begins or (e164 is not None and phone.e164 == e164)

        found = (one for one in self._kept.contacts.values() if any(map(fits, one.phones)))
        return by_name(found, after, limit)

    def with_address(self, begin: str, after: tuple[str, str] | None, limit: int) -> list[Contact]:
        def fits(one: Contact) -> bool:
            return any(folded(email.address).startswith(folded(begin)) for email in one.emails)

        return by_name(filter(fits, self._kept.contacts.values()), after, limit)

    def namesakes(
        self, *, names: Sequence[str], numbers: Sequence[str], addresses: Sequence[str]
    ) -> list[Contact]:
        def fits(one: Contact) -> bool:
            is_reached = any(phone.e164 in numbers for phone in one.phones) or any(
                folded(email.address) in addresses for email in one.emails
            )
            return is_reached and folded(one.name) in names

        return list(filter(fits, self._kept.contacts.values()))

    def spoke(self, at: Mapping[str, datetime]) -> None:
        for contact_id, when in at.items():
            self._kept.spoken[contact_id] = max(when, self._kept.spoken.get(contact_id, when))


class PhoneBook:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def exactly(self, numbers: Sequence[str]) -> list[Entry]:
        return [entry for entry in self._all() if entry.e164 in numbers][:MOST]

    def with_tail(self, tail: str, *, only_unread: bool) -> list[Entry]:
        return [
            entry
            for entry in self._all()
            if tail_of(entry.digits or "") == tail and not (only_unread and entry.e164)
        ][:MOST]

    def in_range(self, e164: str) -> list[Entry]:
        return [
            self._company(account_id)
            for account_id, first, last in self._kept.ranges
            if first <= e164 <= last and len(first) == len(e164)
        ]

    def contact(self, contact_id: str) -> Entry | None:
        one = self._kept.contacts.get(contact_id)
        return self._person(one) if one else None

    def chosen(self, e164: str) -> Entry | None:
        return self.contact(self._kept.choices.get(e164, ""))

    def choose(self, e164: str, contact_id: str, now: datetime) -> None:
        self._kept.choices[e164] = contact_id

    def _all(self) -> Iterable[Entry]:
        for one in self._kept.contacts.values():
            for phone in one.phones:
                yield self._by(phone, self._person(one))
        for account_id, phone in self._kept.lines:
            yield self._by(phone, self._company(account_id))

    def _by(self, phone: Phone, entry: Entry) -> Entry:
        digits = digits_of_stored(raw=phone.raw, e164=phone.e164)
        return replace(entry, e164=phone.e164, ext=phone.ext, digits=digits or None)

    def _person(self, one: Contact) -> Entry:
        opened = [i for i in self._kept.incidents.values() if i.contact_id == one.id and i.is_open]
        company = self._company(one.account_id) if one.account_id else Entry(contact_id=None, account_id=None)
        return replace(
            company,
            contact_id=one.id,
            name=one.name,
            language=one.language,
            vip=one.vip,
            note=one.note,
            noted_at=one.updated_at,
            spoken_at=self._kept.spoken.get(one.id),
            open_incidents=len(opened),
        )

    def _company(self, account_id: str) -> Entry:
        account = self._kept.accounts[account_id]
        opened = [i for i in self._kept.incidents.values() if i.account_id == account_id and i.is_open]
        return Entry(
            contact_id=None,
            account_id=account_id,
            name=account.name,
            company=account.name,
            tier=account.tier,
            is_parent=any(one.parent_id == account_id for one in self._kept.accounts.values()),
            open_incidents=len(opened),
        )


class Incidents:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def get(self, incident_id: str) -> Incident | None:
        return self._kept.incidents.get(incident_id)

    def by_key(self, key: str) -> Incident | None:
        return self.get(self._kept.keys.get(key, ""))

    def by_number(self, number: str) -> Incident | None:
        wanted = sequence_of(number)
        found = (i for i in self._kept.incidents.values() if sequence_of(i.number) == wanted)
        return next(found, None)

    def next_number(self) -> str:
        return number_of(len(self._kept.incidents) + 1)

    def add(self, incident: Incident, *, key: str) -> None:
        self._kept.incidents[incident.id] = incident
        self._kept.keys[key] = incident.id

    def change(self, incident: Incident) -> None:
        self._kept.incidents[incident.id] = incident

    def find(
        self,
        *,
        contact_id: str | None,
        assignee: str | None,
        only_open: bool,
        before: Place | None,
        limit: int,
    ) -> list[Incident]:
        found = [
            one
            for one in self._kept.incidents.values()
            if contact_id in (None, one.contact_id)
            and assignee in (None, one.assignee)
            and (one.is_open or not only_open)
            and (before is None or (one.opened_at, one.id) < before)
        ]
        return sorted(found, key=lambda one: (one.opened_at, one.id), reverse=True)[:limit]

    def open_of(self, *, contact_id: str | None, account_id: str | None, limit: int) -> list[CardIncident]:
        opened = [
            one
            for one in self._kept.incidents.values()
            if one.is_open and (one.contact_id == contact_id if contact_id else one.account_id == account_id)
        ]
        urgent = sorted(opened, key=lambda one: (one.priority, one.opened_at, one.id))[:limit]
        shown = ("id", "number", "subject", "state", "priority", "opened_at")
        return [CardIncident(**{name: getattr(one, name) for name in shown}) for one in urgent]


class Calls:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def get(self, wanted: str) -> Call | None:
        call = self._kept.calls.get(wanted)
        return self._filled(call) if call else None

    def written(self, call: Call) -> Call:
        return self._filled(call)

    def all_written(self, calls: Sequence[Call]) -> list[Call]:
        return [self._filled(call) for call in calls]

    def known(self, ids: Sequence[str]) -> dict[str, Call]:
        return {one: copy.deepcopy(self._kept.calls[one]) for one in ids if one in self._kept.calls}

    def put(self, calls: Sequence[Call]) -> None:
        for call in calls:
            self._kept.calls[call.id] = replace(copy.deepcopy(call), work=[], incident_ids=[])

    def of(
        self, *, contact_id: str | None, agent: str | None, missed: bool, before: Place | None, limit: int
    ) -> list[Call]:
        def fits(call: Call) -> bool:
            if contact_id not in (None, call.contact_id):
                return False
            if agent is None:
                return not missed or (call.direction == "inbound" and call.outcome in LOST)
            his = agents_of(call)
            return agent in his and (his[agent] or not missed)

        return self._newest(fits, before, limit)

    def recent(self, *, contact_id: str | None, customer: str | None, limit: int) -> list[CardCall]:
        def fits(call: Call) -> bool:
            return call.contact_id == contact_id if contact_id else call.customer == customer

        return [
            as_card_call(call, agent=self._name(last_agent(call))) for call in self._newest(fits, None, limit)
        ]

    def possibly_of(self, contact_id: str, before: Place | None, limit: int) -> list[Call]:
        def fits(call: Call) -> bool:
            return call.contact_id is None and contact_id in {one.contact_id for one in call.match.candidates}

        return self._newest(fits, before, limit)

    def unlabelled(self, numbers: Sequence[str]) -> list[Call]:
        return self._newest(lambda call: call.customer in numbers and call.contact_id is None, None, 10**6)

    def work(self, wanted: str, agent: str) -> Work | None:
        return self._kept.work.get((wanted, agent))

    def put_work(self, wanted: str, work: Work) -> None:
        self._kept.work[wanted, work.agent] = work

    def last_notes(self, contact_id: str, limit: int) -> list[CardNote]:
        last = self._newest(lambda call: call.contact_id == contact_id, None, NOTED_CALLS)
        ids = {call.id for call in last}
        work = [one for (wanted, _), one in self._kept.work.items() if wanted in ids and one.notes]
        newest = sorted(work, key=lambda one: one.saved_at, reverse=True)[:limit]
        return [
            CardNote(text=one.notes or "", agent=self._name(one.agent), at=one.saved_at) for one in newest
        ]

    def _newest(self, fits: Callable[[Call], bool], before: Place | None, limit: int) -> list[Call]:
        found = [
            call
            for call in self._kept.calls.values()
            if fits(call) and (before is None or (call.started_at, call.id) < before)
        ]
        newest = sorted(found, key=lambda call: (call.started_at, call.id), reverse=True)
        return [self._filled(call) for call in newest[:limit]]

    def _filled(self, call: Call) -> Call:
        ids = {call.id, *(call_id(call.pbx, linkedid) for linkedid in call.merged_ids)}
        work = [one for (wanted, _), one in self._kept.work.items() if wanted in ids]
        opened = sorted(one.id for one in self._kept.incidents.values() if one.call_id in ids)
        work.sort(key=lambda one: one.saved_at)
        return replace(copy.deepcopy(call), work=work, incident_ids=opened)

    def _name(self, agent: str | None) -> str | None:
        return next(
            (one.full_name for one in self._kept.users.values() if agent and one.agent == agent), agent
        )


class Users:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def named(self, name: str) -> User | None:
        return next((one for one in self._kept.users.values() if one.name == name), None)

    def with_agent(self, agent: str) -> User | None:
        return next((one for one in self._kept.users.values() if one.agent == agent), None)

    def add(self, user: User) -> None:
        self._kept.users[user.id] = user

    def set_password(self, user_id: str, password_hash: str) -> None:
        self._kept.users[user_id] = replace(self._kept.users[user_id], password_hash=password_hash)

    def set_seat(self, user_id: str, seat: str | None) -> None:
        self._kept.users[user_id] = replace(self._kept.users[user_id], seat=seat)

    def with_agents(self, agents: Sequence[str]) -> list[User]:
        return [one for one in self._kept.users.values() if one.agent in agents]

    def seated_since(self, since: datetime) -> list[User]:
        there = {one.user_id for one in self._kept.sessions.values() if one.created_at <= since}
        return [one for one in self._kept.users.values() if one.seat and one.id in there]

    def open_session(self, session: Session, address: str) -> None:
        oldest = session.created_at - FORGOTTEN_AFTER
        for one in list(self._kept.sessions.values()):
            if one.user_id == session.user_id and one.created_at < oldest:
                del self._kept.sessions[one.id]
        self._kept.sessions[session.id] = session
        what = AuditEntry(at=session.created_at, who=session.user_id, what="signed_in", address=address)
        self._kept.audit.append(what)

    def end_session(self, session_id: str) -> None:
        self._kept.sessions.pop(session_id, None)

    def end_sessions_of(self, user_id: str) -> list[str]:
        ids = [one.id for one in self._kept.sessions.values() if one.user_id == user_id]
        for one in ids:
            del self._kept.sessions[one]
        return ids

    def sessions(self, ids: Sequence[str]) -> list[tuple[Session, User]]:
        kept = (self._kept.sessions[one] for one in ids if one in self._kept.sessions)
        pairs = [(session, self._kept.users[session.user_id]) for session in kept]
        return [(session, user) for session, user in pairs if user.is_active]

    def session_seen(self, session_id: str, now: datetime) -> None:
        if (one := self._kept.sessions.get(session_id)) and one.seen_at < now:
            self._kept.sessions[session_id] = replace(one, seen_at=now)

    def token(self, token_id: str) -> Token | None:
        return self._kept.tokens.get(token_id)

    def token_named(self, name: str) -> Token | None:
        return next((one for one in self._kept.tokens.values() if one.name == name), None)

    def add_token(self, token: Token) -> None:
        self._kept.tokens[token.id] = token


class Audit:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def append(self, entry: AuditEntry) -> None:
        self._kept.audit.append(entry)

    def last(self, limit: int) -> list[AuditEntry]:
        return self._kept.audit[::-1][:limit]

    def last_of(self, begin: str) -> AuditEntry | None:
        return next((one for one in self._kept.audit[::-1] if one.what.startswith(begin)), None)


class Callbacks:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def get(self, callback_id: str) -> Callback | None:
        return self._kept.callbacks.get(callback_id)

    def open_to(self, numbers: Sequence[str]) -> list[Callback]:
        return [one for one in self._kept.callbacks.values() if one.is_open and one.number in numbers]

    def waiting(self, after: Place | None, limit: int) -> list[Callback]:
        listed = sorted((one.due_at, one.id) for one in self._kept.callbacks.values() if one.is_open)
        return [self._kept.callbacks[key] for due, key in listed if after is None or (due, key) > after][
            :limit
        ]

    def add(self, one: Callback) -> None:
        self._kept.callbacks[one.id] = one

    def change(self, one: Callback) -> None:
        self._kept.callbacks[one.id] = one


class Campaigns:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def get(self, campaign_id: str) -> Campaign | None:
        return self._kept.campaigns.get(campaign_id)

    def named(self, name: str) -> Campaign | None:
        return next((one for one in self._kept.campaigns.values() if one.name == name), None)

    def all(self) -> list[Campaign]:
        return sorted(self._kept.campaigns.values(), key=lambda one: one.name)

    def add(self, campaign: Campaign) -> None:
        self._kept.campaigns[campaign.id] = campaign

    def set_state(self, campaign_id: str, state: CampaignState) -> None:
        self._kept.campaigns[campaign_id] = replace(self._kept.campaigns[campaign_id], state=state)


class Leads:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def get(self, lead_id: str) -> Lead | None:
        return self._kept.leads.get(lead_id)

    def with_agent(self, agent: str, now: datetime) -> Lead | None:
        his = [one for one in self._kept.leads.values() if one.claimed_by == agent and one.due_at > now]
        return min(his, key=lambda one: one.due_at, default=None)

    def due(
        self, campaign_id: str, state: LeadState, *, agent: str, now: datetime, overdue: datetime, limit: int
    ) -> list[Lead]:
        return [
            one
            for one in self._of(campaign_id, state)
            if one.due_at <= now and (one.reserved_for in (None, agent) or one.due_at <= overdue)
        ][:limit]

    def coming(
        self, campaign_id: str, state: LeadState, after: tuple[datetime, int] | None, limit: int
    ) -> list[Lead]:
        listed = self._of(campaign_id, state)
        return [one for one in listed if after is None or (one.due_at, one.place) > after][:limit]

    def listed(self, campaign_id: str, numbers: Iterable[str]) -> set[str]:
        return {number for number in numbers if (campaign_id, number) in self._kept.lead_numbers}

    def last_place(self, campaign_id: str) -> int:
        places = [one.place for one in self._kept.leads.values() if one.campaign_id == campaign_id]
        return max(places, default=0)

    def add(self, leads: Sequence[Lead]) -> None:
        for one in leads:
            self._kept.leads[one.id] = one
            self._kept.lead_numbers |= {(one.campaign_id, number) for number in one.numbers}

    def change(self, lead: Lead) -> None:
        self._kept.leads[lead.id] = lead

    def counts(self, campaign_id: str) -> list[LeadCount]:
        return [
            LeadCount(
                state=one.state,
                outcome=one.outcome,
                is_reached=one.is_reached,
                blocked=one.blocked,
                is_called=one.attempts > 0,
                count=1,
            )
            for one in self._kept.leads.values()
            if one.campaign_id == campaign_id
        ]

    def _of(self, campaign_id: str, state: LeadState) -> list[Lead]:
        leads = [
            one for one in self._kept.leads.values() if (one.campaign_id, one.state) == (campaign_id, state)
        ]
        return sorted(leads, key=lambda one: (one.due_at, one.place, one.id))


class Attempts:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def get(self, attempt_id: str) -> DialAttempt | None:
        return self._kept.attempts.get(attempt_id)

    def add(self, attempt: DialAttempt) -> None:
        self._kept.attempts[attempt.id] = attempt

    def change(self, attempt: DialAttempt) -> None:
        self._kept.attempts[attempt.id] = attempt

    def of_lead(self, lead_id: str, limit: int) -> list[DialAttempt]:
        tries = [one for one in self._kept.attempts.values() if one.lead_id == lead_id]
        return sorted(tries, key=lambda one: (one.at, one.id), reverse=True)[:limit]

    def dials(self, number: str, since: datetime) -> list[datetime]:
        return [
            one.at
            for one in self._kept.attempts.values()
            if one.number == number
            and one.at > since
            and one.verdict == "allowed"
            and one.result != "not_dialled"
        ]

    def counts(self, campaign_id: str) -> list[TryCount]:
        return [
            TryCount(verdict=one.verdict, result=one.result, count=1)
            for one in self._kept.attempts.values()
            if one.campaign_id == campaign_id
        ]


class DoNotCall:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def among(self, numbers: Iterable[str]) -> set[str]:
        marked = {
            phone.e164
            for contact in self._kept.contacts.values()
            for phone in contact.phones
            if phone.do_not_call
        }
        return {number for number in numbers if number in self._kept.do_not_call or number in marked}

    def add(self, numbers: Iterable[str], *, by: str | None, why: str, now: datetime) -> int:
        new = {number: why for number in numbers if number not in self._kept.do_not_call}
        self._kept.do_not_call |= new
        return len(new)


class Watermarks:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def of(self, pbx: str) -> datetime | None:
        return self._kept.watermarks.get(pbx)

    def put(self, pbx: str, at: datetime) -> None:
        self._kept.watermarks[pbx] = at


class EventLog:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def append(self, events: Iterable[StoredEvent]) -> None:
        for event in events:
            self._kept.last_pos += 1
            self._kept.log.append(replace(event, pos=self._kept.last_pos))

    def after(self, pos: int, limit: int) -> list[StoredEvent]:
        return [event for event in self._kept.log if (event.pos or 0) > pos][:limit]

    def take(self, place: SpoolPlace) -> bool:
        is_new = place.n > self._kept.emptied.get(place.spool, 0)
        if is_new:
            self._kept.emptied[place.spool] = place.n
        return is_new

    def trace(self, traces: Iterable[Trace]) -> None:
        self._kept.traces += traces

    def traces(self, ids: Sequence[str]) -> list[Trace]:
        return [trace for trace in self._kept.traces if trace.call_id in ids]

    def thin(self, before: datetime, limit: int) -> int:
        gone = 0
        for kept in (self._kept.log, self._kept.traces):
            young = [one for one in kept[:limit] if one.at >= before]
            gone += len(kept[:limit]) - len(young)
            kept[:limit] = young
        return gone


class Leases:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def all(self) -> list[Lease]:
        return [lease for _, lease in sorted(self._kept.leases.items())]

    def put(self, one: Lease) -> None:
        self._kept.leases[one.name] = one


class LineNames:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def get(self, key: LineKey) -> Line | None:
        return self._kept.names.get(key)

    def all(self) -> list[Line]:
        return [line for _, line in sorted(self._kept.names.items())]

    def add(self, one: Line) -> None:
        self._kept.names[one.key] = one

    def change(self, one: Line) -> None:
        self._kept.names[one.key] = one

    def remove(self, key: LineKey) -> None:
        del self._kept.names[key]


class UnitOfWork:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self.events: list[CrmEvent] = []
        self.accounts, self.contacts, self.phone_book = Accounts(kept), Contacts(kept), PhoneBook(kept)
        self.incidents, self.calls, self.users = Incidents(kept), Calls(kept), Users(kept)
        self.callbacks, self.lines = Callbacks(kept), LineNames(kept)
        self.reports = Reports(kept.calls, kept.contacts, kept.users)
        self.campaigns, self.leads, self.attempts = Campaigns(kept), Leads(kept), Attempts(kept)
        self.do_not_call = DoNotCall(kept)
        self.audit, self.log, self.leases = Audit(kept), EventLog(kept), Leases(kept)
        self.watermarks = Watermarks(kept)

    def new_id(self, now: datetime) -> str:
        self._kept.ids += 1
        return new_id(now + timedelta(milliseconds=self._kept.ids), self._kept.ids.to_bytes(10, "big"))


class MemoryDatabase:
    """Runs services over a copy of what is kept, and keeps the copy when they return."""

    def __init__(self, *, publish: Callable[[Sequence[CrmEvent]], None]) -> None:
        self._kept, self._publish = Kept(), publish

    async def run(self, fn: Callable[..., Any], /, **kw: object) -> Any:
        kept = copy.deepcopy(self._kept)
        uow = UnitOfWork(kept)
        result = fn(uow, **kw)
        uow.log.append(stored(event) for event in uow.events)
        self._kept = kept
        if uow.events:
            self._publish(tuple(uow.events))
        return result

    async def read(self, fn: Callable[..., Any], /, **kw: object) -> Any:
        return fn(UnitOfWork(copy.deepcopy(self._kept)), **kw)
