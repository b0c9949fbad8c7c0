"""Signing in by a provider that runs over HTTP: honest, lying, rotating its keys, and away."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from integration.screenpop.house import House, Person, open_house
from openid import FIRST, SECOND, Key, OpenId, provider
from unit.screenpop.fakes import START
from yarl import URL

from crm_core.services import audit, users

WAY = "/sign-in/provider"
ME = "/api/v1/session"
MINE = "/api/v1/me/provider"


@pytest.fixture
async def issuer() -> AsyncIterator[OpenId]:
    async with provider(lambda: START) as one:
        yield one


@pytest.fixture
async def house(tmp_path: Path, furnished: Path, issuer: OpenId) -> AsyncIterator[House]:
    async with open_house(tmp_path, furnished, provider=issuer.settings()) as opened:
        issuer.now = opened.stage.clock
        yield opened


async def goes(person: Person, path: str = WAY) -> str:
    """Go to the provider and back; return where one is led then."""
    there = (await person.get(path)).headers["Location"]
    if not there.startswith("http"):
        return there
    async with person.client.get(URL(there, encoded=True), allow_redirects=False) as answer:
        back = answer.headers["Location"]
    return (await person.get(str(URL(back).relative()))).headers["Location"]


async def test_who_is_not_known_is_kept_at_his_first_sign_in(house: House) -> None:
    person = house.stranger()
    assert await goes(person) == "/floor"
    me = (await person.get(ME)).body
    assert (me["name"], me["full_name"], me["role"], me["language"]) == (
        "ana.lopez",
        "Ana López",
        "supervisor",
        "es",
    )
    entry = await house.db.read(audit.last_of, begin="user added by provider")
    assert (entry.record_id, entry.changes) == (me["user"], {"role": (None, "supervisor")})

    again = house.stranger()
    await goes(again)
    assert (await again.get(ME)).body["user"] == me["user"]


async def test_one_is_led_to_where_one_wanted_and_nowhere_else(house: House) -> None:
    assert await goes(house.stranger(), f"{WAY}?next=/calls%3Fpage%3D2") == "/calls?page=2"
    assert await goes(house.stranger(), f"{WAY}?next=//evil.example") == "/floor"


async def test_the_first_group_that_gives_a_role_counts_at_each_sign_in(house: House, issuer: OpenId) -> None:
    issuer.says["groups"] = ["crm-leads", "crm-agents"]
    await goes(house.stranger())
    issuer.says["groups"] = ["crm-agents"]
    person = house.stranger()
    await goes(person)
    assert (await person.get(ME)).body["role"] == "agent"
    entry = await house.db.read(audit.last_of, begin="role given by provider")
    assert entry.changes == {"role": ("supervisor", "agent")}


async def test_the_last_administrator_stays_one(house: House, issuer: OpenId) -> None:
    issuer.says["groups"] = ["crm-admins"]
    await goes(house.stranger())
    issuer.says["groups"] = ["crm-agents"]
    person = house.stranger()
    await goes(person)
    assert (await person.get(ME)).body["role"] == "administrator"


@pytest.mark.parametrize(
    ("says", "fault"),
    [
        pytest.param({"groups": ["staff"]}, "provider_no_role", id="no group of ours"),
        pytest.param({"groups": None}, "provider_no_role", id="no groups"),
        pytest.param({"groups": "crm-admins"}, "provider_no_role", id="groups are no list"),
        pytest.param({"preferred_username": "ana"}, "provider_name_taken", id="a name of ours"),
        pytest.param({"preferred_username": "a name"}, "provider_unknown", id="no name"),
        pytest.param({"nonce": "another"}, "provider_lied", id="another nonce"),
        pytest.param({"nonce": None}, "provider_lied", id="no nonce"),
        pytest.param({"aud": "another"}, "provider_lied", id="for another"),
        pytest.param({"aud": ["centralita", "another"]}, "provider_lied", id="for others, too"),
        pytest.param({"azp": "another"}, "provider_lied", id="made for another"),
        pytest.param({"iss": "https://evil.example"}, "provider_lied", id="by another issuer"),
        pytest.param({"exp": START.timestamp() - 61}, "provider_lied", id="expired"),
        pytest.param({"iat": START.timestamp() + 61}, "provider_lied", id="of the future"),
        pytest.param({"exp": "never"}, "provider_lied", id="no time"),
        pytest.param({"sub": ""}, "provider_lied", id="nobody"),
        pytest.param({"sub": "x" * 256}, "provider_lied", id="too long"),
        pytest.param({"exp": None}, "provider_lied", id="for good"),
    ],
)
async def test_what_is_not_believed(house: House, issuer: OpenId, says: dict[str, Any], fault: str) -> None:
    issuer.says |= says
    person = house.stranger()
    assert await goes(person) == f"/sign-in?fault={fault}"
    assert (await person.get(ME)).status == 401
    assert 'role="alert">' in (await person.get(f"/sign-in?fault={fault}")).body.decode()


def unsigned(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, None, algorithm="none")  # type: ignore[arg-type]


def by_the_public_key(claims: dict[str, Any]) -> str:
    """What is public as a secret that is shared (CVE-2015-9235)."""
    head, body = (_part(one) for one in ({"alg": "HS256", "kid": FIRST.name}, claims))
    signature = hmac.new(json.dumps(FIRST.public()).encode(), f"{head}.{body}".encode(), hashlib.sha256)
    return f"{head}.{body}.{_raw_part(signature.digest())}"


def by_another_key(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, SECOND.private, algorithm="RS256", headers={"kid": FIRST.name})


def by_an_unknown_key(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, SECOND.private, algorithm="RS256", headers={"kid": SECOND.name})


def changed(claims: dict[str, Any]) -> str:
    head, _, signature = jwt.encode(
        claims, FIRST.private, algorithm="RS256", headers={"kid": FIRST.name}
    ).split(".")
    claims["groups"] = ["crm-admins"]
    return f"{head}.{_part(claims)}.{signature}"


def _part(value: dict[str, Any]) -> str:
    return _raw_part(json.dumps(value).encode())


def _raw_part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "sign", [unsigned, by_the_public_key, by_another_key, by_an_unknown_key, changed, lambda _: "no.token"]
)
async def test_who_did_not_sign_is_not_believed(
    house: House, issuer: OpenId, sign: Callable[[dict[str, Any]], str]
) -> None:
    issuer.sign = sign
    assert await goes(house.stranger()) == "/sign-in?fault=provider_lied"


async def test_a_key_that_is_new_is_asked_for_but_not_all_the_time(house: House, issuer: OpenId) -> None:
    await goes(house.stranger())
    issuer.keys = [Key("third"), FIRST]
    assert await goes(house.stranger()) == "/sign-in?fault=provider_lied"  # asked a moment ago
    house.stage.clock.passes(30)
    assert await goes(house.stranger()) == "/floor"
    assert issuer.asked == ["about", "keys", "keys"]
    issuer.keys = [issuer.keys[0]]  # the old one is gone
    house.stage.clock.passes(timedelta(hours=1).total_seconds() + 1)
    assert await goes(house.stranger()) == "/floor"


async def test_the_way_back_is_for_the_browser_that_began(house: House, issuer: OpenId) -> None:
    """Else somebody is signed in as another, who sent him the address (RFC 6749 §10.12)."""
    attacker, victim = house.stranger(), house.stranger()
    there = (await attacker.get(WAY)).headers["Location"]
    async with attacker.client.get(URL(there, encoded=True), allow_redirects=False) as answer:
        back = str(URL(answer.headers["Location"]).relative())
    assert (await victim.get(back)).headers["Location"] == "/sign-in?fault=provider_begin_anew"
    await victim.get(WAY)
    assert (await victim.get(back)).headers["Location"] == "/sign-in?fault=provider_begin_anew"
    mixed = f"{back}&iss=https://evil.example"
    assert (await attacker.get(mixed)).headers["Location"] == "/sign-in?fault=provider_lied"
    assert (await attacker.get(back)).headers["Location"] == "/sign-in?fault=provider_begin_anew"  # once


async def test_the_way_back_is_found_for_ten_minutes(house: House) -> None:
    person = house.stranger()
    there = (await person.get(WAY)).headers["Location"]
    house.stage.clock.passes(601)
    async with person.client.get(URL(there, encoded=True), allow_redirects=False) as answer:
        back = str(URL(answer.headers["Location"]).relative())
    assert (await person.get(back)).headers["Location"] == "/sign-in?fault=provider_begin_anew"


async def test_the_cookie_says_nothing_to_who_reads_it(house: House) -> None:
    answer = await house.stranger().get(WAY)
    cookie, there = answer.headers["Set-Cookie"], URL(answer.headers["Location"])
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert there.query["state"] not in cookie
    assert there.query["nonce"] not in cookie


async def test_who_is_refused_there(house: House, issuer: OpenId) -> None:
    issuer.refuses = True
    assert await goes(house.stranger()) == "/sign-in?fault=provider_refused"


@pytest.mark.parametrize(
    ("about", "fault"),
    [
        ({"issuer": "https://evil.example"}, "provider_lied"),
        ({"token_endpoint": "http://evil.example/token"}, "provider_lied"),
        ({"jwks_uri": None}, "provider_lied"),
        ({"token_endpoint": "http://127.0.0.1:1/token"}, "provider_away"),
    ],
)
async def test_what_it_says_of_itself_is_looked_at(
    house: House, issuer: OpenId, about: dict[str, Any], fault: str
) -> None:
    issuer.about = about
    assert await goes(house.stranger()) == f"/sign-in?fault={fault}"


async def test_passwords_stay_beside_it_when_it_is_away(tmp_path: Path, furnished: Path) -> None:
    async with provider(lambda: START) as gone:
        settings = gone.settings()
    async with open_house(tmp_path, furnished, provider=settings) as house:
        assert await goes(house.stranger()) == "/sign-in?fault=provider_away"
        assert (await house.stranger().signs_in("ana")).status == 200


async def test_nobody_new_where_none_is_wanted(tmp_path: Path, furnished: Path, issuer: OpenId) -> None:
    settings = issuer.settings(creates_users=False)
    async with open_house(tmp_path, furnished, provider=settings) as house:
        issuer.now = house.stage.clock
        assert await goes(house.stranger()) == "/sign-in?fault=provider_unknown"
        assert await house.db.read(users.user_named, name="ana.lopez") is None


async def test_an_account_is_linked_by_who_is_signed_in(house: House, issuer: OpenId) -> None:
    eva = await house.person("eva")
    there = (await eva.post(MINE)).body["url"]
    async with eva.client.get(URL(there, encoded=True), allow_redirects=False) as answer:
        back = str(URL(answer.headers["Location"]).relative())
    assert (await eva.get(back)).headers["Location"] == "/me"
    assert 'id="unlink"' in (await eva.get("/me")).body.decode()

    again = house.stranger()
    await goes(again)
    assert (await again.get(ME)).body["user"] == "u-eva"

    luis = await house.person("luis")
    there = (await luis.post(MINE)).body["url"]
    async with luis.client.get(URL(there, encoded=True), allow_redirects=False) as answer:
        back = str(URL(answer.headers["Location"]).relative())
    assert (await luis.get(back)).headers["Location"] == "/me?fault=provider_taken"

    assert (await eva.ask("DELETE", MINE)).status == 204
    assert await goes(house.stranger()) == "/floor"  # somebody new by now
    assert 'id="link"' in (await eva.get("/me")).body.decode()


async def test_who_has_no_password_stays_linked(house: House) -> None:
    person = house.stranger()
    await goes(person)
    person.headers["X-CSRF-Token"] = (await person.get(ME)).body["csrf_token"]
    assert (await person.ask("DELETE", MINE)).faults == {("password", "no_password")}
    page = (await person.get("/me")).body.decode()
    assert 'id="password"' not in page
    assert 'id="factor"' not in page


async def test_who_was_switched_off_is_not_let_in(house: House) -> None:
    await goes(house.stranger())
    with sqlite3.connect(house.file) as records:
        records.execute("UPDATE user_account SET is_active = 0 WHERE name = 'ana.lopez'")
    assert await goes(house.stranger()) == "/sign-in?fault=provider_unknown"


async def test_signing_out_leads_to_the_provider_too(house: House, issuer: OpenId) -> None:
    person = house.stranger()
    await goes(person)
    assert 'data-then="/sign-out/provider"' in (await person.get("/me")).body.decode()
    there = (await person.get("/sign-out/provider")).headers["Location"]
    async with person.client.get(URL(there, encoded=True), allow_redirects=False) as answer:
        assert answer.headers["Location"] == f"{house.origin}/sign-in"
    assert issuer.left == [{"client_id": "centralita", "post_logout_redirect_uri": f"{house.origin}/sign-in"}]
    assert 'data-then="/sign-in"' in (await (await house.person("eva")).get("/me")).body.decode()


async def test_without_a_provider_there_is_none(tmp_path: Path, furnished: Path) -> None:
    async with open_house(tmp_path, furnished) as house:
        assert (await house.stranger().get(WAY)).headers["Location"] == "/sign-in?fault=no_provider"
        assert (await house.stranger().get("/sign-out/provider")).headers["Location"] == "/sign-in"
        ana = await house.person("ana")
        assert (await ana.post(MINE)).code == "no_provider"
        assert (await ana.ask("DELETE", MINE)).code == "no_provider"
