"""What the pages of customers show from the records; read in the database threads, drawn in the templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from crm_core.domain.accounts import Account, WholeAccount
from crm_core.domain.calls import Call
from crm_core.domain.cards import CardIncident, CardProblem
from crm_core.domain.confines import Confines
from crm_core.domain.consents import Stands
from crm_core.domain.contacts import Contact
from crm_core.domain.custom_fields import FieldDef
from crm_core.domain.duplicates import Pair
from crm_core.domain.entitlement import Covered
from crm_core.domain.equipment import Contract
from crm_core.domain.tasks import Wanted
from crm_core.domain.timeline import EVERYTHING, Shown, TimelineItem
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import accounts, consents, contacts, duplicates, equipment, timelines
from screenpop.pages import call_records
from screenpop.pages.call_records import FoundCall, WholeCall
from screenpop.pages.desk_records import Happened, happened
from screenpop.pages.task_records import ToDo, to_do

OPEN, MOST_TWINS, PROBLEMS, LISTED = 20, 3, 5, 30
Tab = Literal["all", "calls", "incidents", "written"]
_SHOWN: Final[dict[Tab, frozenset[Shown]]] = {
    "all": EVERYTHING,
    "calls": frozenset(("calls",)),
    "incidents": frozenset(("incidents",)),
    "written": frozenset(("written",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnContact:
    """A customer: who he is, what is open, what happened (or his calls), and one call that was chosen.

    ``more`` is the place of the last thing listed when others follow.
    """

    contact: Contact
    account: Account | None
    duplicates: Sequence[Pair]
    open_incidents: Sequence[CardIncident]
    problems: Sequence[CardProblem]
    standing: Sequence[Stands]
    happened: Sequence[Happened]
    calls: Sequence[FoundCall]
    chosen: WholeCall | None
    to_do: ToDo
    assets: Sequence[Covered]
    contracts: Sequence[Contract]
    fields: Sequence[FieldDef]
    more: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAccount:
    """A company with its people, what is open and what happened.

    ``more`` is the place of the last one of its people, ``older`` that of the last thing listed, as above.
    """

    account: WholeAccount
    duplicates: Sequence[Pair]
    people: Sequence[Contact]
    to_do: ToDo
    assets: Sequence[Covered]
    contracts: Sequence[Contract]
    open_incidents: Sequence[CardIncident]
    problems: Sequence[CardProblem]
    happened: Sequence[Happened]
    fields: Sequence[FieldDef]
    more: tuple[str, str] | None
    older: Place | None


def on_contact(
    uow: UnitOfWork,
    *,
    contact_id: str,
    tab: Tab,
    call_id: str | None,
    before: Place | None,
    within: Confines | None,
    now: datetime,
    today: date,
) -> OnContact:
    """Return a customer with what his page shows in *tab*.

    His history is shown as a whole, but for what was written about another team's incident; of what is to be
    done, who is confined (*within*) sees what he could do.

    Raises:
        NotFoundError: there is no such contact.
    """
    contact = contacts.get(uow, contact_id=contact_id)
    items, found, more = _listed(uow, contact_id, tab, before, within)
    chosen = _chosen(uow, contact_id, call_id)
    assets, contracts = equipment.of_customer(
        uow, contact_id=contact_id, account_id=contact.account_id, today=today
    )
    return OnContact(
        contact=contact,
        account=uow.accounts.get(contact.account_id) if contact.account_id else None,
        duplicates=duplicates.of_contact(uow, contact_id=contact_id)[:MOST_TWINS],
        open_incidents=uow.incidents.open_of(contact_id=contact_id, account_id=None, limit=OPEN),
        problems=uow.incidents.frequent_of(contact_id=contact_id, account_id=None, limit=PROBLEMS),
        standing=consents.stands(uow, contact_id=contact_id, now=now),
        happened=items,
        calls=found,
        chosen=call_records.whole(uow, call=chosen, within=within) if chosen else None,
        to_do=to_do(uow, Wanted(contact_id=contact_id, within=within), contact),
        assets=assets,
        contracts=contracts,
        fields=uow.fields.of("contact"),
        more=more,
    )


def on_account(
    uow: UnitOfWork,
    *,
    account_id: str,
    tab: Tab,
    after: tuple[str, str] | None,
    before: Place | None,
    limit: int,
    within: Confines | None,
    today: date,
) -> OnAccount:
    """Return a company with what its page shows in *tab*; *within* as of a contact.

    Raises:
        NotFoundError: there is no such company.
    """
    account = accounts.get(uow, account_id=account_id)
    items = timelines.of_account(
        uow, account_id=account_id, before=before, limit=LISTED + 1, within=within, shown=_SHOWN[tab]
    )
    people = accounts.people(uow, account_id=account_id, after=after, limit=limit + 1)
    assets, contracts = equipment.of_customer(uow, contact_id=None, account_id=account_id, today=today)
    return OnAccount(
        account=account,
        duplicates=duplicates.of_account(uow, account_id=account_id)[:MOST_TWINS],
        people=people[:limit],
        to_do=to_do(uow, Wanted(account_id=account_id, within=within)),
        assets=assets,
        contracts=contracts,
        open_incidents=uow.incidents.open_of(contact_id=None, account_id=account_id, limit=OPEN),
        problems=uow.incidents.frequent_of(contact_id=None, account_id=account_id, limit=PROBLEMS),
        happened=happened(uow, items[:LISTED], names=True),
        fields=uow.fields.of("account"),
        more=(people[limit - 1].listed_as, people[limit - 1].id) if len(people) > limit else None,
        older=_more(items),
    )


_Listed = tuple[Sequence[Happened], Sequence[FoundCall], Place | None]


def _listed(
    uow: UnitOfWork, contact_id: str, tab: Tab, before: Place | None, within: Confines | None
) -> _Listed:
    if tab == "calls":
        past = _calls(uow, contact_id, before, LISTED + 1)
        more = (past[LISTED - 1].started_at, past[LISTED - 1].id) if len(past) > LISTED else None
        return (), call_records.found(uow, past[:LISTED]), more
    items = contacts.timeline(
        uow, contact_id=contact_id, before=before, limit=LISTED + 1, within=within, shown=_SHOWN[tab]
    )
    return happened(uow, items[:LISTED]), (), _more(items)


def _more(items: Sequence[TimelineItem]) -> Place | None:
    """Return the place of the last one shown when others follow."""
    return items[LISTED - 1].place if len(items) > LISTED else None


def _calls(uow: UnitOfWork, contact_id: str, before: Place | None, limit: int) -> list[Call]:
    return uow.calls.of(contact_id=contact_id, agent=None, missed=False, before=before, limit=limit)


def _chosen(uow: UnitOfWork, contact_id: str, call_id: str | None) -> Call | None:
    """Return the call that was chosen, when it is the contact's; else his last one."""
    asked = uow.calls.get(call_id) if call_id else None
    if asked and asked.contact_id == contact_id:
        return asked
    return next(iter(_calls(uow, contact_id, None, 1)), None)
