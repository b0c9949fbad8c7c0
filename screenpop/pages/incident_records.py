"""What the pages of incidents show, read in one hop: lists, boards, one incident and what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final

from crm_core.domain.agreements import is_of_agreement
from crm_core.domain.choices import CHOICE_KINDS, Choice, ChoiceKind, in_order, path_of
from crm_core.domain.confines import Confines
from crm_core.domain.contacts import Contact
from crm_core.domain.custom_fields import FieldDef
from crm_core.domain.entitlement import Covered
from crm_core.domain.equipment import Contract
from crm_core.domain.errors import NotFoundError
from crm_core.domain.incident_entries import Entry
from crm_core.domain.incident_lists import Listed, Order, Problem, Wanted
from crm_core.domain.incidents import Incident, State
from crm_core.domain.knowledge import Listed as ListedArticle
from crm_core.domain.repairs import Listed as ListedRepair
from crm_core.domain.repairs import Wanted as WantedRepairs
from crm_core.domain.service_levels import Policy
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import equipment, incident_lists, incidents, knowledge, repairs

COLUMNS: Final[tuple[State, ...]] = ("new", "assigned", "in_progress", "pending", "resolved")
IN_A_COLUMN, ENTRIES, PROBLEMS, SUGGESTED = 50, 100, 50, 5
WORKERS: Final = frozenset(("agent", "supervisor", "administrator"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What can be chosen, in the reader's words: whole names by id; ``active`` can be chosen anew.

    ``fields`` are the site's own; ``only`` says of those that are not asked everywhere in which categories.
    """

    names: Mapping[str, str]
    active: Mapping[ChoiceKind, Sequence[tuple[str, str]]]
    people: Sequence[tuple[str, str]]
    fields: Sequence[FieldDef]
    only: Mapping[str, Sequence[str]]

    def name(self, key: str | None) -> str | None:
        """Return what is behind an id; the id itself where nobody knows."""
        return self.names.get(key, key) if key else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnList:
    """A page of a list, how many each view holds, and what can be chosen."""

    found: Sequence[Listed]
    has_more: bool
    views: Mapping[str, int]
    named: Named


@dataclass(frozen=True, slots=True, kw_only=True)
class OnBoard:
    """The columns of a board, how many there are in each state, how many each view holds."""

    columns: Mapping[State, Sequence[Listed]]
    counts: Mapping[State, int]
    views: Mapping[str, int]
    named: Named


@dataclass(frozen=True, slots=True, kw_only=True)
class OnIncident:
    """An incident and what belongs to it; how ``equipment`` was covered on the day when it was opened.

    ``contract`` is the one by which its agreement holds; ``agreements`` are the names of all.
    """

    listed: Listed
    entries: Sequence[Entry]
    named: Named
    policy: Policy | None
    contract: Contract | None
    agreements: Mapping[str, str]
    merged_into: Incident | None
    parts: Sequence[Incident]
    has_parts: bool
    children: Sequence[Listed]
    problems: Sequence[Incident]
    contact: Contact | None
    frequent: Sequence[Problem]
    solved_by: Sequence[ListedArticle]
    suggested: Sequence[ListedArticle]
    equipment: Sequence[Covered]
    repairs: Sequence[ListedRepair]

    @property
    def asset(self) -> Covered | None:
        """The piece that it is about."""
        asset_id = self.listed.incident.asset_id
        return next((one for one in self.equipment if one.asset.id == asset_id), None)


def on_list(
    uow: UnitOfWork,
    *,
    wanted: Wanted,
    order: Order,
    place: Place | None,
    limit: int,
    views: Mapping[str, Wanted],
    language: str,
) -> OnList:
    """Return a page of a list."""
    found = incident_lists.find(uow, wanted=wanted, order=order, place=place, limit=limit + 1)
    return OnList(
        found=found[:limit],
        has_more=len(found) > limit,
        views=_counted(uow, views),
        named=named(uow, language=language),
    )


def on_board(uow: UnitOfWork, *, wanted: Wanted, views: Mapping[str, Wanted], language: str) -> OnBoard:
    """Return a board; each column shows those that are due first."""
    return OnBoard(
        columns=incident_lists.board(uow, wanted=wanted, states=COLUMNS, limit=IN_A_COLUMN),
        counts=incident_lists.counts(uow, wanted=wanted, states=COLUMNS),
        views=_counted(uow, views),
        named=named(uow, language=language),
    )


def on_incident(
    uow: UnitOfWork,
    *,
    incident_id: str,
    language: str,
    now: datetime,
    zone: tzinfo,
    within: Confines | None,
) -> OnIncident:
    """Return an incident and what belongs to it; of other incidents who is confined is shown his.

    Days are those of *zone*.

    Raises:
        NotFoundError: there is none.
    """
    one = incidents.get(uow, incident_id=incident_id)
    contact = uow.contacts.get(one.contact_id) if one.contact_id else None
    assignee = uow.users.get(one.assignee) if one.assignee else None
    parts = uow.incidents.parts_of(one.id)
    policies = uow.policies.every()
    policy = next((policy for policy in policies if policy.id == one.policy_id), None)
    return OnIncident(
        listed=Listed(
            incident=one,
            contact=contact.name if contact else None,
            account=contact.company if contact else None,
            assignee=assignee.full_name if assignee else None,
        ),
        entries=incident_lists.entries(uow, incident_id=one.id, limit=ENTRIES),
        named=named(uow, language=language),
        policy=policy,
        contract=_contract(uow, one, policy),
        agreements={policy.id: policy.name for policy in policies},
        merged_into=_seen(uow, one.merged_into, within),
        has_parts=bool(parts),
        parts=[part for key in parts if (part := _seen(uow, key, within))],
        children=incident_lists.find(uow, wanted=Wanted(parent_id=one.id, within=within), limit=PROBLEMS)
        if one.kind == "problem"
        else [],
        problems=_problems(uow, one, within),
        contact=contact,
        frequent=frequent(uow, one, now=now, within=within),
        solved_by=knowledge.solved_by(uow, incident_id=one.id),
        suggested=knowledge.suggested(uow, incident=one, limit=SUGGESTED),
        equipment=_equipment(uow, one, one.opened_at.astimezone(zone).date()),
        repairs=repairs.find(uow, wanted=WantedRepairs(incident_id=one.id), limit=PROBLEMS),
    )


def _contract(uow: UnitOfWork, one: Incident, policy: Policy | None) -> Contract | None:
    """Return the contract by which an incident's agreement *policy* holds, as long as both are there."""
    by = one.promised_by
    is_by_contract = by and policy and is_of_agreement(policy, by.policy_id)
    return uow.contracts.get(by.contract_id) if by and is_by_contract else None


def _seen(uow: UnitOfWork, incident_id: str | None, within: Confines | None) -> Incident | None:
    """Return an incident as far as it is shown to who is confined."""
    one = uow.incidents.get(incident_id) if incident_id else None
    return one if one is None or within is None or within.sees_incident(one) else None


def _equipment(uow: UnitOfWork, one: Incident, day: date) -> list[Covered]:
    """Return what the customer has, and what the incident is about though he has it no more."""
    found, _ = equipment.of_customer(uow, contact_id=one.contact_id, account_id=one.account_id, today=day)
    if one.asset_id and one.asset_id not in {piece.asset.id for piece in found}:
        with suppress(NotFoundError):  # of a piece that is gone nothing is told
            found.insert(0, equipment.covered_asset(uow, asset_id=one.asset_id, today=day))
    return found


def frequent(uow: UnitOfWork, one: Incident, *, now: datetime, within: Confines | None) -> Sequence[Problem]:
    """Return what this customer reported most often."""
    if not (one.contact_id or one.account_id):
        return []
    whose = None if one.account_id else one.contact_id
    wanted = Wanted(account_id=one.account_id, contact_id=whose, within=within)
    found = incident_lists.problems(uow, wanted=wanted, now=now, limit=4)
    return [problem for problem in found if problem.category_id]


def named(uow: UnitOfWork, *, language: str) -> Named:
    """Return what can be chosen, in *language*."""
    every = uow.choices.every()
    names = {one.id: name for one, name in in_order(every, language)}
    people, fields = workers(uow), uow.fields.of("incident")
    return Named(
        names=names | dict(people),
        active={kind: _of(kind, every, names) for kind in CHOICE_KINDS},
        people=people,
        fields=fields,
        only=_only(fields, every),
    )


def _only(fields: Sequence[FieldDef], every: Sequence[Choice]) -> dict[str, Sequence[str]]:
    known = {one.id: one for one in every if one.kind == "category"}
    paths = {one.id: {above.id for above in path_of(one, known)} for one in known.values()}
    return {
        one.key: [key for key, path in paths.items() if not path.isdisjoint(one.category_ids)]
        for one in fields
        if one.category_ids
    }


def workers(uow: UnitOfWork) -> list[tuple[str, str]]:
    """Return who may do something about it: ids and names, by name."""
    users = [one for one in uow.users.active() if one.role in WORKERS]
    return sorted(((one.id, one.full_name) for one in users), key=lambda pair: pair[1].casefold())


def _of(kind: ChoiceKind, every: Sequence[Choice], names: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(
        ((one.id, names[one.id]) for one in every if one.kind == kind and one.is_active),
        key=lambda pair: (pair[1].casefold(), pair[0]),
    )


def _counted(uow: UnitOfWork, views: Mapping[str, Wanted]) -> dict[str, int]:
    return {name: incident_lists.count(uow, wanted=wanted) for name, wanted in views.items()}


def _problems(uow: UnitOfWork, one: Incident, within: Confines | None) -> list[Incident]:
    """Return the open problems that may be behind *one*, and the one that is."""
    if one.kind == "problem":
        return []
    found = [
        listed.incident
        for listed in incident_lists.find(
            uow, wanted=Wanted(kind="problem", only_open=True, within=within), limit=PROBLEMS
        )
    ]
    if one.parent_id and one.parent_id not in {problem.id for problem in found}:
        parent = _seen(uow, one.parent_id, within)
        return [parent, *found] if parent else found
    return found
