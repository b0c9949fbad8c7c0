"""Companies: found by name, and the lines that are theirs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crm_core.domain.accounts import Account
from crm_core.domain.contacts import Phone
from crm_core.domain.errors import InvalidError
from crm_core.ports import UnitOfWork
from crm_core.services.numbers import read_phones


def add_account(
    uow: UnitOfWork,
    *,
    account: Account,
    lines: Iterable[Phone] = (),
    ranges: Iterable[tuple[str, str]] = (),
    region: str,
    now: datetime,
) -> Account:
    """Keep a company with its own lines, and its ranges of numbers (first and last, E.164).

    Raises:
        InvalidError: the name is empty, a line holds no number, or a range's ends do not belong together.
    """
    if not account.name.strip():
        raise InvalidError("name", "a company has a name")
    uow.accounts.add(account)
    for line in read_phones(lines, region=region):
        uow.accounts.add_line(account.id, line)
    for n, (first, last) in enumerate(ranges):
        if len(first) != len(last) or first > last:
            raise InvalidError(f"ranges.{n}", "first and last are equally long, the lower one first")
        uow.accounts.add_range(account.id, uow.new_id(now), first=first, last=last)
    return account


def account_named(uow: UnitOfWork, *, name: str | None, now: datetime) -> Account | None:
    """Return the company of this name, made when it is new; None without a name."""
    if not name or not name.strip():
        return None
    known = uow.accounts.named(name)
    if known is None:
        known = Account(id=uow.new_id(now), name=" ".join(name.split()))
        uow.accounts.add(known)
    return known
