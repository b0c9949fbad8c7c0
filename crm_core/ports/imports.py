"""What was brought in from tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from crm_core.domain.imports import BroughtCompany, BroughtIn, ImportBatch, Kind, RejectedRow


class Imports(Protocol):
    """Tables that were brought in, each as a batch."""

    def get(self, batch_id: str) -> ImportBatch | None:
        """Return a batch."""

    def put(self, batch: ImportBatch) -> None:
        """Keep a batch, in place of what was kept of it."""

    def last(self, limit: int) -> list[ImportBatch]:
        """Return the newest batches, newest first."""

    def running(self) -> list[ImportBatch]:
        """Return the batches that are being brought in or taken back."""

    def unfinished(self, digest: str) -> ImportBatch | None:
        """Return the newest batch of this very file that was begun and is not at its end."""

    def like(self, signature: str, kind: Kind) -> ImportBatch | None:
        """Return the newest batch of this kind with these headings that was begun."""

    def reject(self, batch_id: str, rows: Iterable[RejectedRow]) -> None:
        """Keep which rows of a batch were rejected."""

    def rejected(self, batch_id: str, after: int, limit: int) -> list[RejectedRow]:
        """Return the rows of a batch that were rejected, behind the line *after*."""

    def forget_rejected(self, batch_id: str) -> None:
        """Forget which they were."""

    def note(self, batch_id: str, contacts: Iterable[BroughtIn]) -> None:
        """Keep which contacts a batch made or changed; of one who is noted already, the version alone."""

    def noted(self, batch_id: str, limit: int) -> list[BroughtIn]:
        """Return contacts of a batch that were not looked at yet to be taken back, the newest first."""

    def left(self, batch_id: str, limit: int) -> list[BroughtIn]:
        """Return contacts who stay though their batch was taken back."""

    def settle(self, batch_id: str, contacts: Sequence[BroughtIn]) -> None:
        """Keep why contacts stay; those without a reason are of the batch no more."""

    def in_use(self, contact_id: str, since: datetime) -> bool:
        """Return whether other records name a contact, or there were calls with him from *since* on."""

    def remove(self, contact_id: str) -> None:
        """Remove a contact with his numbers and addresses."""

    def note_companies(self, batch_id: str, ids: Iterable[str]) -> None:
        """Keep which companies a batch made."""

    def remove_companies(self, batch_id: str, limit: int) -> list[str]:
        """Remove so many companies of a batch, but those that are named elsewhere; return all of them."""


class ImportedCompanies(Protocol):
    """What tables of companies made and changed, by batch."""

    def note(self, batch_id: str, companies: Iterable[BroughtCompany]) -> None:
        """Keep which companies a batch made or changed; of one that is noted already, the version alone."""

    def noted(self, batch_id: str, limit: int) -> list[BroughtCompany]:
        """Return companies of a batch that were not looked at yet to be taken back.

        First those that it changed, for one that it made may be above them.
        """

    def left(self, batch_id: str, limit: int) -> list[BroughtCompany]:
        """Return companies that stay though their batch was taken back."""

    def settle(self, batch_id: str, companies: Sequence[BroughtCompany]) -> None:
        """Keep why companies stay; those without a reason are of the batch no more."""

    def mere_parents(self, batch_id: str, ids: Sequence[str]) -> frozenset[str]:
        """Return which of *ids* a batch made and nobody changed: companies below them, no line."""

    def in_use(self, batch_id: str, account_id: str, since: datetime) -> bool:
        """Return whether other records name a company, or there were calls with its lines from *since* on.

        Companies below it that the batch made do not count.
        """

    def remove(self, account_id: str) -> None:
        """Remove a company with its lines; those below it are below none from now on."""
