"""Companies that a table brought in, taken back."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.accounts import Account, WholeAccount
from crm_core.domain.errors import InvalidError
from crm_core.domain.events import AccountRemoved, AccountUpdated
from crm_core.domain.imports import BroughtCompany, ImportBatch
from crm_core.ports import UnitOfWork
from crm_core.services import accounts


def taken_back(
    uow: UnitOfWork, batch: ImportBatch, one: BroughtCompany, *, by: str, now: datetime
) -> BroughtCompany:
    """Take back what *batch* did to a company; say why it stays when it does."""
    account = uow.accounts.get(one.account_id)
    if account is None:
        return one
    if account.version != one.version:
        return replace(one, stays="changed")
    if one.before is not None:
        return one if _as_before(uow, account, one.before, by=by, now=now) else replace(one, stays="in_use")
    if uow.imported_companies.in_use(batch.id, account.id, batch.begun_at):
        return replace(one, stays="in_use")
    uow.imported_companies.remove(account.id)
    uow.events.append(AccountRemoved(at=now, by=by, account_id=account.id))
    return one


def _as_before(uow: UnitOfWork, account: Account, before: WholeAccount, *, by: str, now: datetime) -> bool:
    """Let *account* be as it was *before*, when nothing of that is gone; return whether it is."""
    related = (one.account_id for one in before.relations if not one.is_theirs)
    if not all(uow.accounts.get(key) for key in (before.parent_id, *related) if key):
        return False
    after = replace(before, version=account.version + 1)
    try:
        accounts.keep_anew(uow, after, now=now)
    except InvalidError:  # others were put above each other since
        return False
    if after.name != account.name:
        accounts.call_anew(uow, account.id)
    uow.events.append(AccountUpdated(at=now, by=by, account_id=account.id, version=after.version))
    return True
