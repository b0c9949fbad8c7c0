"""Tables that were brought in: each as one batch, which can be gone on with and taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args

import msgspec

from crm_core.domain.account_rows import ACCOUNT_COLUMNS, AccountColumn, AccountRow, account_columns_of
from crm_core.domain.accounts import WholeAccount
from crm_core.domain.contact_columns import COLUMNS, Column, columns_of
from crm_core.domain.contact_rows import ContactRow
from crm_core.domain.contacts import Contact
from crm_core.domain.custom_fields import Entity, FieldDef
from crm_core.domain.errors import CrmError
from crm_core.domain.rows import Fault
from crm_core.domain.typed_cells import OWN, DayOrder, own_column
from crm_core.domain.words import folded

Kind = Literal["contacts", "accounts"]
"""Who stands in the rows of a table: people, or companies."""
NamedColumn = Column | AccountColumn
Columns = tuple[str | None, ...]
"""What each column is: one of ours, or ``field:`` and the key of one of the site's own fields."""
AnyRow = ContactRow | AccountRow

Policy = Literal["complete", "update", "skip", "add"]
"""What becomes of a row about somebody who is known: he gets what he lacks, what the row says counts, he
stays as he is, or there is another one of the same name."""
State = Literal["new", "running", "done", "cancelled", "failed", "undoing", "undone"]
Stays = Literal["changed", "in_use"]
"""Why a contact is not as before, though his batch was taken back."""
POLICIES: tuple[Policy, ...] = get_args(Policy)
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST_NAME, LONGEST_QUOTED = 200, 120


class ImportBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A table: who stands in it, what its columns are, and how far it is.

    ``signature`` is the same of tables with the same headings, ``digest`` of the same file. ``rows`` were
    read of it; of them ``added``, ``completed``, ``known``, ``rejected``. A trial changes nothing. Of a batch
    that is taken back, ``undone`` are as before, and ``stayed`` are not, for a reason each.
    """

    id: str
    name: str
    signature: str
    digest: str
    columns: Columns
    region: str
    policy: Policy
    is_trial: bool
    state: State
    by: str
    begun_at: datetime
    ended_at: datetime | None = None
    read_bytes: int = 0
    bytes: int = 0
    rows: int = 0
    added: int = 0
    completed: int = 0
    known: int = 0
    rejected: int = 0
    undone: int = 0
    stayed: int = 0
    why: str | None = None
    kind: Kind = "contacts"
    day_order: DayOrder = "ymd"


class ReadLine(msgspec.Struct, frozen=True, kw_only=True):
    """A row as it was read, with the line on which it begins: who stands in it, or why nobody."""

    line: int
    row: AnyRow | None = None
    fault: Fault | None = None
    text: str = ""


class ReadGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that go into one transaction; with them ``rows`` and ``read_bytes`` of the file are read."""

    rows: int
    read_bytes: int
    lines: tuple[ReadLine, ...]


class RejectedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was not kept: on which line it begins, why, and the cell or column that it is about."""

    line: int
    fault: Fault
    text: str = ""


class BroughtIn(msgspec.Struct, frozen=True, kw_only=True):
    """A contact of a batch: the version that it made of him, who he was ``before``, and why he ``stays``."""

    contact_id: str
    version: int
    before: Contact | None = None
    stays: Stays | None = None


class BroughtCompany(msgspec.Struct, frozen=True, kw_only=True):
    """A company of a batch: the version that it made of it, what it was ``before``, why it ``stays``."""

    account_id: str
    version: int
    before: WholeAccount | None = None
    stays: Stays | None = None


class ImportStateError(CrmError):
    """The batch is not in a state in which that can be done."""

    code = "wrong_state"

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


def signature_of(headings: Sequence[str]) -> str:
    """Return what tables of the same headings have in common."""
    said = "\n".join(folded(one) for one in headings)
    return hashlib.sha256(said.encode()).hexdigest()


def columns_by_heading(kind: Kind, headings: Sequence[str]) -> Columns:
    """Return what each column of a table is, by its heading; None for those that are not read."""
    return columns_of(headings) if kind == "contacts" else account_columns_of(headings)


def with_own(columns: Columns, headings: Sequence[str], fields: Sequence[FieldDef]) -> Columns:
    """Return *columns* with those that are called as one of the own *fields*, and are nothing else."""
    pairs = zip(columns, headings, strict=True)
    return tuple(column or own_column(heading, fields) for column, heading in pairs)


def columns_for_kind(kind: Kind, fields: Sequence[FieldDef] = ()) -> tuple[str, ...]:
    """Return what the columns of a table may be; *fields* are the site's own of these records."""
    ours = COLUMNS if kind == "contacts" else ACCOUNT_COLUMNS
    return (*ours, *(OWN + one.key for one in fields))


def entity_of(kind: Kind) -> Entity:
    """Return which records' own fields stand in a table."""
    return "contact" if kind == "contacts" else "account"
