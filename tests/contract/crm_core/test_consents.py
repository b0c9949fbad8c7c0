"""Consents are kept beside each other, asked by number, and heeded by the dialler."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from contract.crm_core.kit import NOW, REGION, House, a_contact, at

from crm_core.domain.consents import Basis, Consent
from crm_core.domain.dial_gate import Rules
from crm_core.domain.errors import InvalidError, NotFoundError
from crm_core.domain.events import ConsentNoted
from crm_core.domain.list_rows import read_list
from crm_core.services import campaigns, consents, preview

NUMBER = "+34957212001"


async def say(house: House, status: str, *, n: int = 0, contact: str = "ana", **more: Any) -> Consent:
    facts: dict[str, Any] = {
        "id": f"s{n}",
        "contact_id": contact,
        "purpose": "marketing",
        "channel": "call",
        "basis": "consent",
        "status": status,
        "source": "by telephone",
        "at": at(n),
        "noted_at": at(n),
        "noted_by": "eva",
    }
    one: Consent = await house.db.run(consents.note, consent=Consent(**facts | more), now=at(n))
    return one


async def test_nothing_is_written_over(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212001"]))
    given = await say(house, "given", n=1, proof="call 7", expires_at=at(9000))
    withdrawn = await say(house, "withdrawn", n=2)
    assert await house.db.read(consents.said, contact_id="ana") == [withdrawn, given]
    (stands,) = await house.db.read(consents.stands, contact_id="ana", now=at(3))
    assert (stands.standing, stands.last) == ("withdrawn", withdrawn)
    assert [one for one in house.heard if isinstance(one, ConsentNoted)] == [
        ConsentNoted(at=at(n), by="eva", contact_id="ana", consent_id=f"s{n}") for n in (1, 2)
    ]


async def test_who_has_a_number_is_asked(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212001"]))
    await house.add(a_contact("son", "Teo", numbers=["957212001", "957212002"]))
    asked = {"numbers": [NUMBER, "+34957212002", "+34957212003"], "now": at(9)}
    await say(house, "given", n=1)
    await say(house, "given", n=2, channel="email", contact="son")
    found = await house.db.read(consents.to_marketing_calls, **asked)
    assert found == {NUMBER: "given", "+34957212002": "unknown", "+34957212003": "unknown"}

    await say(house, "refused", n=3, contact="son")
    found = await house.db.read(consents.to_marketing_calls, **asked)
    assert found == {NUMBER: "refused", "+34957212002": "refused", "+34957212003": "unknown"}


@pytest.mark.parametrize(
    ("basis", "said", "verdict"),
    [
        ("consent", None, None),
        ("consent", "given", "allowed"),
        ("consent", "withdrawn", None),
        ("legitimate_interests", None, "allowed"),
        ("legitimate_interests", "refused", None),
        ("contract", "refused", "allowed"),
    ],
)
async def test_the_dialler_heeds_it(
    house: House, basis: Basis, said: str | None, verdict: str | None
) -> None:
    await house.add(a_contact("ana", numbers=["957212001"]))
    if said:
        await say(house, said)
    one = await house.db.run(
        campaigns.create, name="Autumn", region=REGION, rules=Rules(basis=basis), by="eva", now=NOW
    )
    listed = read_list(b"name;phone\nAna;957212001\n", region=REGION)
    await house.db.run(campaigns.load, campaign_id=one.id, found=listed, by="eva", now=NOW)
    found = await house.db.run(preview.next_lead, agent="101", campaign_id=None, now=at(1))
    assert (found and found.numbers[0].verdict.reason) == verdict
    if found is None:
        figures = await house.db.read(campaigns.figures, campaign_id=one.id)
        assert set(figures.funnel.blocked) == {"no_consent" if said is None else "consent_refused"}


async def test_what_is_withdrawn_between_look_and_dial_is_not_dialled(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212001"]))
    one = await house.db.run(campaigns.create, name="Autumn", region=REGION, rules=Rules(), by="eva", now=NOW)
    listed = read_list(b"name;phone\nAna;957212001\n", region=REGION)
    await house.db.run(campaigns.load, campaign_id=one.id, found=listed, by="eva", now=NOW)
    found = await house.db.run(preview.next_lead, agent="101", campaign_id=None, now=at(1))
    await say(house, "withdrawn", n=2)
    attempt = await house.db.run(
        preview.ask_to_dial, lead_id=found.lead.id, agent="101", number=None, now=at(3)
    )
    assert (attempt.verdict, attempt.source) == ("consent_refused", "GDPR art. 7(3), 21(3)")


async def test_what_cannot_be_noted(house: House) -> None:
    with pytest.raises(NotFoundError):
        await say(house, "given", contact="nobody")
    with pytest.raises(NotFoundError):
        await house.db.read(consents.said, contact_id="nobody")
    await house.add(a_contact("ana"))
    with pytest.raises(InvalidError):
        await say(house, "given", at=NOW + timedelta(days=1))
