"""What happened to records: stored in the transaction of the change, published after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from crm_core.domain.lines import Line
from crm_core.domain.masking import MaskRule
from crm_core.domain.repairs import RepairState


class CrmEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Something happened to a record; ``by`` names who did it."""

    at: datetime
    by: str | None = None


class ContactCreated(CrmEvent, frozen=True, kw_only=True, tag="contact.created"):
    """A contact is there."""

    contact_id: str


class NumberExcluded(CrmEvent, frozen=True, kw_only=True, tag="do_not_call.added"):
    """A number must not be called from now on."""

    number: str


class NumberReadmitted(CrmEvent, frozen=True, kw_only=True, tag="do_not_call.removed"):
    """A number may be called again."""

    number: str


class ConsentNoted(CrmEvent, frozen=True, kw_only=True, tag="contact.consent_noted"):
    """A contact said what he agrees to."""

    contact_id: str
    consent_id: str


class RetentionChanged(CrmEvent, frozen=True, kw_only=True, tag="retention.changed"):
    """Records of a kind are kept for another time."""

    kind: str


class MaskingChanged(CrmEvent, frozen=True, kw_only=True, tag="masking.changed"):
    """People of a role see more, or less, of customers' numbers, addresses and papers."""

    rule: MaskRule


class RecordsLetGo(CrmEvent, frozen=True, kw_only=True, tag="retention.let_go"):
    """What was personal in so many records of a kind (``gone``) went, being too old; ``held`` had to stay."""

    kind: str
    gone: int
    held: int


class ContactErased(CrmEvent, frozen=True, kw_only=True, tag="contact.erased"):
    """Nothing of a contact is kept any more but that there were calls; who copied him forgets him, too."""

    contact_id: str


class ContactRemoved(CrmEvent, frozen=True, kw_only=True, tag="contact.removed"):
    """A contact is not there any more, for the table that brought him in was taken back."""

    contact_id: str


class ContactUpdated(CrmEvent, frozen=True, kw_only=True, tag="contact.updated"):
    """A contact was changed."""

    contact_id: str
    version: int


class ContactMerged(CrmEvent, frozen=True, kw_only=True, tag="contact.merged"):
    """A contact became a part of another one, ``into``: all that named him names that one now."""

    contact_id: str
    into: str


class ContactSplit(CrmEvent, frozen=True, kw_only=True, tag="contact.split"):
    """A merge was undone: a contact is himself again, with what was his, ``out_of`` the other one."""

    contact_id: str
    out_of: str


class AccountCreated(CrmEvent, frozen=True, kw_only=True, tag="account.created"):
    """A company is there."""

    account_id: str


class AccountUpdated(CrmEvent, frozen=True, kw_only=True, tag="account.updated"):
    """A company was changed."""

    account_id: str
    version: int


class AccountRemoved(CrmEvent, frozen=True, kw_only=True, tag="account.removed"):
    """A company is not there any more, for the table that brought it in was taken back."""

    account_id: str


class AccountMerged(CrmEvent, frozen=True, kw_only=True, tag="account.merged"):
    """A company became a part of another one, ``into``: all that named it names that one now."""

    account_id: str
    into: str


class AccountSplit(CrmEvent, frozen=True, kw_only=True, tag="account.split"):
    """A merge was undone: a company is itself again, with what was its own, ``out_of`` the other one."""

    account_id: str
    out_of: str


class FieldsChanged(CrmEvent, frozen=True, kw_only=True, tag="fields.changed"):
    """A field of a kind of record is new, another, or gone."""

    entity: str
    key: str


class CallsRelabelled(CrmEvent, frozen=True, kw_only=True, tag="call.relabelled"):
    """Past calls were found to be a contact's, or possibly his."""

    contact_id: str
    calls: tuple[str, ...]


class IncidentEvent(CrmEvent, frozen=True, kw_only=True):
    """Something happened to an incident."""

    incident_id: str


class IncidentOpened(IncidentEvent, frozen=True, kw_only=True, tag="incident.opened"):
    """An incident is there."""

    call: str | None = None
    contact_id: str | None = None


class IncidentUpdated(IncidentEvent, frozen=True, kw_only=True, tag="incident.updated"):
    """An incident was changed."""

    version: int


class IncidentNoted(IncidentEvent, frozen=True, kw_only=True, tag="incident.noted"):
    """Something was written about an incident, or told to the customer."""

    entry_id: str


class IncidentMerged(IncidentEvent, frozen=True, kw_only=True, tag="incident.merged"):
    """An incident became a part of another one."""

    into: str


class IncidentWarned(IncidentEvent, frozen=True, kw_only=True, tag="incident.sla_warned"):
    """A promise (``respond`` or ``resolve``) should be looked to: most of its time is gone."""

    what: str


class IncidentBreached(IncidentEvent, frozen=True, kw_only=True, tag="incident.sla_breached"):
    """A promise was broken."""

    what: str


class TaskChanged(CrmEvent, frozen=True, kw_only=True, tag="task.changed"):
    """Something is to be done, or otherwise, or is done."""

    task_id: str
    version: int


class InteractionEvent(CrmEvent, frozen=True, kw_only=True):
    """Something happened to what was written down, with whom it was said."""

    interaction_id: str
    contact_id: str | None = None
    account_id: str | None = None


class InteractionCreated(InteractionEvent, frozen=True, kw_only=True, tag="interaction.created"):
    """What was said with a customer was written down."""

    incident_id: str | None = None


class InteractionUpdated(InteractionEvent, frozen=True, kw_only=True, tag="interaction.updated"):
    """What was said with a customer is written otherwise."""

    version: int


class InteractionRemoved(InteractionEvent, frozen=True, kw_only=True, tag="interaction.removed"):
    """What was written down is not there any more."""


class IncidentSolvedBy(IncidentEvent, frozen=True, kw_only=True, tag="incident.solved_by"):
    """Somebody said that an article solved an incident; or, where it is not ``is_so``, that it did not."""

    article_id: str
    is_so: bool = True


class ArticleChanged(CrmEvent, frozen=True, kw_only=True, tag="article.changed"):
    """An article of what we know is new or another."""

    article_id: str
    version: int


class ProductChanged(CrmEvent, frozen=True, kw_only=True, tag="product.changed"):
    """A product is new or another."""

    product_id: str
    version: int


class AssetChanged(CrmEvent, frozen=True, kw_only=True, tag="asset.changed"):
    """A piece of a product that a customer has is new, another, or removed."""

    asset_id: str
    version: int


class ContractChanged(CrmEvent, frozen=True, kw_only=True, tag="contract.changed"):
    """A contract with a customer is new, another, or removed."""

    contract_id: str
    version: int


class RepairChanged(CrmEvent, frozen=True, kw_only=True, tag="repair.changed"):
    """A repair is new or another; ``state`` is where it is now."""

    repair_id: str
    asset_id: str
    incident_id: str | None
    state: RepairState
    version: int


class ServiceLevelsChanged(CrmEvent, frozen=True, kw_only=True, tag="service_levels.changed"):
    """A calendar, a policy, or something to choose for incidents is new or another; ``kind`` says which."""

    kind: str
    record_id: str


class WorkSaved(CrmEvent, frozen=True, kw_only=True, tag="call.work_saved"):
    """An agent wrote about a call."""

    call: str
    agent: str


class CallbackAsked(CrmEvent, frozen=True, kw_only=True, tag="callback.asked"):
    """A customer wants to be rung, from ``due_at`` on."""

    callback_id: str
    call: str | None = None
    contact_id: str | None = None
    due_at: datetime


class CallbackDone(CrmEvent, frozen=True, kw_only=True, tag="callback.done"):
    """He was spoken with, or somebody (``by``) said that he need not be rung."""

    callback_id: str


class LineChanged(CrmEvent, frozen=True, kw_only=True, tag="line.changed"):
    """A number or a queue is called otherwise, or was given a name."""

    line: Line


class LineRemoved(CrmEvent, frozen=True, kw_only=True, tag="line.removed"):
    """A number or a queue has no name any more."""

    line: Line


class UserChanged(CrmEvent, frozen=True, kw_only=True, tag="user.changed"):
    """Somebody who signs in is new, another, or has another password."""

    user_id: str
    version: int


class CampaignChanged(CrmEvent, frozen=True, kw_only=True, tag="campaign.changed"):
    """A campaign is there, got more people, or was paused or let run."""

    campaign_id: str


class AttemptMade(CrmEvent, frozen=True, kw_only=True, tag="attempt.made"):
    """A lead was to be dialled by ``by``; the gate's ``verdict`` says whether it was."""

    campaign_id: str
    lead_id: str
    attempt_id: str
    verdict: str


class AttemptSettled(CrmEvent, frozen=True, kw_only=True, tag="attempt.settled"):
    """What came of a try, told by ``by``; None: by the line itself."""

    campaign_id: str
    lead_id: str
    attempt_id: str
    outcome: str


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the log keeps it: ``payload`` is its JSON, ``pos`` its place, None until it is stored."""

    type: str
    at: datetime
    call_id: str | None = None
    payload: bytes
    pos: int | None = None


def stored(event: Any) -> StoredEvent:
    """Return a tagged event struct with ``at`` (and ``call``, when it is about one) as the log keeps it."""
    return StoredEvent(
        type=event.__struct_config__.tag,
        at=event.at,
        call_id=getattr(event, "call", None),
        payload=msgspec.json.encode(event),
    )
