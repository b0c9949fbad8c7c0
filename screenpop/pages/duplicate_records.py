"""What the pages of duplicates show of the records; read in the database threads, drawn in the templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_core.domain.accounts import WholeAccount
from crm_core.domain.contacts import Contact
from crm_core.domain.duplicates import Pair, Reason, RecordKind
from crm_core.domain.merges import Merge
from crm_core.domain.merging import ACCOUNT_FIELDS, CONTACT_FIELDS, OWN, differing
from crm_core.ports import UnitOfWork
from crm_core.services import accounts, contacts, duplicates, unmerging

LATELY = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OnList:
    """Pairs that may be one, the place of what follows, and what became one lately."""

    pairs: Sequence[Pair]
    more: tuple[str, str] | None
    lately: Sequence[Merge]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A field of both; ``label`` is that of one's own, ``of_other``: what the other one has is taken."""

    name: str
    label: str | None
    stays: Any
    goes: Any
    is_open: bool
    of_other: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two records side by side: the one that stays first."""

    kind: RecordKind
    stays: Any
    goes: Any
    rows: Sequence[Row]


def on_list(uow: UnitOfWork, *, reason: Reason, after: tuple[str, str] | None, limit: int) -> OnList:
    """Return pairs that share something, and the last merges."""
    found = duplicates.listed(uow, reason=reason, after=after, limit=limit)
    return OnList(pairs=found.pairs, more=found.more, lately=unmerging.listed(uow, limit=LATELY))


def compared(uow: UnitOfWork, *, kind: RecordKind, stays: str, goes: str, language: str) -> Compared:
    """Return two records with what can be chosen of them.

    Raises:
        NotFoundError: one of them is not there.
    """
    one: Contact | WholeAccount
    other: Contact | WholeAccount
    if kind == "contact":
        one, other = (contacts.get(uow, contact_id=key) for key in (stays, goes))
        rows = _rows(one, other, CONTACT_FIELDS, differing(one, other, CONTACT_FIELDS))
    else:
        one, other = (accounts.get(uow, account_id=key) for key in (stays, goes))
        rows = _rows(one, other, ACCOUNT_FIELDS, differing(one, other, ACCOUNT_FIELDS))
    return Compared(kind=kind, stays=one, goes=other, rows=[*rows, *_own(uow, kind, one, other, language)])


def _rows(
    stays: Contact | WholeAccount, goes: Contact | WholeAccount, fields: Sequence[str], open_: Sequence[str]
) -> list[Row]:
    """Return the fields of which one of both has something."""
    found = []
    for name in fields:
        one, other = _shown(stays, name), _shown(goes, name)
        if one or other:
            row = Row(name=name, label=None, stays=one, goes=other, is_open=name in open_, of_other=not one)
            found.append(row)
    return found


def _shown(record: Contact | WholeAccount, name: str) -> Any:
    if name == "parent_id" and isinstance(record, WholeAccount):
        return record.parent
    return getattr(record, name)


def _own(
    uow: UnitOfWork,
    kind: RecordKind,
    stays: Contact | WholeAccount,
    goes: Contact | WholeAccount,
    language: str,
) -> list[Row]:
    """Return the fields of the site's own of which one of both has something."""
    found = []
    for field in uow.fields.of(kind):
        one, other = stays.fields.get(field.key), goes.fields.get(field.key)
        if one is not None or other is not None:
            row = Row(
                name=OWN + field.key,
                label=field.label(language),
                stays=one,
                goes=other,
                is_open=None not in (one, other) and one != other,
                of_other=one is None,
            )
            found.append(row)
    return found
