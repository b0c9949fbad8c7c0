"""What is too old goes by rule, a few at a time; figures stay, and so does who must be kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from contract.crm_core.kit import NOW, REGION, House, a_call, a_contact, at
from contract.crm_core.planted import house_with_zoraida
from msgspec.structs import replace

from crm_core.domain.calls import Work
from crm_core.domain.consents import Consent
from crm_core.domain.dial_gate import Rules
from crm_core.domain.erasure import GONE, GRACE
from crm_core.domain.errors import InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import IncidentUpdated, RecordsLetGo, RetentionChanged
from crm_core.domain.list_rows import read_list
from crm_core.domain.retention import SHORTEST, HeldPerson, RecordKind, RetentionRule, end_of
from crm_core.domain.sla import Target
from crm_core.services import (
    audit,
    calls,
    campaigns,
    consents,
    contacts,
    erasure,
    incidents,
    preview,
    reports,
    retention,
)

WHO = {"by": "u-eva", "address": "192.0.2.1"}
LATER = NOW + timedelta(days=400)
YEAR = 365


async def put(
    house: House, kind: RecordKind = "calls", days: int | None = YEAR, version: int = 0
) -> RetentionRule:
    kept: RetentionRule = await house.db.run(
        retention.set_rule, kind=kind, days=days, version=version, now=NOW, **WHO
    )
    return kept


async def let_go(house: House, kind: RecordKind, *, days: int = YEAR, limit: int = 2) -> RetentionRule:
    """What the nightly part does, in small steps."""
    behind, held, before = None, 0, end_of(days, now=LATER)
    asked: dict[str, Any] = {"kind": kind, "before": before, "limit": limit}
    while found := await house.db.read(retention.older, behind=behind, **asked):
        done = await house.db.run(retention.let_go, kind=kind, version=0, found=found, now=LATER)
        behind, held = behind if done.goes_on else (found[-1].at, found[-1].id), held + done.held
    kept: RetentionRule = await house.db.run(retention.end_run, kind=kind, held=held, now=LATER)
    return kept


async def hold(house: House, contact_id: str) -> None:
    await house.db.run(erasure.hold, contact_id=contact_id, reason="Court case 7", now=NOW, **WHO)


async def test_nothing_goes_without_a_rule(house: House) -> None:
    rules = await house.db.read(retention.rules)
    assert {one.kind: one.days for one in rules} == dict.fromkeys(SHORTEST)


async def test_a_rule_is_kept_told_and_audited(house: House) -> None:
    assert await put(house) == RetentionRule(kind="calls", days=YEAR, version=1, set_at=NOW)
    assert house.heard == [RetentionChanged(at=NOW, by="u-eva", kind="calls")]
    (deed,) = await house.db.read(audit.last, limit=1)
    assert (deed.what, deed.record_id, deed.changes) == ("retention set", "calls", {"days": (None, "365")})
    with pytest.raises(VersionConflictError):
        await put(house, days=None)
    assert (await put(house, days=None, version=1)).days is None


@pytest.mark.parametrize(("kind", "days"), [("calls", 89), ("attempts", 30), ("contacts", 36_501)])
async def test_what_figures_and_the_dialler_need_is_kept(house: House, kind: RecordKind, days: int) -> None:
    with pytest.raises(InvalidError):
        await put(house, kind, days)
    with pytest.raises(InvalidError):
        await house.db.read(retention.outlook, kind=kind, days=days, now=NOW)


async def test_there_are_no_other_kinds(house: House) -> None:
    with pytest.raises(NotFoundError):
        await house.db.run(retention.set_rule, kind="audit", days=YEAR, version=0, now=NOW, **WHO)


async def test_old_calls_are_nobodys_and_figures_stay(house: House) -> None:
    hers = await house_with_zoraida(house)
    young = a_call(int(timedelta(days=390).total_seconds()))
    await house.record(young)
    since = [NOW - timedelta(days=1)]
    before = await house.db.read(reports.tallies, since=since, target=Target())

    rule = await let_go(house, "calls")
    now = await house.call(hers.id)
    assert (now.contact_id, now.customer, now.ani, now.ani_name) == (None, None, None, None)
    assert now.work == [Work(agent="101", disposition="sold", saved_at=at(30))]
    assert (now.talk_s, now.match.kind) == (hers.talk_s, "exact")
    assert (await house.call(young.id)).customer == "+34957212000"
    assert await house.db.read(reports.tallies, since=since, target=Target()) == before
    lived = await house.db.read(contacts.timeline, contact_id="zq", before=None, limit=9)
    assert [one.kind for one in lived] == ["interaction", "incident"]
    assert rule.gone > 0
    assert rule.going == 0


async def test_who_must_be_kept_stays_and_is_named(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212000"]))
    await house.add(a_contact("zq", "Zoraida", "Quintanilla", numbers=["957212345"]))
    kept, other = a_call(0), a_call(100, customer="+34957212345")
    stranger = a_call(200, customer="+34957299999")
    await house.record(kept, other, stranger)
    await hold(house, "ana")

    outlook = await house.db.read(retention.outlook, kind="calls", days=YEAR, now=LATER)
    assert (outlook.count, outlook.is_more, outlook.oldest, outlook.held) == (2, False, other.started_at, 1)
    assert outlook.people == (HeldPerson(contact_id="ana", name="Ana Ruiz", reason="Court case 7"),)

    rule = await let_go(house, "calls")
    assert (rule.gone, rule.held, rule.ran_at) == (2, 1, LATER)
    assert (await house.call(kept.id)).customer == "+34957212000"
    assert (await house.call(other.id)).customer is None
    assert house.heard[-1] == RecordsLetGo(at=LATER, by="service", kind="calls", gone=2, held=1)
    (deed,) = await house.db.read(audit.last, limit=1)
    assert (deed.what, deed.record_id) == ("records let go: 2, kept by legal holds: 1", "calls")
    assert (await let_go(house, "calls")).gone == 0


async def test_calls_that_may_be_his_stay_too(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212000"]))
    await house.add(a_contact("son", "Teo", numbers=["957212000"]))
    await house.record(a_call(0))
    await hold(house, "son")
    assert (await let_go(house, "calls")).held == 1


async def test_a_run_that_was_killed_is_gone_on_with(house: House) -> None:
    await house.record(*(a_call(n * 100) for n in range(5)))
    before = end_of(YEAR, now=LATER)
    found = await house.db.read(retention.older, kind="calls", before=before, behind=None, limit=2)
    await house.db.run(retention.let_go, kind="calls", version=0, found=found, now=LATER)
    outlook = await house.db.read(retention.outlook, kind="calls", days=YEAR, now=LATER)
    assert outlook.count == 3
    assert (await let_go(house, "calls")).gone == 5


async def test_by_a_rule_that_was_changed_nothing_goes(house: House) -> None:
    await house.record(a_call(0))
    before = end_of(YEAR, now=LATER)
    found = await house.db.read(retention.older, kind="calls", before=before, behind=None, limit=2)
    await put(house, days=None)
    with pytest.raises(VersionConflictError):
        await house.db.run(retention.let_go, kind="calls", version=0, found=found, now=LATER)
    assert (await house.call(found[0].id)).customer is not None


async def test_closed_incidents_lose_what_was_written(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212000"]))
    closed = await house.incident("k1", contact_id="ana", description="Anas router")
    still_open = await house.incident("k2", contact_id="ana")
    for state in ("in_progress", "resolved", "closed"):
        closed = await house.db.run(
            incidents.change,
            incident_id=closed.id,
            version=closed.version,
            changes={"state": state},
            by="eva",
            now=at(60),
        )
    assert (await let_go(house, "incidents")).gone == 1
    left = await house.db.read(incidents.get, incident_id=closed.id)
    assert (left.subject, left.description, left.contact_id, left.state) == (GONE, None, None, "closed")
    assert left.version == closed.version + 1
    assert [one.incident_id for one in house.heard if isinstance(one, IncidentUpdated)][-1] == closed.id
    assert (await house.db.read(incidents.get, incident_id=still_open.id)).subject == "No sound"
    assert (await let_go(house, "incidents")).gone == 0


async def test_of_what_was_said_the_last_stays(house: House) -> None:
    await house.add(a_contact("ana"))
    facts: dict[str, Any] = {
        "contact_id": "ana",
        "purpose": "marketing",
        "basis": "consent",
        "source": "x",
    }
    for n, (channel, status) in enumerate([("call", "given"), ("email", "given"), ("call", "withdrawn")]):
        one = Consent(id=f"s{n}", channel=channel, status=status, at=at(n), noted_at=at(n), **facts)
        await house.db.run(consents.note, consent=one, now=at(n))
    assert (await let_go(house, "consents")).gone == 1
    assert [one.id for one in await house.db.read(consents.said, contact_id="ana")] == ["s2", "s1"]


async def test_tries_forget_whom_they_went_to_and_the_funnel_stays(house: House) -> None:
    one = await house.db.run(campaigns.create, name="Autumn", region=REGION, rules=Rules(), by="eva", now=NOW)
    listed = read_list(b"name;phone\nAna;957212001\n", region=REGION)
    await house.db.run(campaigns.load, campaign_id=one.id, found=listed, by="eva", now=NOW)
    found = await house.db.run(preview.next_lead, agent="101", campaign_id=None, now=at(1))
    tried = await house.db.run(
        preview.ask_to_dial, lead_id=found.lead.id, agent="101", number=None, now=at(3)
    )
    before = await house.db.read(campaigns.figures, campaign_id=one.id)

    assert (await let_go(house, "attempts")).gone == 1
    assert await house.db.read(campaigns.figures, campaign_id=one.id) == before
    left = await house.db.read(lambda uow: uow.attempts.get(tried.id))
    assert left == replace(tried, number=GONE, note=None)


async def test_who_was_never_heard_of_again_is_asked_to_be_erased(house: House) -> None:
    await house.add(a_contact("old", "Olga", "Sanz", numbers=["957212001"]))
    await house.add(a_contact("spoke", "Eva", "Paz", numbers=["957212002"]))
    await house.add(a_contact("held", "Teo", "Gil", numbers=["957212003"]))
    await house.add(a_contact("waits", "Ana", "Gil", numbers=["957212004"]))
    await house.incident("k", contact_id="waits")
    await house.record(a_call(int(timedelta(days=100).total_seconds()), customer="+34957212002"))
    await hold(house, "held")

    rule = await let_go(house, "contacts")
    assert (rule.gone, rule.held) == (1, 1)
    (due,) = await house.db.read(erasure.due, now=LATER + GRACE)
    assert (due.contact_id, due.by, due.due_at) == ("old", "service", LATER + GRACE)
    assert await house.db.read(calls.history, contact_id="spoke", limit=9) != []
