"""Signing in, staying signed in, and what ends it."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from integration.screenpop.desk import close_code, hello, until
from integration.screenpop.house import PASSWORD, House, open_house
from unit.screenpop.fakes import ANA_SEAT, Tab, who
from websockets.asyncio.client import connect

from crm_core.domain.errors import DatabaseAwayError
from crm_core.services import users
from screenpop.auth import LOOK_EVERY_S
from screenpop.identity import Identity
from screenpop.schema import Hello

ME = "/api/v1/session"


async def test_who_signs_in_is_known_from_then_on(house: House) -> None:
    ana = house.stranger()
    answer = await ana.signs_in("ana")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("centralita=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {"HttpOnly", "Path=/", "SameSite=Lax"}
    me = (await ana.get(ME)).body
    assert (me["name"], me["full_name"], me["role"], me["agent"]) == ("ana", "Ana Ruiz", "agent", "101")
    assert me["interface"] == "main:PJSIP/agent101"
    assert me["csrf_token"] == answer.body["csrf_token"]
    assert me["ws_url"] == f"ws://127.0.0.1:{house.ws_port}/"
    assert "see_floor" not in me["permissions"]


async def test_behind_tls_the_cookie_is_bound_to_the_host(tmp_path: Path, furnished: Path) -> None:
    public = {"public_url": "https://desk.example.org", "public_ws_url": "wss://desk.example.org/ws"}
    async with open_house(tmp_path, furnished, **public) as house:
        ana = house.stranger(Origin="https://desk.example.org")
        answer = await ana.signs_in("ana")
        assert answer.headers["Set-Cookie"].startswith("__Host-centralita=")
        assert "Secure" in answer.headers["Set-Cookie"]
        assert answer.body["ws_url"] == "wss://desk.example.org/ws"
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "connect-src 'self' wss://desk.example.org;" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("ana", "wrong", id="wrong password"),
        pytest.param("ana", PASSWORD + " ", id="a blank counts"),
        pytest.param("nobody", PASSWORD, id="nobody"),
        pytest.param("off", PASSWORD, id="switched off"),
    ],
)
async def test_who_is_refused_is_not_told_why(house: House, name: str, password: str) -> None:
    answer = await house.stranger().signs_in(name, password)
    assert (answer.status, answer.code) == (401, "wrong_credentials")
    assert "Set-Cookie" not in answer.headers


async def test_a_form_is_told_everything_that_is_wrong_with_it(house: House) -> None:
    answer = await house.stranger().post(ME, {"name": "a\nb", "password": "x" * 513, "next": "/"})
    assert answer.status == 422
    assert answer.faults == {
        ("name", "not_one_line"),
        ("password", "string_too_long"),
        ("next", "extra_forbidden"),
    }
    assert "xxxx" not in str(answer.body)


async def test_after_five_failures_an_account_waits_at_that_address_only(house: House) -> None:
    guesser = house.stranger()
    for _ in range(5):
        assert (await guesser.signs_in("ana", "wrong")).status == 401
    refused = await guesser.signs_in("ana", PASSWORD)
    assert (refused.status, refused.code, refused.headers["Retry-After"]) == (429, "too_many_tries", "15")
    assert (await house.stranger().signs_in("luis")).status == 200  # the same address
    house.stage.clock.passes(15)
    assert (await guesser.signs_in("ana", PASSWORD)).status == 200


async def test_guesses_all_at_once_are_no_way_around(house: House) -> None:
    guesser = house.stranger()
    answers = await asyncio.gather(*(guesser.signs_in("ana", f"guess {n}") for n in range(40)))
    assert sorted(answer.status for answer in answers) == [401] * 5 + [429] * 35


@pytest.mark.parametrize(
    ("proxies", "statuses"),
    [
        pytest.param((), [401, 401, 401, 401, 401, 429], id="a stranger's word does not count"),
        pytest.param(("127.0.0.1",), [401] * 6, id="our proxy's does"),
    ],
)
async def test_whose_word_on_the_address_counts(
    tmp_path: Path, furnished: Path, proxies: tuple[str, ...], statuses: list[int]
) -> None:
    async with open_house(tmp_path, furnished, trusted_proxies=proxies) as house:
        guesser, got = house.stranger(), []
        for n in range(6):
            answer = await guesser.signs_in("ana", "wrong", headers={"X-Forwarded-For": f"203.0.113.{n}"})
            got.append(answer.status)
    assert got == statuses


async def test_too_many_at_once_come_again_and_it_is_no_failure_of_theirs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screenpop.passwords.WAITING", 0)
    for _ in range(6):
        answer = await house.stranger().signs_in("ana")
        assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "busy", "2")
    monkeypatch.undo()
    assert (await house.stranger().signs_in("ana")).status == 200


async def test_signing_out_ends_the_session_and_its_sockets(house: House) -> None:
    ana = await house.person("ana")
    tab = await _tab(house, "ana", ana)
    assert house.stage.floor.seats == {ANA_SEAT.interface: "101"}
    assert (await ana.ask("DELETE", ME)).status == 204
    assert (await ana.get(ME)).code == "not_signed_in"
    assert tab.closed == 4001
    assert house.stage.floor.seats == {}


async def test_a_program_may_sign_somebody_in_and_keeps_its_key(house: House) -> None:
    crm = house.system()
    assert (await crm.signs_in("ana")).status == 200
    assert (await crm.get(ME)).body["name"] == "key of integration"


async def test_signing_in_again_ends_the_session_before(house: House) -> None:
    ana = await house.person("ana")
    before = _cookie(ana)
    await ana.signs_in("luis")
    assert (await house.stranger(Cookie=f"centralita={before}").get(ME)).status == 401
    assert (await ana.get(ME)).body["name"] == "luis"


async def test_a_session_idles_out(house: House) -> None:
    ana = await house.person("ana")
    house.stage.clock.passes(59 * 60)
    assert (await ana.get(ME)).status == 200
    house.stage.clock.passes(59 * 60)
    assert (await ana.get(ME)).status == 200
    house.stage.clock.passes(61 * 60)
    assert (await ana.get(ME)).status == 401


@pytest.mark.parametrize("work", ["queue", "call"])
async def test_who_works_does_not_idle_out_but_ages(house: House, work: str) -> None:
    ana = await house.person("ana")
    tab = await _tab(house, "ana", ana)
    if work == "queue":
        house.stage.floor.members = {"sales": (ANA_SEAT.interface,)}
    else:
        house.stage.floor.busy = {ANA_SEAT.interface: house.stage.call().id}
    for _ in range(6):
        house.stage.clock.passes(2 * 3600)
        await house.auth.look()
    assert (await ana.get(ME)).status == 200
    assert tab.closed is None
    house.stage.clock.passes(2 * 3600 + 1)  # 14 hours and a second
    await house.auth.look()
    assert tab.closed == 4001
    assert (await ana.get(ME)).status == 401


async def test_a_new_password_ends_the_sessions_and_closes_the_sockets(house: House) -> None:
    ana = await house.person("ana")
    tab = await _tab(house, "ana", ana)
    await house.db.run(users.set_password, name="ana", password_hash="other")
    assert (await ana.get(ME)).status == 401
    await house.auth.look()
    assert tab.closed == 4001


async def test_who_is_switched_off_is_out(house: House) -> None:
    ana = await house.person("ana")
    tab = await _tab(house, "ana", ana)
    with sqlite3.connect(house.file) as records:
        records.execute("UPDATE user_account SET is_active = 0 WHERE name = 'ana'")
    records.close()
    assert (await ana.get(ME)).status == 401
    await house.auth.look()
    assert tab.closed == 4001
    assert (await house.stranger().signs_in("ana")).code == "wrong_credentials"


async def test_whose_user_was_changed_comes_again_as_who_he_is_now(house: House) -> None:
    ana = await house.person("ana")
    tab = await _tab(house, "ana", ana)
    await house.auth.look()
    assert tab.closed is None
    assert (await ana.ask("PATCH", ME, {"language": "en"})).body["language"] == "en"
    await house.auth.look()
    assert tab.closed == 4010
    assert (await _tab(house, "ana", ana)).identity.language == "en"


async def test_a_browser_s_websocket_lives_as_long_as_its_session(house: House) -> None:
    ana = await house.person("ana")
    headers = {"Cookie": f"centralita={_cookie(ana)}", "Origin": house.origin}
    async with connect(f"ws://127.0.0.1:{house.ws_port}/", additional_headers=headers) as socket:
        assert (await hello(socket, "desk"))["desk"]["agent"] == "101"
        assert house.stage.floor.seats == {ANA_SEAT.interface: "101"}
        await ana.ask("DELETE", ME)
        assert await close_code(socket) == 4001
    assert house.stage.floor.seats == {}
    async with connect(f"ws://127.0.0.1:{house.ws_port}/", additional_headers=headers) as socket:
        assert await close_code(socket) == 4001


async def test_sockets_are_looked_after_by_themselves(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LOOK_EVERY_S <= 10
    monkeypatch.setattr("screenpop.auth.LOOK_EVERY_S", 0.01)
    looking = asyncio.create_task(house.auth.run())
    ana = await house.person("ana")
    tab = await _tab(house, "ana", ana)
    reads, away = house.db.read, asyncio.Event()

    async def read(*_asked: object, **_facts: object) -> None:
        away.set()
        raise DatabaseAwayError

    monkeypatch.setattr(house.db, "read", read)
    await asyncio.wait_for(away.wait(), 5)
    monkeypatch.setattr(house.db, "read", reads)
    assert tab.closed is None  # everybody stays while nobody can be asked
    await house.db.run(users.end_session, session_id=tab.identity.session)
    await until(lambda: tab.closed)
    looking.cancel()
    await asyncio.wait([looking])


async def test_a_command_needs_the_session_s_token_and_our_own_page(house: House) -> None:
    ana = await house.person("ana")
    new = {"given": "María"}
    assert (await ana.post("/api/v1/contacts", new)).status == 201
    token = ana.headers.pop("X-CSRF-Token")
    for wrong in ({}, {"X-CSRF-Token": "x"}, {"X-CSRF-Token": token[:-1]}, {"X-CSRF-Token": "ñ"}):
        assert (await ana.post("/api/v1/contacts", new, headers=wrong)).code == "csrf"
    ana.headers["X-CSRF-Token"] = token
    for origin in ("http://evil.example", "null", f"https://127.0.0.1:{house.port}"):
        answer = await ana.post("/api/v1/contacts", new, headers={"Origin": origin})
        assert (answer.status, answer.code) == (403, "wrong_origin")
    del ana.headers["Origin"]
    assert (await ana.post("/api/v1/contacts", new)).code == "wrong_origin"


async def test_another_site_cannot_sign_anybody_in(house: House) -> None:
    answer = await house.stranger(Origin="http://evil.example").signs_in("ana")
    assert (answer.status, answer.code) == (403, "wrong_origin")


async def test_a_system_needs_neither_page_nor_token(house: House) -> None:
    crm = house.system("integration")
    assert (await crm.post("/api/v1/contacts", {"given": "María"})).status == 201
    me = (await crm.get(ME)).body
    assert (me["user"], me["role"], me["csrf_token"]) == ("token:key of integration", "integration", None)
    assert (await crm.ask("DELETE", ME)).code == "no_session"


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer x", "Basic YTpi", "Bearer ñ", ""])
async def test_a_wrong_key_is_nobody_s_even_with_a_cookie(house: House, authorization: str) -> None:
    ana = await house.person("ana")
    answer = await ana.get(ME, headers={"Authorization": authorization})
    assert (answer.status, answer.code) == (401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_other_names_are_served_with_a_public_address_only(house: House) -> None:
    answer = await house.stranger(Host="rebound.example").get("/health")
    assert (answer.status, answer.code) == (421, "host_not_served")


async def test_a_page_leads_to_the_sign_in_and_back(house: House) -> None:
    answer = await house.stranger().get("/floor?queue=sales")
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in?next=/floor?queue%3Dsales")
    assert (await house.stranger().get("/")).headers["Location"] == "/sign-in"


async def _tab(house: House, name: str, person: object) -> Tab:
    """Open a desk for *name*, who signed in as *person*."""
    identity = await house.auth.identify(f"centralita={_cookie(person)}", None)
    assert isinstance(identity, Identity)
    assert identity.user == who(name).user
    tab = Tab(identity)
    house.stage.hub.join(tab, Hello(topics=("desk",)))
    return tab


def _cookie(person: object) -> str:
    (cookie,) = person.client.cookie_jar
    return cookie.value
