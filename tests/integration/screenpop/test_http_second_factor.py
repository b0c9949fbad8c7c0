"""The second factor: set up, asked for, used once, lost, reset; and demanded of a role."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pyotp
import pytest
from integration.screenpop.house import PASSWORD, Answer, House, Person, open_house

from crm_core.services import audit, second_factor

ME, FACTOR = "/api/v1/session", "/api/v1/me/second-factor"


def code_of(house: House, secret: str, *, ahead_s: float = 0) -> str:
    return pyotp.TOTP(secret).at(house.stage.clock().timestamp() + ahead_s)


async def set_up(house: House, person: Person) -> tuple[str, list[str]]:
    begun = (await person.post(FACTOR, {"password": PASSWORD})).body
    kept = await person.ask(
        "PUT", FACTOR, {"ticket": begun["ticket"], "code": code_of(house, begun["secret"])}
    )
    assert kept.status == 200, kept.body
    house.stage.clock.passes(30)
    return begun["secret"], kept.body["items"]


async def signs_in(house: House, code: str | None, name: str = "ana") -> Answer:
    asked = {"name": name, "password": PASSWORD} | ({} if code is None else {"code": code})
    return await house.stranger().post(ME, asked)


async def test_without_one_nobody_is_asked(house: House) -> None:
    ana = await house.person("ana")
    assert (await ana.get(FACTOR)).body == {"rule": "allowed", "since": None, "codes_left": 0}


async def test_it_is_set_up_and_asked_for(house: House) -> None:
    ana = await house.person("ana")
    begun = (await ana.post(FACTOR, {"password": PASSWORD})).body
    assert begun["address"] == f"otpauth://totp/Centralita:ana?secret={begun['secret']}&issuer=Centralita"
    assert begun["picture"].startswith("data:image/svg+xml")
    assert (await signs_in(house, None)).status == 200  # not confirmed yet

    secret, codes = await set_up(house, ana)
    assert len(set(codes)) == 10
    assert (await ana.get(FACTOR)).body["codes_left"] == 10
    wanted = await signs_in(house, None)
    assert (wanted.status, wanted.code) == (401, "code_wanted")
    assert "Set-Cookie" not in wanted.headers
    assert (await signs_in(house, code_of(house, secret))).status == 200


async def test_neither_secret_nor_codes_stand_in_the_database(house: House) -> None:
    secret, codes = await set_up(house, await house.person("ana"))
    raw = house.file.read_bytes() + house.file.with_name(f"{house.file.name}-wal").read_bytes()
    assert [text for text in (secret, *codes) if text.encode() in raw] == []


async def test_a_code_is_used_once_and_an_older_one_not_after_it(house: House) -> None:
    secret, _ = await set_up(house, await house.person("ana"))
    now, before = code_of(house, secret), code_of(house, secret, ahead_s=-30)
    answers = await asyncio.gather(*(signs_in(house, now) for _ in range(3)))
    assert sorted(one.status for one in answers) == [200, 401, 401]
    assert (await signs_in(house, before)).code == "wrong_code"
    house.stage.clock.passes(30)
    assert (await signs_in(house, code_of(house, secret))).status == 200


async def test_a_recovery_code_fits_once(house: House) -> None:
    _, codes = await set_up(house, await house.person("ana"))
    assert (await signs_in(house, codes[3].upper().replace("-", ""))).status == 200
    assert (await signs_in(house, codes[3])).code == "wrong_code"
    _, left = await house.db.read(second_factor.of, user_id="u-ana")
    assert left == 9
    assert (await house.db.read(audit.last_of, begin="recovery code used")).who == "u-ana"


async def test_anothers_codes_do_not_fit(house: House) -> None:
    _, codes = await set_up(house, await house.person("ana"))
    secret, _ = await set_up(house, await house.person("luis"))
    assert (await signs_in(house, codes[0], "luis")).code == "wrong_code"
    assert (await signs_in(house, code_of(house, secret))).code == "wrong_code"


async def test_who_knows_the_password_does_not_guess_the_code_from_many_addresses(
    tmp_path: Path, furnished: Path
) -> None:
    async with open_house(tmp_path, furnished, trusted_proxies=("127.0.0.1",)) as house:
        secret, _ = await set_up(house, await house.person("ana"))
        got = []
        for n in range(6):
            headers = {"X-Forwarded-For": f"203.0.113.{n}"}
            asked = {"name": "ana", "password": PASSWORD, "code": f"{n:06}"}
            got.append((await house.stranger().post(ME, asked, headers=headers)).status)
        assert got == [401] * 5 + [429]
        house.stage.clock.passes(30)
        assert (await signs_in(house, code_of(house, secret))).status == 200


async def test_asking_for_the_code_is_no_failure(house: House) -> None:
    secret, _ = await set_up(house, await house.person("ana"))
    for _ in range(7):
        assert (await signs_in(house, None)).code == "code_wanted"
    assert (await signs_in(house, code_of(house, secret))).status == 200


@pytest.mark.parametrize(("seconds", "status"), [(14 * 60, 200), (15 * 60 + 1, 409)])
async def test_setting_up_is_confirmed_soon(house: House, seconds: int, status: int) -> None:
    ana = await house.person("ana")
    begun = (await ana.post(FACTOR, {"password": PASSWORD})).body
    house.stage.clock.passes(seconds)
    asked = {"ticket": begun["ticket"], "code": code_of(house, begun["secret"])}
    assert (await ana.ask("PUT", FACTOR, asked)).status == status


async def test_what_confirms_nothing(house: House) -> None:
    ana, luis = await house.person("ana"), await house.person("luis")
    begun = (await ana.post(FACTOR, {"password": PASSWORD})).body
    right = {"ticket": begun["ticket"], "code": code_of(house, begun["secret"])}
    assert (await ana.ask("PUT", FACTOR, right | {"code": "000000"})).faults == {("code", "wrong_code")}
    assert (await ana.ask("PUT", FACTOR, right | {"ticket": "made up"})).code == "set_up_anew"
    assert (await luis.ask("PUT", FACTOR, right)).code == "set_up_anew"
    assert (await ana.post(FACTOR, {"password": "wrong"})).faults == {("password", "wrong_password")}
    assert (await ana.get(FACTOR)).body["since"] is None


async def test_it_is_taken_away_by_password(house: House) -> None:
    ana = await house.person("ana")
    await set_up(house, ana)
    assert (await ana.post(f"{FACTOR}/removal", {"password": "wrong"})).status == 422
    assert (await ana.post(f"{FACTOR}/removal", {"password": PASSWORD})).status == 204
    assert (await signs_in(house, None)).status == 200
    assert (await ana.get(FACTOR)).body["codes_left"] == 0


async def test_an_administrator_resets_it_and_the_sessions_end(house: House) -> None:
    ana, root = await house.person("ana"), house.system("administrator")
    await set_up(house, ana)
    reset = "/api/v1/users/u-ana/second-factor"
    assert (await house.system().ask("DELETE", reset)).code == "not_allowed"
    assert (await root.ask("DELETE", reset)).status == 204
    assert (await ana.get(ME)).status == 401
    assert (await signs_in(house, None)).status == 200
    assert (await root.ask("DELETE", reset)).status == 404
    assert (await house.db.read(audit.last_of, begin="second factor reset")).record_id == "u-ana"


async def test_of_whom_it_is_demanded_he_sets_it_up_before_anything_else(
    tmp_path: Path, furnished: Path
) -> None:
    async with open_house(tmp_path, furnished, second_factor={"agent": "demanded"}) as house:
        ana = await house.person("ana")
        assert (await ana.get(ME)).body["permissions"] == ["be_known"]
        assert (await ana.get("/api/v1/calls")).code == "second_factor_wanted"
        led = await ana.get("/")
        assert (led.status, led.headers["Location"]) == (303, "/me")
        page = (await ana.get("/me")).body.decode()
        assert 'id="factor"' in page
        assert 'id="sessions"' not in page

        await set_up(house, ana)
        assert (await ana.get("/api/v1/calls")).status == 200
        assert (await ana.post(f"{FACTOR}/removal", {"password": PASSWORD})).code == "second_factor_demanded"
        assert (await (await house.person("eva")).get("/api/v1/calls")).status == 200


async def test_of_whom_it_is_not_wanted_it_is_not_asked(tmp_path: Path, furnished: Path) -> None:
    async with open_house(tmp_path, furnished) as house:
        await set_up(house, await house.person("ana"))
    other = tmp_path / "again"
    other.mkdir()
    async with open_house(other, tmp_path / "centralita.db", second_factor={"agent": "off"}) as house:
        assert (await signs_in(house, None)).status == 200
        ana = await house.person("ana")
        assert (await ana.post(FACTOR, {"password": PASSWORD})).code == "second_factor_off"


async def test_by_another_key_recovery_codes_fit_still(tmp_path: Path, furnished: Path) -> None:
    async with open_house(tmp_path, furnished) as house:
        secret, codes = await set_up(house, await house.person("ana"))
    other = tmp_path / "again"
    other.mkdir()
    async with open_house(other, tmp_path / "centralita.db") as house:
        assert (await signs_in(house, code_of(house, secret))).code == "wrong_code"
        assert (await signs_in(house, codes[0])).status == 200
