"""Fields that are asked only of incidents of some categories, on every database."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import NOW, House, at
from contract.crm_core.test_fields import define

from crm_core.domain.errors import InvalidError, ManyInvalidError
from crm_core.domain.incidents import Incident
from crm_core.services import fields, incidents, service_levels


async def category(house: House, name: str, parent_id: str | None = None) -> str:
    asked = {"kind": "category", "name_es": name, "name_en": name, "parent_id": parent_id}
    return str((await house.db.run(service_levels.add_choice, fields=asked, by="eva", now=NOW)).id)


async def change(house: House, one: Incident, **changes: Any) -> Incident:
    asked: dict[str, Any] = {"incident_id": one.id, "version": one.version, "changes": changes}
    after: Incident = await house.db.run(incidents.change, **asked, by="u1", now=at(one.version))
    return after


def faults(error: pytest.ExceptionInfo[ManyInvalidError]) -> set[tuple[str, str]]:
    return {(one.field, one.fault) for one in error.value.faults}


@pytest.fixture
async def cold(house: House) -> str:
    """The category of cold; of it, and what is under it, the temperature is asked. Of all the floor is."""
    key = await category(house, "Cold")
    facts: dict[str, Any] = {"entity": "incident", "type": "number"}
    await define(house, "temperature", is_required=True, category_ids=(key,), **facts)
    await define(house, "floor", **facts)
    return key


async def test_a_field_is_required_only_in_its_categories(house: House, cold: str) -> None:
    rooms = await category(house, "Rooms", cold)
    asked = await house.incident("1", fields={"floor": 2})
    assert asked.fields == {"floor": 2}
    for n, key in enumerate((cold, rooms)):
        with pytest.raises(ManyInvalidError) as refused:
            await house.incident(f"no {n}", category_id=key, fields={"floor": 2})
        assert faults(refused) == {("fields.temperature", "missing")}
        told = await house.incident(f"yes {n}", category_id=key, fields={"temperature": -18})
        assert told.fields == {"temperature": -18}


@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["no category", "another category"])
async def test_a_field_is_not_asked_elsewhere(house: House, cold: str, is_elsewhere: bool) -> None:
    assert cold
    other = await category(house, "Other") if is_elsewhere else None
    with pytest.raises(ManyInvalidError) as refused:
        await house.incident("1", category_id=other, fields={"temperature": 3, "floor": "x"})
    assert faults(refused) == {("fields.temperature", "other_category")}
    assert (await house.incident("2", category_id=other, fields={"temperature": None})).fields == {}


async def test_what_stands_there_stays_in_another_category_until_it_is_emptied(
    house: House, cold: str
) -> None:
    other = await category(house, "Other")
    one = await house.incident(category_id=cold, fields={"temperature": 4})
    moved = await change(house, one, category_id=other)
    assert moved.fields == {"temperature": 4}
    after = await change(house, moved, fields={"floor": 1})
    assert after.fields == {"temperature": 4, "floor": 1}
    with pytest.raises(ManyInvalidError) as refused:
        await change(house, after, fields={"temperature": 5})
    assert faults(refused) == {("fields.temperature", "other_category")}
    assert (await change(house, after, fields={"temperature": None})).fields == {"floor": 1}


async def test_another_category_asks_for_what_it_requires(house: House, cold: str) -> None:
    one = await house.incident(fields={"floor": 1})
    with pytest.raises(ManyInvalidError) as refused:
        await change(house, one, category_id=cold)
    assert faults(refused) == {("fields.temperature", "missing")}
    told = await change(house, one, category_id=cold, fields={"temperature": -4})
    assert (told.category_id, told.fields) == (cold, {"floor": 1, "temperature": -4})
    rooms = await category(house, "Rooms", cold)
    assert (await change(house, told, category_id=rooms)).fields == told.fields


async def test_only_fields_of_incidents_have_categories_and_only_such_that_there_are(
    house: House, cold: str
) -> None:
    with pytest.raises(InvalidError, match="only incidents have categories"):
        await define(house, "size", category_ids=(cold,))
    asked = {"kind": "team", "name_es": "x", "name_en": "x"}
    team = await house.db.run(service_levels.add_choice, fields=asked, by="eva", now=NOW)
    for key in ("nobody", team.id):
        with pytest.raises(InvalidError, match=r"category_ids\.1"):
            await define(house, "size", entity="incident", category_ids=(cold, key))
    known = {one.key: one for one in await house.db.read(fields.of, entity="incident")}
    assert known["temperature"].category_ids == (cold,)
    change_it: dict[str, Any] = {"field_id": known["temperature"].id, "version": 1, "by": "eva", "now": NOW}
    after = await house.db.run(fields.change, changes={"category_ids": ()}, **change_it)
    assert (after.category_ids, after.version) == ((), 2)
