"""Records that are there twice, and that became one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crm_core.domain.duplicates import Known, NotSame, Reason, RecordKind
from crm_core.domain.merges import Merge
from crm_core.ports.places import Place


class Duplicates(Protocol):
    """By which keys records are found that may be one. Nobody is compared with everybody."""

    def shared(self, reason: Reason, *, after: str, limit: int, walk: int) -> tuple[list[str], str | None]:
        """Return keys behind *after* that a few records share, in order: what many share says nothing.

        About *walk* keys are looked at. The second is the last of them, None when there are no others.
        """

    def shared_among(self, reason: Reason, keys: Sequence[str]) -> list[str]:
        """Return those of *keys* that a few records share."""

    def sharing(self, reason: Reason, keys: Sequence[str]) -> dict[str, list[Known]]:
        """Return who shares each of *keys*."""

    def colleagues(self, account_id: str, begin: str, limit: int) -> list[Known]:
        """Return people of a company whose folded name begins so."""

    def by_company(self, after: tuple[str, str, str] | None, limit: int) -> list[tuple[str, str, Known]]:
        """Return people by company, folded name and id: the company's id, the folded name, and who."""


class Merges(Protocol):
    """Which record became a part of which, and which are not the same."""

    def add(self, one: Merge, journal: bytes) -> None:
        """Keep that a record became a part of another one, with what makes two of it again."""

    def get(self, merge_id: str) -> Merge | None:
        """Return one merge."""

    def journal(self, merge_id: str) -> bytes | None:
        """Return what a merge put in the place of what; None when that was erased."""

    def undone(self, merge_id: str, *, by: str | None, now: datetime) -> None:
        """Keep that two were made of one again."""

    def page(self, before: Place | None, limit: int) -> list[Merge]:
        """Return merges, newest first, also those that were undone."""

    def into(self, keys: Iterable[str]) -> dict[str, str]:
        """Return, for those of *keys* that became a part of a record, the one that they are in now."""

    def parts_of(self, key: str) -> list[str]:
        """Return the merges by which others became a part of this record, and by which they did before."""

    def move(self, kind: RecordKind, *, of: str, to: str) -> dict[str, tuple[str, ...]]:
        """Give all rows that name *of* to *to*; return their keys by table."""

    def strays(
        self, kind: RecordKind, moved: Mapping[str, Sequence[str]], *, of: str
    ) -> list[tuple[str, str]]:
        """Return those of *moved* that are not *of*'s any more: table and key."""

    def move_back(self, kind: RecordKind, moved: Mapping[str, Sequence[str]], *, to: str) -> None:
        """Give the rows of *moved* to whom they were of."""

    def calls_of(self, contact_id: str) -> list[str]:
        """Return the ids of the calls that are a contact's, or may be."""

    def spoken_at(self, contact_id: str) -> datetime | None:
        """Return when a contact was spoken with last."""

    def set_spoken(self, contact_id: str, at: datetime | None) -> None:
        """Keep when a contact was spoken with last."""

    def drop_contact(self, contact_id: str) -> None:
        """Take a contact out whose rows are all moved, with his names, numbers and addresses."""

    def drop_account(self, account_id: str) -> None:
        """Take a company out whose rows are all moved and whose belongings are forgotten."""

    def related_to(self, account_id: str) -> list[tuple[str, str]]:
        """Return the relations that others have with a company: whose and which."""

    def relate(self, relations: Iterable[tuple[str, str]], *, to: str) -> None:
        """Keep that others have these relations with a company; those that they have already stay."""

    def unrelate(self, relations: Iterable[tuple[str, str]], *, to: str) -> None:
        """Forget relations that others have with a company."""

    def apart(self, kind: RecordKind, keys: Sequence[str]) -> list[NotSame]:
        """Return of which records somebody said that they are not the same as one of *keys*."""

    def set_apart(self, pairs: Iterable[NotSame]) -> None:
        """Keep that records are not the same; what is known already stays."""

    def join(self, one: NotSame) -> bool:
        """Forget that two records are not the same; return whether anybody had said so."""

    def forget(self, key: str) -> None:
        """Forget who a contact was, in what tells of him and of those who became a part of him."""
