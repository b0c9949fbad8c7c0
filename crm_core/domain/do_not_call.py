"""Numbers that must not be called: by no campaign, and by hand only by who was told."""

from __future__ import annotations

from datetime import datetime

import msgspec

from crm_core.domain.consents import Standing


class Excluded(msgspec.Struct, frozen=True, kw_only=True):
    """A number (E.164), since when it must not be called, who said so and why."""

    number: str
    since: datetime
    by: str | None
    why: str


class Lifted(msgspec.Struct, frozen=True, kw_only=True):
    """A number was let be called again: when, by whom and why."""

    id: str
    number: str
    at: datetime
    by: str
    why: str


class WhyNot(msgspec.Struct, frozen=True, kw_only=True):
    """All that speaks against calling a number.

    It ``is_forbidden`` when it is on the list, marked at the phone of contacts (``marked``), or of somebody
    who was erased. ``marketing`` is how its owners stand to being sold something by telephone. ``lifted``
    tells of the last times that it was taken off the list.
    """

    number: str
    is_forbidden: bool
    excluded: Excluded | None
    marked: tuple[str, ...]
    is_erased: bool
    marketing: Standing
    lifted: tuple[Lifted, ...]
