"""Callbacks: kept once, listed by when they are due, done when the customer was spoken with."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import NOW, House, a_call, a_contact, at

from crm_core.domain.callbacks import Callback
from crm_core.domain.errors import NotFoundError
from crm_core.domain.events import CallbackAsked, CallbackDone
from crm_core.services import callbacks

ANA, EVA = "+34957212000", "+34957212001"


async def ask(house: House, number: str = ANA, *, due: float = 0, now: float = 0) -> Callback:
    kept: Callback = await house.db.run(
        callbacks.ask, number=number, call_id="c", did="5551001", due_at=at(due), now=at(now)
    )
    return kept


async def listed(house: House, **asked: Any) -> list[str]:
    return [one.number for one in await house.db.read(callbacks.waiting, **({"limit": 9} | asked))]


async def test_a_callback_is_its_customer_s(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212000"]))

    kept = await ask(house, due=60)

    assert (kept.contact_id, kept.call_id, kept.did, kept.asked_at, kept.due_at) == (
        "ana",
        "c",
        "5551001",
        NOW,
        at(60),
    )
    assert await house.db.read(callbacks.waiting, limit=9) == [kept]
    assert house.heard[-1] == CallbackAsked(
        at=NOW, callback_id=kept.id, call="c", contact_id="ana", due_at=at(60)
    )


async def test_who_asks_again_keeps_his_place(house: House) -> None:
    first = await ask(house, due=10)

    assert await ask(house, due=99, now=50) == first
    assert await listed(house) == [ANA]
    assert len(house.heard) == 1


async def test_first_due_is_first_told_and_pages_go_on(house: House) -> None:
    numbers = [f"+3495721200{n}" for n in range(5)]
    for n, due in enumerate((30, 10, 20, 10, 40)):
        await ask(house, numbers[n], due=due, now=n)

    page = await house.db.read(callbacks.waiting, limit=2)
    rest = await listed(house, after=(page[-1].due_at, page[-1].id))

    assert [one.number for one in page] + rest == [numbers[n] for n in (1, 3, 2, 0, 4)]


@pytest.mark.parametrize(
    ("call", "is_done"),
    [
        pytest.param(a_call(100, talk_s=20.0), True, id="spoken with"),
        pytest.param(a_call(100, talk_s=20.0, direction="outbound"), True, id="rung and spoken with"),
        pytest.param(a_call(100, outcome="no_answer", direction="outbound"), False, id="rung in vain"),
        pytest.param(a_call(100, outcome="self_service"), False, id="in the menu again"),
        pytest.param(a_call(-100, talk_s=20.0), False, id="spoken with before he asked"),
        pytest.param(a_call(100, talk_s=20.0, customer=EVA), False, id="somebody else"),
        pytest.param(a_call(100, talk_s=20.0, customer=None), False, id="nobody known"),
    ],
)
async def test_it_is_done_when_he_was(house: House, call: Any, *, is_done: bool) -> None:
    kept = await ask(house)

    await house.record(call)

    assert await listed(house) == ([] if is_done else [ANA])
    done = [event for event in house.heard if isinstance(event, CallbackDone)]
    assert done == ([CallbackDone(at=call.ended_at, callback_id=kept.id)] if is_done else [])


async def test_who_was_reached_may_ask_anew(house: House) -> None:
    first = await ask(house)
    await house.record(a_call(100, talk_s=20.0))

    assert (await ask(house, now=200)).id != first.id


async def test_a_person_says_that_it_is_done_and_twice_is_once(house: House) -> None:
    kept = await ask(house)

    done = await house.db.run(callbacks.finish, callback_id=kept.id, by="eva", now=at(5))
    again = await house.db.run(callbacks.finish, callback_id=kept.id, by="bob", now=at(9))

    assert (done.done_by, done.done_at) == ("eva", at(5))
    assert again == done
    assert await listed(house) == []


async def test_what_is_not_there_is_not_done(house: House) -> None:
    with pytest.raises(NotFoundError):
        await house.db.run(callbacks.finish, callback_id="x", by="eva", now=NOW)
