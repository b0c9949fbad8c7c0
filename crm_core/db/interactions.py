"""Interactions in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from crm_core.db.confined import seen_interaction
from crm_core.db.schema import user
from crm_core.db.schema_incidents import incident
from crm_core.db.schema_interactions import interaction
from crm_core.db.schema_people import NAMES, account, contact
from crm_core.db.statements import behind
from crm_core.domain.confines import Confines
from crm_core.domain.contacts import full_name
from crm_core.domain.incidents import number_of
from crm_core.domain.interactions import Interaction, Listed, Wanted
from crm_core.ports.places import Place

_C = interaction.c
_FIELDS = Interaction.__struct_fields__
_LISTED = (
    select(
        interaction,
        account.c.name.label("company"),
        incident.c.sequence.label("sequence"),
        user.c.full_name.label("written_by"),
        *NAMES,
    )
    .outerjoin(contact, contact.c.id == _C.contact_id)
    .outerjoin(account, account.c.id == _C.account_id)
    .outerjoin(incident, incident.c.id == _C.incident_id)
    .outerjoin(user, user.c.id == _C.created_by)
)


class SqlInteractions:
    """``Interactions``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, interaction_id: str) -> Interaction | None:
        """Return one."""
        row = self._connection.execute(select(interaction).where(_C.id == interaction_id)).first()
        return _interaction(row) if row else None

    def add(self, one: Interaction) -> None:
        """Keep a new one."""
        self._connection.execute(insert(interaction), msgspec.structs.asdict(one))

    def change(self, one: Interaction) -> None:
        """Keep one as it is now."""
        self._connection.execute(
            update(interaction).where(_C.id == one.id).values(**msgspec.structs.asdict(one))
        )

    def remove(self, interaction_id: str) -> None:
        """Forget one."""
        self._connection.execute(delete(interaction).where(_C.id == interaction_id))

    def find(self, wanted: Wanted, place: Place | None, limit: int) -> list[Listed]:
        """Return those that are wanted behind *place*, newest first."""
        query = _LISTED.where(*_asked(wanted), *behind(place, _C.at, _C.id))
        query = query.order_by(_C.at.desc(), _C.id.desc()).limit(limit)
        return [_listed(row) for row in self._connection.execute(query)]

    def seen(self, ids: Collection[str], within: Confines) -> set[str]:
        """Return those of *ids* that somebody sees who is confined."""
        query = select(_C.id).where(_C.id.in_(ids), seen_interaction(within))
        return set(self._connection.scalars(query))

    def of_incidents(self, incidents: Sequence[str]) -> list[Interaction]:
        """Return what was written about incidents."""
        query = select(interaction).where(_C.incident_id.in_(incidents)).order_by(_C.id)
        return [_interaction(row) for row in self._connection.execute(query)]

    def of_contact(self, contact_id: str) -> list[Interaction]:
        """Return what goes with a contact, newest first: with him, and with no other about his incidents."""
        his = select(incident.c.id).where(incident.c.contact_id == contact_id)
        nobodys = and_(_C.contact_id.is_(None), _C.incident_id.in_(his))
        query = select(interaction).where(or_(_C.contact_id == contact_id, nobodys))
        return [
            _interaction(row) for row in self._connection.execute(query.order_by(_C.at.desc(), _C.id.desc()))
        ]


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    equal = ("contact_id", "account_id", "incident_id", "channel")
    asked: list[ColumnElement[bool]] = [
        _C[name] == value for name in equal if (value := getattr(wanted, name)) is not None
    ]
    if wanted.within is not None:
        asked.append(seen_interaction(wanted.within))
    return asked


def _interaction(row: Row[Any]) -> Interaction:
    return Interaction(**{name: row._mapping[name] for name in _FIELDS})  # noqa: SLF001 - SQLAlchemy's public name


def _listed(row: Row[Any]) -> Listed:
    names = [getattr(row, one.name) for one in NAMES]
    return Listed(
        interaction=_interaction(row),
        contact=full_name(*names, company=None) or None,
        account=row.company,
        incident=None if row.sequence is None else number_of(row.sequence),
        written_by=row.written_by,
    )
