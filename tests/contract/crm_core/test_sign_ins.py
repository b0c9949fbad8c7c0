"""Sessions seen and ended, second factors, and who is who at a provider."""

from __future__ import annotations

import pytest
from contract.crm_core.kit import NOW, House, at
from contract.crm_core.test_users import ANA, EVA, session
from msgspec.structs import replace

from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError
from crm_core.domain.people import User
from crm_core.domain.second_factor import SecondFactor
from crm_core.services import audit, provided, second_factor, sessions, users

HERE = {"address": "192.0.2.9", "now": NOW}
ISSUER = "https://login.example.com"
NEW = User(id="u9", name="new", full_name="New", role="agent")


@pytest.fixture
async def peopled(house: House) -> House:
    for user in (ANA, EVA):
        await house.db.run(users.add_user, user=user)
    for one in (session("a"), session("b", second=60), session("c", EVA, second=30)):
        await house.db.run(users.open_session, session=one)
    return house


def factor(user: User = ANA, step: int = 10) -> SecondFactor:
    return SecondFactor(user_id=user.id, sealed="sealed", last_step=step, since=NOW)


async def test_sessions_are_listed_last_seen_first(peopled: House) -> None:
    async def listed(since: float = 0, user_id: str | None = None) -> list[str]:
        found = await peopled.db.read(sessions.opened_since, since=at(since), user_id=user_id)
        return [one.id for one, _ in found]

    assert await listed() == ["b", "c", "a"]
    assert await listed(1) == ["b", "c"]
    assert await listed(0, ANA.id) == ["b", "a"]
    assert await listed(0, "nobody") == []


async def test_a_session_is_ended_by_whom_it_may_be(peopled: House) -> None:
    with pytest.raises(NotFoundError):
        await peopled.db.run(sessions.revoke, session_id="c", of=ANA.id, by=ANA.id, **HERE)
    await peopled.db.run(sessions.revoke, session_id="c", of=None, by=ANA.id, **HERE)
    with pytest.raises(NotFoundError):
        await peopled.db.run(sessions.revoke, session_id="c", of=None, by=ANA.id, **HERE)
    (entry,) = await peopled.db.read(audit.last, limit=1)
    assert (entry.who, entry.what, entry.record_id) == (ANA.id, "session ended", EVA.id)


async def test_all_sessions_but_one_end(peopled: House) -> None:
    assert await peopled.db.run(sessions.revoke_others, keep="a", of=ANA.id, **HERE) == ["b"]
    assert await peopled.db.run(sessions.revoke_others, keep="a", of=ANA.id, **HERE) == []
    assert len(await peopled.db.read(sessions.opened_since, since=at(0))) == 2


async def test_a_password_of_ones_own_choice(peopled: House) -> None:
    ended = await peopled.db.run(
        sessions.change_password, user_id=ANA.id, password_hash="other", keep="b", **HERE
    )
    assert ended == ["a"]
    assert (await peopled.db.read(users.user_named, name="ana")).password_hash == "other"


async def test_a_second_factor_is_kept_in_place_of_another(peopled: House) -> None:
    assert await peopled.db.read(second_factor.of, user_id=ANA.id) == (None, 0)
    for step, codes in ((10, ["x", "y"]), (20, ["z"])):
        kept = {"one": factor(step=step), "code_hashes": codes, "address": "192.0.2.9"}
        await peopled.db.run(second_factor.keep, **kept)
    assert await peopled.db.read(second_factor.of, user_id=ANA.id) == (factor(step=20), 1)
    assert await peopled.db.read(second_factor.of, user_id=EVA.id) == (None, 0)


async def test_who_was_held_is_free_with_a_second_factor(peopled: House) -> None:
    for one in (session("d"), session("e", EVA)):
        await peopled.db.run(users.open_session, session=replace(one, is_held=True))
    await peopled.db.run(second_factor.keep, one=factor(), code_hashes=["x"], address="192.0.2.9")
    found = await peopled.db.read(users.sessions, ids=["d", "e"])
    assert {one.id: one.is_held for one, _ in found} == {"d": False, "e": True}


async def test_a_step_and_a_code_are_used_once(peopled: House) -> None:
    for user, codes in ((ANA, ["x"]), (EVA, ["y"])):
        await peopled.db.run(second_factor.keep, one=factor(user), code_hashes=codes, address="192.0.2.9")
    steps = [(10, False), (11, True), (11, False), (9, False), (13, True), (12, False)]
    for step, is_new in steps:
        assert await peopled.db.run(second_factor.use, user_id=ANA.id, step=step) is is_new
    assert await peopled.db.run(second_factor.use, user_id="nobody", step=99) is False
    for code, is_his in (("y", False), ("x", True), ("x", False)):
        spent = {"user_id": ANA.id, "code_hash": code}
        assert await peopled.db.run(second_factor.spend, **spent, **HERE) is is_his
    assert (await peopled.db.read(second_factor.of, user_id=EVA.id))[1] == 1


async def test_a_second_factor_is_taken_away(peopled: House) -> None:
    with pytest.raises(NotFoundError):
        await peopled.db.run(second_factor.reset, user_id=ANA.id, by=EVA.id, **HERE)
    for _ in range(2):
        await peopled.db.run(second_factor.keep, one=factor(), code_hashes=["x"], address="192.0.2.9")
    assert sorted(await peopled.db.run(second_factor.reset, user_id=ANA.id, by=EVA.id, **HERE)) == ["a", "b"]
    assert await peopled.db.read(second_factor.of, user_id=ANA.id) == (None, 0)
    await peopled.db.run(second_factor.keep, one=factor(), code_hashes=["x"], address="192.0.2.9")
    await peopled.db.run(second_factor.switch_off, user_id=ANA.id, **HERE)
    assert await peopled.db.read(second_factor.of, user_id=ANA.id) == (None, 0)


async def test_who_comes_by_a_provider_is_known_by_his_subject(peopled: House) -> None:
    by = {"issuer": ISSUER, "role": "agent", **HERE}
    with pytest.raises(NotFoundError):
        await peopled.db.run(provided.admit, subject="s", new=None, **by)
    assert await peopled.db.run(provided.admit, subject="s", new=NEW, **by) == NEW
    assert await peopled.db.run(provided.admit, subject="s", new=None, **by) == NEW
    with pytest.raises(AlreadyExistsError):
        await peopled.db.run(provided.admit, subject="t", new=replace(NEW, id="u10"), **by)
    with pytest.raises(NotFoundError):
        await peopled.db.run(provided.admit, subject="s", new=None, **(by | {"issuer": "https://other"}))


async def test_a_role_given_by_a_provider_is_another_version(peopled: House) -> None:
    by = {"issuer": ISSUER, "subject": "s", "new": NEW, **HERE}
    await peopled.db.run(provided.admit, role="agent", **by)
    after = await peopled.db.run(provided.admit, role="administrator", **by)
    assert after == replace(NEW, role="administrator", version=2)
    assert await peopled.db.read(users.user_named, name="new") == after
    assert (await peopled.db.run(provided.admit, role="agent", **by)).role == "administrator"  # the last one


async def test_an_account_is_linked_with_one_subject(peopled: House) -> None:
    def link(subject: str, user: User) -> dict[str, object]:
        return {"issuer": ISSUER, "subject": subject, "user_id": user.id, **HERE}

    await peopled.db.run(provided.link, **link("s", ANA))
    await peopled.db.run(provided.link, **link("s", ANA))
    with pytest.raises(AlreadyExistsError):
        await peopled.db.run(provided.link, **link("s", EVA))
    await peopled.db.run(provided.link, **link("t", ANA))
    await peopled.db.run(provided.link, **link("s", EVA))
    assert await peopled.db.read(provided.is_linked, issuer=ISSUER, user_id=ANA.id)

    with pytest.raises(InvalidError):
        await peopled.db.run(provided.unlink, issuer=ISSUER, user_id=EVA.id, **HERE)
    await peopled.db.run(provided.unlink, issuer=ISSUER, user_id=ANA.id, **HERE)
    assert not await peopled.db.read(provided.is_linked, issuer=ISSUER, user_id=ANA.id)
