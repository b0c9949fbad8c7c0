"""Who may be there twice: found by what is shared, never by comparing everybody with everybody."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import House, a_contact, at

from crm_core.domain.duplicates import MOST_SHARING, Pair, not_same
from crm_core.domain.errors import InvalidError, NotFoundError
from crm_core.services import duplicates

WHO = {"by": "u-eva", "address": None, "now": at(9)}


async def beside(house: House, key: str) -> dict[str, set[str]]:
    pairs: list[Pair] = await house.db.read(duplicates.of_contact, contact_id=key)
    return {
        (one.second.id if one.first.id == key else one.first.id): {why.reason for why in one.why}
        for one in pairs
    }


async def listed(house: House, reason: str, *, limit: int = 50) -> list[tuple[str, str]]:
    """All pages of pairs."""
    found, after = [], None
    while True:
        page = await house.db.read(duplicates.listed, reason=reason, after=after, limit=limit)
        found += [(one.first.id, one.second.id) for one in page.pairs]
        if (after := page.more) is None:
            return found


@pytest.mark.parametrize(
    ("other", "why"),
    [
        pytest.param({"numbers": ["600 000 123"]}, {"number"}, id="one number in another spelling"),
        pytest.param({"emails": ["ANA@x.es"]}, {"email"}, id="one address"),
        pytest.param({"given": "Anna", "company": "ACME"}, {"name"}, id="alike in one company"),
        pytest.param({"given": "Ana"}, set(), id="of one name somewhere else"),
        pytest.param({"given": "Pau", "family": "Costa", "company": "Acme"}, set(), id="a colleague"),
        pytest.param({"numbers": ["600000123"], "emails": ["ana@x.es"]}, {"number", "email"}, id="by both"),
    ],
)
async def test_whom_a_contact_may_be(house: House, other: dict[str, Any], why: set[str]) -> None:
    await house.add(
        a_contact("ana", "Ana", "Ruiz", numbers=["+34600000123"], emails=["ana@x.es"], company="Acme")
    )
    await house.add(a_contact("bea", **{"given": "Bea", "family": "Ruiz"} | other))
    assert await beside(house, "ana") == ({"bea": why} if why else {})
    assert await beside(house, "bea") == ({"ana": why} if why else {})


async def test_a_switchboards_number_says_nothing(house: House) -> None:
    for n in range(MOST_SHARING + 1):
        await house.add(a_contact(f"c{n}", "Nom", chr(97 + n) * 9, numbers=["957212000"]))
    assert await beside(house, "c0") == {}
    assert await listed(house, "number") == []


async def test_who_has_no_name_is_like_nobody(house: House) -> None:
    for key in ("a", "b"):
        await house.add(a_contact(key, "", "", company="Acme"))
    assert await beside(house, "a") == {}
    assert await listed(house, "name") == []


@pytest.mark.parametrize(("limit", "walk"), [(1, 50_000), (2, 50_000), (50, 50_000), (50, 1), (1, 2), (2, 3)])
async def test_all_pairs_page_by_page(
    house: House, monkeypatch: pytest.MonkeyPatch, limit: int, walk: int
) -> None:
    monkeypatch.setattr(duplicates, "KEYS_WALKED", walk)
    for n in range(4):
        for key in ("a", "b"):
            more: dict[str, Any] = {
                "emails": [f"{n}@x.es"],
                "numbers": [f"95721200{n}"],
                "company": f"Firm {n}",
            }
            await house.add(a_contact(f"{key}{n}", "Ana", "Ruiz", **more))
    pairs = {(f"a{n}", f"b{n}") for n in range(4)}
    for reason in ("number", "email", "name"):
        found = await listed(house, reason, limit=limit)
        assert (set(found), len(found)) == (pairs, 4)


async def test_three_who_share_are_three_pairs(house: House) -> None:
    for key in ("a", "b", "c"):
        await house.add(a_contact(key, numbers=["957212000"]))
    assert await listed(house, "number") == [("a", "b"), ("a", "c"), ("b", "c")]
    await house.db.run(duplicates.set_apart, pair=not_same("contact", "c", "a"), **WHO)
    assert await listed(house, "number") == [("a", "b"), ("b", "c")]
    assert set(await beside(house, "a")) == {"b"}


async def test_companies(house: House) -> None:
    await house.company("a", "Hostelería Sur", tax_id="B-14 000 001")
    await house.company("b", "Sur Hostelería", tax_id="b14000001")
    await house.company("c", "HOSTELERIA SUR")
    assert await listed(house, "tax_id") == [("a", "b")]
    assert await listed(house, "company_name") == [("a", "c")]
    found = await house.db.read(duplicates.of_account, account_id="a")
    assert [(one.second.id, one.why[0].reason) for one in found] == [("b", "tax_id"), ("c", "company_name")]


async def test_what_is_not_said(house: House) -> None:
    await house.add(a_contact("a"))
    for pair, why in (
        (not_same("contact", "a", "a"), InvalidError),
        (not_same("contact", "a", "x"), NotFoundError),
    ):
        with pytest.raises(why):
            await house.db.run(duplicates.set_apart, pair=pair, **WHO)
    with pytest.raises(NotFoundError):
        await house.db.run(duplicates.join, pair=not_same("contact", "a", "x"), **WHO)
