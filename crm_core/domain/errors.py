"""What can go wrong with records. ``code`` is stable: REST tells it, pages translate it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class CrmError(Exception):
    """Something asked of the records cannot be done."""

    code: ClassVar[str] = "error"


class NotFoundError(CrmError):
    """There is no such record."""

    code = "not_found"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(kind, key)
        self.kind, self.key = kind, key

    def __str__(self) -> str:
        return f"there is no {self.kind} {self.key}"


class AlreadyExistsError(CrmError):
    """A record with this key is there already."""

    code = "already_exists"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(kind, key)
        self.kind, self.key = kind, key

    def __str__(self) -> str:
        return f"there is a {self.kind} {self.key} already"


class NotAllowedError(CrmError):
    """Who asks may do such things, but not this one; ``why`` says why."""

    code = "not_allowed"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return self.why


class InvalidError(CrmError):
    """A field cannot hold this; ``field`` is its path (``phones.0.raw``), ``why`` says what is wrong.

    ``fault`` is the stable name of what is wrong.
    """

    code = "invalid"

    def __init__(self, field: str, why: str, *, fault: str = "invalid") -> None:
        super().__init__(field, why)
        self.field, self.why, self.fault = field, why, fault

    def __str__(self) -> str:
        return f"{self.field}: {self.why}"


class ManyInvalidError(InvalidError):
    """Several fields cannot hold what was sent; ``faults`` are all of them."""

    def __init__(self, faults: Sequence[InvalidError]) -> None:
        super().__init__(faults[0].field, faults[0].why, fault=faults[0].fault)
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return "; ".join(map(str, self.faults))


class VersionConflictError(CrmError):
    """Somebody else changed the record first; ``newer`` is the record as it is now."""

    code = "version_conflict"

    def __init__(self, newer: object) -> None:
        super().__init__(newer)
        self.newer = newer

    def __str__(self) -> str:
        return "somebody changed this record meanwhile"


class DatabaseAwayError(CrmError):
    """The database did not take the work in time; asking again later may do (503)."""

    code = "database_away"

    def __init__(self, why: str = "it did not answer in time") -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"the database is away: {self.why}"


class LeaseLostError(DatabaseAwayError):
    """Another process leads now: nothing of what was asked is stored by this one."""

    code = "lease_lost"

    def __init__(self, name: str) -> None:
        super().__init__(f"another process holds the lease of {name}")
        self.name = name


class SpoolError(CrmError):
    """History cannot wait on the disk; ``why`` says what fails."""

    code = "spool"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return self.why


class SchemaError(CrmError):
    """The tables are not those that this program knows; ``why`` says what to do."""

    code = "schema"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return self.why
