"""Who signs in, sessions, and other systems' keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from contract.crm_core.kit import NOW, House, at
from msgspec.structs import replace

from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError
from crm_core.domain.people import Session, Token, User
from crm_core.services import users

ANA = User(
    id="u1",
    name="ana",
    full_name="Ana Ruiz",
    role="agent",
    language="en",
    agent="101",
    seat="main:PJSIP/agent101",
    password_hash="$argon2id$…",
)
EVA = User(id="u2", name="eva", full_name="Eva Gil", role="supervisor")
KEY = Token(id="t" * 64, name="dialplan", role="integration", created_at=NOW)


def session(key: str, user: User = ANA, second: float = 0) -> Session:
    return Session(id=key, user_id=user.id, created_at=at(second), seen_at=at(second), address="192.0.2.1")


async def test_a_user_is_found_by_name(house: House) -> None:
    assert await house.db.run(users.add_user, user=ANA) == ANA
    await house.db.run(users.add_user, user=EVA)

    assert await house.db.read(users.user_named, name="ana") == ANA
    assert await house.db.read(users.user_named, name="eva") == EVA
    assert await house.db.read(users.user_named, name="ANA") is None


@pytest.mark.parametrize("change", [{"name": "eva"}, {"agent": "101"}])
async def test_names_and_codes_are_given_once(house: House, change: dict[str, str]) -> None:
    await house.db.run(users.add_user, user=ANA)
    await house.db.run(users.add_user, user=EVA)

    with pytest.raises(AlreadyExistsError):
        await house.db.run(users.add_user, user=replace(EVA, id="u3", **({"name": "new"} | change)))


async def test_a_user_that_cannot_be(house: House) -> None:
    with pytest.raises(InvalidError):
        await house.db.run(users.add_user, user=replace(ANA, seat="somewhere"))


async def test_sessions_are_kept_with_their_users(house: House) -> None:
    for user in (ANA, EVA):
        await house.db.run(users.add_user, user=user)
    for one in (session("a"), session("b", EVA)):
        await house.db.run(users.open_session, session=one)

    found = await house.db.read(users.sessions, ids=["b", "a", "c"])

    assert sorted(found, key=lambda pair: pair[0].id) == [(session("a"), ANA), (session("b", EVA), EVA)]
    assert await house.db.read(users.sessions, ids=[]) == []


async def test_a_session_is_used_and_ends(house: House) -> None:
    await house.db.run(users.add_user, user=ANA)
    await house.db.run(users.open_session, session=session("a"))

    await house.db.run(users.session_seen, session_id="a", now=at(60))
    await house.db.run(users.session_seen, session_id="a", now=at(30))  # told late: time goes on only
    await house.db.run(users.session_seen, session_id="x", now=at(60))
    assert [one.seen_at for one, _ in await house.db.read(users.sessions, ids=["a"])] == [at(60)]

    for _ in range(2):
        await house.db.run(users.end_session, session_id="a")
    assert await house.db.read(users.sessions, ids=["a"]) == []


async def test_a_user_switched_off_has_no_session(house: House) -> None:
    await house.db.run(users.add_user, user=replace(ANA, is_active=False))
    await house.db.run(users.open_session, session=session("a"))

    assert await house.db.read(users.sessions, ids=["a"]) == []


async def test_old_sessions_are_forgotten_when_a_new_one_opens(house: House) -> None:
    await house.db.run(users.add_user, user=ANA)
    for key, day in (("old", 0), ("new", 31)):
        one = session(key, second=timedelta(days=day).total_seconds())
        await house.db.run(users.open_session, session=one)

    assert [one.id for one, _ in await house.db.read(users.sessions, ids=["old", "new"])] == ["new"]


async def test_another_password_ends_the_user_s_sessions(house: House) -> None:
    for user in (ANA, EVA):
        await house.db.run(users.add_user, user=user)
    for one in (session("a"), session("b"), session("c", EVA)):
        await house.db.run(users.open_session, session=one)

    ended = await house.db.run(users.set_password, name="ana", password_hash="$new")

    assert sorted(ended) == ["a", "b"]
    assert [one.id for one, _ in await house.db.read(users.sessions, ids=["a", "b", "c"])] == ["c"]
    ana = await house.db.read(users.user_named, name="ana")
    assert ana == replace(ANA, password_hash="$new")
    with pytest.raises(NotFoundError):
        await house.db.run(users.set_password, name="nobody", password_hash="$new")


async def test_a_key_is_known_by_its_hash(house: House) -> None:
    assert await house.db.run(users.add_token, token=KEY) == KEY

    assert await house.db.read(users.token, token_id=KEY.id) == KEY
    assert await house.db.read(users.token, token_id="x") is None
    with pytest.raises(AlreadyExistsError):
        await house.db.run(users.add_token, token=replace(KEY, id="other"))


async def test_a_user_sits_where_he_chose_last(house: House) -> None:
    await house.db.run(users.add_user, user=ANA)
    await house.db.run(users.set_seat, user_id=ANA.id, seat="main:PJSIP/agent102")
    found = await house.db.read(users.user_named, name="ana")
    assert found == replace(ANA, seat="main:PJSIP/agent102")


async def test_agents_have_names(house: House) -> None:
    for user in (ANA, EVA):
        await house.db.run(users.add_user, user=user)
    assert await house.db.read(users.names_of, agents=["101", "999"]) == {"101": "Ana Ruiz"}
    assert await house.db.read(users.names_of, agents=[]) == {}
