"""Promises in the records: made, held, kept or broken, and told exactly once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from contract.crm_core.kit import NOW, House, a_contact, at

from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.events import CrmEvent, IncidentBreached, IncidentWarned, ServiceLevelsChanged
from crm_core.domain.incidents import Incident
from crm_core.domain.service_levels import Hours, Policy
from crm_core.services import audit, escalation, incident_lists, incidents, service_levels

HOUR = 3600
ALWAYS = {"name": "Siempre", "zone": "Europe/Madrid", "hours": {}}


async def calendar(house: House, **fields: Any) -> Hours:
    made: Hours = await house.db.run(service_levels.add_calendar, fields=ALWAYS | fields, by="eva", now=NOW)
    return made


async def policy(house: House, name: str = "All", **fields: Any) -> Policy:
    known = await house.db.read(service_levels.calendars)
    hours = known[0] if known else await calendar(house)
    asked = {"name": name, "calendar_id": hours.id, "respond_s": HOUR, "resolve_s": 4 * HOUR}
    made: Policy = await house.db.run(service_levels.add_policy, fields=asked | fields, by="eva", now=NOW)
    return made


async def change(house: House, one: Incident, hour: float, **changes: Any) -> Incident:
    after: Incident = await house.db.run(
        incidents.change,
        incident_id=one.id,
        version=one.version,
        changes=changes,
        by="u1",
        now=at(hour * HOUR),
    )
    return after


async def tell(house: House, hour: float) -> tuple[list[str], datetime | None]:
    """Return what is told at *hour*, and when the next is due."""
    before = len(house.heard)
    following: datetime | None = await house.db.run(escalation.tell, now=at(hour * HOUR))
    return [told(one) for one in house.heard[before:]], following


def told(event: CrmEvent) -> str:
    match event:
        case IncidentWarned():
            return f"{event.what} warned"
        case IncidentBreached():
            return f"{event.what} breached"
        case _:
            return type(event).__name__


async def test_what_is_due_is_told_once(house: House) -> None:
    await policy(house)
    opened = await house.incident()

    assert (opened.respond_by, opened.resolve_by) == (at(HOUR), at(4 * HOUR))
    assert await tell(house, 0.5) == ([], at(0.75 * HOUR))
    assert await tell(house, 0.8) == (["respond warned"], at(HOUR))
    assert await tell(house, 0.8) == ([], at(HOUR))
    assert await tell(house, 3.5) == (["respond breached", "resolve warned"], at(4 * HOUR))
    assert await tell(house, 9) == (["resolve breached"], None)
    assert await tell(house, 9) == ([], None)
    found = await house.db.read(incident_lists.entries, incident_id=opened.id, limit=9)
    assert sorted((one.kind, one.text) for one in found) == [
        ("breached", "resolve"),
        ("breached", "respond"),
        ("warned", "resolve"),
        ("warned", "respond"),
    ]


async def test_a_kept_promise_is_not_told(house: House) -> None:
    await policy(house)
    opened = await house.incident()
    taken_up = await change(house, opened, 0.5, state="in_progress")
    assert await tell(house, 2) == ([], at(3 * HOUR))
    await change(house, taken_up, 2.5, state="resolved")

    assert await tell(house, 9) == ([], None)


async def test_a_hold_moves_it_and_an_undone_end_brings_it_back(house: House) -> None:
    await policy(house)
    held = await change(house, await house.incident(), 0.5, state="pending")
    assert (held.due_at, held.resolve_by) == (None, None)
    assert await tell(house, 9) == ([], None)
    working = await change(house, held, 10.5, state="in_progress")
    assert (working.resolve_by, working.due_at) == (at(14 * HOUR), at(14 * HOUR))
    resolved = await change(house, working, 11, state="resolved")
    assert await tell(house, 11) == ([], None)
    back = await house.db.run(
        incidents.undo, incident_id=resolved.id, version=resolved.version, by="u1", now=at(11 * HOUR)
    )

    assert back.due_at == at(14 * HOUR)
    assert await tell(house, 11) == ([], at(13 * HOUR))


async def test_another_priority_is_another_promise_with_the_same_hold(house: House) -> None:
    await policy(house)
    await policy(house, "Critical", priority=1, respond_s=HOUR // 2, resolve_s=2 * HOUR)
    held = await change(house, await house.incident(), 0.5, state="pending")
    working = await change(house, held, 1.5, state="in_progress")
    urgent = await change(house, working, 1.6, impact=1, urgency=1)

    assert urgent.resolve_by == at(3 * HOUR)
    assert await tell(house, 1.6) == ([], at(2.5 * HOUR))


async def test_what_was_told_is_told_again_only_when_it_is_promised_again(house: House) -> None:
    await policy(house)
    await policy(house, "Low", priority=5, resolve_s=8 * HOUR)
    taken_up = await change(house, await house.incident(), 0.5, state="in_progress")
    assert (await tell(house, 5))[0] == ["resolve warned", "resolve breached"]
    later = await change(house, taken_up, 5, impact=3, urgency=3)

    assert later.resolve_by == at(8 * HOUR)
    assert (await tell(house, 5))[0] == []
    assert (await tell(house, 8))[0] == ["resolve warned", "resolve breached"]


async def test_who_broke_a_promise_gives_it_to_another_team(house: House) -> None:
    fields = {"kind": "team", "name_es": "Jefes", "name_en": "Leads"}
    team = await house.db.run(service_levels.add_choice, fields=fields, by="eva", now=NOW)
    await policy(house, escalate_to=team.id)
    opened = await house.incident()

    assert (await tell(house, 1))[0] == ["respond warned", "respond breached", "IncidentUpdated"]
    after = await house.db.read(incidents.get, incident_id=opened.id)
    assert (after.team_id, after.version) == (team.id, 2)
    assert (await tell(house, 9))[0] == ["resolve warned", "resolve breached"]


async def test_a_company_s_tier_chooses_the_policy(house: House) -> None:
    gold = await policy(house, "Gold", tier="gold", resolve_s=HOUR)
    plain = await policy(house)
    company = await house.company("acme", "Acme", tier="gold")
    await house.add(a_contact("ana", company=company.name))

    assert (await house.incident("1", contact_id="ana")).policy_id == gold.id
    assert (await house.incident("2")).policy_id == plain.id


async def test_a_promise_stays_as_it_was_made(house: House) -> None:
    made = await policy(house)
    opened = await house.incident()
    await house.db.run(
        service_levels.change_policy,
        policy_id=made.id,
        version=1,
        changes={"is_active": False},
        by="eva",
        now=NOW,
    )

    assert (await house.incident("later")).policy_id is None
    assert (await change(house, opened, 0.5, subject="Other")).resolve_by == at(4 * HOUR)
    after = await house.db.read(incidents.get, incident_id=opened.id)
    assert (await change(house, after, 1, state="in_progress")).due_at == at(4 * HOUR)


async def test_many_at_once_are_told_in_parts(house: House) -> None:
    await policy(house, resolve_s=None)
    for n in range(60):
        await house.incident(str(n))

    first, following = await tell(house, 2)
    assert (len(first), following) == (100, at(HOUR))
    assert len((await tell(house, 2))[0]) == 20


# --- calendars and policies


async def test_calendars_and_policies_are_changed_by_who_is_up_to_date(house: House) -> None:
    hours = await calendar(house, hours={"mon": ("09:00-14:00",)}, country="ES", subdivision="AN")
    changed = await house.db.run(
        service_levels.change_calendar,
        calendar_id=hours.id,
        version=1,
        changes={"hours": {"tue": ("09:00-14:00",)}},
        by="eva",
        now=at(1),
    )

    assert await house.db.read(service_levels.calendars) == [changed]
    assert house.heard[-1] == ServiceLevelsChanged(at=at(1), by="eva", kind="calendar", record_id=hours.id)
    (deed,) = await house.db.read(audit.last, limit=1)
    assert deed.what == f"kept calendar {hours.id}"
    assert (deed.kind, deed.record_id) == ("calendar", hours.id)
    with pytest.raises(VersionConflictError):
        await house.db.run(
            service_levels.change_calendar,
            calendar_id=hours.id,
            version=1,
            changes={"name": "x"},
            by="eva",
            now=NOW,
        )


@pytest.mark.parametrize(
    ("kind", "fields", "error"),
    [
        ("calendar", {"name": "Siempre"}, AlreadyExistsError),
        ("calendar", {"name": "Otro", "zone": "Nowhere"}, InvalidError),
        ("policy", {"name": "All"}, AlreadyExistsError),
        ("policy", {"name": "Other", "calendar_id": "nobody"}, InvalidError),
        ("policy", {"name": "Other", "escalate_to": "nobody"}, InvalidError),
        ("policy", {"name": "Other", "respond_s": 1}, InvalidError),
    ],
)
async def test_what_cannot_be_is_not_kept(
    house: House, kind: str, fields: dict[str, Any], error: type[Exception]
) -> None:
    await policy(house)
    make = {"calendar": calendar, "policy": policy}[kind]

    with pytest.raises(error):
        await make(house, **fields)
    assert len(await house.db.read(service_levels.calendars)) == 1
    assert len(await house.db.read(service_levels.policies)) == 1


@pytest.mark.parametrize("kind", ["calendar", "policy", "choice"])
async def test_what_is_not_there_is_not_changed(house: House, kind: str) -> None:
    with pytest.raises(NotFoundError):
        await house.db.run(
            getattr(service_levels, f"change_{kind}"),
            version=1,
            changes={},
            by="eva",
            now=NOW + timedelta(1),
            **{f"{kind}_id": "nobody"},
        )
