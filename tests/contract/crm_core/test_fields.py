"""Fields that a site adds to its records, and tags: defined, kept with the records, found."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import NOW, REGION, House, a_contact, at
from contract.crm_core.test_erasure import erase
from msgspec.structs import replace

from crm_core.domain.contacts import Email
from crm_core.domain.custom_fields import FieldDef
from crm_core.domain.errors import (
    AlreadyExistsError,
    InvalidError,
    ManyInvalidError,
    NotFoundError,
    VersionConflictError,
)
from crm_core.domain.events import FieldsChanged
from crm_core.services import accounts, contacts, fields, incident_lists, incidents


async def define(house: House, key: str, *, entity: str = "contact", **more: Any) -> FieldDef:
    facts = {"type": "text", "label_es": key, "label_en": key} | more
    made = FieldDef(id=f"{entity}-{key}", entity=entity, key=key, **facts)  # type: ignore[arg-type]
    kept: FieldDef = await house.db.run(fields.define, field=made, by="eva", now=NOW)
    return kept


async def put(house: House, version: int, **changes: Any) -> Any:
    return await house.db.run(
        contacts.change, contact_id="ana", version=version, changes=changes, by="eva", now=at(version)
    )


async def test_fields_are_defined_changed_and_taken_away(house: House) -> None:
    size = await define(house, "size", type="choice", options=("S", "L"), pii=True, position=2)
    code = await define(house, "code", regex=r"\d+", is_required=True, position=1)
    other = await define(house, "size", entity="account")

    assert await house.db.read(fields.every) == [code, size, other]
    assert await house.db.read(fields.of, entity="contact") == [code, size]
    change = {"field_id": size.id, "version": 1, "by": "eva", "now": at(1)}
    after = await house.db.run(fields.change, changes={"options": ("M",), "position": 0}, **change)
    assert after == replace(size, options=("M",), position=0, version=2)
    with pytest.raises(VersionConflictError):
        await house.db.run(fields.change, changes={}, **change)
    await house.db.run(fields.remove, field_id=size.id, version=2, by="eva", now=at(2))
    with pytest.raises(NotFoundError):
        await house.db.run(fields.remove, field_id=size.id, version=2, by="eva", now=at(2))
    assert await house.db.read(fields.of, entity="contact") == [code]
    assert house.heard[-1] == FieldsChanged(at=at(2), by="eva", entity="contact", key="size")


async def test_a_key_is_there_once_and_fields_are_few(house: House) -> None:
    for n in range(50):
        await define(house, f"f{n}")
    with pytest.raises(AlreadyExistsError):
        await define(house, "f0")
    with pytest.raises(InvalidError, match="at most 50"):
        await define(house, "one_more")


async def test_values_are_kept_with_a_contact(house: House) -> None:
    await define(house, "code", regex=r"\d+", is_required=True)
    await define(house, "size", type="choice", options=("S",))
    ana = await house.add(replace(a_contact("ana"), fields={"code": "1", "size": None}))
    assert ana.fields == {"code": "1"}

    after = await put(house, 1, fields={"code": "2", "size": "S"})
    assert after.fields == {"code": "2", "size": "S"}
    assert (await put(house, 2, vip=True)).fields == after.fields
    with pytest.raises(ManyInvalidError):
        await put(house, 3, fields={"code": "x", "size": "L"})
    with pytest.raises(ManyInvalidError):
        await house.add(replace(a_contact("bea"), fields={"size": "S"}))
    assert (await house.add(a_contact("cid"))).fields == {}


async def test_values_of_a_field_that_is_gone_stay_until_it_comes_back(house: House) -> None:
    size = await define(house, "size")
    await house.add(replace(a_contact("ana"), fields={"size": "S"}))
    await house.db.run(fields.remove, field_id=size.id, version=1, by=None, now=NOW)

    after = await put(house, 1, fields={"size": "L"}, vip=True)
    assert after.fields == {"size": "S"}
    await define(house, "size")
    assert (await put(house, 2, fields={"size": "L"})).fields == {"size": "L"}


async def test_values_are_kept_with_a_company(house: House) -> None:
    await define(house, "sector", entity="account")
    acme = await house.company("acme", "Acme", fields={"sector": "frío"})
    change = {"account_id": "acme", "region": REGION, "by": None, "now": at(1)}
    after = await house.db.run(accounts.change, version=1, changes={"tier": "gold"}, **change)
    assert (acme.fields, after.fields) == ({"sector": "frío"}, {"sector": "frío"})
    with pytest.raises(ManyInvalidError):
        await house.db.run(accounts.change, version=2, changes={"fields": {"size": "L"}}, **change)


async def test_who_has_a_tag_is_found_by_it(house: House) -> None:
    ana = await house.add(replace(a_contact("ana"), tags=("Avería", "averia", "Norte")))
    await house.add(replace(a_contact("bea", "Bea"), tags=("norte",)))
    await house.company("acme", "Acme", tags=("Norte",))

    assert ana.tags == ("Avería", "Norte")
    assert await house.found("#NORTE") == ["ana", "bea"]
    assert [one.id for one in await house.db.read(accounts.find, q="#norte", limit=9)] == ["acme"]
    after = await put(house, 1, tags=("Sur",))
    assert after.tags == ("Sur",)
    assert await house.found("#norte") == ["bea"]
    assert await house.found("#avería") == []
    assert await house.found("#") == []
    change = {"account_id": "acme", "region": REGION, "by": None, "now": at(1)}
    await house.db.run(accounts.change, version=1, changes={"tags": ()}, **change)
    assert await house.db.read(accounts.find, q="#norte", limit=9) == []


async def test_a_text_that_is_longer_when_folded_is_kept_and_found(house: House) -> None:
    long = "\ufdfa" * 40  # one sign in writing, eighteen as it is looked for
    address = f"{long}@example.com"
    await house.add(
        replace(a_contact("ana"), tags=(long, f"{long}!"), emails=(Email(id="e", address=address),))
    )
    await house.company("acme", "Acme", tags=(long,), tax_id=long)

    for asked in (f"#{long}", address):
        assert await house.found(asked) == ["ana"]
    for asked in (f"#{long}", long):
        assert [one.id for one in await house.db.read(accounts.find, q=asked, limit=9)] == ["acme"]


async def own(house: House, key: str, version: int, **fields: Any) -> Any:
    change = {"changes": {"fields": fields}, "by": "eva", "now": at(version)}
    return await house.db.run(incidents.change, incident_id=key, version=version, **change)


async def test_values_are_kept_with_an_incident_and_told_in_its_history(house: House) -> None:
    await define(house, "error", entity="incident", regex=r"E-\d\d")
    await define(house, "visits", entity="incident", type="number")
    one = await house.incident(fields={"error": "E-07", "visits": None})
    assert one.fields == {"error": "E-07"}
    assert (await house.incident("k2")).fields == {}
    with pytest.raises(ManyInvalidError):
        await house.incident("k3", fields={"error": "x"})
    with pytest.raises(ManyInvalidError):
        await own(house, one.id, 1, error="E-7", colour="red")
    after = await own(house, one.id, 1, visits=2)
    assert (after.fields, after.version) == ({"error": "E-07", "visits": 2}, 2)
    assert await own(house, one.id, 2, error="E-07", visits=2) == after
    (entry,) = await house.db.read(incident_lists.entries, incident_id=one.id, limit=9)
    assert entry.changes == {"fields": [{}, {"visits": 2}]}
    undone = await house.db.run(incidents.undo, incident_id=one.id, version=2, by="eva", now=at(3))
    assert (undone.fields, undone.version) == ({"error": "E-07"}, 3)
    assert await house.db.read(incidents.get, incident_id=one.id) == undone


async def test_who_is_erased_leaves_no_text_in_an_incident_s_fields(house: House) -> None:
    await define(house, "serial", entity="incident")
    await define(house, "birth", entity="incident", type="date", pii=True)
    await define(house, "visits", entity="incident", type="number")
    gone = await define(house, "old", entity="incident")
    await house.add(a_contact("ana"))
    given = {"serial": "of Ana", "birth": "1980-01-02", "visits": 2, "old": "Ana's"}
    one = await house.incident(contact_id="ana", fields=given)
    await house.db.run(fields.remove, field_id=gone.id, version=1, by=None, now=NOW)
    await erase(house, "ana")
    assert (await house.db.read(incidents.get, incident_id=one.id)).fields == {"visits": 2}
