"""Consents in the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select

from crm_core.db.schema_people import phone
from crm_core.db.schema_privacy import consent
from crm_core.domain.consents import Consent, Purpose
from crm_core.domain.contacts import Channel

_C = consent.c


class SqlConsents:
    """``Consents``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, one: Consent) -> None:
        """Keep what somebody said."""
        self._connection.execute(insert(consent), msgspec.structs.asdict(one))

    def drop(self, ids: Iterable[str]) -> None:
        """Forget what was noted by a merge that is undone."""
        self._connection.execute(delete(consent).where(_C.id.in_(list(ids))))

    def of(self, contact_id: str, limit: int) -> list[Consent]:
        """Return what somebody said, newest first."""
        query = select(consent).where(_C.contact_id == contact_id)
        query = query.order_by(_C.at.desc(), _C.noted_at.desc(), _C.id.desc()).limit(limit)
        return [_consent(row) for row in self._connection.execute(query)]

    def of_numbers(
        self, numbers: Iterable[str], purpose: Purpose, channel: Channel
    ) -> list[tuple[str, Consent]]:
        """Return what those said who have one of *numbers*, with the number."""
        query = (
            select(consent, phone.c.e164.label("number"))
            .select_from(phone)
            .join(consent, _C.contact_id == phone.c.contact_id)
            .where(phone.c.e164.in_(list(numbers)), _C.purpose == purpose, _C.channel == channel)
            .order_by(_C.at, _C.id)
        )
        return [(row.number, _consent(row)) for row in self._connection.execute(query)]


def _consent(row: Row[Any]) -> Consent:
    return Consent(**{name: row._mapping[name] for name in Consent.__struct_fields__})  # noqa: SLF001 - SQLAlchemy's public name
