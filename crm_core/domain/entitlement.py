"""Whether a customer is entitled to service for what he has, by warranty or contract. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import msgspec

from crm_core.domain.equipment import Asset, Contract, Product

_DAY = timedelta(days=1)


class Entitlement(msgspec.Struct, frozen=True, kw_only=True):
    """Whether somebody is entitled to service, and by which contract (``by``; None: by the warranty).

    Covered: the last day is ``until``, None without an end. Not covered: ``since`` is the first day without,
    None when it never was, and ``from_day`` the day on which a cover begins, if one will.
    """

    is_covered: bool
    by: str | None = None
    until: date | None = None
    since: date | None = None
    from_day: date | None = None


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a product, what it is a piece of, who has it, and whether it is covered."""

    asset: Asset
    product: Product
    owner: str | None = None
    entitlement: Entitlement


class _Cover(msgspec.Struct, frozen=True, kw_only=True):
    by: str | None
    begins: date
    ends: date

    def holds(self, day: date) -> bool:
        """Return whether *day* is in it."""
        return self.begins <= day <= self.ends


def entitlement(
    asset: Asset, contracts: Iterable[Contract], *, line_id: str | None, today: date
) -> Entitlement:
    """Return whether *asset* is covered *today*, the day where the site is; covers in a row are one.

    *contracts* are its customer's; *line_id* is the line of its product.
    """
    covers = [_of(one) for one in contracts if one.is_about(asset, line_id)]
    if asset.warranty_until is not None:
        begins = min(asset.bought_on or date.min, asset.warranty_until)
        covers.append(_Cover(by=None, begins=begins, ends=asset.warranty_until))
    return _entitled(covers, today)


def of_contract(one: Contract, *, today: date) -> Entitlement:
    """Return whether a contract holds *today*."""
    return _entitled([_of(one)], today)


def _of(one: Contract) -> _Cover:
    return _Cover(by=one.name, begins=one.begins_on, ends=one.last_day)


def _entitled(covers: Sequence[_Cover], today: date) -> Entitlement:
    now = [one for one in covers if one.holds(today)]
    if now:
        longest = max(now, key=lambda one: one.ends)
        return Entitlement(is_covered=True, by=longest.by, until=_told(_last_day(covers, longest.ends)))
    over = [one.ends for one in covers if one.ends < today]
    ahead = [one.begins for one in covers if one.begins > today]
    return Entitlement(
        is_covered=False, since=max(over) + _DAY if over else None, from_day=min(ahead, default=None)
    )


def _last_day(covers: Sequence[_Cover], day: date) -> date:
    """Return the last day that is covered without a gap from *day* on."""
    for one in sorted(covers, key=lambda cover: cover.begins):
        if day < one.ends and one.begins <= day + _DAY:
            day = one.ends
    return day


def _told(day: date) -> date | None:
    return None if day == date.max else day
