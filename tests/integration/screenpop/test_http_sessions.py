"""Where somebody is signed in: listed, and ended by himself or by an administrator; another password."""

from __future__ import annotations

from integration.screenpop.desk import close_code, hello
from integration.screenpop.house import PASSWORD, House
from websockets.asyncio.client import connect

from crm_core.services import audit

MINE, ALL = "/api/v1/me/sessions", "/api/v1/sessions"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"


async def test_one_sees_where_one_is_signed_in(house: House) -> None:
    ana, elsewhere = house.stranger(**{"User-Agent": FIREFOX}), house.stranger(**{"User-Agent": "<b>x</b>"})
    await elsewhere.signs_in("ana")
    house.stage.clock.passes(90)
    await ana.signs_in("ana")
    await (await house.person("luis")).get(MINE)

    items = (await ana.get(MINE)).body["items"]
    assert [(one["device"], one["address"], one["is_this"]) for one in items] == [
        ("Firefox · Linux", "127.0.0.1", True),
        ("", "127.0.0.1", False),
    ]
    assert {one["user"] for one in items} == {"u-ana"}
    assert items[0]["created_at"] > items[1]["created_at"]


async def test_an_ended_session_is_nobodys_and_its_socket_closes_at_once(house: House) -> None:
    ana, elsewhere = await house.person("ana"), house.stranger()
    cookie = (await elsewhere.signs_in("ana")).headers["Set-Cookie"].partition(";")[0]
    other = next(one for one in (await ana.get(MINE)).body["items"] if not one["is_this"])
    headers = {"Cookie": cookie, "Origin": house.origin}
    async with connect(f"ws://127.0.0.1:{house.ws_port}/", additional_headers=headers) as socket:
        await hello(socket)
        assert (await ana.ask("DELETE", f"{MINE}/{other['id']}")).status == 204
        assert await close_code(socket) == 4001
    assert (await elsewhere.get(MINE)).status == 401
    assert len((await ana.get(MINE)).body["items"]) == 1
    assert (await ana.ask("DELETE", f"{MINE}/{other['id']}")).status == 404

    entry = (await house.db.read(audit.last, limit=1))[0]
    assert (entry.who, entry.what, entry.kind, entry.record_id) == ("u-ana", "session ended", "user", "u-ana")


async def test_everywhere_else_at_once(house: House) -> None:
    ana, others = await house.person("ana"), [await house.person("ana") for _ in range(2)]
    luis = await house.person("luis")
    assert (await ana.ask("DELETE", MINE)).status == 204
    assert [(await one.get(MINE)).status for one in (ana, *others, luis)] == [200, 401, 401, 200]


async def test_anothers_session_is_not_there(house: House) -> None:
    ana, luis = await house.person("ana"), await house.person("luis")
    (his,) = (await luis.get(MINE)).body["items"]
    assert (await ana.ask("DELETE", f"{MINE}/{his['id']}")).status == 404
    assert (await ana.ask("DELETE", f"{ALL}/{his['id']}")).code == "not_allowed"
    assert (await ana.get(ALL)).code == "not_allowed"
    assert (await luis.get(MINE)).status == 200


async def test_an_administrator_sees_and_ends_everybodys(house: House) -> None:
    ana, luis, root = await house.person("ana"), await house.person("luis"), house.system("administrator")
    assert {one["user"] for one in (await root.get(ALL)).body["items"]} == {"u-ana", "u-luis"}
    (his,) = (await root.get(f"{ALL}?user=u-luis")).body["items"]
    assert (his["full_name"], his["is_this"]) == ("Luis Gil", False)
    assert (await root.ask("DELETE", f"{ALL}/{his['id']}")).status == 204
    assert [(await one.get(MINE)).status for one in (ana, luis)] == [200, 401]


async def test_a_session_that_is_idle_for_too_long_is_listed_no_more(house: House) -> None:
    await house.person("ana")
    house.stage.clock.passes(61 * 60)
    again = await house.person("ana")
    assert [one["is_this"] for one in (await again.get(MINE)).body["items"]] == [True]


async def test_a_key_has_no_sessions(house: House) -> None:
    assert (await house.system().get(MINE)).code == "no_session"


async def test_another_password_signs_out_everywhere_else(house: House) -> None:
    ana, elsewhere = await house.person("ana"), await house.person("ana")
    asked = {"password": PASSWORD, "new_password": "a new one of mine"}
    assert (await ana.ask("PUT", "/api/v1/me/password", asked)).status == 204
    assert [(await one.get(MINE)).status for one in (ana, elsewhere)] == [200, 401]
    assert (await house.stranger().signs_in("ana")).status == 401
    assert (await house.stranger().signs_in("ana", "a new one of mine")).status == 200


async def test_a_password_is_changed_by_who_knows_it(house: House) -> None:
    ana = await house.person("ana")
    for n in range(6):
        asked = {"password": f"guess {n}", "new_password": "a new one of mine"}
        answer = await ana.ask("PUT", "/api/v1/me/password", asked)
        if n < 5:
            assert answer.faults == {("password", "wrong_password")}
    assert answer.code == "too_many_tries"
    short = await ana.ask("PUT", "/api/v1/me/password", {"password": PASSWORD, "new_password": "short"})
    assert short.faults == {("new_password", "string_too_short")}
