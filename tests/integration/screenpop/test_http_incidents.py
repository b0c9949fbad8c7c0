"""Incidents by REST: opened, changed, written about, joined, undone, counted; and their promises."""

from __future__ import annotations

import re
from typing import Any

import pytest
from integration.screenpop.house import House, Person

from crm_core.domain.people import User
from crm_core.services import users
from screenpop.api.twice import ONCE

V1 = "/api/v1"
INCIDENTS = f"{V1}/incidents"
NOBODY = "00000000-0000-7000-8000-000000000000"
WORKER = "01931f00-0000-7000-8000-0000000000aa"


@pytest.fixture
async def ana(house: House) -> Person:
    return await house.person("ana")


@pytest.fixture
async def boss(house: House) -> Person:
    return house.system("administrator")


async def made(who: Person, path: str, **fields: Any) -> dict[str, Any]:
    answer = await who.post(path, fields)
    assert answer.status == 201, answer.body
    body: dict[str, Any] = answer.body
    return body


async def opened(who: Person, **fields: Any) -> dict[str, Any]:
    return await made(who, INCIDENTS, **({"subject": "No line"} | fields))


async def change(who: Person, one: dict[str, Any], *, path: str = INCIDENTS, **fields: Any) -> Any:
    return await who.ask("PATCH", f"{path}/{one['id']}", fields, headers={"If-Match": f'"{one["version"]}"'})


async def choice(boss: Person, kind: str, name: str, **more: Any) -> dict[str, Any]:
    return await made(boss, f"{V1}/incident-choices", kind=kind, name_es=name, name_en=name, **more)


async def test_an_incident_is_opened_listed_and_changed(ana: Person) -> None:
    contact = await made(ana, f"{V1}/contacts", given="Ana", phones=[{"raw": "957212000"}])
    opened = await ana.post(
        "/api/v1/incidents",
        {"subject": "No line", "description": "Since\nMonday", "contact_id": contact["id"]},
    )
    assert (opened.status, opened.headers["ETag"], opened.body["number"]) == (201, '"1"', "INC-10001")
    assert (opened.body["state"], opened.body["priority"]) == ("new", 3)
    here = f"/api/v1/incidents/{opened.body['id']}"
    changed = await ana.ask("PATCH", here, {"state": "resolved", "impact": 1}, headers={"If-Match": '"1"'})
    assert (changed.status, changed.body["state"], changed.body["version"]) == (200, "resolved", 2)
    assert (await ana.get(here)).body == changed.body
    late = await ana.ask("PATCH", here, {"state": "in_progress"}, headers={"If-Match": '"1"'})
    assert (late.status, late.body["newer"]) == (412, changed.body)
    found = await ana.get("/api/v1/incidents", params={"contact_id": contact["id"]})
    assert found.body["items"] == [changed.body]
    assert (await ana.get("/api/v1/incidents", params={"open": "true"})).body["items"] == []


async def test_of_many_is_told_that_there_are_more(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("crm_core.services.incident_lists", "screenpop.pages.incident_words"):
        monkeypatch.setattr(f"{module}.MOST_COUNTED", 2)
    five = [await opened(ana) for _ in range(5)]
    for one in five[:2]:
        assert (await change(ana, one, state="in_progress")).status == 200
    many = '<span aria-hidden="true">2+</span><span class="sr">más de 2</span>'

    page = (await ana.get("/incidents?view=board")).body.decode()

    assert re.search(f'<h2 id="col-new">Nuevas? .*{re.escape(many)}', page)
    assert re.search(r'<h2 id="col-in_progress">En curso <span class="muted num">2</span>', page)
    assert re.search(r'<h2 id="col-assigned">Asignadas? <span class="muted num">0</span>', page)
    assert re.search(f'Abiertas <span class="count">.*{re.escape(many)}', page)
    assert re.search(r'Mías <span class="count">0</span>', page)


@pytest.mark.parametrize("change", [{"subject": None}, {"subject": " "}, {"priority": 0}, {"state": "lost"}])
async def test_an_incident_cannot_become_that(ana: Person, change: dict[str, object]) -> None:
    opened = await ana.post("/api/v1/incidents", {"subject": "No line"})
    answer = await ana.ask(
        "PATCH", f"/api/v1/incidents/{opened.body['id']}", change, headers={"If-Match": '"1"'}
    )
    assert (answer.status, answer.code) == (422, "invalid")


async def test_an_incident_from_a_call_knows_the_call(house: House, ana: Person) -> None:
    live = house.stage.call()
    answer = await ana.post(f"/api/v1/calls/{live.id}/incidents", {"subject": "No line"})
    assert (answer.status, answer.body["call_id"]) == (201, live.id)


async def test_a_second_click_opens_no_second_incident_even_after_a_restart(
    house: House, ana: Person
) -> None:
    live = house.stage.call()
    path, once = f"/api/v1/calls/{live.id}/incidents", {"Idempotency-Key": "click-1"}
    first = await ana.post(path, {"subject": "No line"}, headers=once)
    house.app[ONCE]._answers.clear()
    again = await ana.post(path, {"subject": "No line"}, headers=once)
    assert (first.body, first.status) == (again.body, again.status)
    assert len((await ana.get("/api/v1/incidents")).body["items"]) == 1


async def test_an_incident_for_nobody_or_no_call_is_refused(ana: Person) -> None:
    nobody = "00000000-0000-7000-8000-000000000000"
    answer = await ana.post("/api/v1/incidents", {"subject": "x", "contact_id": nobody})
    assert (answer.status, answer.code) == (404, "not_found")
    answer = await ana.post(f"/api/v1/calls/{nobody}/incidents", {"subject": "x"})
    assert (answer.status, answer.code) == (404, "not_found")


async def test_an_incident_in_full(house: House, ana: Person, boss: Person) -> None:
    await house.db.run(users.add_user, user=User(id=WORKER, name="work", full_name="Work Er", role="agent"))
    cold, team, line = [await choice(boss, kind, kind) for kind in ("category", "team", "product_line")]
    problem = await opened(ana, kind="problem")
    one = await opened(
        ana,
        kind="complaint",
        impact=3,
        urgency=3,
        priority=1,
        priority_reason="The director's own",
        category_id=cold["id"],
        team_id=team["id"],
        product_line_id=line["id"],
        parent_id=problem["id"],
        assignee=WORKER,
    )
    assert (one["state"], one["priority"], one["priority_reason"]) == ("assigned", 1, "The director's own")

    for asked in (
        {"kind": "complaint"},
        {"priority": "1"},
        {"state": "assigned"},
        {"assignee": WORKER},
        {"team_id": team["id"]},
        {"category_id": cold["id"]},
        {"product_line_id": line["id"]},
        {"parent_id": problem["id"]},
    ):
        found = await ana.get(INCIDENTS, params=asked)
        assert [item["id"] for item in found.body["items"]] == [one["id"]], asked
    free = await ana.get(INCIDENTS, params={"assignee": "nobody"})
    assert [item["id"] for item in free.body["items"]] == [problem["id"]]


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"state": "closed"}, {("state", "no_such_step")}),
        ({"priority": 1}, {("priority_reason", "reason_needed")}),
        ({"waiting_for": "vendor"}, {("waiting_for", "invalid")}),
        ({"category_id": NOBODY}, {("category_id", "unknown")}),
        ({"assignee": NOBODY}, {("assignee", "unknown")}),
        ({"parent_id": NOBODY}, {("parent_id", "unknown")}),
        (
            {"kind": "wish", "impact": 4, "urgency": 0},
            {("kind", "literal_error"), ("impact", "less_than_equal"), ("urgency", "greater_than_equal")},
        ),
    ],
)
async def test_what_cannot_be_says_where(
    ana: Person, fields: dict[str, Any], faults: set[tuple[str, str]]
) -> None:
    answer = await change(ana, await opened(ana), **fields)

    assert (answer.status, answer.code, answer.faults) == (422, "invalid", faults)


async def test_pages_of_a_list_follow_one_another_in_both_orders(
    house: House, ana: Person, boss: Person
) -> None:
    calendar = await made(boss, f"{V1}/calendars", name="Always", zone="UTC")
    await made(
        boss, f"{V1}/sla-policies", name="High", calendar_id=calendar["id"], priority=1, resolve_s=3600
    )
    ids = []
    for n in range(5):
        ids.append((await opened(ana, priority=n % 2 + 1))["id"])
        house.stage.clock.passes(1)
    due = [ids[n] for n in (0, 2, 4, 1, 3)]

    for order, wanted in (("newest", ids[::-1]), ("due", due)):
        seen, cursor = [], None
        while True:
            asked = {"order": order, "limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await ana.get(INCIDENTS, params=asked)).body
            seen += [one["id"] for one in page["items"]]
            if (cursor := page["next"]) is None:
                break
        assert seen == wanted, order


async def test_what_is_written_stands_among_what_was_done(house: House, ana: Person) -> None:
    one = await opened(ana)
    entries = f"{INCIDENTS}/{one['id']}/entries"
    key = {"Idempotency-Key": "once"}
    first = await ana.post(entries, {"text": "Rang back"}, headers=key)
    assert (await ana.post(entries, {"text": "Rang back"}, headers=key)).body == first.body
    house.stage.clock.passes(1)
    await ana.post(entries, {"text": "We are on it", "is_public": True})
    house.stage.clock.passes(1)
    now = (await ana.get(f"{INCIDENTS}/{one['id']}")).body
    assert (now["version"], now["first_responded_at"] is not None) == (2, True)
    await change(ana, now, state="in_progress")

    page = (await ana.get(entries, params={"limit": "2"})).body
    rest = (await ana.get(entries, params={"limit": "2", "cursor": page["next"]})).body
    told = [(item["kind"], item["text"], item["author"]) for item in page["items"] + rest["items"]]
    assert told == [
        ("change", None, "Ana Ruiz"),
        ("reply", "We are on it", "Ana Ruiz"),
        ("note", "Rang back", "Ana Ruiz"),
    ]
    assert (await ana.post(entries, {"text": " "})).status == 422
    assert (await ana.post(f"{INCIDENTS}/{NOBODY}/entries", {"text": "x"})).status == 404


async def test_joined_and_undone(ana: Person) -> None:
    one, other = await opened(ana), await opened(ana)
    here, first = f"{INCIDENTS}/{one['id']}", {"If-Match": '"1"'}
    part = await ana.post(f"{here}/merge", {"into": other["number"]}, headers=first)
    assert (part.status, part.body["merged_into"], part.body["state"]) == (200, other["id"], "closed")
    late = await ana.post(f"{here}/merge", {"into": other["number"]}, headers=first)
    assert (late.status, late.body["newer"]) == (412, part.body)
    back = await ana.post(f"{here}/undo", headers={"If-Match": '"2"'})
    assert (back.status, back.body["merged_into"], back.body["version"]) == (200, None, 3)
    assert (await ana.post(f"{here}/undo", headers={"If-Match": '"3"'})).status == 404
    assert (await ana.post(f"{here}/undo")).status == 428
    wrong = await ana.post(f"{here}/merge", {"into": one["id"]}, headers={"If-Match": '"3"'})
    assert (wrong.status, wrong.faults) == (422, {("into", "not_joinable")})


async def test_the_most_frequent_problems(ana: Person, boss: Person) -> None:
    cold = await choice(boss, "category", "cold")
    contact = await made(ana, f"{V1}/contacts", given="Ana", phones=[{"raw": "957212000"}])
    for _ in range(2):
        await opened(ana, category_id=cold["id"], contact_id=contact["id"])
    await opened(ana)

    cold_ones = {"category_id": cold["id"], "product_line_id": None, "incidents": 2, "open": 2}
    assert (await ana.get(f"{V1}/problems")).body["items"][0] == cold_ones
    found = await ana.get(f"{V1}/problems", params={"contact_id": contact["id"]})
    assert found.body["items"] == [cold_ones]


# --- what is promised


async def test_a_promise_from_the_calendar_to_the_incident(ana: Person, boss: Person) -> None:
    hours = {"mon": ["09:00-14:00", "16:00-19:30"], "tue": ["09:00-14:00"]}
    calendar = await made(
        boss,
        f"{V1}/calendars",
        name="Taller",
        zone="Europe/Madrid",
        hours=hours,
        closed=["2026-11-30"],
        country="ES",
        subdivision="AN",
    )
    assert (calendar["hours"], calendar["closed"]) == (hours, ["2026-11-30"])
    policy = await made(
        boss, f"{V1}/sla-policies", name="All", calendar_id=calendar["id"], resolve_s=2 * 3600
    )
    one = await opened(ana)  # Tuesday 24 November 2026, 17:00 in Madrid; the next Monday is closed
    assert one["policy_id"] == policy["id"]
    assert one["resolve_by"] == "2026-12-01T10:00:00Z"

    changed = await change(boss, policy, path=f"{V1}/sla-policies", resolve_s=3600, name="Faster")
    assert (changed.status, changed.body["version"], changed.body["resolve_s"]) == (200, 2, 3600)
    assert (await opened(ana))["resolve_by"] == "2026-12-01T09:00:00Z"
    changed = await change(boss, calendar, path=f"{V1}/calendars", hours={})
    assert (changed.status, changed.body["hours"]) == (200, {})
    assert (await opened(ana))["resolve_by"] == "2026-11-24T17:00:00Z"
    for kind in ("calendars", "sla-policies"):
        assert len((await ana.get(f"{V1}/{kind}")).body["items"]) == 1


async def test_a_contract_s_agreement_by_rest(ana: Person, boss: Person) -> None:
    calendar = await made(boss, f"{V1}/calendars", name="Always", zone="Europe/Madrid")
    asked = {"calendar_id": calendar["id"], "resolve_s": 3600}
    policies = f"{V1}/sla-policies"
    gold = await made(boss, policies, name="Gold", by_contract=True, **asked)
    part = await made(
        boss, policies, name="Part", priority=1, part_of=gold["id"], **asked | {"resolve_s": 60}
    )
    assert (gold["by_contract"], part["part_of"]) == (True, gold["id"])
    contact = await made(ana, f"{V1}/contacts", given="Ana", phones=[{"raw": "957212000"}])
    owed = {"name": "Care", "kind": "maintenance", "begins_on": "2026-01-01", "contact_id": contact["id"]}
    contract = await made(ana, f"{V1}/contracts", policy_id=gold["id"], **owed)
    one = await opened(ana, contact_id=contact["id"])
    by = {"contract_id": contract["id"], "policy_id": gold["id"], "through": "contact"}
    assert (one["promised_by"], one["resolve_by"]) == (by, "2026-11-24T17:00:00Z")
    urgent = (await change(ana, one, impact=1, urgency=1)).body
    assert (urgent["promised_by"], urgent["policy_id"]) == (by, part["id"])
    assert (await opened(ana))["promised_by"] is None

    for fields in ({"part_of": part["id"]}, {"part_of": NOBODY}):
        refused = await boss.post(policies, {"name": "Other", **asked, **fields})
        assert (refused.status, [one[0] for one in refused.faults]) == (422, ["part_of"])
    answer = await change(boss, gold, path=policies, part_of=part["id"])
    assert (answer.status, answer.faults) == (422, {("part_of", "unknown")})
    other = await made(boss, policies, name="Other", **asked)
    answer = await change(boss, gold, path=policies, part_of=other["id"])
    assert (answer.status, answer.faults) == (422, {("part_of", "has_parts")})


@pytest.mark.parametrize(
    ("path", "fields", "field"),
    [
        ("calendars", {"name": "x", "zone": "Nowhere"}, "zone"),
        ("calendars", {"name": "x", "zone": "UTC", "hours": {"mon": ["09:00-08:00"]}}, "hours.mon"),
        ("calendars", {"name": "x", "zone": "UTC", "country": "XX"}, "country"),
        ("sla-policies", {"name": "x", "calendar_id": NOBODY, "resolve_s": 3600}, "calendar_id"),
        (
            "incident-choices",
            {"kind": "category", "name_es": "x", "name_en": "x", "parent_id": NOBODY},
            "parent_id",
        ),
    ],
)
async def test_what_cannot_be_promised_says_where(
    boss: Person, path: str, fields: dict[str, Any], field: str
) -> None:
    answer = await boss.post(f"{V1}/{path}", fields)

    assert (answer.status, {one[0] for one in answer.faults}) == (422, {field})


async def test_choices_are_renamed_and_switched_off(ana: Person, boss: Person) -> None:
    cold = await choice(boss, "category", "cold")
    rooms = await choice(boss, "category", "rooms", parent_id=cold["id"])
    path = f"{V1}/incident-choices"
    off = await change(boss, rooms, path=path, is_active=False, name_en="Chambers")
    assert (off.status, off.body["is_active"], off.body["name_en"]) == (200, False, "Chambers")
    found = (await ana.get(path, params={"kind": "category"})).body["items"]
    assert {one["id"]: one for one in found} == {one["id"]: one for one in (cold, off.body)}  # one instant
    assert len((await ana.get(path, params={"kind": "resolution"})).body["items"]) == 5
    late = await change(boss, rooms, path=path, is_active=True)
    assert (late.status, late.body["newer"]) == (412, off.body)


async def test_what_others_did_supervisors_take_back(house: House, ana: Person) -> None:
    luis, eva = await house.person("luis"), await house.person("eva")
    one = (await ana.post("/api/v1/incidents", {"subject": "x"})).body
    here = f"/api/v1/incidents/{one['id']}"
    for version in (1, 3):
        match = {"If-Match": f'"{version}"'}
        assert (await luis.ask("PATCH", here, {"state": "in_progress"}, headers=match)).status == 200
        changed = {"If-Match": f'"{version + 1}"'}
        refused = await ana.post(f"{here}/undo", headers=changed)
        assert (refused.status, refused.code) == (403, "not_allowed")
        who = luis if version == 1 else eva
        assert (await who.post(f"{here}/undo", headers=changed)).body["state"] == "new"
