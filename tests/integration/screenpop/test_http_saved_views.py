"""Saved views by REST and on the pages: whitelisted, kept once, shared by who may, where a list begins."""

from __future__ import annotations

from typing import Any

import pytest
from integration.screenpop.house import House, Person
from yarl import URL

VIEWS = "/api/v1/saved-views"
GONE = "00000000-0000-7000-8000-0000000000ff"
LATE = {"page": "incidents", "name": "Late ones", "query": {"state": "pending", "priority": "1"}}


async def keep(who: Person, **more: Any) -> Any:
    answer = await who.post(VIEWS, LATE | more)
    assert answer.status == 201, answer.body
    return answer.body


async def begin(who: Person, view_id: str | None, page: str = "incidents") -> Any:
    return await who.ask("PUT", f"/api/v1/start-views/{page}", {"view_id": view_id})


async def test_a_view_is_kept_once_and_listed(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    first, again = [await ana.post(VIEWS, LATE, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert (first.status, first.headers["ETag"], again.body) == (201, '"1"', first.body)
    assert (first.body["owner"], first.body["audience"]) == ("u-ana", "me")
    listed = (await ana.get(VIEWS, params={"page": "incidents"})).body["items"]
    assert listed == [{"view": first.body, "is_start": False, "may_change": True}]
    path = f"{VIEWS}/{first.body['id']}"
    assert (await ana.get(path)).body == first.body
    assert ((await eva.get(path)).status, (await eva.get(VIEWS, params={"page": "incidents"})).body) == (
        404,
        {"items": []},
    )


async def test_only_what_the_page_reads_is_kept(house: House) -> None:
    ana = await house.person("ana")
    asked = {"state": "open", "priority": "9", "sort": "x", "kind": "request"}
    wrong = await ana.post(VIEWS, LATE | {"query": asked})
    assert (wrong.status, {field for field, _ in wrong.faults}) == (
        422,
        {"query.state", "query.priority", "query.sort"},
    )
    kept = await keep(ana, query={"view": "list", "kind": "request", "cursor": "x", "saved": "none"})
    assert kept["query"] == {"kind": "request"}
    after = await ana.ask(
        "PATCH", f"{VIEWS}/{kept['id']}", {"query": {"sort": "x"}}, headers={"If-Match": '"1"'}
    )
    assert {field for field, _ in after.faults} == {"query.sort"}


async def test_all_that_is_wrong_is_told_at_once(house: House) -> None:
    ana = await house.person("ana")
    wrong = await ana.post(VIEWS, {"page": "nowhere", "name": "", "audience": "x"})
    assert {field for field, _ in wrong.faults} == {"page", "name", "audience"}


async def test_it_is_shared_by_supervisors_alone(house: House) -> None:
    ana, eva, luis = [await house.person(name) for name in ("ana", "eva", "luis")]
    assert (await ana.post(VIEWS, LATE | {"audience": "everybody"})).status == 403
    shared = await keep(eva, audience="everybody")
    (seen,) = (await luis.get(VIEWS, params={"page": "incidents"})).body["items"]
    assert (seen["view"]["id"], seen["may_change"]) == (shared["id"], False)
    path, match = f"{VIEWS}/{shared['id']}", {"If-Match": '"1"'}
    assert (await luis.ask("DELETE", path, headers=match)).status == 403
    assert (await eva.ask("DELETE", path, headers=match)).status == 204
    assert (await luis.get(path)).status == 404
    assert (await eva.post(f"{path}/restore")).body["version"] == 3
    late = await eva.ask("PATCH", path, {"name": "x"}, headers=match)
    assert (late.status, late.body["newer"]["version"]) == (412, 3)


async def test_views_of_a_list_that_is_not_open_to_one_are_not_either(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    assert (await ana.get(VIEWS, params={"page": "calls"})).status == 403
    assert (await ana.post(VIEWS, {"page": "calls", "name": "x"})).status == 403
    shared = await keep(eva, page="calls", query={"outcome": "abandoned"}, audience="everybody")
    assert (await ana.get(f"{VIEWS}/{shared['id']}")).status == 404


async def test_a_list_begins_with_one_s_view(house: House) -> None:
    ana, luis = await house.person("ana"), await house.person("luis")
    kept = await keep(ana)
    assert (await begin(luis, kept["id"])).faults == {("view_id", "unknown")}
    assert (await begin(ana, kept["id"], "nowhere")).status == 404
    assert (await begin(ana, kept["id"])).body["items"][0]["is_start"] is True
    led = await ana.get("/incidents")
    there = URL(led.headers["Location"])
    assert (led.status, there.path, dict(there.query)) == (
        302,
        "/incidents",
        {"saved": kept["id"], "state": "pending", "priority": "1"},
    )
    assert (await ana.get(str(there))).status == 200
    for asked in ("/incidents?view=list", "/incidents?saved=none"):
        assert (await ana.get(asked)).status == 200
    assert (await luis.get("/incidents")).status == 200
    await begin(ana, None)
    assert (await ana.get("/incidents")).status == 200


async def test_a_view_that_asks_for_everything_opens(house: House) -> None:
    ana = await house.person("ana")
    kept = await keep(ana, page="contacts", query={})
    await begin(ana, kept["id"], "contacts")
    for asked in ("/contacts", f"/contacts?saved={kept['id']}"):
        assert (await ana.get(asked)).status == 200


async def test_what_is_gone_is_left_out_and_told(house: House) -> None:
    ana = await house.person("ana")
    kept = await keep(ana, query={"category_id": GONE, "state": "pending"})
    led = await ana.get(f"/incidents?saved={kept['id']}")
    assert dict(URL(led.headers["Location"]).query) == {"saved": kept["id"], "state": "pending"}
    shown = (await ana.get(led.headers["Location"])).body.decode()
    assert "algo que ya no existe" in shown
    assert "esta vista ya no existe" in (await ana.get(f"/incidents?saved={GONE}")).body.decode().lower()


@pytest.mark.parametrize(
    ("page", "path", "query"),
    [
        ("contacts", "/contacts", {"q": "ana"}),
        ("accounts", "/accounts", {"q": "acme"}),
        ("incidents", "/incidents", {"view": "board", "kind": "request"}),
        ("tasks", "/tasks", {"view": "late"}),
        ("calls", "/calls", {"from": "2026-11-01", "outcome": "abandoned"}),
        ("knowledge", "/knowledge", {"q": "frio", "stand": "draft"}),
        ("problems", "/problems", {"days": "30"}),
    ],
)
async def test_every_list_keeps_views(house: House, page: str, path: str, query: dict[str, str]) -> None:
    eva = await house.person("eva")
    kept = await keep(eva, page=page, query=query)
    assert kept["query"] == query
    led = await eva.get(f"{path}?saved={kept['id']}")
    assert dict(URL(led.headers["Location"]).query) == query | {"saved": kept["id"]}
    shown = await eva.get(led.headers["Location"])
    assert shown.status == 200
    assert f'data-open="{kept["id"]}"' in shown.body.decode()
    assert 'id="filters"' in shown.body.decode() or page == "tasks"


async def test_a_shared_view_tells_nobody_a_number_that_is_not_shown_to_him(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    rule = {"numbers": "masked", "emails": "masked", "documents": "shown", "personal": "shown"}
    put = await house.system("administrator").ask(
        "PUT", "/api/v1/masking/agent", rule, headers={"If-Match": '"0"'}
    )
    assert put.status == 200, put.body
    shared = await keep(eva, page="contacts", query={"q": "600 123 456"}, audience="everybody")
    own = await keep(ana, page="contacts", query={"q": "600 123 456"})
    for person, kept, asks in ((eva, shared, True), (ana, shared, False), (ana, own, True)):
        led = await person.get(f"/contacts?saved={kept['id']}")
        assert ("600" in led.headers.get("Location", "")) is asks
