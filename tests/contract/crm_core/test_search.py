"""Looking for anything: who is found by what, in which order, and no longer when he is another or gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from contract.crm_core.kit import NOW, REGION, House, a_contact, at
from sqlalchemy import text

from crm_core.domain.contacts import Phone
from crm_core.domain.errors import VersionConflictError
from crm_core.domain.found import KINDS, FoundContact, FoundIncident, Kind
from crm_core.ports import UnitOfWork
from crm_core.services import contacts, incident_notes, incidents, search


async def found(house: House, q: str, *kinds: Kind, limit: int = 9) -> list[str]:
    groups = await house.db.read(search.everywhere, q=q, kinds=kinds or KINDS, limit=limit, region=REGION)
    return [one.id for group in groups for one in group.items]


async def shop(house: House) -> None:
    """María of the Guadalquivir, Íñigo in London, and a Gonzales; the shop itself has a line."""
    await house.company("firm", "Hostelería Guadalquivir, S.L.", lines=["957 21 20 00"])
    await house.add(
        a_contact(
            "maria",
            "María del Carmen",
            "Fernández Villaverde",
            company="Hostelería Guadalquivir, S.L.",
            numbers=["957 21 20 11"],
            emails=["mcarmen@guadal.example"],
        )
    )
    await house.add(a_contact("inigo", "Íñigo", "Núñez", numbers=["+44 20 7946 0321"]))
    await house.add(a_contact("rosa", "Rosa", "Gonzales", numbers=["600 00 20 00"]))


@pytest.mark.parametrize(
    ("q", "ids"),
    [
        pytest.param("fernandez", ["maria"], id="a name"),
        pytest.param("FERNÁNDEZ maría", ["maria"], id="words in any order, case and accents"),
        pytest.param("villa car", ["maria"], id="beginnings"),
        pytest.param("nuñez", ["inigo"], id="n for ñ and ñ for n"),
        pytest.param("guadal", ["maria", "firm"], id="a company and its people"),
        pytest.param("guadal 957", ["maria", "firm"], id="a name and how a number begins"),
        pytest.param("957212000", ["firm"], id="a number"),
        pytest.param("0034 957 21 20 11", ["maria"], id="a number as dialled abroad"),
        pytest.param("2000", ["rosa", "firm"], id="how numbers end"),
        pytest.param("20 11", ["maria"], id="how one ends, with a blank"),
        pytest.param("+44 20 79", ["inigo"], id="how one begins, with its country"),
        pytest.param("mcarmen@guadal", ["maria"], id="an address"),
        pytest.param("gonzalez", ["rosa"], id="a slip"),
        pytest.param("rosa gnozales", ["rosa"], id="a slip beside a name"),
        pytest.param("hosteleria kiwi", [], id="one of two words"),
        pytest.param("zzz", [], id="nonsense"),
        pytest.param("", [], id="nothing"),
        pytest.param("* OR (", [], id="what an engine would understand"),
    ],
)
async def test_who_is_found(house: House, q: str, ids: Sequence[str]) -> None:
    await shop(house)

    assert sorted(await found(house, q)) == sorted(ids)


async def test_an_incident_is_found_by_its_number_its_words_and_its_customer(house: House) -> None:
    await shop(house)
    opened = await house.incident(contact_id="maria", subject="No enfría", description="Cámara frigorífica")

    for q in (opened.number, opened.number[4:], "enfria", "camara frigo", "guadal", "villaverde"):
        assert await found(house, q, "incident") == [opened.id], q
    assert await found(house, "inigo", "incident") == []


async def test_what_is_told_of_who_is_found(house: House) -> None:
    await shop(house)
    opened = await house.incident(contact_id="maria", subject="No enfría", description=None)

    people, _, told, *_ = await house.db.read(
        search.everywhere, q="guadal", kinds=KINDS, limit=9, region=REGION
    )

    assert people.items == (
        FoundContact(
            id="maria",
            name="María del Carmen Fernández Villaverde",
            company="Hostelería Guadalquivir, S.L.",
            number="+34957212011",
            vip=False,
        ),
    )
    assert told.items == (
        FoundIncident(
            id=opened.id,
            number=opened.number,
            subject="No enfría",
            state="new",
            priority=3,
            who="María del Carmen Fernández Villaverde",
        ),
    )


async def test_the_surest_come_first_and_of_these_who_came_last(house: House) -> None:
    for key, family in (("a", "Mar"), ("b", "Marin"), ("c", "Mar"), ("d", "Mas"), ("e", "Marina")):
        await house.add(a_contact(key, "Eva", family))

    assert await found(house, "eva mar") == ["c", "a", "e", "b"]
    assert await found(house, "ev mar") == ["e", "c", "b", "a"]
    assert await found(house, "eva mars") == []


async def test_a_slip_is_worth_less_than_a_beginning(house: House) -> None:
    for key, family in (("a", "Marin"), ("b", "Martin"), ("c", "Martinez")):
        await house.add(a_contact(key, "Eva", family))

    assert await found(house, "martin") == ["b", "c", "a"]


async def test_pages_of_one_kind_go_on_where_the_last_one_ended(house: House) -> None:
    for n in range(7):
        await house.add(a_contact(f"c{n}", "Eva", "Mar" if n % 2 else "Marin"))
    listed: list[str] = []
    after = None
    for _ in range(4):
        page = await house.db.read(
            search.of_kind, q="eva mar", kind="contact", after=after, limit=2, region=REGION
        )
        listed += [one.id for one in page.items]
        after = page.next
    assert listed == ["c5", "c3", "c1", "c6", "c4", "c2", "c0"]
    assert after is None


async def test_who_is_called_otherwise_is_found_by_that_alone(house: House) -> None:
    await shop(house)
    opened = await house.incident(contact_id="rosa", subject="Sin línea", description=None)

    await house.db.run(
        contacts.change, contact_id="rosa", version=1, changes={"family": "Quesada"}, by="eva", now=at(1)
    )

    assert await found(house, "quesada") == ["rosa", opened.id]
    assert await found(house, "gonzales") == []
    assert await house.db.read(lambda uow: uow.search.near("gonzalez")) == []


async def test_a_number_learnt_later_finds_him(house: House) -> None:
    await shop(house)

    await house.db.run(
        contacts.add_phone,
        contact_id="rosa",
        phone=Phone(id="p9", raw="951 00 77 66"),
        region=REGION,
        by="eva",
        now=at(1),
    )

    assert await found(house, "7766") == ["rosa"]


async def test_an_incident_is_found_by_what_it_is_called_now(house: House) -> None:
    opened = await house.incident(subject="No sound", description=None)

    await house.db.run(
        incidents.change,
        incident_id=opened.id,
        version=1,
        changes={"subject": "No light"},
        by="eva",
        now=at(1),
    )

    assert await found(house, "light") == [opened.id]
    assert await found(house, "sound") == []


async def test_an_incident_is_found_by_what_was_written_about_it(house: House) -> None:
    opened = await house.incident()

    await house.db.run(
        incident_notes.write,
        incident_id=opened.id,
        is_public=False,
        text="Compresor cambiado",
        by="eva",
        now=at(1),
    )

    assert await found(house, "compresor") == [opened.id]


async def test_what_is_not_kept_is_not_found(house: House) -> None:
    await shop(house)
    with pytest.raises(VersionConflictError):
        await house.db.run(_named_and_given_up)

    await house.add(a_contact("new", "Nadia", "Ferrer"))

    assert await found(house, "quesada") == []
    assert await found(house, "nadia") == ["new"]


def _named_and_given_up(uow: UnitOfWork) -> None:
    after = contacts.change(
        uow, contact_id="rosa", version=1, changes={"family": "Quesada"}, by="eva", now=NOW
    )
    raise VersionConflictError(after)


async def test_people_of_a_list_are_found(house: House) -> None:
    many: list[Any] = [a_contact(f"c{n}", "Ana", f"Ruiz{n}") for n in range(3)]
    await house.db.run(contacts.add_many, contacts=many, region=REGION, now=NOW)

    assert await found(house, "ana ruiz") == ["c2", "c1", "c0"]


async def test_of_who_is_gone_nothing_stays(house: House) -> None:
    await shop(house)

    await house.db.run(_taken_out)

    assert await found(house, "rosa") == []
    assert await house.db.read(_words_kept) == []


def _taken_out(uow: UnitOfWork) -> None:
    connection = uow.contacts._connection  # type: ignore[attr-defined]
    connection.exec_driver_sql("DELETE FROM phone WHERE contact_id = 'rosa'")
    connection.exec_driver_sql("DELETE FROM contact_word WHERE contact_id = 'rosa'")
    connection.exec_driver_sql("DELETE FROM contact WHERE id = 'rosa'")
    uow.search.touch("contact", ["rosa"])


def _words_kept(uow: UnitOfWork) -> list[str]:
    connection = uow.contacts._connection  # type: ignore[attr-defined]
    docs = connection.scalars(text("SELECT words FROM search_doc WHERE record_id = 'rosa'"))
    slips = connection.scalars(text("SELECT word FROM search_slip WHERE slip IN ('gonzales', 'onzales')"))
    return [*docs, *slips]
