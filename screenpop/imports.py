"""Tables as the page "import" speaks of them: sent, looked at, brought in, taken back."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Protocol

import msgspec

from crm_core.domain.imports import Columns, ImportBatch, Kind, Policy
from crm_core.domain.typed_cells import DayOrder


class PresetName(msgspec.Struct, frozen=True, kw_only=True):
    """Another program whose headings are known, and what the columns of a table are by them."""

    code: str
    name: str
    columns: Columns = ()


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a table that was sent: its headings, its first rows, and how its text is encoded.

    ``encoding`` is None of a workbook. ``columns`` are what we take its columns for; ``presets`` are other
    programs that know some of its headings. Of vCards (``is_cards``) pictures, sounds and keys are not read.
    """

    id: str
    name: str
    kind: Kind
    headings: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    encoding: str | None
    columns: Columns
    presets: tuple[PresetName, ...] = ()
    is_cards: bool = False


class HowToBringIn(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided before a table is brought in."""

    columns: Columns
    policy: Policy
    region: str
    is_trial: bool
    day_order: DayOrder = "ymd"


class UnreadableTableError(Exception):
    """What was sent is no table; the text says why, for people."""


class TooLargeError(Exception):
    """What is sent is larger than any table of people."""


class ImportDesk(Protocol):
    """Keeps tables that were sent, and works on them one after the other."""

    async def receive(
        self, name: str, content: AsyncIterable[bytes], *, kind: Kind, by: str, region: str, language: str
    ) -> Sheet:
        """Keep a table of people or companies and return what is in it.

        Raises:
            UnreadableTableError: it is none.
            TooLargeError: it is too large.
        """

    async def sheet(self, batch_id: str) -> Sheet | None:
        """Return what is in a table that was sent; None when its file is not there any more."""

    async def begin(self, batch_id: str, how: HowToBringIn, *, by: str, address: str | None) -> ImportBatch:
        """Begin to bring a table in, or to try that out.

        Raises:
            InvalidError: its columns are not as many, or none is a name or a number.
            NotFoundError: there is no such table, or its file is gone.
            ImportStateError: it was begun.
        """

    async def go_on(self, batch_id: str) -> ImportBatch:
        """Go on with a table that was called off, or could not be read on.

        Raises:
            NotFoundError: there is no such table, or its file is gone.
            ImportStateError: there is nothing to go on with.
        """

    async def undo(self, batch_id: str, *, by: str, address: str | None) -> ImportBatch:
        """Begin to take back what a table brought in.

        Raises:
            NotFoundError: there is no such table.
            ImportStateError: it changed nothing, or still runs.
        """
