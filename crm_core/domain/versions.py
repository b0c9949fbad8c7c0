"""Records have versions, so that nobody writes over what he has not seen. Pure."""

from __future__ import annotations

from typing import Protocol, TypeVar

from crm_core.domain.errors import VersionConflictError


class Versioned(Protocol):
    """What has a version, counted up by each change."""

    @property
    def version(self) -> int:
        """Which it is."""


Record = TypeVar("Record", bound=Versioned)


def at_version(one: Record, version: int) -> Record:
    """Return *one* when *version* is the one that is kept.

    Raises:
        VersionConflictError: another one is.
    """
    if one.version != version:
        raise VersionConflictError(one)
    return one
