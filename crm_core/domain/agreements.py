"""Which agreement holds for an incident: that of a contract, or what holds for all. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from crm_core.domain.equipment import Asset, Contract
from crm_core.domain.errors import InvalidError
from crm_core.domain.incidents import Entitles, Incident
from crm_core.domain.service_levels import Policy

_NAMED, _OF_ITS_LINE, _CONTACT_S, _COMPANY_S, _COLLEAGUE_S, _OWNER_S = range(6)
_THROUGH: tuple[Entitles, ...] = ("asset", "asset", "contact", "account", "account", "asset")


def of_everybody(policies: Iterable[Policy]) -> list[Policy]:
    """Return what holds also for who has no contract."""
    return [one for one in policies if not one.by_contract and one.part_of is None]


def of_agreement(policies: Iterable[Policy], policy_id: str) -> list[Policy]:
    """Return the agreement that a contract names, and its parts; none of them when it is switched off."""
    named = [one for one in policies if is_of_agreement(one, policy_id)]
    return named if any(one.id == policy_id and one.is_active for one in named) else []


def is_of_agreement(one: Policy, policy_id: str) -> bool:
    """Return whether *one* is the agreement *policy_id*, or a part of it."""
    return policy_id in (one.id, one.part_of)


def checked_part(one: Policy, others: Iterable[Policy]) -> Policy:
    """Return *one* when it can be a part of what it says, or is none.

    Raises:
        InvalidError: there is no such agreement, it is a part itself, or *one* has parts.
    """
    if one.part_of is None:
        return one
    known = list(others)
    whole = next((other for other in known if other.id == one.part_of), None)
    if whole is None or whole.part_of is not None or whole.id == one.id:
        raise InvalidError("part_of", "there is no such agreement, or it is a part itself", fault="unknown")
    if any(other.part_of == one.id for other in known):
        raise InvalidError("part_of", "it has parts itself", fault="has_parts")
    return one


def entitling(
    contracts: Iterable[Contract], incident: Incident, piece: Asset | None, line_id: str | None
) -> Iterator[tuple[Contract, Entitles]]:
    """Return the contracts that name an agreement for *incident*, and by what they do: the nearest first.

    Nearest is one that names the *piece* it is about, then one for the piece's product line *line_id*; then
    the contact's, the company's, a colleague's, and last what else its owner has. One for single pieces or a
    line is for nothing else. Of equals holds the one that ends last.
    """
    near = [
        (place, one)
        for one in contracts
        if one.policy_id and (place := _place(one, incident, piece, line_id)) is not None
    ]
    near.sort(key=lambda pair: (pair[0], -pair[1].last_day.toordinal(), pair[1].id))
    return ((one, _THROUGH[place]) for place, one in near)


def holds_on(one: Contract, day: date) -> bool:
    """Return whether *day* is one of a contract's; the first and the last are."""
    return one.begins_on <= day <= one.last_day


def _place(one: Contract, incident: Incident, piece: Asset | None, line_id: str | None) -> int | None:
    is_for_all = not one.asset_ids and one.product_line_id is None
    is_owner_s = piece is not None and one.is_of(piece)
    if piece is not None and is_owner_s and piece.id in one.asset_ids:
        return _NAMED
    if is_owner_s and line_id is not None and one.product_line_id == line_id:
        return _OF_ITS_LINE
    is_of_the_line = one.product_line_id is not None and one.product_line_id == incident.product_line_id
    if not (is_for_all or (piece is None and is_of_the_line)):
        return None
    if incident.contact_id is not None and one.contact_id == incident.contact_id:
        return _CONTACT_S
    if incident.account_id is not None and one.account_id == incident.account_id:
        return _COMPANY_S if one.contact_id is None else _COLLEAGUE_S
    return _OWNER_S if is_owner_s else None
