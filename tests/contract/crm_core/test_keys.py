"""Keys of other systems: with scopes, with an end, used and revoked."""

from __future__ import annotations

import pytest
from contract.crm_core.kit import NOW, House, at
from msgspec.structs import replace

from crm_core.domain.errors import AlreadyExistsError, NotFoundError
from crm_core.domain.people import Token
from crm_core.domain.tokens import TooManyKeysError
from crm_core.ports import UnitOfWork
from crm_core.services import audit, keys, users

CRM = Token(
    id="a" * 64,
    name="crm",
    role="integration",
    created_at=NOW,
    scopes=("contacts:read", "contacts:write"),
    prefix="Zx81-_",
    created_by="u-eva",
    expires_at=at(3600),
)
ELDER = Token(id="b" * 64, name="dialplan", role="integration", created_at=at(-60))
BY = {"by": "u-eva", "address": "192.0.2.1"}


async def test_a_key_is_kept_with_its_scopes_and_noted(house: House) -> None:
    await house.db.run(users.add_token, token=ELDER)
    assert await house.db.run(keys.add, key=CRM, **BY) == CRM

    assert await house.db.read(keys.every) == [CRM, ELDER]
    assert await house.db.read(keys.get, key_id=CRM.id) == CRM
    assert {one.id for one in await house.db.read(keys.kept, ids=[CRM.id, ELDER.id, "x"])} == {
        CRM.id,
        ELDER.id,
    }
    (entry,) = await house.db.read(audit.last, limit=1)
    assert (entry.who, entry.what, entry.record_id) == ("u-eva", "key added", "crm")
    assert entry.changes == {
        "scopes": (None, "contacts:read contacts:write"),
        "expires_at": (None, "2026-11-24T17:00:00+00:00"),
    }


@pytest.mark.parametrize(
    ("key", "second", "holds"),
    [
        pytest.param(CRM, 3599, True, id="before its end"),
        pytest.param(CRM, 3600, False, id="at its end"),
        pytest.param(ELDER, 10**9, True, id="without an end"),
        pytest.param(replace(ELDER, revoked_at=NOW), 0, False, id="revoked"),
    ],
)
def test_a_key_holds(key: Token, second: int, holds: bool) -> None:
    assert key.holds(at(second)) is holds


async def test_a_revoked_key_is_kept_and_its_name_not_given_again(house: House) -> None:
    await house.db.run(keys.add, key=CRM, **BY)
    gone = await house.db.run(keys.revoke, key_id=CRM.id, why="left on a bus", now=at(60), **BY)
    assert gone == replace(CRM, revoked_at=at(60), revoked_by="u-eva", revoked_why="left on a bus")
    again = await house.db.run(keys.revoke, key_id=CRM.id, why="other", now=at(90), **BY)
    assert again == gone

    told = await house.db.read(audit.last, limit=9)
    assert [(one.what, one.changes) for one in told][:1] == [
        ("key revoked", {"revoked_why": (None, "left on a bus")})
    ]
    assert len(told) == 2
    with pytest.raises(AlreadyExistsError):
        await house.db.run(keys.add, key=replace(CRM, id="c" * 64), **BY)
    with pytest.raises(NotFoundError):
        await house.db.run(keys.revoke, key_id="x", why="-", now=NOW, **BY)


async def test_when_keys_were_used_last(house: House) -> None:
    for one in (CRM, ELDER):
        await house.db.run(users.add_token, token=one)
    await house.db.run(keys.used, at={CRM.id: at(7), "x": at(8)})
    assert await house.db.read(keys.every) == [replace(CRM, last_used_at=at(7)), ELDER]


async def test_so_many_keys_hold_at_a_time(house: House) -> None:
    def many(uow: UnitOfWork) -> None:
        for n in range(keys.MOST):
            uow.users.add_token(replace(ELDER, id=f"{n:064}", name=f"key {n}"))

    await house.db.run(many)
    with pytest.raises(TooManyKeysError):
        await house.db.run(keys.add, key=CRM, **BY)
    await house.db.run(keys.revoke, key_id=f"{7:064}", why="unused", now=NOW, **BY)
    await house.db.run(keys.add, key=CRM, **BY)
