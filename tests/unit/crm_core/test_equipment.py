"""Entitlement: before, within, after and on the days between; for what a contract is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_core.domain.entitlement import Entitlement, entitlement, of_contract
from crm_core.domain.equipment import (
    Asset,
    Contract,
    Product,
    changed,
    checked_asset,
    checked_contract,
)
from crm_core.domain.errors import InvalidError

BOUGHT, LAST = date(2024, 12, 1), date(2026, 11, 30)
DAY = timedelta(days=1)
MADRID = ZoneInfo("Europe/Madrid")
COLD, AIR = "cold", "air"


def an_asset(**more: Any) -> Asset:
    facts: dict[str, Any] = {"bought_on": BOUGHT, "warranty_until": LAST}
    facts |= {"id": "a", "product_id": "p", "serial": "S1", "account_id": "acme"}
    return Asset(**facts | more)


def gold(begins: date = date(2026, 12, 1), ends: date | None = date(2027, 11, 30), **more: Any) -> Contract:
    facts = {"id": "c", "name": "Gold", "kind": "maintenance", "account_id": "acme"}
    return Contract(**facts, begins_on=begins, ends_on=ends, **more)


YES = {"is_covered": True}
NO = {"is_covered": False}
END = date(2027, 11, 30)


@pytest.mark.parametrize(
    ("asset", "contracts", "today", "told"),
    [
        pytest.param(an_asset(), [], BOUGHT - DAY, NO | {"from_day": BOUGHT}, id="before it was bought"),
        pytest.param(an_asset(), [], BOUGHT, YES | {"until": LAST}, id="the first day"),
        pytest.param(an_asset(), [], LAST, YES | {"until": LAST}, id="the last day"),
        pytest.param(an_asset(), [], LAST + DAY, NO | {"since": LAST + DAY}, id="the day after"),
        pytest.param(an_asset(warranty_until=None), [], LAST, NO, id="never"),
        pytest.param(an_asset(bought_on=None), [], BOUGHT - DAY, YES | {"until": LAST}, id="begin unknown"),
        pytest.param(an_asset(), [gold()], LAST, YES | {"until": END}, id="a contract follows without a gap"),
        pytest.param(
            an_asset(),
            [gold(begins=LAST + 2 * DAY)],
            LAST + DAY,
            NO | {"since": LAST + DAY, "from_day": LAST + 2 * DAY},
            id="a day between",
        ),
        pytest.param(an_asset(), [gold()], LAST + DAY, YES | {"by": "Gold", "until": END}, id="by contract"),
        pytest.param(an_asset(), [gold(ends=None)], LAST + DAY, YES | {"by": "Gold"}, id="without an end"),
        pytest.param(
            an_asset(),
            [gold(begins=BOUGHT, ends=LAST - DAY)],
            BOUGHT,
            YES | {"until": LAST},
            id="of two that hold the longer one",
        ),
    ],
)
def test_whether_it_is_covered(
    asset: Asset, contracts: list[Contract], today: date, told: dict[str, Any]
) -> None:
    assert entitlement(asset, contracts, line_id=COLD, today=today) == Entitlement(**told)


@pytest.mark.parametrize(
    ("about", "is_covered"),
    [
        pytest.param({}, True, id="all that he has"),
        pytest.param({"asset_ids": ("other", "a")}, True, id="this one by name"),
        pytest.param({"asset_ids": ("other",)}, False, id="another one"),
        pytest.param({"product_line_id": COLD}, True, id="all of its line"),
        pytest.param({"product_line_id": AIR}, False, id="all of another line"),
        pytest.param({"product_line_id": AIR, "asset_ids": ("a",)}, True, id="another line, and this one"),
        pytest.param({"product_line_id": COLD, "asset_ids": ("other",)}, True, id="its line, and another"),
    ],
)
def test_what_a_contract_is_about(about: dict[str, Any], is_covered: bool) -> None:
    told = entitlement(an_asset(), [gold(**about)], line_id=COLD, today=LAST + DAY)
    assert told.is_covered is is_covered


def test_a_product_without_a_line_is_of_no_line() -> None:
    assert not gold(product_line_id=COLD).is_about(an_asset(), None)


@pytest.mark.parametrize(
    ("now", "is_covered"),
    [
        pytest.param(datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC), True, id="the last second in Madrid"),
        pytest.param(datetime(2026, 11, 30, 23, 0, tzinfo=UTC), False, id="midnight in Madrid"),
    ],
)
def test_the_day_is_the_site_s(now: datetime, is_covered: bool) -> None:
    today = now.astimezone(MADRID).date()
    assert entitlement(an_asset(), [], line_id=None, today=today).is_covered is is_covered


def test_a_contract_alone() -> None:
    assert of_contract(gold(), today=LAST) == Entitlement(is_covered=False, from_day=date(2026, 12, 1))
    assert of_contract(gold(ends=date.max), today=LAST + DAY).until is None


@pytest.mark.parametrize(
    ("whose", "is_his"),
    [
        ({"contact_id": "ana", "account_id": None}, False),
        ({"account_id": "acme"}, True),
        ({"account_id": "other"}, False),
        ({"contact_id": "ana", "account_id": "acme"}, True),
    ],
)
def test_whose_contract_it_is(whose: dict[str, Any], is_his: bool) -> None:
    facts: dict[str, Any] = {"id": "c", "name": "Gold", "kind": "support", "begins_on": BOUGHT}
    assert Contract(**facts | whose).is_of(an_asset()) is is_his


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"serial": " "}, "serial"),
        ({"account_id": None}, "contact_id"),
        ({"warranty_until": BOUGHT - DAY}, "warranty_until"),
    ],
)
def test_what_no_asset_is(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as told:
        checked_asset(an_asset(**wrong))
    assert told.value.field == field


def test_what_no_contract_is() -> None:
    with pytest.raises(InvalidError, match="ends_on"):
        checked_contract(gold(ends=date(2026, 11, 30)))
    with pytest.raises(InvalidError, match="contact_id"):
        checked_contract(Contract(id="c", name="Gold", kind="rental", begins_on=BOUGHT))


def test_whose_it_is_stays() -> None:
    with pytest.raises(InvalidError, match="account_id"):
        changed(an_asset(), {"account_id": "other"})
    assert changed(an_asset(), {"serial": "S1"}) == an_asset()
    assert changed(an_asset(), {"serial": "S2"}) == an_asset(serial="S2", version=2)


def test_a_product_has_a_name_in_both_languages() -> None:
    one = Product(id="p", name_es="Cámara", name_en="Chamber")
    assert [one.name(language) for language in ("es", "en", "fr")] == ["Cámara", "Chamber", "Chamber"]
