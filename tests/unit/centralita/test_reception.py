"""Opening hours in the settings, and what the menu is told of a caller by them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from centralita.app import flows, stays
from centralita.look_up import LookUps
from centralita.reception import LONGEST_STAY, ReceptionDesk, calendar_of
from centralita.settings import Reception, Settings
from crm_core.db.database import Database

TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)  # half past ten in Madrid
SHOP = {"hours": {"tue": ["09:00-14:00", "16:00-19:00"]}}


def desk(given: dict[str, Any], now: datetime = TUESDAY) -> ReceptionDesk:
    calendar = calendar_of(Reception.model_validate(given), "Europe/Madrid")
    return ReceptionDesk(Database("sqlite://"), pbx="main", region="ES", calendar=calendar, now=lambda: now)


@pytest.mark.parametrize(
    ("given", "after", "is_open"),
    [
        pytest.param({}, timedelta(0), True, id="no hours are all hours"),
        pytest.param(SHOP, timedelta(0), True, id="in the morning"),
        pytest.param(SHOP, timedelta(hours=4), False, id="at lunch"),
        pytest.param(SHOP, timedelta(days=1), False, id="on another day"),
        pytest.param(SHOP | {"closed": ["2026-11-24"]}, timedelta(0), False, id="on a day of our own"),
        pytest.param(
            {"hours": {"tue": ["00:00-24:00"]}, "country": "ES"}, timedelta(days=14), False, id="8 December"
        ),
        pytest.param({"hours": {"tue": ["00:00-24:00"]}}, timedelta(days=14), True, id="without a country"),
    ],
)
def test_it_is_open_by_the_settings(given: dict[str, Any], after: timedelta, *, is_open: bool) -> None:
    caller = desk(given, TUESDAY + after).caller("957212000")
    assert (caller.is_open, caller.number, caller.region) == (is_open, "+34957212000", "ES")
    assert caller.until == TUESDAY + after + LONGEST_STAY


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"hours": {"tuesday": ["09:00-14:00"]}}, "hours.tuesday"),
        ({"hours": {"tue": ["9-14"]}}, "is no interval"),
        ({"hours": {"tue": ["19:00-09:00"]}}, "ends before it begins"),
        ({"closed": ["24 December"]}, "closed"),
        ({"country": "XX"}, "no holidays are known of XX"),
        ({"country": "ES", "subdivision": "XX"}, "no holidays are known of ES XX"),
        ({"opening": {}}, "opening"),
    ],
)
def test_what_is_wrong_is_told(given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Reception.model_validate(given)


def test_every_exchange_has_both_flows_and_a_menu_may_be_long() -> None:
    settings = Settings.model_validate({"pbx": {"main": {}, "second": {}}})
    db = Database("sqlite://")
    found = flows(
        settings, db, LookUps(db, regions={"main": "ES", "second": "ES"}, today=lambda: date(2026, 11, 24))
    )
    assert found.keys() == {"route", "menu", "main/route", "main/menu", "second/route", "second/menu"}
    assert (found["menu"], found["route"]) == (found["main/menu"], found["main/route"])
    assert stays(settings) == dict.fromkeys(("menu", "main/menu", "second/menu"), 360.0)
