"""What a caller hears of his incidents, by his number or by what he typed."""

from __future__ import annotations

import pytest
from contract.crm_core.kit import REGION, House, a_contact

from crm_core.services import incidents, reception


async def furnish(house: House) -> None:
    """Ana has two open incidents (10001, 10003) and a resolved one (10002); Eva and Leo share a number."""
    await house.add(a_contact("ana", numbers=["957212000"]))
    await house.add(a_contact("eva", numbers=["957212001"]))
    await house.add(a_contact("leo", numbers=["957212001"]))
    for key, priority in (("a", 3), ("b", 1), ("c", 2)):
        opened = await house.incident(key, contact_id="ana", priority=priority)
        if key == "b":
            await house.db.run(
                incidents.change,
                incident_id=opened.id,
                version=1,
                changes={"state": "resolved"},
                by="ana",
                now=opened.opened_at,
            )


@pytest.mark.parametrize(
    ("number", "typed", "contact", "told"),
    [
        pytest.param("957212000", None, "ana", ["INC-10003", "INC-10001"], id="by his number"),
        pytest.param("+34957212000", None, "ana", ["INC-10003", "INC-10001"], id="by its E.164"),
        pytest.param("anonymous", "957212000", "ana", ["INC-10003", "INC-10001"], id="by a typed telephone"),
        pytest.param("anonymous", "10001", "ana", ["INC-10001"], id="by a typed incident, that one alone"),
        pytest.param("957212001", "10002", "ana", ["INC-10002"], id="a resolved one that is named"),
        pytest.param("957212001", None, None, None, id="two share the number"),
        pytest.param("anonymous", None, None, None, id="withheld"),
        pytest.param("957212000", "10004", None, None, id="typed counts, also when it is wrong"),
        pytest.param("957212000", "", None, None, id="nothing typed"),
        pytest.param("957212000", "*999999999999999999999999*", None, None, id="hostile"),
    ],
)
async def test_a_caller_is_told(
    house: House, number: str, typed: str | None, contact: str | None, told: list[str] | None
) -> None:
    await furnish(house)

    found = await house.db.read(reception.status, number=number, typed=typed, region=REGION)

    assert found.is_known == (told is not None)
    assert found.contact_id == contact
    assert [one.number for one in found.incidents] == (told or [])
