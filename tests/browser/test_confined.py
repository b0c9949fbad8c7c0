"""Who is confined to his teams: made so by an administrator, and what his floor shows as it changes."""

from __future__ import annotations

from browser.kit import PEOPLE, Place, Visitors, faults_at_widths, faults_for_everybody, picture
from browser.test_board import at, queue_is, rows, started, waiting
from msgspec.structs import replace
from playwright.async_api import expect
from unit.screenpop.fakes import START, about, agent_is

from ami_bridge.domain import events
from ami_bridge.domain.events import AgentView
from crm_core.domain.calls import Visit
from crm_core.domain.lines import Line
from crm_core.services import lines, staff, teams

SUPPORT = events.QueueChanged(pbx="main", at=START, queue="support")


async def team(place: Place, name: str, queue: str, *members: str) -> str:
    fields = {"name_es": name, "name_en": name, "members": members, "lead": None}
    made: str = (await place.db.run(teams.add, fields=fields, by="x", now=START)).id
    line = Line(pbx="main", kind="queue", code=queue, name=name, team_id=made)
    await place.db.run(lines.put, line=line, version=None, by="x", now=START)
    return made


async def confined(place: Place, name: str) -> None:
    user = next(one for one in PEOPLE if one.name == name)
    await place.db.run(
        staff.change,
        user_id=user.id,
        version=1,
        changes={"is_confined": True},
        by="u-bea",
        address=None,
        now=START,
    )


async def test_somebody_is_confined_by_keyboard_and_let_free_again(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 422")
    await team(place, "Ventas", "sales")
    page = await visitors.visit("bea", "/admin/users?edit=u-eva")
    tick = page.locator("[data-field=is_confined]")
    await expect(tick).not_to_be_checked()
    await tick.focus()
    await page.keyboard.press("Space")
    await page.locator("#s-role").select_option("administrator")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#record .err:visible")).to_have_text(
        "Solo agentes, supervisores y auditores se limitan a sus equipos."
    )
    await page.locator("#s-role").select_option("supervisor")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#done-text")).to_have_text("Guardado.")
    await expect(tick).to_be_checked()
    async with page.expect_navigation():
        await page.keyboard.press("u")
    await expect(tick).not_to_be_checked()
    assert await faults_for_everybody(page) == []
    assert await faults_at_widths(page, "confined-user") == []


async def test_the_floor_of_who_is_confined(visitors: Visitors, place: Place) -> None:
    await team(place, "Ventas", "sales", "u-eva", "u-ana")
    await team(place, "Soporte", "support", "u-luis")
    await confined(place, "eva")
    stage = place.stage
    stage.floor.agents_now = [
        AgentView(agent="101", interface="PJSIP/agent101", state="ready", since=START),
        AgentView(agent="102", interface="PJSIP/agent102", state="ready", since=START),
    ]
    stage.floor.queues_now = [queue_is(), SUPPORT]
    call = stage.call(visits=[Visit(queue="support", entered_at=START)])
    page = await visitors.visit("eva", "/floor")
    await expect(page.locator("#agents tbody tr")).to_have_count(1)
    await expect(page.locator("#queues tbody tr")).to_have_count(1)
    await expect(page.locator("#calls .none")).to_be_visible()
    assert await faults_for_everybody(page) == []
    await picture(page, "confined-floor-es-dark")

    stage.happens(started(call), agent_is("paused", agent="102"))
    call.visits.append(Visit(queue="sales", entered_at=START))
    stage.floor.queues_now = [queue_is(waiting(call)), SUPPORT]
    stage.happens(
        at(1, about(events.CallQueued, call, queue="sales", position=1)),
        queue_is(waiting(call)),
        replace(SUPPORT, waiting=(waiting(call),)),
    )
    await expect(page.locator("#calls tbody tr")).to_have_count(1)
    assert "957 21 20 00" in (await rows(page, "calls"))[0]
    await expect(page.locator("#queues tbody tr:not(.sub)")).to_have_count(1)
    await expect(page.locator("#agents tbody tr")).to_have_count(1)


async def test_a_call_of_another_team_says_why_it_is_not_shown(visitors: Visitors, place: Place) -> None:
    visitors.expect("status of 404")
    await confined(place, "sue")
    call = place.stage.call(visits=[Visit(queue="support", entered_at=START)])
    page = await visitors.visit("sue", f"/calls/{call.id}")
    await expect(page.locator("h1")).to_have_text("This belongs to another team")
    assert await faults_for_everybody(page) == []
    await picture(page, "confined-call-en-dark")
