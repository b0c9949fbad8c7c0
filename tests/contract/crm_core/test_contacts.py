"""Contacts: kept, found, changed; and the calls that find their customer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from contract.crm_core.kit import NOW, REGION, House, a_call, a_contact, at

from crm_core.db import contact_words
from crm_core.db import contacts as db_contacts
from crm_core.domain.contacts import Phone
from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import CallsRelabelled, ContactCreated, ContactUpdated
from crm_core.services import contacts

ANA = a_contact("ana", "Íñigo", "Ruiz Peña", numbers=["957 21 20 00", "hola 123"], company="Acmé S.L.")


async def test_a_contact_is_kept_as_it_was_given_and_read(house: House) -> None:
    kept = await house.add(
        a_contact(
            "ana",
            "Íñigo",
            "Ruiz Peña",
            numbers=["957 21 20 00#12", "612 345 678"],
            company="Acmé S.L.",
            emails=["Inigo@Example.org"],
            language="es-ES",
            vip=True,
            note="Se oye mal.",
        )
    )

    assert await house.db.read(contacts.get, contact_id="ana") == kept
    assert [(phone.e164, phone.ext) for phone in kept.phones] == [
        ("+34957212000", "12"),
        ("+34612345678", None),
    ]
    assert (kept.name, kept.company, kept.vip, kept.version) == ("Íñigo Ruiz Peña", "Acmé S.L.", True, 1)
    assert house.heard == [ContactCreated(at=NOW, by="eva", contact_id="ana")]


async def test_two_people_of_one_company_share_it_whatever_its_spelling(house: House) -> None:
    one = await house.add(a_contact("one", company="Acmé  S.L."))
    other = await house.add(a_contact("other", company="ACME s.l."))

    assert (one.account_id, one.company) == (other.account_id, other.company)
    assert one.company == "Acmé S.L."


async def test_somebody_without_a_name_goes_by_the_company(house: House) -> None:
    assert (await house.add(a_contact("shop", "", "", company="Acme"))).name == "Acme"


async def test_the_same_number_is_kept_once(house: House) -> None:
    kept = await house.add(a_contact("ana", numbers=["957212000", "+34 957 21 20 00", "957212000#1"]))

    assert [(phone.e164, phone.ext) for phone in kept.phones] == [
        ("+34957212000", None),
        ("+34957212000", "1"),
    ]


async def test_what_cannot_be_kept_is_told_and_nothing_is(house: House) -> None:
    with pytest.raises(InvalidError, match=r"phones\.1\.raw"):
        await house.add(a_contact("ana", numbers=["957212000", "oculto"]))
    with pytest.raises(InvalidError, match="a name or a company"):
        await house.add(a_contact("ana", "", " "))
    with pytest.raises(InvalidError, match="phones: at most 20"):
        await house.add(a_contact("ana", numbers=[f"9572120{n:02}" for n in range(21)]))
    with pytest.raises(NotFoundError):
        await house.db.read(contacts.get, contact_id="ana")
    assert house.heard == []


async def test_an_id_is_given_once(house: House) -> None:
    await house.add(a_contact("ana"))

    with pytest.raises(AlreadyExistsError):
        await house.add(a_contact("ana"))


@pytest.mark.parametrize(
    ("q", "found"),
    [
        pytest.param("", ["acme", "bea", "ana"], id="everybody by folded name"),
        pytest.param("inig", ["ana"], id="a word's beginning, without accents"),
        pytest.param("PEÑA íñigo", ["ana"], id="words in any order and case"),
        pytest.param("ruiz", ["bea", "ana"], id="several"),
        pytest.param("acm", ["acme", "ana"], id="a company"),
        pytest.param("acm pen", ["ana"], id="company and name"),
        pytest.param("uiz", [], id="not the middle of a word"),
        pytest.param("957 21 20 00", ["ana"], id="a number"),
        pytest.param("+34957212000", ["ana"], id="a number in full"),
        pytest.param("0034 957-212-000", ["ana"], id="a number from abroad"),
        pytest.param("9572", ["ana"], id="how a number begins"),
        pytest.param("34957", ["ana"], id="how a number begins in full"),
        pytest.param("612345", ["bea"], id="how a mobile begins"),
        pytest.param("0957313000999", ["acme"], id="a number that could not be read"),
        pytest.param("BEA@ex", ["bea"], id="how an address begins"),
        pytest.param("@example.org", [], id="not how it ends"),
        pytest.param("nobody", [], id="nobody"),
        pytest.param("12", [], id="too few digits are a word"),
        pytest.param("%", [], id="no wildcards"),
        pytest.param("'; DROP TABLE contact; --", [], id="hostile"),
    ],
)
async def test_contacts_are_found(house: House, q: str, found: list[str]) -> None:
    await house.add(a_contact("ana", "Íñigo", "Ruiz Peña", numbers=["957 21 20 00"], company="Acmé S.L."))
    await house.add(a_contact("bea", "Bea", "Ruiz", numbers=["+34612345678"], emails=["Bea@Example.org"]))
    await house.add(a_contact("acme", "", "", company="Acme", numbers=["0957313000999"]))

    assert await house.found(q) == found


@pytest.mark.parametrize(
    ("soon", "few", "many"),
    [
        pytest.param(1_000, 8, 60_000, id="sorted"),
        pytest.param(1, 8, 60_000, id="along each word"),
        pytest.param(1, 0, 2, id="along all names"),
    ],
)
async def test_of_words_that_many_have_a_page_is_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch, soon: int, few: int, many: int
) -> None:
    monkeypatch.setattr(db_contacts, "MANY", many)
    monkeypatch.setattr(contact_words, "SOON", soon)
    monkeypatch.setattr(contact_words, "FEW", few)
    monkeypatch.setattr(contact_words, "MANY", many)
    for n in range(6):
        await house.add(a_contact(f"c{n}", f"Ana {5 - n}", "Ruiz", numbers=[f"95721200{n}"]))
    await house.add(a_contact("bea", "Bea", "Ruiz"))

    assert await house.found("ruiz", limit=3) == ["c5", "c4", "c3"]
    assert await house.found("ruiz ana", limit=3, after=("ana 2 ruiz", "c3")) == ["c2", "c1", "c0"]
    assert await house.found("ruiz bea") == ["bea"]
    assert await house.found("957", limit=2) == ["c5", "c4"]
    await house.add(a_contact("mar", "Maria Mar", "Marin"))
    await house.add(a_contact("marta", "Marta", "Ruiz"))
    assert await house.found("mar") == ["mar", "marta"]
    assert await house.found("mar", after=("maria mar marin", "mar")) == ["marta"]
    assert await house.found("r mar") == ["marta"]
    assert await house.found("mari mar", limit=1) == ["mar"]
    assert await house.found("mar 1") == []


async def test_who_has_another_name_has_another_place_among_those_with_a_word(house: House) -> None:
    await house.add(a_contact("ana", "Ana", "Ruiz"))
    await house.add(a_contact("bea", "Bea", "Ruiz"))

    await house.db.run(
        contacts.change, contact_id="ana", version=1, changes={"given": "Zoe"}, by=None, now=at(1)
    )

    assert await house.found("ruiz") == ["bea", "ana"]
    assert await house.found("ruiz", after=("bea ruiz", "bea")) == ["ana"]


@pytest.mark.parametrize("q", ["", "ruiz"])
async def test_a_list_goes_on_where_the_page_ended(house: House, q: str) -> None:
    for key in ("a", "b", "c", "d"):
        await house.add(a_contact(key, "Ana" if key in "bc" else "Bea", "Ruiz"))

    assert await house.found(q, limit=2) == ["b", "c"]
    assert await house.found(q, limit=2, after=("ana ruiz", "b")) == ["c", "a"]
    assert await house.found(q, limit=2, after=("bea ruiz", "a")) == ["d"]


async def test_a_contact_is_changed(house: House) -> None:
    await house.add(a_contact("ana", company="Acme", numbers=["957212000"], emails=["a@example.org"]))

    after = await house.db.run(
        contacts.change,
        contact_id="ana",
        version=1,
        changes={"family": "Gil", "company": "Zeta", "vip": True, "note": "x", "language": "en"},
        by="eva",
        now=at(9),
    )

    assert after == await house.db.read(contacts.get, contact_id="ana")
    assert (after.name, after.company, after.vip, after.note, after.language) == (
        "Ana Gil",
        "Zeta",
        True,
        "x",
        "en",
    )
    assert (after.version, after.updated_at, after.created_at) == (2, at(9), NOW)
    assert [phone.e164 for phone in after.phones] == ["+34957212000"]
    assert await house.found("ruiz") == await house.found("acme") == []
    assert await house.found("gil zet") == ["ana"]
    assert house.heard[-1] == ContactUpdated(at=at(9), by="eva", contact_id="ana", version=2)


async def test_a_contact_leaves_a_company(house: House) -> None:
    await house.add(a_contact("ana", company="Acme"))

    after = await house.db.run(
        contacts.change, contact_id="ana", version=1, changes={"company": None}, by=None, now=at(1)
    )

    assert (after.company, after.account_id) == (None, None)
    assert await house.found("acme") == []


async def test_a_change_of_nothing_is_none(house: House) -> None:
    kept = await house.add(a_contact("ana", company="Acme"))

    same = await house.db.run(
        contacts.change, contact_id="ana", version=1, changes={"company": "ACME"}, by=None, now=at(1)
    )

    assert same == kept
    assert len(house.heard) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"version": 7}, "version"),
        ({"id": "x"}, "id"),
        ({"vip": None}, "vip"),
        ({"given": None}, "given"),
        ({"given": "", "family": ""}, "company"),
    ],
)
async def test_some_changes_cannot_be(house: House, changes: dict[str, object], field: str) -> None:
    await house.add(a_contact("ana"))

    with pytest.raises(InvalidError) as told:
        await house.db.run(contacts.change, contact_id="ana", version=1, changes=changes, by=None, now=at(1))
    assert told.value.field == field


async def test_who_was_slower_gets_the_newer_contact(house: House) -> None:
    await house.add(a_contact("ana"))
    newer = await house.db.run(
        contacts.change, contact_id="ana", version=1, changes={"vip": True}, by=None, now=at(1)
    )

    with pytest.raises(VersionConflictError) as told:
        await house.db.run(
            contacts.change, contact_id="ana", version=1, changes={"note": "x"}, by=None, now=at(2)
        )
    assert told.value.newer == newer


async def test_a_number_is_added_once(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212000"]))
    new = Phone(id="new", raw="612 345 678", label="mobile", is_primary=True)

    for _ in range(2):
        after = await house.db.run(
            contacts.add_phone, contact_id="ana", phone=new, region=REGION, by="eva", now=at(1)
        )

    assert [(phone.e164, phone.is_primary) for phone in after.phones] == [
        ("+34612345678", True),
        ("+34957212000", False),
    ]
    assert after.version == 2
    assert house.heard[1:] == [ContactUpdated(at=at(1), by="eva", contact_id="ana", version=2)]


async def test_there_is_one_primary_number(house: House) -> None:
    await house.add(a_contact("ana"))
    for key, raw in (("one", "612345678"), ("two", "612345679")):
        after = await house.db.run(
            contacts.add_phone,
            contact_id="ana",
            phone=Phone(id=key, raw=raw, is_primary=True),
            region=REGION,
            by=None,
            now=at(1),
        )

    assert [(phone.id, phone.is_primary) for phone in after.phones] == [("two", True), ("one", False)]


@pytest.mark.parametrize(("raw", "why"), [("oculto", "no number in it"), ("612345678", "at most 20")])
async def test_some_numbers_cannot_be_added(house: House, raw: str, why: str) -> None:
    await house.add(a_contact("ana", numbers=[f"9572120{n:02}" for n in range(20)]))

    with pytest.raises(InvalidError, match=f"raw: .*{why}"):
        await house.db.run(
            contacts.add_phone,
            contact_id="ana",
            phone=Phone(id="new", raw=raw),
            region=REGION,
            by=None,
            now=at(1),
        )


async def test_nobody_gets_no_number(house: House) -> None:
    with pytest.raises(NotFoundError):
        await house.db.run(
            contacts.add_phone,
            contact_id="ana",
            phone=Phone(id="new", raw="612345678"),
            region=REGION,
            by=None,
            now=at(1),
        )


async def test_a_contact_created_later_gets_past_calls(house: House) -> None:
    stranger, other = a_call(0), a_call(100, customer="+34612345678")
    await house.record(stranger, other)

    await house.add(a_contact("ana", numbers=["957212000"]), now=at(500))

    call = await house.call(stranger.id)
    assert (call.contact_id, call.match.kind, call.match.relabelled_at) == ("ana", "exact", at(500))
    assert call.version == stranger.version
    assert (await house.call(other.id)).contact_id is None
    told = CallsRelabelled(at=at(500), by="eva", contact_id="ana", calls=(stranger.id,))
    assert house.heard[-1] == told
    timeline = await house.db.read(contacts.timeline, contact_id="ana", limit=9)
    assert [(item.kind, item.at) for item in timeline] == [("call", NOW)]


async def test_a_number_added_later_does_the_same(house: House) -> None:
    await house.record(a_call(0))
    await house.add(a_contact("ana"))

    await house.db.run(
        contacts.add_phone,
        contact_id="ana",
        phone=Phone(id="new", raw="957212000"),
        region=REGION,
        by=None,
        now=at(500),
    )

    assert (await house.call(a_call(0).id)).contact_id == "ana"


async def test_who_shares_a_number_gets_its_calls_as_possible(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212000"], company="Acme"))
    await house.add(a_contact("bea", numbers=["957212000"], company="Acme"))
    await house.record(a_call(0))
    await house.add(a_contact("eva", numbers=["957212000"], company="Acme"))

    call = await house.call(a_call(0).id)
    assert call.contact_id is None
    assert {one.contact_id for one in call.match.candidates} == {"ana", "bea", "eva"}
    for key in ("ana", "bea", "eva"):
        timeline = await house.db.read(contacts.timeline, contact_id=key, limit=9)
        assert [(item.kind, item.call and item.call.id) for item in timeline] == [("possible_call", call.id)]


async def test_a_call_that_has_its_customer_stays_his(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212000"]))
    await house.record(a_call(0))  # labelled as it is recorded
    await house.add(a_contact("bea", numbers=["957212000"]))

    assert (await house.call(a_call(0).id)).contact_id == "ana"
    assert await house.db.read(contacts.timeline, contact_id="bea", limit=9) == []


async def test_another_spelling_of_the_number_makes_calls_possible(house: House) -> None:
    await house.record(a_call(0, customer="+5215512345678"))
    await house.add(a_contact("ana", numbers=["+525512345678"]))

    call = await house.call(a_call(0).id)
    assert (call.contact_id, call.match.kind) == (None, "equated")
    timeline = await house.db.read(contacts.timeline, contact_id="ana", limit=9)
    assert [item.kind for item in timeline] == ["possible_call"]


async def test_a_timeline_tells_all_newest_first_and_goes_on(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212000"]))
    await house.record(a_call(0), a_call(200))
    await house.incident("k", contact_id="ana", now=at(100))

    whole = await house.db.read(contacts.timeline, contact_id="ana", limit=9)

    assert [(item.kind, item.at) for item in whole] == [
        ("call", at(200)),
        ("incident", at(100)),
        ("call", at(0)),
    ]
    assert [bool(item.call) for item in whole] == [True, False, True]
    first = await house.db.read(contacts.timeline, contact_id="ana", limit=2)
    incident = first[1].incident
    assert incident is not None
    rest = await house.db.read(
        contacts.timeline, contact_id="ana", limit=2, before=(first[1].at, incident.id)
    )
    assert first + rest == whole


async def test_nobody_has_no_timeline(house: House) -> None:
    with pytest.raises(NotFoundError):
        await house.db.read(contacts.timeline, contact_id="ana", limit=9)


async def test_a_list_of_contacts_is_loaded_at_once_and_quietly(house: House) -> None:
    await house.record(a_call(0))
    many = [
        a_contact(f"c{n}", f"Ana {n}", numbers=[f"9572120{n:02}"], company=f"Acme x{n % 3}")
        for n in range(50)
    ]

    loaded = await house.db.run(contacts.add_many, contacts=many, region=REGION, now=NOW)

    assert loaded == 50
    assert house.heard == []
    assert await house.found("957212007") == ["c7"]
    assert len(await house.found("acme x2")) == 16
    assert (await house.call(a_call(0).id)).contact_id is None


async def test_a_list_with_a_bad_line_is_not_loaded(house: House) -> None:
    with pytest.raises(InvalidError):
        await house.db.run(
            contacts.add_many, contacts=[a_contact("a"), a_contact("b", "", "")], region=REGION, now=NOW
        )
    assert await house.found("") == []


async def test_hundreds_of_past_calls_are_labelled(house: House) -> None:
    await house.record(*(a_call(n) for n in range(600)))

    await house.add(a_contact("ana", numbers=["957212000"]))

    told = [event for event in house.heard if isinstance(event, CallsRelabelled)]
    assert sum(len(event.calls) for event in told) == 600
    assert all(len(event.calls) <= 500 for event in told)
    timeline = await house.db.read(contacts.timeline, contact_id="ana", limit=2)
    assert [item.at - NOW for item in timeline] == [timedelta(seconds=599), timedelta(seconds=598)]
