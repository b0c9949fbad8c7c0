"""Companies in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Row, bindparam, insert, select

from crm_core.db.phones import phone_row
from crm_core.db.schema_people import account, did_range, phone
from crm_core.domain.accounts import Account
from crm_core.domain.contacts import Phone
from crm_core.domain.words import folded

_NAMED = (
    select(account).where(account.c.search == bindparam("search")).order_by(account.c.id).limit(1)
)  # ids sort by age: of two of one name the older

_ALL_NAMED = (
    select(account).where(account.c.search.in_(bindparam("names", expanding=True))).order_by(account.c.id)
)


class SqlAccounts:
    """``Accounts``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def named(self, name: str) -> Account | None:
        """Return the company called *name*, whatever its case and accents."""
        row = self._connection.execute(_NAMED, {"search": folded(name)}).first()
        return _account(row) if row else None

    def all_named(self, names: Sequence[str]) -> list[Account]:
        """Return the companies called one of *names* (folded), the older ones first."""
        rows = self._connection.execute(_ALL_NAMED, {"names": list(names)})
        return [_account(row) for row in rows]

    def add(self, one: Account) -> None:
        """Keep a new company."""
        self._connection.execute(
            insert(account),
            {
                "id": one.id,
                "name": one.name,
                "search": folded(one.name),
                "parent_id": one.parent_id,
                "tier": one.tier,
                "region": one.region,
                "version": one.version,
            },
        )

    def add_line(self, account_id: str, number: Phone) -> None:
        """Keep a number that is the company's, nobody's in particular."""
        self._connection.execute(insert(phone), phone_row(number, account_id=account_id))

    def add_range(self, account_id: str, range_id: str, *, first: str, last: str) -> None:
        """Keep that all numbers from *first* to *last* (E.164, equally long) are the company's."""
        self._connection.execute(
            insert(did_range), {"id": range_id, "account_id": account_id, "first": first, "last": last}
        )


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        parent_id=row.parent_id,
        tier=row.tier,
        region=row.region,
        version=row.version,
    )
