"""Retention in the database: what is too old is found by queries that an index serves, and let go by id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    delete,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    true,
    tuple_,
    update,
)

from crm_core.db import retention_more
from crm_core.db.fields import forget_in_incidents
from crm_core.db.merges import SqlMerges
from crm_core.db.privacy import LEFT, OF_INCIDENTS
from crm_core.db.retention_more import by_id, by_time
from crm_core.db.schema import call, call_candidate
from crm_core.db.schema_campaigns import lead_attempt
from crm_core.db.schema_incidents import incident
from crm_core.db.schema_interactions import interaction
from crm_core.db.schema_people import contact, phone
from crm_core.db.schema_privacy import consent, erasure, legal_hold
from crm_core.db.schema_retention import retention_rule
from crm_core.domain.erasure import GONE, spellings
from crm_core.domain.retention import Aged, HeldPerson, QuietKind, RecordKind, RetentionRule
from crm_core.ports.places import Place

_PARAMETERS = 10_000
_C, _I, _S, _A, _P = call.c, incident.c, consent.c, lead_attempt.c, contact.c
_LATER = consent.alias("later")
_HELD = legal_hold.c.contact_id


class SqlRetention:
    """``Retention``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rule(self, kind: RecordKind) -> RetentionRule:
        """Return the rule of a kind."""
        query = select(retention_rule).where(retention_rule.c.kind == kind)
        row = self._connection.execute(query).first()
        return RetentionRule(**row._mapping) if row else RetentionRule(kind=kind)  # noqa: SLF001 - SQLAlchemy's public name

    def put(self, rule: RetentionRule) -> None:
        """Keep a rule."""
        self._connection.execute(delete(retention_rule).where(retention_rule.c.kind == rule.kind))
        self._connection.execute(insert(retention_rule), msgspec.structs.asdict(rule))

    def older(self, kind: RecordKind, before: datetime, behind: Place | None, limit: int) -> list[Aged]:
        """Return records of a kind from before *before* that have something personal left."""
        rows = self._connection.execute(_OLDER[kind](before, behind).limit(limit))
        return [Aged(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def held(self, kind: RecordKind, found: Sequence[Aged]) -> dict[str, str]:
        """Return those of *found* that are of somebody whose records must stay."""
        people = {one.contact_id for one in found if one.contact_id}
        into = SqlMerges(self._connection).into(people) if kind == "merges" else {}
        held = self._among(select(_HELD, _HELD), _HELD, people | set(into.values()))
        contacts = {one: held[now] for one in people for now in (one, into.get(one)) if now in held}
        numbers = {number for one in found if one.number for number in _numbers_of(one)}
        owners = self._among(
            select(phone.c.e164, _HELD).join(legal_hold, phone.c.contact_id == _HELD), phone.c.e164, numbers
        )
        may_be: Mapping[str, str] = {}
        if kind == "calls":
            query = select(call_candidate.c.call_id, _HELD).join(
                legal_hold, call_candidate.c.contact_id == _HELD
            )
            may_be = self._among(query, call_candidate.c.call_id, {one.id for one in found})
        whose = {one.id: _whose(one, contacts, owners, may_be) for one in found}
        return {key: contact_id for key, contact_id in whose.items() if contact_id}

    def people(self, contact_ids: Sequence[str]) -> list[HeldPerson]:
        """Return who of them must stay, by id."""
        query = (
            select(_HELD, _P.given, _P.family, legal_hold.c.reason)
            .outerjoin(contact, _P.id == _HELD)
            .where(_HELD.in_(contact_ids))
            .order_by(_HELD)
        )
        return [
            HeldPerson(
                contact_id=row.contact_id,
                name=f"{row.given or ''} {row.family or ''}".strip(),
                reason=row.reason,
            )
            for row in self._connection.execute(query)
        ]

    def forget_incidents(self, ids: Sequence[str]) -> dict[str, int]:
        """Forget what was written in and about incidents, and whose they were."""
        for table in OF_INCIDENTS:
            self._connection.execute(delete(table).where(table.c.incident_id.in_(ids)))
        forget_in_incidents(self._connection, _I.id.in_(ids))
        fields = LEFT[incident] | {"version": _I.version + 1}
        self._connection.execute(update(incident).where(_I.id.in_(ids)).values(**fields))
        kept = select(_I.id, _I.version).where(_I.id.in_(ids)).order_by(_I.id)
        return {row.id: row.version for row in self._connection.execute(kept)}

    def forget(self, kind: QuietKind, ids: Sequence[str]) -> int:
        """Forget what is personal in records of the other kinds."""
        return _FORGET[kind](self._connection, ids)

    def _among(self, query: Select[Any], column: ColumnElement[Any], wanted: set[str]) -> dict[str, str]:
        """Return the pairs of *query* whose *column* is one of *wanted*."""
        keys, found = sorted(wanted), dict[str, str]()
        for n in range(0, len(keys), _PARAMETERS):
            rows = self._connection.execute(query.where(column.in_(keys[n : n + _PARAMETERS])))
            found |= {row[0]: row[1] for row in rows}
        return found


def _whose(
    one: Aged, contacts: Mapping[str, str], owners: Mapping[str, str], may_be: Mapping[str, str]
) -> str | None:
    by_number = (owners.get(number) for number in _numbers_of(one))
    return contacts.get(one.contact_id or "") or next(filter(None, by_number), None) or may_be.get(one.id)


def _numbers_of(one: Aged) -> Sequence[str]:
    """Return all spellings of a record's numbers; of a place on a list there are several."""
    return spellings(one.number.split()) if one.number else ()


def _calls(before: datetime, behind: Place | None) -> Select[Any]:
    """Those that are somebody's, or of a number."""
    is_personal = or_(_C.customer.is_not(None), _C.contact_id.is_not(None))
    query = select(_C.id, _C.started_at.label("at"), _C.contact_id, _C.customer.label("number"))
    return by_time(query.where(is_personal), _C.started_at, _C.id, before, behind)


def _incidents(before: datetime, behind: Place | None) -> Select[Any]:
    """Those that were closed so long ago."""
    is_personal = or_(_I.subject != GONE, _I.contact_id.is_not(None))
    query = select(_I.id, _I.opened_at.label("at"), _I.contact_id).where(_I.closed_at < before, is_personal)
    return by_time(query, _I.opened_at, _I.id, before, behind)


def _consents(before: datetime, behind: Place | None) -> Select[Any]:
    """What somebody said about a thing before he said something else about it; the last one stays."""
    is_newer = tuple_(_LATER.c.at, _LATER.c.noted_at, _LATER.c.id) > tuple_(_S.at, _S.noted_at, _S.id)
    said_since = exists().where(
        _LATER.c.contact_id == _S.contact_id,
        _LATER.c.purpose == _S.purpose,
        _LATER.c.channel == _S.channel,
        is_newer,
    )
    return by_id(select(_S.id, _S.at, _S.contact_id).where(_S.at < before, said_since), _S.id, behind)


def _attempts(before: datetime, behind: Place | None) -> Select[Any]:
    query = select(_A.id, _A.at, _A.number).where(_A.at < before, _A.number != GONE)
    return by_id(query, _A.id, behind)


def _contacts(before: datetime, behind: Place | None) -> Select[Any]:
    """Those with whom nobody has spoken, and whom nobody has changed; who waits for something is not old."""
    waits = exists().where(_I.contact_id == _P.id, _I.is_open == true())
    goes = exists().where(erasure.c.contact_id == _P.id)
    called = exists().where(_C.contact_id == _P.id, _C.started_at >= before)
    wrote = exists().where(interaction.c.contact_id == _P.id, interaction.c.at >= before)
    last = func.coalesce(_P.spoken_at, _P.created_at)
    query = select(_P.id, _P.updated_at.label("at"), _P.id.label("contact_id"), null().label("number"))
    return by_id(
        query.where(last < before, _P.updated_at < before, ~waits, ~goes, ~called, ~wrote), _P.id, behind
    )


def _forget_consents(connection: Connection, ids: Sequence[str]) -> int:
    """Forget what somebody said."""
    return connection.execute(delete(consent).where(_S.id.in_(ids))).rowcount


def _forget_attempts(connection: Connection, ids: Sequence[str]) -> int:
    """Forget whom tries went to, and the notes about them."""
    those = update(lead_attempt).where(_A.id.in_(ids))
    return connection.execute(those.values(number=GONE, note=None)).rowcount


_FORGET: Mapping[QuietKind, Callable[[Connection, Sequence[str]], int]] = {
    "tasks": retention_more.forget_tasks,
    "callbacks": retention_more.forget_callbacks,
    "consents": _forget_consents,
    "leads": retention_more.forget_leads,
    "attempts": _forget_attempts,
    "merges": retention_more.forget_merges,
    "imports": retention_more.forget_imports,
}
_OLDER: Mapping[RecordKind, Callable[[datetime, Place | None], Select[Any]]] = {
    "calls": _calls,
    "incidents": _incidents,
    "tasks": retention_more.tasks,
    "callbacks": retention_more.callbacks,
    "leads": retention_more.leads,
    "merges": retention_more.merges,
    "imports": retention_more.imports,
    "consents": _consents,
    "attempts": _attempts,
    "contacts": _contacts,
}
