"""What who is confined to his teams is shown of each place, and what who sees everything is shown there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from integration.screenpop.calls import past_call
from integration.screenpop.desk import close_code, hello
from integration.screenpop.house import PASSWORD, House, Person
from msgspec.structs import replace
from unit.screenpop.fakes import START
from websockets.asyncio.client import ClientConnection, connect
from websockets.protocol import State

from ami_bridge.domain.events import AgentView
from crm_core.domain.calls import Call, Visit
from crm_core.domain.lines import Line
from crm_core.services import callbacks, calls, lines, teams
from screenpop.confining import SCOPED, is_told
from screenpop.permissions import PERMISSIONS, PUBLIC, demanded
from screenpop.schema import RESTARTING

V1 = "/api/v1"
ENDED = {"ended_at": START}


@dataclass
class Sides:
    """Sara, who is confined to sales, and somebody who sees everything; ``ours`` and ``theirs`` are teams."""

    house: House
    sara: Person
    free: Person
    ours: str
    theirs: str

    async def both(self, path: str, of: Any) -> tuple[Any, Any]:
        """Return what *of* finds in the answer to Sara, and to who is free."""
        found = []
        for one in (self.sara, self.free):
            answer = await one.get(path)
            assert answer.status == 200, answer.body
            found.append(of(answer.body))
        return found[0], found[1]


async def team_of(house: House, name: str, *members: str) -> str:
    fields = {"name_es": name, "name_en": name, "members": members, "lead": None}
    made: str = (await house.db.run(teams.add, fields=fields, by="x", now=START)).id
    line = Line(pbx="main", kind="queue", code=name, name=name.title(), team_id=made)
    await house.db.run(lines.put, line=line, version=None, by="x", now=START)
    return made


SARA = {
    "name": "sara",
    "full_name": "Sara Polo",
    "role": "supervisor",
    "is_confined": True,
    "password": PASSWORD,
}


async def sides_of(house: House) -> Sides:
    """Put both sides there."""
    ours, theirs = await team_of(house, "sales", "u-ana"), await team_of(house, "support", "u-luis")
    made = await house.system("administrator").post(f"{V1}/users", SARA | {"teams": [ours]})
    assert (made.status, made.body["is_confined"]) == (201, True)
    house.stage.floor.members = {"sales": ("PJSIP/agent101",), "support": ("PJSIP/agent102",)}
    house.stage.floor.agents_now = [
        AgentView(agent="101", interface="PJSIP/agent101", state="ready", since=START),
        AgentView(agent="102", interface="PJSIP/agent102", state="ready", since=START),
    ]
    return Sides(house, await house.person("sara"), house.system("administrator"), ours, theirs)


@pytest.fixture
async def sides(house: House) -> Sides:
    return await sides_of(house)


def in_support(n: int, *, agent: str = "102", outcome: str = "answered") -> Call:
    call = past_call(n, agent=agent, outcome=outcome)
    return replace(call, visits=[replace(one, queue="support") for one in call.visits])


async def recorded(house: House, *told: Call) -> list[str]:
    await house.db.run(calls.record, calls=told, events=[])
    return [one.id for one in told]


def ids(body: Any) -> list[str]:
    return [one["id"] for one in body["items"]]


async def test_the_floor_and_its_page(sides: Sides) -> None:
    for n, queue in enumerate(("sales", "support")):
        sides.house.stage.call(f"{n}.1", visits=[Visit(queue=queue, entered_at=START)])
    shown = await sides.both(
        f"{V1}/floor",
        lambda body: (
            [one["queue"] for one in body["floor"]["queues"]],
            [one["agent"] for one in body["floor"]["agents"]],
            [one["call"]["visits"][0]["queue"] for one in body["floor"]["calls"]],
        ),
    )
    assert shown == (
        (["sales"], ["101"], ["sales"]),
        (["sales", "support"], ["101", "102"], ["sales", "support"]),
    )
    page = (await sides.sara.get("/floor")).body.decode()
    assert "Sales" in page
    assert "Support" not in page


async def test_figures_and_who_is_lost(sides: Sides) -> None:
    sides.house.stage.floor.live.clear()
    lost = [
        replace(past_call(0, outcome="abandoned"), customer="+34600000001"),
        replace(in_support(1, outcome="abandoned"), customer="+34600000002"),
    ]
    await recorded(sides.house, *lost, in_support(2))
    shown = await sides.both(
        f"{V1}/figures",
        lambda body: ([one["queue"] for one in body["queues"]], body["today"]["offered"], body["lost"]),
    )
    assert shown == ((["sales"], 1, 1), (["sales", "support"], 3, 2))
    shown = await sides.both(f"{V1}/lost-callers", lambda body: [one["customer"] for one in body["items"]])
    assert shown == (["+34600000001"], ["+34600000001", "+34600000002"])
    page = (await sides.sara.get("/lost/list")).body.decode()
    assert ("600000001" in page.replace(" ", ""), "600000002" in page.replace(" ", "")) == (True, False)


async def test_past_calls_as_list_and_as_file(sides: Sides) -> None:
    sides.house.stage.floor.live.clear()
    # Through our queue; by our agent through theirs; of theirs alone.
    kept = await recorded(sides.house, past_call(0, agent="102"), in_support(1, agent="101"), in_support(2))
    assert await sides.both(f"{V1}/calls", ids) == (kept[1::-1], kept[::-1])
    assert await sides.both(f"{V1}/calls?agent=102", ids) == (kept[:1], [kept[2], kept[0]])
    assert await sides.both(f"{V1}/calls?queue=support", ids) == (kept[1:2], kept[2:0:-1])
    file = (await sides.sara.get("/calls.csv?from=2026-11-24")).body.decode()
    page = (await sides.sara.get("/calls?from=2026-11-24")).body.decode()
    for text in (file, page):
        assert [one in text for one in kept] == [True, True, False]
    assert "Support" not in page.split("</form>")[0]  # of what can be chosen


async def test_one_call_and_why(sides: Sides) -> None:
    ours, theirs = await recorded(sides.house, past_call(0), in_support(1))
    live = sides.house.stage.call("9.1", visits=[Visit(queue="support", entered_at=START)])
    for key in (theirs, live.id, f"main:{live.linkedid}"):
        for path in (f"{V1}/calls/{key}", f"/calls/{key}", f"/calls/{key}/why"):
            refused = await sides.sara.get(path)
            assert refused.status == 404
            if path.startswith(V1):
                assert refused.code == "not_of_your_teams"
            else:
                assert "not_of_your_teams" in refused.body.decode()
                assert "Esto es de otro equipo" in refused.body.decode()
            assert (await sides.free.get(path)).status == 200
    for path in (f"{V1}/calls/{ours}", f"/calls/{ours}", f"/calls/{ours}/why"):
        assert (await sides.sara.get(path)).status == 200
    assert (await sides.sara.get(f"{V1}/calls/00000000-0000-7000-8000-000000000000")).code == "not_found"
    written = await sides.sara.post(f"{V1}/calls/{theirs}/incidents", {"subject": "x"})
    assert written.code == "not_of_your_teams"
    task = {"title": "x", "due_at": "2026-11-25T09:00:00Z", "call_id": theirs}
    assert (await sides.sara.post(f"{V1}/tasks", task)).code == "not_of_your_teams"


async def test_a_call_s_page_names_no_incident_of_another_team(sides: Sides) -> None:
    (ours,) = await recorded(sides.house, past_call(0))
    for subject, team in (("Gotera nuestra", sides.ours), ("Gotera suya", sides.theirs)):
        asked = {"subject": subject, "team_id": team}
        assert (await sides.free.post(f"{V1}/calls/{ours}/incidents", asked)).status == 201
    shown = await sides.both(
        f"/calls/{ours}", lambda page: ("nuestra" in page.decode(), "suya" in page.decode())
    )
    assert shown == ((True, False), (True, True))


async def test_callbacks(sides: Sides) -> None:
    ours, theirs = await recorded(sides.house, past_call(0), in_support(1))
    made = []
    for n, call_id in enumerate((ours, theirs, None)):
        asked = await sides.house.db.run(
            callbacks.ask, number=f"+3460000001{n}", call_id=call_id, did=None, due_at=START, now=START
        )
        made.append(asked.id)
    shown, everything = await sides.both(f"{V1}/callbacks", ids)
    assert (sorted(shown), sorted(everything)) == (sorted([made[0], made[2]]), sorted(made))
    page = (await sides.sara.get("/tasks")).body.decode()
    assert [f"600 00 00 1{n}" in page for n in range(3)] == [True, False, True]
    for key, code in zip(made, (None, "not_of_your_teams", None), strict=True):
        assert (await sides.sara.ask("PUT", f"{V1}/callbacks/{key}/done", {})).code == code


async def test_stepping_in(sides: Sides) -> None:
    def on(agent: str | None, phone: str) -> dict[str, Any]:
        return {"pbx": "main", "interface": f"PJSIP/{phone}", "agent": agent, "act": "unpause"}

    path = f"{V1}/interventions"
    sides.house.stage.floor.agents_now = None
    sides.house.stage.floor.seats = {"PJSIP/agent101": "101", "PJSIP/agent102": "102"}
    sides.house.stage.floor.members |= {
        "sales": ("PJSIP/agent101", "PJSIP/desk"),
        "support": ("PJSIP/agent102", "PJSIP/other"),
    }
    assert (await sides.sara.post(path, on("102", "agent102"))).code == "not_of_your_teams"
    assert (await sides.sara.post(path, on(None, "other"))).code == "not_of_your_teams"
    assert (await sides.sara.post(path, on("101", "agent101"))).status == 200
    assert (await sides.sara.post(path, on(None, "desk"))).status == 200
    assert (await sides.free.post(path, on("102", "agent102"))).status == 200


async def incidents_of(sides: Sides) -> dict[str, str]:
    """Return the ids of incidents of ours, of theirs, of nobody's team, and of theirs that Sara has."""
    me = (await sides.sara.get(f"{V1}/session")).body["user"]
    wanted = {
        "ours": {"team_id": sides.ours},
        "theirs": {"team_id": sides.theirs},
        "nobodys": {},
        "mine": {"team_id": sides.theirs, "assignee": me},
    }
    made = {}
    for name, fields in wanted.items():
        answer = await sides.free.post(f"{V1}/incidents", {"subject": f"Gotera {name}", **fields})
        assert answer.status == 201, answer.body
        made[name] = answer.body["id"]
    return made


async def test_incidents(sides: Sides) -> None:
    made = await incidents_of(sides)
    seen = {made[one] for one in ("ours", "nobodys", "mine")}
    shown = await sides.both(f"{V1}/incidents", lambda body: set(ids(body)))
    assert shown == (seen, set(made.values()))
    for path in ("/incidents", "/incidents?view=board"):
        page = (await sides.sara.get(path)).body.decode()
        assert {one for one in made.values() if one in page} == seen
    file = (await sides.sara.get("/incidents.csv")).body.decode()
    assert [f"Gotera {name}" in file for name in made] == [True, False, True, True]
    hidden = made["theirs"]
    for method, path, body in (
        ("GET", f"{V1}/incidents/{hidden}", None),
        ("GET", f"{V1}/incidents/{hidden}/entries", None),
        ("GET", f"{V1}/incidents/{hidden}/articles", None),
        ("PATCH", f"{V1}/incidents/{hidden}", {"subject": "x"}),
        ("POST", f"{V1}/incidents/{hidden}/entries", {"text": "x"}),
        ("POST", f"{V1}/incidents/{made['ours']}/merge", {"into": hidden}),
        ("POST", f"{V1}/incidents/{hidden}/undo", {}),
    ):
        refused = await sides.sara.ask(method, path, body, headers={"If-Match": '"1"'})
        assert (refused.status, refused.code) == (404, "not_of_your_teams"), path
    assert (await sides.sara.get(f"/incidents/{hidden}")).status == 404
    for key in seen:
        assert (await sides.sara.get(f"{V1}/incidents/{key}")).status == 200
        assert (await sides.sara.get(f"/incidents/{key}")).status == 200
    counted = await sides.both(f"{V1}/problems", lambda body: [one["incidents"] for one in body["items"]])
    assert counted == ([3], [4])


async def test_an_incident_that_is_named_in_a_body(sides: Sides) -> None:
    made = await incidents_of(sides)
    problem = {"subject": "Gotera de todos", "kind": "problem", "team_id": sides.theirs}
    hidden = (await sides.free.post(f"{V1}/incidents", problem)).body["id"]
    task = {"title": "x", "due_at": "2026-11-25T09:00:00Z", "incident_id": hidden}
    call = (await recorded(sides.house, past_call(0)))[0]
    ours = f"{V1}/incidents/{made['ours']}"
    child = {"subject": "x", "parent_id": hidden}
    for method, path, body in (
        ("POST", f"{V1}/incidents", child),
        ("POST", f"{V1}/calls/{call}/incidents", child),
        ("PATCH", ours, {"parent_id": hidden}),
        ("POST", f"{V1}/tasks", task),
    ):
        refused = await sides.sara.ask(method, path, body, headers={"If-Match": '"1"'})
        assert (refused.status, refused.code) == (404, "not_of_your_teams"), path
    assert (await sides.free.post(f"{V1}/tasks", task)).status == 201

    async def changed(who: Person, version: int, **changes: str) -> Any:
        return await who.ask("PATCH", ours, changes, headers={"If-Match": f'"{version}"'})

    assert (await changed(sides.free, 1, parent_id=hidden)).status == 200
    kept = await changed(sides.sara, 2, subject="Gotera nuestra", parent_id=hidden)
    assert (kept.status, kept.body["parent_id"]) == (200, hidden)  # it stays as it was
    shown = [(await one.get(f"/incidents/{made['ours']}")).body.decode() for one in (sides.sara, sides.free)]
    assert ["Gotera de todos" in page for page in shown] == [False, True]
    assert [f'value="{hidden}" selected' in page for page in shown] == [True, True]


async def test_what_was_merged_with_another_teams(sides: Sides) -> None:
    made = await incidents_of(sides)
    fields = {"subject": "Gotera theirs", "team_id": sides.theirs}
    second = (await sides.free.post(f"{V1}/incidents", fields)).body["id"]
    for part, into, seen_at in (("nobodys", second, "nobodys"), ("theirs", made["ours"], "ours")):
        merged = await sides.free.ask(
            "POST", f"{V1}/incidents/{made[part]}/merge", {"into": into}, headers={"If-Match": '"1"'}
        )
        assert merged.status == 200, merged.body
        path = f"/incidents/{made[seen_at]}"
        pages = [(await who.get(path)).body.decode() for who in (sides.sara, sides.free)]
        assert ["Gotera theirs" in page for page in pages] == [False, True]
        assert ['id="merge"' in page for page in pages] == [False, False]


async def test_what_is_looked_for(sides: Sides) -> None:
    made = await incidents_of(sides)
    seen = {made[one] for one in ("ours", "nobodys", "mine")}

    def found(body: Any) -> set[str]:
        return {one["id"] for group in body["groups"] for one in group["items"]}

    for query in ("q=gotera", "q=gotera&kind=incident", "q=goter"):
        assert await sides.both(f"{V1}/search?{query}", found) == (seen, set(made.values()))
    for path in ("/search?q=gotera", "/search/options?q=gotera"):
        assert made["theirs"] not in (await sides.sara.get(path)).body.decode()


async def test_tasks(sides: Sides) -> None:
    incidents = await incidents_of(sides)
    wanted: dict[str, dict[str, Any]] = {
        "ana's": {"assignee": "u-ana"},
        "luis'": {"assignee": "u-luis"},
        "nobody's": {},
        "of our incident": {"incident_id": incidents["ours"]},
        "of their incident": {"incident_id": incidents["theirs"]},
    }
    made = {}
    for name, fields in wanted.items():
        body = {"title": name, "due_at": "2026-11-25T09:00:00Z", **fields}
        made[name] = (await sides.free.post(f"{V1}/tasks", body)).body["id"]
    own = await sides.sara.post(
        f"{V1}/tasks", {"title": "noted", "due_at": "2026-11-25T09:00:00Z", "assignee": "u-luis"}
    )
    made["noted"] = own.body["id"]
    hidden = {made["luis'"], made["of their incident"]}
    shown = await sides.both(
        f"{V1}/tasks", lambda body: set(ids({"items": [o["task"] for o in body["items"]]}))
    )
    assert shown == (set(made.values()) - hidden, set(made.values()))
    page = (await sides.sara.get("/tasks?view=all")).body.decode()
    assert {one for one in made.values() if one in page} == set(made.values()) - hidden
    for key in made.values():
        answer = await sides.sara.get(f"{V1}/tasks/{key}")
        assert answer.code == ("not_of_your_teams" if key in hidden else None)
    late = {"If-Match": '"1"'}
    gone = await sides.sara.ask(
        "PATCH", f"{V1}/tasks/{made[chr(108) + 'uis' + chr(39)]}", {"is_done": True}, headers=late
    )
    assert gone.status == 404


async def test_what_is_read_as_a_whole_is_not_read(sides: Sides) -> None:
    assert (await sides.sara.get(f"{V1}/events")).code == "not_allowed"
    assert (await sides.free.get(f"{V1}/events")).status == 200
    made = await sides.house.system("administrator").post(
        f"{V1}/users", SARA | {"name": "aud", "full_name": "A", "role": "auditor"}
    )
    assert made.status == 201
    auditor = await sides.house.person("aud")
    assert (await auditor.get(f"{V1}/audit")).code == "not_allowed"
    assert (await auditor.get("/audit")).status == 403


async def test_another_team_is_seen_at_the_next_request(sides: Sides) -> None:
    made = await incidents_of(sides)
    path = f"{V1}/incidents/{made['theirs']}"
    assert (await sides.sara.get(path)).status == 404
    users = (await sides.free.get(f"{V1}/users")).body["items"]
    sara = next(one for one in users if one["name"] == "sara")
    for version, changes in ((1, {"teams": [sides.theirs]}), (2, {"is_confined": False})):
        changed = await sides.free.ask(
            "PATCH", f"{V1}/users/{sara['id']}", changes, headers={"If-Match": f'"{version}"'}
        )
        assert changed.status == 200
        assert (await sides.sara.get(path)).status == 200
    assert (await sides.sara.get(f"{V1}/events")).status == 200


async def test_an_open_floor_follows_his_teams(sides: Sides) -> None:
    cookie = "; ".join(f"{one.key}={one.value}" for one in sides.sara.client.cookie_jar)
    headers = {"Cookie": cookie, "Origin": sides.house.origin}
    address = f"ws://127.0.0.1:{sides.house.ws_port}/"

    async def queues_told() -> tuple[list[str], ClientConnection]:
        client = await connect(address, additional_headers=headers, subprotocols=["centralita.v1"])
        told = (await hello(client, "floor"))["floor"]["queues"]
        return [one["queue"] for one in told], client

    told, client = await queues_told()
    assert told == ["sales"]
    await sides.house.auth.look()
    assert client.state is State.OPEN
    users = (await sides.free.get(f"{V1}/users")).body["items"]
    sara = next(one for one in users if one["name"] == "sara")
    both = {"teams": [sides.ours, sides.theirs]}
    await sides.free.ask("PATCH", f"{V1}/users/{sara['id']}", both, headers={"If-Match": '"1"'})
    await sides.house.auth.look()
    assert await close_code(client) == RESTARTING
    told, client = await queues_told()
    assert told == ["sales", "support"]
    await client.close()


def routes_of(house: House) -> list[tuple[str, str, Any]]:
    return [
        (route.method, route.resource.canonical, demanded(route.handler))
        for route in house.app.router.routes()
        if route.resource is not None and not route.resource.canonical.startswith("/static")
    ]


async def test_every_route_says_how_it_treats_who_is_confined(house: House) -> None:
    """What nobody said anything of is not shown; ``SCOPED`` names no route that there is not."""
    reach = set().union(*(PERMISSIONS[role] for role in ("agent", "supervisor", "auditor")))
    reach -= {"read_events", "read_audit"}
    asked = [(method, path, wanted) for method, path, wanted in routes_of(house) if wanted != PUBLIC]
    untold = sorted(
        {path for _, path, wanted in asked if wanted in reach and not is_told(path.removeprefix(V1))}
    )
    assert untold == [], "say it in screenpop/confining.py"
    there = {path.removeprefix(V1) for _, path, _ in asked}
    assert sorted(SCOPED - there) == []


async def test_a_route_of_which_nobody_said_anything_lets_nobody_through(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screenpop.confining.SCOPED", SCOPED - {"/incidents"})
    assert (await sides.sara.get(f"{V1}/incidents")).code == "confined"
    assert (await sides.sara.get("/incidents")).status == 403
    assert (await sides.free.get(f"{V1}/incidents")).status == 200
