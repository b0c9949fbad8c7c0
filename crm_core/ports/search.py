"""The index by which everything is found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from crm_core.domain.found import Found, Kind
from crm_core.domain.looking import Terms


class Search(Protocol):
    """Records by their words. What events tell of is in the index when the transaction is kept."""

    def having(
        self, kind: Kind, terms: Terms, *, below: int | None, limit: int
    ) -> list[tuple[int, list[str]]]:
        """Return places and words of records that have each of *terms*, from the highest place down.

        Who came last is at the highest.
        """

    def at(self, kind: Kind, places: Sequence[int]) -> list[Found]:
        """Return the records at *places*, in their order."""

    def ids(self, places: Sequence[int]) -> dict[int, str]:
        """Return the ids of the records at *places*."""

    def but_addresses(self, places: Sequence[int], asked: Collection[str]) -> dict[int, list[str]]:
        """Return the words of contacts without those of their addresses, but for those that are *asked*.

        *asked* are folded.
        """

    def near(self, word: str) -> list[str]:
        """Return words of names that *word* is with one slip."""

    def touch(self, kind: Kind, ids: Iterable[str]) -> None:
        """Say that records are other ones now, or gone, of which no event tells."""
