"""An incident of who has a contract is promised what its agreement says, on every database.

Calendars are always open, so that every due time is the opening (24 November 2026, 16:00 UTC) plus the span.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from contract.crm_core.kit import NOW, House, a_contact, at
from contract.crm_core.test_equipment import asset, contract, product
from contract.crm_core.test_service_levels import HOUR, calendar, change, policy

from crm_core.domain.errors import InvalidError
from crm_core.domain.incidents import Incident, PromisedBy
from crm_core.domain.service_levels import Policy
from crm_core.services import equipment, incident_lists, incidents, service_levels

YESTERDAY, TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)


async def line(house: House) -> str:
    fields = {"kind": "product_line", "name_es": "Frío", "name_en": "Cold"}
    made = await house.db.run(service_levels.add_choice, fields=fields, by="eva", now=NOW)
    return str(made.id)


async def gold(house: House, name: str = "Gold", **more: Any) -> Policy:
    return await policy(house, name, **{"by_contract": True, "respond_s": None, "resolve_s": HOUR} | more)


@pytest.fixture
async def shop(house: House) -> House:
    """Ana and Leo of Acme, Bea of nobody; Ana has the piece a; everybody is promised 4 h."""
    await house.company("acme", "Acme")
    await house.add(a_contact("ana", company="Acme"))
    await house.add(a_contact("leo", "Leo", "Gil", company="Acme"))
    await house.add(a_contact("bea", "Bea", "Sanz"))
    await product(house)
    await asset(house)
    await policy(house, "All")
    return house


def hours(one: Incident) -> float | None:
    """Return how many hours after it was opened *one* is to be resolved."""
    return (one.resolve_by - one.opened_at).total_seconds() / HOUR if one.resolve_by else None


async def test_a_contract_s_agreement_is_promised_and_recorded(shop: House) -> None:
    one = await gold(shop, "A first by name")
    owed = await contract(shop, policy_id=one.id)

    opened = await shop.incident("1", contact_id="ana")
    assert (opened.resolve_by, opened.respond_by, opened.policy_id) == (at(HOUR), None, one.id)
    assert opened.promised_by == PromisedBy(contract_id=owed.id, policy_id=one.id, through="contact")
    assert await shop.db.read(incidents.get, incident_id=opened.id) == opened

    others = await shop.incident("2", contact_id="bea")
    assert (others.resolve_by, others.promised_by) == (at(4 * HOUR), None)
    assert (await shop.incident("3")).resolve_by == at(4 * HOUR)


async def test_the_nearest_contract_holds(shop: House) -> None:
    """The piece's before its line's before the contact's before the company's before a colleague's."""
    cold = await line(shop)
    await product(shop, "q", product_line_id=cold)
    await asset(shop, "b", "B1", product_id="q")
    await asset(shop, "c", "C1", product_id="q")
    spans = {"company": 3.5, "colleague": 3, "contact": 2.5, "line": 2, "piece": 1}
    named = {name: (await gold(shop, name, resolve_s=int(n * HOUR))).id for name, n in spans.items()}
    of_acme: dict[str, Any] = {"contact_id": None, "account_id": "acme"}
    await contract(shop, "c1", policy_id=named["colleague"], contact_id="leo")
    assert hours(await shop.incident("1", contact_id="ana")) == 3
    await contract(shop, "c2", policy_id=named["company"], **of_acme)
    assert hours(await shop.incident("2", contact_id="ana")) == 3.5
    await contract(shop, "c3", policy_id=named["contact"])
    await contract(shop, "c4", policy_id=named["line"], product_line_id=cold, **of_acme)
    await contract(shop, "c5", policy_id=named["piece"], asset_ids=("b",), **of_acme)

    told = {
        "all": await shop.incident("3", contact_id="ana"),
        "other piece": await shop.incident("4", contact_id="ana", asset_id="a"),
        "line": await shop.incident("5", contact_id="ana", asset_id="c"),
        "piece": await shop.incident("6", contact_id="ana", asset_id="b"),
        "line alone": await shop.incident("7", contact_id="ana", product_line_id=cold),
        "company": await shop.incident("8", contact_id="leo", asset_id="b"),
        "nobody's": await shop.incident("9", asset_id="b"),
    }
    assert {name: hours(one) for name, one in told.items()} == {
        "all": 2.5,
        "other piece": 2.5,
        "line": 2,
        "piece": 1,
        "line alone": 2.5,
        "company": 1,
        "nobody's": 1,
    }
    assert {name: one.promised_by.through for name, one in told.items() if one.promised_by} == {
        "all": "contact",
        "other piece": "contact",
        "line": "asset",
        "piece": "asset",
        "line alone": "contact",
        "company": "asset",
        "nobody's": "asset",
    }


async def test_a_contract_for_a_line_entitles_what_names_the_line(shop: House) -> None:
    cold = await line(shop)
    await contract(shop, policy_id=(await gold(shop)).id, product_line_id=cold)

    assert hours(await shop.incident("1", contact_id="ana", product_line_id=cold)) == 1
    assert hours(await shop.incident("2", contact_id="ana")) == 4
    assert hours(await shop.incident("3", contact_id="ana", product_line_id=cold, asset_id="a")) == 4


@pytest.mark.parametrize(
    ("begins_on", "ends_on", "expected"),
    [
        pytest.param(date(2026, 1, 1), None, 1, id="without an end"),
        pytest.param(date(2026, 1, 1), TODAY, 1, id="on its last day"),
        pytest.param(TODAY, TOMORROW, 1, id="on its first day"),
        pytest.param(date(2026, 1, 1), YESTERDAY, 4, id="it ended"),
        pytest.param(TOMORROW, None, 4, id="it has not begun"),
    ],
)
async def test_the_day_of_opening_counts(
    shop: House, begins_on: date, ends_on: date | None, expected: float
) -> None:
    await contract(shop, policy_id=(await gold(shop)).id, begins_on=begins_on, ends_on=ends_on)

    assert hours(await shop.incident(contact_id="ana")) == expected


async def test_the_day_is_that_of_the_agreement_s_calendar(shop: House) -> None:
    """23:30 UTC on the 24th is 00:30 on the 25th in Madrid: the contract of the 24th is over."""
    await contract(shop, policy_id=(await gold(shop)).id, ends_on=TODAY)
    last = datetime(2026, 11, 24, 22, 59, tzinfo=UTC)
    assert hours(await shop.incident("1", contact_id="ana", now=last)) == 1
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert hours(await shop.incident("2", contact_id="ana", now=late)) == 4
    azores = await calendar(shop, name="Azores", zone="Atlantic/Azores")
    westward = await gold(shop, "Azores", calendar_id=azores.id, resolve_s=2 * HOUR)
    await contract(shop, "w", policy_id=westward.id, ends_on=TODAY)
    assert hours(await shop.incident("3", contact_id="ana", now=late)) == 2


async def test_another_priority_stays_within_the_agreement(shop: House) -> None:
    """Held from 0:30 to 1:30: an hour more. Gold says 1 h, its critical part 30 min; all others have 4 h."""
    whole = await gold(shop)
    urgent = await policy(
        shop, "Gold, critical", part_of=whole.id, priority=1, respond_s=None, resolve_s=HOUR // 2
    )
    await policy(shop, "Critical", priority=1, resolve_s=2 * HOUR)
    owed = await contract(shop, policy_id=whole.id)
    opened = await shop.incident(contact_id="ana")
    held = await change(shop, opened, 0.25, state="pending")
    working = await change(shop, held, 1.25, state="in_progress")
    await shop.db.run(
        equipment.change_contract,
        contract_id=owed.id,
        version=1,
        changes={"ends_on": date(2026, 1, 2)},
        by="eva",
        now=at(1),
    )
    critical = await change(shop, working, 1.3, impact=1, urgency=1)

    assert (critical.policy_id, critical.resolve_by) == (urgent.id, at(1.5 * HOUR))
    assert critical.promised_by == opened.promised_by
    (entry, *_) = await shop.db.read(incident_lists.entries, incident_id=opened.id, limit=9)
    assert (entry.changes["priority"], entry.changes["policy_id"]) == ([3, 1], [whole.id, urgent.id])
    back = await shop.db.run(
        incidents.undo, incident_id=opened.id, version=critical.version, by="u1", now=at(1.3 * HOUR)
    )
    assert (back.policy_id, back.resolve_by, back.promised_by) == (whole.id, at(2 * HOUR), opened.promised_by)
    assert hours(await shop.incident("later", contact_id="ana", priority=1)) == 2  # the contract ended


async def test_what_an_agreement_does_not_say_is_promised_as_to_all(shop: House) -> None:
    owed = await contract(shop, policy_id=(await gold(shop, kind="incident")).id)

    asked = await shop.incident("1", contact_id="ana", kind="question")
    assert (hours(asked), asked.promised_by) == (4, None)
    opened = await shop.incident("2", contact_id="ana")
    question = await change(shop, opened, 0.1, kind="question")
    assert (hours(question), question.promised_by) == (4, opened.promised_by)
    again = await change(shop, question, 0.2, kind="incident")
    assert (hours(again), again.promised_by and again.promised_by.contract_id) == (1, owed.id)


async def test_the_piece_that_is_named_later_entitles(shop: House) -> None:
    await contract(shop, policy_id=(await gold(shop)).id, asset_ids=("a",))
    opened = await shop.incident(contact_id="ana")
    assert (hours(opened), opened.promised_by) == (4, None)

    named = await change(shop, opened, 0.5, asset_id="a")
    assert (hours(named), named.promised_by and named.promised_by.through) == (1, "asset")
    assert hours(await change(shop, named, 0.6, asset_id=None)) == 4


async def test_what_does_not_entitle_leaves_the_promise_as_it_was(shop: House) -> None:
    opened = await shop.incident(contact_id="ana")
    (known,) = await shop.db.read(service_levels.policies)
    await shop.db.run(
        service_levels.change_policy,
        policy_id=known.id,
        version=1,
        changes={"is_active": False},
        by="eva",
        now=NOW,
    )

    named = await change(shop, opened, 0.5, asset_id="a")
    assert (named.policy_id, named.resolve_by) == (known.id, at(4 * HOUR))


async def test_a_switched_off_agreement_promises_nothing_more(shop: House) -> None:
    one = await gold(shop)
    await policy(shop, "Part", part_of=one.id, priority=1, resolve_s=HOUR // 2)
    await contract(shop, policy_id=one.id)
    urgent = await shop.incident("0", contact_id="ana", priority=1)
    assert hours(urgent) == 0.5
    off: dict[str, Any] = {"policy_id": one.id, "version": 1, "changes": {"is_active": False}}
    await shop.db.run(service_levels.change_policy, **off, by="eva", now=NOW)

    assert hours(await shop.incident("1", contact_id="ana")) == 4
    assert hours(await shop.incident("2", contact_id="ana", priority=1)) == 4  # nor does what is part of it
    assert await shop.db.read(incidents.get, incident_id=urgent.id) == urgent


async def test_a_part_is_of_a_whole(shop: House) -> None:
    whole = await gold(shop)
    part = await policy(shop, "Part", part_of=whole.id, priority=1)
    assert hours(await shop.incident(contact_id="bea", priority=1)) == 4  # it holds for no one else
    for fields in ({"part_of": "nobody"}, {"part_of": part.id}):
        with pytest.raises(InvalidError, match="part_of"):
            await policy(shop, "Other", **fields)
    for one, of in ((whole, part.id), (whole, whole.id), (part, part.id)):
        with pytest.raises(InvalidError, match="part_of"):
            await shop.db.run(
                service_levels.change_policy,
                policy_id=one.id,
                version=1,
                changes={"part_of": of},
                by="eva",
                now=NOW,
            )
    with pytest.raises(InvalidError, match="policy_id"):
        await contract(shop, policy_id=part.id)
