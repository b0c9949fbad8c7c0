"""Products, what customers have of them, contracts, and repairs."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, Protocol

from crm_core.domain.equipment import Asset, Contract, Product
from crm_core.domain.repairs import Listed, Repair, Wanted
from crm_core.ports.places import Place


class Found(NamedTuple):
    """A piece of a product, what it is a piece of, and who has it."""

    asset: Asset
    product: Product
    owner: str | None


class Products(Protocol):
    """What we sell or look after."""

    def get(self, product_id: str) -> Product | None:
        """Return one product."""

    def every(self) -> list[Product]:
        """Return all products, in the order of their Spanish names."""

    def add(self, product: Product) -> None:
        """Keep a new product."""

    def change(self, product: Product) -> None:
        """Keep a product as it is now."""


class Assets(Protocol):
    """What customers have of them."""

    def get(self, asset_id: str) -> Found | None:
        """Return one piece."""

    def of(
        self, contact_id: str | None, account_id: str | None, limit: int, place: tuple[str, str] | None = None
    ) -> list[Found]:
        """Return what a contact or a company has, by serial number and id, behind a place in this order."""

    def has_any(self, contact_id: str | None, account_id: str | None) -> bool:
        """Return whether a contact or a company has any piece, or any contract."""

    def beginning(self, serial: str, place: tuple[str, str] | None, limit: int) -> list[Found]:
        """Return the pieces whose serial number, folded, begins so, behind a place in their order."""

    def add(self, asset: Asset) -> None:
        """Keep a new piece."""

    def change(self, asset: Asset) -> None:
        """Keep a piece as it is now."""

    def is_named(self, asset: Asset) -> bool:
        """Return whether an incident, a repair or a contract of its owner names it."""

    def remove(self, asset_id: str) -> None:
        """Forget a piece that nothing names."""


class Contracts(Protocol):
    """What we owe customers, and until when."""

    def get(self, contract_id: str) -> Contract | None:
        """Return one contract."""

    def of(self, contact_id: str | None, account_id: str | None, limit: int) -> list[Contract]:
        """Return the contracts of a contact or a company, the last that ends first."""

    def of_any(
        self, contact_ids: Collection[str], account_ids: Collection[str], limit: int
    ) -> list[Contract]:
        """Return the contracts of all these contacts and companies, the last that ends first."""

    def add(self, contract: Contract) -> None:
        """Keep a new contract."""

    def change(self, contract: Contract) -> None:
        """Keep a contract as it is now."""

    def remove(self, contract_id: str) -> None:
        """Forget a contract."""


class Repairs(Protocol):
    """What customers gave us to be repaired."""

    def get(self, repair_id: str) -> Repair | None:
        """Return one repair."""

    def next_number(self) -> str:
        """Return the number of the next repair."""

    def add(self, repair: Repair) -> None:
        """Keep a new repair."""

    def change(self, repair: Repair) -> None:
        """Keep a repair as it is now."""

    def find(self, wanted: Wanted, place: Place | None, limit: int) -> list[Listed]:
        """Return repairs behind *place*, the last received first."""
