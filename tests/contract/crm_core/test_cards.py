"""Who is calling: the card that pops, and what a dialplan is told."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import NOW, REGION, House, a_call, a_contact, at

from crm_core.domain.cards import CardAccount, CardContact, CardIncident, CardNote, CardPerson
from crm_core.domain.people import User
from crm_core.services import calls, contacts, incidents, lookup, users

NUMBER = "957 21 20 00"


async def who(house: House, number: str, *, id: str | None = None) -> lookup.Looked:  # noqa: A002
    found: lookup.Looked = await house.db.read(lookup.who, number=number, region=REGION, id=id)
    return found


async def test_a_known_caller_s_card_tells_all(house: House) -> None:
    await house.company("acme", "Acmé S.L.", tier="Oro")
    await house.add(
        a_contact("ana", numbers=[NUMBER], company="Acmé S.L.", language="es", vip=True, note="Llamar tarde.")
    )
    user = User(id="u", name="luis", full_name="Luis Gil", role="agent", agent="101")
    await house.db.run(users.add_user, user=user)
    await house.record(a_call(0))
    await house.db.run(
        calls.save_work,
        call_id=a_call(0).id,
        agent="101",
        notes="Espera pieza.",
        disposition=None,
        now=at(30),
    )
    opened = await house.incident(contact_id="ana", priority=2)

    card = await house.card(NUMBER)

    assert card.number == "+34957212000"
    assert card.contact == CardContact(
        id="ana", name="Ana Ruiz", language="es", vip=True, number="+34957212000"
    )
    assert card.account == CardAccount(id="acme", name="Acmé S.L.", tier="Oro")
    assert card.open_incidents == (
        CardIncident(
            id=opened.id, number="INC-10001", subject="No sound", state="new", priority=2, opened_at=NOW
        ),
    )
    (call,) = card.last_calls
    assert (call.id, call.duration_s, call.outcome, call.agent, call.queue) == (
        a_call(0).id,
        25.0,
        "answered",
        "Luis Gil",
        "sales",
    )
    assert [(s.kind, s.at, s.until) for s in call.segments] == [
        ("ring", at(0), at(5)),
        ("talk", at(5), at(25)),
    ]
    assert card.notes == (
        CardNote(text="Llamar tarde.", agent=None, at=NOW),
        CardNote(text="Espera pieza.", agent="Luis Gil", at=at(30)),
    )
    assert card.people == ()
    assert card.match.kind == "exact"
    assert card.title == "Acmé S.L."


async def test_a_card_holds_the_last_five_calls_and_the_five_most_urgent_incidents(house: House) -> None:
    await house.add(a_contact("ana", numbers=[NUMBER]))
    await house.record(*(a_call(100 * n) for n in range(7)))
    for n in range(7):
        await house.incident(f"k{n}", contact_id="ana", priority=5 - n % 3, now=at(n))
    for n in range(5):
        await house.db.run(
            calls.save_work,
            call_id=a_call(100 * n).id,
            agent="101",
            notes=f"n{n}",
            disposition=None,
            now=at(n),
        )

    card = await house.card(NUMBER)

    assert [call.started_at for call in card.last_calls] == [at(100 * n) for n in (6, 5, 4, 3, 2)]
    assert [(one.priority, one.opened_at) for one in card.open_incidents] == [
        (3, at(2)),
        (3, at(5)),
        (4, at(1)),
        (4, at(4)),
        (5, at(0)),
    ]
    assert [note.text for note in card.notes] == ["n4", "n3", "n2"]


async def test_an_incident_that_is_resolved_is_not_on_the_card(house: House) -> None:
    await house.add(a_contact("ana", numbers=[NUMBER]))
    opened = await house.incident(contact_id="ana")
    await house.db.run(
        incidents.change, incident_id=opened.id, version=1, changes={"state": "resolved"}, by=None, now=at(1)
    )

    card = await house.card(NUMBER)
    assert card.open_incidents == ()
    assert (await who(house, NUMBER)).open_incidents == 0


async def test_a_stranger_s_card_shows_the_calls_of_his_number(house: House) -> None:
    await house.record(a_call(0), a_call(100, customer="+34612345678"))

    card = await house.card(NUMBER)

    assert (card.number, card.contact, card.account, card.title) == ("+34957212000", None, None, None)
    assert [call.id for call in card.last_calls] == [a_call(0).id]
    assert card.match.kind == "none"


@pytest.mark.parametrize("number", [None, "", "anonymous", "112", "101", "sip:957212000@x", "*98"])
async def test_who_is_no_customer_has_an_empty_card(house: House, number: str | None) -> None:
    await house.add(a_contact("ana", numbers=[NUMBER, "101", "112", "sip:957212000@x"]))

    card = await house.card(number)

    assert (card.number, card.contact, card.people, card.match.kind) == (None, None, (), "none")


async def test_people_who_share_a_number_are_on_the_card_of_their_company(house: House) -> None:
    await house.company("acme", "Acme")
    for key, name in (("ana", "Ana"), ("bea", "Bea"), ("eva", "Eva")):
        await house.add(a_contact(key, name, "Gil", numbers=[NUMBER], company="Acme"))
    await house.incident(contact_id="bea")
    await house.record(a_call(0, contact_id="eva"))

    card = await house.card(NUMBER)

    assert (card.contact, card.account) == (None, CardAccount(id="acme", name="Acme"))
    assert card.people == (
        CardPerson(contact_id="bea", name="Bea Gil", company="Acme", why="open_incident"),
        CardPerson(contact_id="eva", name="Eva Gil", company="Acme", why="spoken"),
        CardPerson(contact_id="ana", name="Ana Gil", company="Acme", why="exact"),
    )
    assert [one.subject for one in card.open_incidents] == ["No sound"]
    found = await who(house, NUMBER)
    assert (found.match, found.contact_id, found.name, found.account) == ("exact", None, None, "Acme")


async def test_who_was_spoken_with_last_comes_first(house: House) -> None:
    for key in ("ana", "bea"):
        await house.add(a_contact(key, numbers=[NUMBER]))
    await house.record(a_call(0, contact_id="bea"), a_call(100, contact_id="ana"))
    await house.record(a_call(50, contact_id="ana"), a_call(200, contact_id="bea", outcome="abandoned"))

    assert [one.contact_id for one in (await house.card(NUMBER)).people] == ["ana", "bea"]


async def test_people_of_two_companies_have_none_in_common(house: House) -> None:
    await house.add(a_contact("ana", numbers=[NUMBER], company="Acme"))
    await house.add(a_contact("bea", numbers=[NUMBER], company="Zeta"))

    card = await house.card(NUMBER)
    assert (card.contact, card.account, len(card.people)) == (None, None, 2)


async def test_an_extension_tells_people_apart(house: House) -> None:
    await house.add(a_contact("ana", numbers=[f"{NUMBER}#12"]))
    await house.add(a_contact("bea", numbers=[f"{NUMBER}#13"]))

    card = await house.card(f"{NUMBER}#13")
    assert card.contact is not None
    assert card.contact.id == "bea"
    assert len((await house.card(NUMBER)).people) == 2
    assert len((await house.card(f"{NUMBER}#99")).people) == 2


async def test_a_company_s_own_line_attaches_the_company(house: House) -> None:
    await house.company("acme", "Acme", tier="Oro", lines=[NUMBER])
    await house.incident("other")
    await house.add(a_contact("ana", company="Acme"))
    await house.incident("ours", contact_id="ana", subject="Late")

    card = await house.card(NUMBER)

    assert (card.contact, card.account) == (None, CardAccount(id="acme", name="Acme", tier="Oro"))
    assert (card.people, card.match.kind) == ((), "exact")
    assert [one.subject for one in card.open_incidents] == ["Late"]
    found = await who(house, NUMBER)
    assert (found.account, found.tier, found.name, found.open_incidents) == ("Acme", "Oro", None, 1)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+34957212000", "range"),
        ("+34957212050", "range"),
        ("+34957212099", "range"),
        ("+34957212100", "none"),
        ("+34957211999", "none"),
        ("+3495721205", "none"),
    ],
)
async def test_a_company_s_range_makes_it_a_candidate_only(house: House, number: str, kind: str) -> None:
    await house.company("acme", "Acme", ranges=[("+34957212000", "+34957212099")])

    card = await house.card(number)

    assert (card.match.kind, card.account) == (kind, None)
    assert [one.account_id for one in card.match.candidates] == (["acme"] if kind == "range" else [])


@pytest.mark.parametrize(
    ("kept", "called", "kind"),
    [
        pytest.param("+34957212000", "957212000", "exact", id="exact"),
        pytest.param("+525512345678", "+5215512345678", "exact", id="Mexico's 1 is read away"),
        pytest.param("+541123456789", "+5491123456789", "equated", id="Argentina's 9"),
        pytest.param("+5491123456789", "+541123456789", "equated", id="Argentina's 9 the other way"),
        pytest.param("00957212000", "957212000", "national", id="kept unread, ends with the number"),
        pytest.param("+34957212000", "00957212000", "national", id="delivered unread"),
        pytest.param("+34957212000", "57212000", "national", id="delivered cut, eight digits"),
        pytest.param("+34957212000", "7212000", "none", id="delivered cut, seven digits"),
        pytest.param("+34957212000", "+34857212000", "none", id="read in full, eight digits agree"),
        pytest.param("+19212345678", "+351212345678", "none", id="both read in full, of two countries"),
        pytest.param("+34957212000", "1234567957212000", "national", id="delivered with a prefix"),
        pytest.param("99157212000", "957212000", "none", id="the last eight agree, the whole does not"),
    ],
)
async def test_how_sure_a_match_is(house: House, kept: str, called: str, kind: str) -> None:
    await house.add(a_contact("ana", numbers=[kept]))

    found = await who(house, called)

    assert (found.match, found.contact_id) == (kind, "ana" if kind == "exact" else None)


async def test_a_surer_match_hides_the_guesses(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212000"]))
    await house.add(a_contact("bea", numbers=["00957212000"]))

    card = await house.card("957212000")
    assert [one.contact_id for one in card.match.candidates] == ["ana"]


async def test_a_person_comes_once_by_many_numbers(house: House) -> None:
    await house.add(a_contact("ana", numbers=["+541123456789", "+5491123456789"]))

    card = await house.card("+541123456789")
    assert [(one.contact_id, one.kind) for one in card.match.candidates] == [("ana", "exact")]


async def test_who_names_himself_counts_more_than_the_number(house: House) -> None:
    key = "01a218a3-836c-78a4-a300-f44660122d57"
    await house.add(a_contact(key, "Bea", "Gil"))
    await house.add(a_contact("ana", numbers=[NUMBER]))
    opened = await house.incident(contact_id=key)

    card = await house.card(NUMBER, contact_id=key)

    assert card.contact is not None
    assert (card.contact.id, card.contact.number, card.match.kind) == (key, "+34957212000", "ivr_id")
    assert [one.contact_id for one in card.match.candidates] == [key, "ana"]
    for named in (key, opened.number, opened.number.removeprefix("INC-")):
        assert (await who(house, NUMBER, id=named)).contact_id == key
        assert (await who(house, "anonymous", id=named)).match == "ivr_id"
    for named in ("99999", "INC-1", "x", "", None):
        assert (await who(house, NUMBER, id=named)).contact_id == "ana"


async def test_a_known_caller_is_told_to_the_dialplan(house: House) -> None:
    await house.company("acme", "Acme", tier="Oro")
    await house.add(a_contact("ana", numbers=[NUMBER], company="Acme", language="en", vip=True))
    await house.incident(contact_id="ana")

    assert await who(house, NUMBER) == lookup.Looked(
        match="exact",
        contact_id="ana",
        name="Ana Ruiz",
        account="Acme",
        language="en",
        vip=True,
        tier="Oro",
        open_incidents=1,
    )
    assert await who(house, "anonymous") == lookup.Looked(match="none")


async def test_a_parent_company_s_people_come_first(house: House) -> None:
    await house.company("head", "Head")
    await house.company("branch", "Branch", parent_id="head")
    await house.add(a_contact("ana", numbers=[NUMBER], company="Branch"))
    await house.add(a_contact("bea", numbers=[NUMBER], company="Head"))

    assert [one.contact_id for one in (await house.card(NUMBER)).people] == ["bea", "ana"]


async def test_twenty_people_of_a_number_are_enough(house: House) -> None:
    many: list[Any] = [a_contact(f"c{n:02}", numbers=[NUMBER]) for n in range(25)]
    await house.db.run(contacts.add_many, contacts=many, region=REGION, now=NOW)

    assert len((await house.card(NUMBER)).people) == 20
