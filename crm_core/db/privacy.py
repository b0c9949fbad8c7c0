"""Privacy in the database. What of a person is in which table stands in ``HIS`` and ``LEFT``."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    exists,
    false,
    insert,
    or_,
    select,
    update,
)

from crm_core.db.call_record import unpacked
from crm_core.db.fields import forget_in_incidents
from crm_core.db.schema import call, call_candidate, call_work, event
from crm_core.db.schema_bridge import call_trace
from crm_core.db.schema_campaigns import do_not_call, do_not_call_lift, lead, lead_attempt, lead_number
from crm_core.db.schema_equipment import asset, contract, repair
from crm_core.db.schema_imports import import_batch, import_contact, import_fault
from crm_core.db.schema_incidents import incident, incident_entry
from crm_core.db.schema_interactions import interaction
from crm_core.db.schema_people import contact, contact_tag, contact_word, email, number_choice, phone
from crm_core.db.schema_privacy import consent, erasure, legal_hold, site_key, suppressed
from crm_core.db.schema_reception import callback
from crm_core.db.schema_tasks import task
from crm_core.db.statements import behind
from crm_core.domain.calls import Call
from crm_core.domain.erasure import GONE, Erasure, LegalHold
from crm_core.domain.events import StoredEvent
from crm_core.domain.traces import Trace
from crm_core.ports.places import Place

HIS = (contact_word, contact_tag, phone, email, number_choice, callback, task, interaction, consent)
"""Tables whose rows of a contact (``contact_id``) are his alone, and go with him."""
LEFT: Mapping[Table, dict[str, Any]] = {
    incident: {
        "subject": GONE,
        "description": None,
        "cause": None,
        "priority_reason": None,
        "contact_id": None,
    },
    asset: {"site": None, "note": None, "contact_id": None},
    contract: {"contact_id": None},
}
"""Tables whose rows tell what happened with a contact, and stay: what is put in place of what was his."""
OF_INCIDENTS = (incident_entry, task, interaction)
"""Tables of what was written about incidents; the rows about his go."""
SUPPRESSED = "suppressed"
_C = call.c
_KEY = select(site_key.c.value).where(site_key.c.name == SUPPRESSED)


class SqlPrivacy:
    """``Privacy``; the key of its hashes is made when the first one is kept, and never changes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self, contact_id: str) -> LegalHold | None:
        """Return why a contact's records must stay."""
        row = self._connection.execute(
            select(legal_hold).where(legal_hold.c.contact_id == contact_id)
        ).first()
        return LegalHold(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name

    def put_hold(self, one: LegalHold) -> None:
        """Keep that a contact's records must stay."""
        self.drop_hold(one.contact_id)
        self._connection.execute(insert(legal_hold), msgspec.structs.asdict(one))

    def drop_hold(self, contact_id: str) -> None:
        """Keep that they need not."""
        self._connection.execute(delete(legal_hold).where(legal_hold.c.contact_id == contact_id))

    def erasure(self, contact_id: str) -> Erasure | None:
        """Return the erasure that was asked for, or done."""
        row = self._connection.execute(select(erasure).where(erasure.c.contact_id == contact_id)).first()
        return Erasure(**row._mapping) if row else None  # noqa: SLF001 - as above

    def put_erasure(self, one: Erasure) -> None:
        """Keep an erasure."""
        self.drop_erasure(one.contact_id)
        self._connection.execute(insert(erasure), msgspec.structs.asdict(one))

    def drop_erasure(self, contact_id: str) -> None:
        """Forget that one was asked for."""
        self._connection.execute(delete(erasure).where(erasure.c.contact_id == contact_id))

    def due(self, now: datetime) -> list[Erasure]:
        """Return the erasures that are to be done and may be."""
        is_held = exists().where(legal_hold.c.contact_id == erasure.c.contact_id)
        query = select(erasure).where(erasure.c.done_at.is_(None), erasure.c.due_at <= now, ~is_held)
        query = query.order_by(erasure.c.due_at, erasure.c.contact_id)
        return [Erasure(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - as above

    def suppress(self, numbers: Iterable[str], now: datetime) -> None:
        """Keep that *numbers* were of somebody who was erased at *now*."""
        key = self._key() or self._new_key()
        digests = sorted({_digest(key, one) for one in numbers})
        self._connection.execute(delete(suppressed).where(suppressed.c.digest.in_(digests)))
        if digests:
            rows = [{"digest": one, "since": now} for one in digests]
            self._connection.execute(insert(suppressed), rows)

    def suppressed(self, numbers: Iterable[str]) -> dict[str, datetime]:
        """Return those of *numbers* that were, and since when."""
        if (key := self._key()) is None:
            return {}
        whose = {_digest(key, one): one for one in numbers}
        query = select(suppressed).where(suppressed.c.digest.in_(sorted(whose)))
        return {whose[row.digest]: row.since for row in self._connection.execute(query)}

    def of_others(self, contact_id: str, numbers: Sequence[str]) -> set[str]:
        """Return those of *numbers* that another contact or a company has, too."""
        is_others = or_(phone.c.contact_id.is_(None), phone.c.contact_id != contact_id)
        query = select(phone.c.e164).where(phone.c.e164.in_(list(numbers)), is_others)
        return set(self._connection.scalars(query))

    def calls_of(
        self, contact_id: str, numbers: Sequence[str], before: Place | None, limit: int
    ) -> list[Call]:
        """Return a contact's calls, those that may be his, and those of *numbers* that are nobody's."""
        may_be = select(call_candidate.c.call_id).where(call_candidate.c.contact_id == contact_id)
        query = (
            select(_C.record)
            .where(
                or_(_is_his(contact_id, numbers), _C.id.in_(may_be)), *behind(before, _C.started_at, _C.id)
            )
            .order_by(_C.started_at.desc(), _C.id.desc())
            .limit(limit)
        )
        return [unpacked(record) for record in self._connection.scalars(query)]

    def his(self, ids: Iterable[str], contact_id: str, numbers: Sequence[str]) -> set[str]:
        """Return those of the calls *ids* that are a contact's, or of *numbers* and nobody's."""
        query = select(_C.id).where(_C.id.in_(sorted(set(ids))), _is_his(contact_id, numbers))
        return set(self._connection.scalars(query))

    def events_after(self, pos: int, limit: int) -> list[StoredEvent]:
        """Return what stands behind *pos* in the event log."""
        query = select(event).where(event.c.pos > pos).order_by(event.c.pos).limit(limit)
        return [StoredEvent(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - as above

    def rewrite_event(self, pos: int, payload: bytes) -> None:
        """Keep another payload of an event in its place."""
        self._connection.execute(update(event).where(event.c.pos == pos).values(payload=payload))

    def traces_after(self, pos: int, limit: int) -> list[tuple[int, Trace]]:
        """Return traces of calls behind a place, with their places."""
        query = select(call_trace).where(call_trace.c.pos > pos).order_by(call_trace.c.pos).limit(limit)
        return [
            (row.pos, Trace(call_id=row.call_id, at=row.at, lines=row.lines))
            for row in self._connection.execute(query)
        ]

    def rewrite_trace(self, pos: int, lines: bytes) -> None:
        """Keep other lines of a trace in its place."""
        self._connection.execute(update(call_trace).where(call_trace.c.pos == pos).values(lines=lines))

    def clear_notes(self, calls: Sequence[str]) -> None:
        """Forget what agents wrote about calls, and what was to be done because of them."""
        about = call_work.c.call_id.in_(list(calls))
        self._connection.execute(update(call_work).where(about).values(notes=None))
        self._forget(task, task.c.call_id.in_(list(calls)))

    def incidents_of(self, contact_id: str) -> dict[str, int]:
        """Return a contact's incidents with their versions."""
        query = select(incident.c.id, incident.c.version).where(incident.c.contact_id == contact_id)
        return {row.id: row.version for row in self._connection.execute(query.order_by(incident.c.id))}

    def assets_of(self, contact_id: str) -> dict[str, int]:
        """Return the pieces of products that a contact has, with their versions."""
        query = select(asset.c.id, asset.c.version).where(asset.c.contact_id == contact_id)
        return {row.id: row.version for row in self._connection.execute(query.order_by(asset.c.id))}

    def forget(self, contact_id: str, numbers: Sequence[str]) -> None:
        """Forget a contact with all that is his."""
        his = select(incident.c.id).where(incident.c.contact_id == contact_id)
        for table in OF_INCIDENTS:
            about: ColumnElement[bool] = table.c.incident_id.in_(his)
            if table is interaction:  # with another one it stays his: the incident was that one's before
                about = and_(about, interaction.c.contact_id.is_(None))
            self._forget(table, about)
        self._forget_equipment(contact_id)
        forget_in_incidents(self._connection, incident.c.contact_id == contact_id)
        for table, values in LEFT.items():
            fields = values | {"version": table.c.version + 1}
            self._connection.execute(update(table).where(table.c.contact_id == contact_id).values(**fields))
        self._forget_numbers(list(numbers))
        for table in HIS:
            self._forget(table, table.c.contact_id == contact_id)
        self._forget(import_contact, import_contact.c.contact_id == contact_id)
        # What was quoted of rejected rows is nobody's by any key: all of it goes.
        quoted = (import_fault.c.batch_id.in_(select(import_batch.c.id)), import_fault.c.text != "")
        self._connection.execute(update(import_fault).where(*quoted).values(text=""))
        self._forget(contact, contact.c.id == contact_id)

    def _forget_equipment(self, contact_id: str) -> None:
        """Forget what nobody but him has; of what his company has only what was written goes."""
        his = and_(asset.c.contact_id == contact_id, asset.c.account_id.is_(None))
        pieces = list(self._connection.scalars(select(asset.c.id).where(his)))
        self._connection.execute(
            update(incident).where(incident.c.asset_id.in_(pieces)).values(asset_id=None)
        )
        self._forget(repair, repair.c.asset_id.in_(pieces))
        his_incidents = select(incident.c.id).where(incident.c.contact_id == contact_id)
        shared = select(asset.c.id).where(asset.c.contact_id == contact_id)
        written = or_(repair.c.incident_id.in_(his_incidents), repair.c.asset_id.in_(shared))
        self._connection.execute(
            update(repair).where(written).values(fault=GONE, note=None, version=repair.c.version + 1)
        )
        self._forget(asset, his)
        self._forget(contract, and_(contract.c.contact_id == contact_id, contract.c.account_id.is_(None)))

    def _forget_numbers(self, numbers: list[str]) -> None:
        """Forget *numbers* where no contact is named: promised calls, lists to be called and not to be."""
        self._forget(callback, callback.c.number.in_(numbers))
        self._forget(do_not_call, do_not_call.c.number.in_(numbers))
        self._forget(do_not_call_lift, do_not_call_lift.c.number.in_(numbers))
        listed = select(lead_number.c.campaign_id).where(lead_number.c.number.in_(numbers))
        has_one = or_(false(), *(lead.c.numbers.contains(one, autoescape=True) for one in numbers))
        found = select(lead.c.id, lead.c.numbers).where(lead.c.campaign_id.in_(listed), has_one)
        for lead_id, has in self._connection.execute(found).all():
            if not set(has.split()).isdisjoint(numbers):
                self._forget_lead(lead_id)
        self._forget(lead_number, lead_number.c.number.in_(numbers))

    def _forget_lead(self, lead_id: str) -> None:
        nobody = {"name": GONE, "company": None, "numbers": "", "fields": "{}", "zone": None}
        closed = {"state": "done", "claimed_by": None, "reserved_for": None, "blocked": "do_not_call"}
        self._connection.execute(update(lead).where(lead.c.id == lead_id).values(**nobody, **closed))
        tries = update(lead_attempt).where(lead_attempt.c.lead_id == lead_id)
        self._connection.execute(tries.values(number=GONE, note=None))

    def _forget(self, table: Table, which: ColumnElement[bool]) -> None:
        self._connection.execute(delete(table).where(which))

    def _key(self) -> bytes | None:
        """Return the key; None while nobody was ever erased."""
        key: bytes | None = self._connection.scalar(_KEY)
        return key

    def _new_key(self) -> bytes:
        key = os.urandom(32)
        self._connection.execute(insert(site_key).values(name=SUPPRESSED, value=key))
        return key


def _digest(key: bytes, number: str) -> str:
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()


def _is_his(contact_id: str, numbers: Sequence[str]) -> ColumnElement[bool]:
    return or_(_C.contact_id == contact_id, and_(_C.customer.in_(list(numbers)), _C.contact_id.is_(None)))
