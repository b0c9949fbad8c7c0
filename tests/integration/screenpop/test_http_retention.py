"""How long records are kept, by REST: set by who is up to date, looked at before."""

from __future__ import annotations

from typing import Any

import pytest
from integration.screenpop.house import House

from screenpop.context import CONTEXT

RULES = "/api/v1/retention"


async def put(house: House, days: Any, *, kind: str = "calls", version: int | None = 0) -> Any:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return await house.system("administrator").ask("PUT", f"{RULES}/{kind}", {"days": days}, headers=headers)


async def test_a_rule_is_set_by_who_is_up_to_date(house: House) -> None:
    admin = house.system("administrator")
    listed = (await admin.get(RULES)).body["items"]
    assert [(one["kind"], one["days"], one["version"]) for one in listed] == [
        (kind, None, 0)
        for kind in (
            *("calls", "incidents", "tasks", "callbacks", "consents", "leads", "attempts", "merges"),
            *("imports", "contacts"),
        )
    ]
    kept = await put(house, 365)
    assert (kept.status, kept.body["days"], kept.headers["ETag"]) == (200, 365, '"1"')
    late = await put(house, 400)
    assert (late.status, late.body["newer"]["days"]) == (412, 365)
    assert (await put(house, None, version=1)).body["days"] is None
    assert (await put(house, 365, version=None)).code == "version_required"


@pytest.mark.parametrize("days", [0, 36_501, "365", 90.5, True])
async def test_days_that_cannot_be(house: House, days: Any) -> None:
    assert {field for field, _ in (await put(house, days)).faults} == {"days"}


async def test_what_is_needed_stays(house: House) -> None:
    assert (await put(house, 89)).faults == {("days", "not_so_long")}
    assert (await put(house, 365, kind="audit")).code == "not_found"


async def test_what_would_go_is_told(house: House) -> None:
    told = await house.system("administrator").get(f"{RULES}/outlook", params={"kind": "calls", "days": "90"})
    assert told.body == {
        "kind": "calls",
        "days": 90,
        "count": 0,
        "is_more": False,
        "oldest": None,
        "held": 0,
        "people": [],
    }


async def test_how_many_went_is_measured(house: House) -> None:
    gone = house.app[CONTEXT].let_go
    assert isinstance(gone, dict)
    gone["calls"] = 3
    told = (await house.system("integration").get("/metrics")).body.decode()
    assert 'centralita_retention_let_go_total{kind="calls"} 3.0' in told


async def test_it_is_who_keeps_privacy_that_decides(house: House) -> None:
    eva = await house.person("eva")
    assert (await eva.get(RULES)).code == "not_allowed"
    assert (await eva.get("/admin/retention")).status == 403
