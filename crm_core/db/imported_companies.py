"""What tables of companies made and changed, in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, select, update

from crm_core.db.imports import columns_naming
from crm_core.db.prepared import PreparedInsert
from crm_core.db.schema import call
from crm_core.db.schema_imports import import_account
from crm_core.db.schema_people import account, account_tag, did_range, phone
from crm_core.domain.imports import BroughtCompany

BELONGINGS = (account_tag, did_range, phone)
"""What goes with a company; whatever else names one keeps it."""
_A = import_account.c
_BELOW = account.alias()
_NOTE = PreparedInsert(import_account)
_AGAIN = (
    update(import_account)
    .where(_A.batch_id == bindparam("of"), _A.account_id == bindparam("which"))
    .values(version=bindparam("now"))
)


class SqlImportedCompanies:
    """``ImportedCompanies``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, batch_id: str, companies: Iterable[BroughtCompany]) -> None:
        """Keep which companies a batch made or changed; of one that is noted already, the version alone."""
        found = {one.account_id: one for one in companies}
        changed = [key for key, one in found.items() if one.before is not None]
        query = select(_A.account_id).where(_A.batch_id == batch_id, _A.account_id.in_(changed))
        known = set(self._connection.scalars(query)) if changed else set()
        new = (one for key, one in found.items() if key not in known)
        _NOTE.add(self._connection, (msgspec.structs.asdict(one) | {"batch_id": batch_id} for one in new))
        if known:
            again = [{"of": batch_id, "which": key, "now": found[key].version} for key in sorted(known)]
            self._connection.execute(_AGAIN, again)

    def noted(self, batch_id: str, limit: int) -> list[BroughtCompany]:
        """Return companies of a batch that were not looked at yet to be taken back.

        First those that it changed, for one that it made may be above them.
        """
        waiting = _A.stays.is_(None)
        changed = self._some(batch_id, waiting & _A.before.is_not(None), limit)
        return changed or self._some(batch_id, waiting, limit)

    def left(self, batch_id: str, limit: int) -> list[BroughtCompany]:
        """Return companies that stay though their batch was taken back."""
        return self._some(batch_id, _A.stays.is_not(None), limit)

    def settle(self, batch_id: str, companies: Sequence[BroughtCompany]) -> None:
        """Keep why companies stay; those without a reason are of the batch no more."""
        for one in companies:
            this = (_A.batch_id == batch_id, _A.account_id == one.account_id)
            if one.stays is None:
                self._connection.execute(delete(import_account).where(*this))
            else:
                self._connection.execute(update(import_account).where(*this).values(stays=one.stays))

    def mere_parents(self, batch_id: str, ids: Sequence[str]) -> frozenset[str]:
        """Return which of *ids* a batch made and nobody changed: companies below them, no line."""
        made = (_A.batch_id == batch_id, _A.account_id.in_(ids), _A.before.is_(None), _A.version == 1)
        below = exists().where(_BELOW.c.parent_id == _A.account_id)
        has_line = exists().where(phone.c.account_id == _A.account_id)
        return frozenset(self._connection.scalars(select(_A.account_id).where(*made, below, ~has_line)))

    def in_use(self, batch_id: str, account_id: str, since: datetime) -> bool:
        """Return whether other records name a company, or there were calls with its lines from *since* on."""
        lines = select(phone.c.e164).where(phone.c.account_id == account_id)
        called = exists().where(call.c.customer.in_(lines), call.c.started_at >= since)
        as_made = (_A.account_id == account.c.id, _A.version == account.c.version, _A.before.is_(None))
        ours = exists().where(_A.batch_id == batch_id, _A.stays.is_(None), *as_made)
        below = exists().where(account.c.parent_id == account_id, ~ours)
        keys = (key for key in columns_naming(account, BELONGINGS) if key is not account.c.parent_id)
        named = (exists().where(key == account_id) for key in keys)
        return any(self._connection.scalar(select(one)) for one in (called, below, *named))

    def remove(self, account_id: str) -> None:
        """Remove a company with its lines; those below it are below none from now on."""
        below = account.c.parent_id == account_id
        self._connection.execute(update(account).where(below).values(parent_id=None))
        for table in BELONGINGS:
            self._connection.execute(delete(table).where(table.c.account_id == account_id))
        self._connection.execute(delete(account).where(account.c.id == account_id))

    def _some(self, batch_id: str, which: ColumnElement[bool], limit: int) -> list[BroughtCompany]:
        query = select(import_account).where(_A.batch_id == batch_id, which)
        rows = self._connection.execute(query.order_by(_A.account_id.desc()).limit(limit))
        return [
            BroughtCompany(account_id=row.account_id, version=row.version, before=row.before, stays=row.stays)
            for row in rows
        ]
