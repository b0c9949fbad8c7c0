"""What customers have: products, pieces of them (assets), and the contracts that we owe them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal, Protocol, TypeVar, get_args

import msgspec
from msgspec.structs import replace

from crm_core.domain.errors import InvalidError

ContractKind = Literal["warranty", "maintenance", "support", "rental"]
CONTRACT_KINDS: Final[tuple[ContractKind, ...]] = get_args(ContractKind)
NAME_LENGTH, CODE_LENGTH, SERIAL_LENGTH, NOTE_LENGTH, MOST_ASSETS = 200, 80, 80, 4_000, 100
_OPEN_END = date.max


class HasOwner(Protocol):
    """What is a contact's, a company's, or of both."""

    @property
    def contact_id(self) -> str | None:
        """Whose it is."""

    @property
    def account_id(self) -> str | None:
        """Which company's it is."""


def same_owner(one: HasOwner, other: HasOwner) -> bool:
    """Return whether both are known to be of the same contact or the same company."""
    same_person = one.contact_id is not None and one.contact_id == other.contact_id
    return same_person or (one.account_id is not None and one.account_id == other.account_id)


def is_nobodys(one: HasOwner) -> bool:
    """Return whether it is not known whose it is."""
    return one.contact_id is None and one.account_id is None


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """What we sell or look after, named in both languages; of one that is not active nobody gets another."""

    id: str
    name_es: str
    name_en: str
    code: str | None = None
    product_line_id: str | None = None
    is_active: bool = True
    version: int = 1

    def name(self, language: str) -> str:
        """Return what it is called in *language*, Spanish or else English."""
        return self.name_es if language == "es" else self.name_en


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of a product that a customer has; it stands at ``site``. The warranty has a last day."""

    id: str
    product_id: str
    serial: str
    contact_id: str | None = None
    account_id: str | None = None
    bought_on: date | None = None
    warranty_until: date | None = None
    site: str | None = None
    note: str | None = None
    version: int = 1


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """What we owe a customer from ``begins_on`` to ``ends_on``, both included; it may have no end.

    It is about ``asset_ids`` and all that he has of a product line; with neither about all that he has.
    ``covers`` says in words what is included, ``policy_id`` which agreement his incidents are promised by.
    """

    id: str
    name: str
    kind: ContractKind
    contact_id: str | None = None
    account_id: str | None = None
    begins_on: date
    ends_on: date | None = None
    covers: str | None = None
    asset_ids: tuple[str, ...] = ()
    product_line_id: str | None = None
    policy_id: str | None = None
    version: int = 1

    @property
    def last_day(self) -> date:
        """The last day on which it holds, far away when it has no end."""
        return self.ends_on or _OPEN_END

    def is_about(self, asset: Asset, line_id: str | None) -> bool:
        """Return whether *asset*, of a product of the line *line_id*, is one that it covers."""
        if asset.id in self.asset_ids:
            return True
        if self.product_line_id is None:
            return not self.asset_ids
        return self.product_line_id == line_id

    def is_of(self, asset: Asset) -> bool:
        """Return whether it is with who has *asset*."""
        return same_owner(self, asset)


def checked_asset(one: Asset) -> Asset:
    """Return *one* when it can be kept.

    Raises:
        InvalidError: naming what cannot.
    """
    if not 0 < len(one.serial.strip()) <= SERIAL_LENGTH:
        raise InvalidError("serial", f"1 to {SERIAL_LENGTH} characters")
    if one.bought_on and one.warranty_until and one.warranty_until < one.bought_on:
        raise InvalidError("warranty_until", "not before it was bought", fault="ends_before_it_begins")
    return _owned(one)


def checked_contract(one: Contract) -> Contract:
    """Return *one* when it can be kept.

    Raises:
        InvalidError: naming what cannot.
    """
    if one.ends_on and one.ends_on < one.begins_on:
        raise InvalidError("ends_on", "not before it begins", fault="ends_before_it_begins")
    return _owned(one)


Record = TypeVar("Record", Product, Asset, Contract)
Owned = TypeVar("Owned", Asset, Contract)
_FIXED = frozenset(("id", "version", "contact_id", "account_id"))


def changed(one: Record, changes: Mapping[str, Any]) -> Record:
    """Return the next version of *one*; whose it is stays. As it is when nothing changes.

    Raises:
        InvalidError: naming a field that cannot be changed.
    """
    for field in sorted(changes):
        if field in _FIXED or field not in one.__struct_fields__:
            raise InvalidError(field, "cannot be changed")
    after = replace(one, **changes)
    return one if after == one else replace(after, version=one.version + 1)


def _owned(one: Owned) -> Owned:
    if is_nobodys(one):
        raise InvalidError("contact_id", "a contact or a company has it", fault="missing")
    return one
