"""Customers: companies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec

from crm_core.domain.contacts import Phone, PostalAddress
from crm_core.domain.errors import InvalidError
from crm_core.domain.words import folded

AccountKind = Literal["customer", "prospect", "partner", "distributor", "supplier"]
RelationKind = Literal["partner", "distributor", "supplier", "franchise", "payer", "other"]
KINDS: tuple[AccountKind, ...] = get_args(AccountKind)
RELATIONS: tuple[RelationKind, ...] = get_args(RelationKind)
LONGEST_SEARCHED = 200


class NumberRange(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of a company, from ``first`` to ``last``: E.164, equally long."""

    first: str
    last: str


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """Another company, ``account_id``: it is our ``kind``; ``is_theirs``: we are theirs."""

    kind: RelationKind
    account_id: str
    name: str = ""
    is_theirs: bool = False


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A company; ``tier`` is what it is worth to us, in the site's own words.

    Who calls from it is sent to ``preferred_queue`` and, where the dialplan asks for it, ``preferred_agent``.
    ``region`` (ISO 3166-1) is that of its numbers, ``fields`` are the site's own by key.
    """

    id: str
    name: str
    kind: AccountKind = "customer"
    legal_name: str | None = None
    tax_id: str | None = None
    parent_id: str | None = None
    tier: str | None = None
    preferred_queue: str | None = None
    preferred_agent: str | None = None
    region: str | None = None
    website: str | None = None
    note: str | None = None
    addresses: tuple[PostalAddress, ...] = ()
    tags: tuple[str, ...] = ()
    fields: dict[str, Any] = {}
    version: int = 1

    @property
    def listed_as(self) -> str:
        """The place in a list by name."""
        return folded(self.name)[:LONGEST_SEARCHED]


class WholeAccount(Account, frozen=True, kw_only=True):
    """A company with its own lines (``phones``), its ranges of numbers and the companies it has to do with.

    ``parent`` is what its parent is called.
    """

    parent: str | None = None
    phones: tuple[Phone, ...] = ()
    ranges: tuple[NumberRange, ...] = ()
    relations: tuple[Relation, ...] = ()


CHANGEABLE = frozenset(WholeAccount.__struct_fields__) - frozenset(("id", "parent", "version"))
_ALWAYS_THERE = CHANGEABLE - frozenset(
    one.name for one in msgspec.structs.fields(WholeAccount) if one.default is None
)


def tax_key(tax_id: str) -> str:
    """Return a tax number as it is compared: ``B-14 000 001`` is ``b14000001``."""
    return "".join(sign for sign in folded(tax_id) if sign.isalnum())


def changed(account: WholeAccount, changes: Mapping[str, Any]) -> WholeAccount:
    """Return the next version of *account*.

    Raises:
        InvalidError: naming the first change that cannot be.
    """
    for field in sorted(changes):
        if field not in CHANGEABLE:
            raise InvalidError(field, "cannot be changed")
        if field in _ALWAYS_THERE and changes[field] is None:
            raise InvalidError(field, "cannot be null")
    return checked(msgspec.structs.replace(account, version=account.version + 1, **changes))


def checked(account: WholeAccount) -> WholeAccount:
    """Return *account* when it can be kept.

    Raises:
        InvalidError: naming what cannot.
    """
    if not account.name.strip():
        raise InvalidError("name", "a company has a name", fault="name_needed")
    for n, one in enumerate(account.ranges):
        if len(one.first) != len(one.last) or one.first > one.last:
            raise InvalidError(
                f"ranges.{n}", "first and last are equally long, the lower one first", fault="no_range"
            )
    for n, other in enumerate(account.relations):
        if other.account_id == account.id:
            raise InvalidError(f"relations.{n}", "a company has nothing to do with itself", fault="itself")
    return account
