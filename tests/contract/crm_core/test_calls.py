"""Past calls: recorded once, read by contact, agent and time, written about, given to whom they belong."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest
from contract.crm_core.kit import NOW, House, a_call, a_contact, at
from msgspec.structs import replace

from crm_core.domain.batches import SpoolPlace
from crm_core.domain.calls import Call, Match, Visit, Work, call_id
from crm_core.domain.errors import NotFoundError
from crm_core.domain.events import CallsRelabelled, WorkSaved, stored
from crm_core.domain.traces import Steps, packed, unpacked
from crm_core.services import calls, contacts, events


class Told(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="call.queued"):
    """Something that the bridge told."""

    at: datetime
    call: str


async def history(house: House, **asked: Any) -> list[str]:
    found = await house.db.read(calls.history, **({"limit": 50} | asked))
    return [call.id for call in found]


async def save(house: House, call: str, agent: str = "101", notes: str = "Hola", now: Any = NOW) -> Work:
    work: Work = await house.db.run(
        calls.save_work, call_id=call, agent=agent, notes=notes, disposition=None, now=now
    )
    return work


async def test_a_call_is_kept_whole(house: House) -> None:
    call = a_call(0)
    await house.record(call)

    assert await house.call(call.id) == call


async def test_a_call_that_is_not_there(house: House) -> None:
    with pytest.raises(NotFoundError):
        await house.call(call_id("main", "1.0"))


async def test_the_same_group_may_come_twice(house: House) -> None:
    for _ in range(2):
        await house.record(a_call(0), a_call(100))

    assert await history(house) == [a_call(100).id, a_call(0).id]


async def test_what_was_spooled_is_kept_once(house: House) -> None:
    first, second = (SpoolPlace(spool="s", n=n) for n in (1, 2))
    for place in (first, first, second, first, second):
        told = Told(at=NOW, call=f"c{place.n}")
        await house.db.run(calls.record, calls=[a_call(place.n)], events=[stored(told)], spooled=place)

    assert await history(house) == [a_call(2).id, a_call(1).id]
    kept = await house.db.read(events.after, pos=0, limit=9)
    assert [one.call_id for one in kept] == ["c1", "c2"]


async def test_the_highest_version_stays(house: House) -> None:
    newer = a_call(0, version=11, outcome="abandoned")
    await house.record(a_call(0, version=10))
    await house.record(newer)
    await house.record(a_call(0, version=9))

    assert await house.call(newer.id) == newer
    assert await history(house, agent="101", missed=True) == [newer.id]


async def test_of_two_versions_in_a_group_the_higher_stays(house: House) -> None:
    newer = a_call(0, version=11, outcome="abandoned")
    await house.record(newer, a_call(0, version=10))

    assert await house.call(newer.id) == newer


async def test_a_newer_telling_keeps_what_was_learnt_since(house: House) -> None:
    await house.record(a_call(0))
    await house.add(a_contact("ana", numbers=["957212000"]), now=at(60))
    await house.record(a_call(0, version=12))

    call = await house.call(a_call(0).id)
    assert (call.version, call.contact_id, call.match.relabelled_at) == (12, "ana", at(60))


async def test_a_newer_telling_keeps_what_a_person_chose(house: House) -> None:
    for key in ("ana", "bea"):
        await house.add(a_contact(key))
    await house.record(a_call(0, contact_id="bea", match=Match(kind="exact")))
    await house.db.run(calls.choose_contact, call_id=a_call(0).id, contact_id="ana", number=None, now=at(60))
    await house.record(a_call(0, version=12, contact_id="bea", match=Match(kind="exact")))

    call = await house.call(a_call(0).id)
    assert (call.version, call.contact_id, call.match.kind) == (12, "ana", "chosen")


async def test_a_number_that_became_known_during_the_call_counts(house: House) -> None:
    await house.add(a_contact("ana", numbers=["957212000"]))
    await house.record(a_call(0))

    call = await house.call(a_call(0).id)
    assert (call.contact_id, call.match.kind, call.match.relabelled_at) == ("ana", "exact", call.ended_at)


async def test_what_happened_is_stored_with_the_calls_in_order(house: House) -> None:
    told = [Told(at=at(n), call=f"c{n}") for n in range(3)]
    await house.record(a_call(0), events=told)
    await house.record(events=[Told(at=at(9), call="c9")])

    stored = await house.db.read(events.after, pos=0, limit=50)

    assert [(one.type, one.at, one.call_id) for one in stored] == [
        ("call.queued", at(n), f"c{n}") for n in (0, 1, 2, 9)
    ]
    assert msgspec.json.decode(stored[0].payload, type=Told) == told[0]
    assert await house.db.read(events.after, pos=stored[1].pos, limit=1) == stored[2:3]
    assert await house.db.read(events.after, pos=stored[-1].pos, limit=9) == []
    assert house.heard == []


async def test_nothing_is_recorded_of_nothing(house: House) -> None:
    await house.record()

    assert await history(house) == []


LOST, TAKEN, TAKEN_BY_OTHER = a_call(0, outcome="abandoned"), a_call(100), a_call(200, agent="102")
OUT = a_call(300, outcome="no_answer", direction="outbound")
ALL = (LOST, TAKEN, TAKEN_BY_OTHER, OUT)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({}, [OUT, TAKEN_BY_OTHER, TAKEN, LOST], id="all, newest first"),
        pytest.param({"limit": 1}, [OUT], id="the newest"),
        pytest.param({"agent": "102"}, [TAKEN_BY_OTHER], id="an agent's"),
        pytest.param({"agent": "101"}, [OUT, TAKEN, LOST], id="those he missed too"),
        pytest.param({"agent": "101", "missed": True}, [OUT, LOST], id="those he missed"),
        pytest.param({"missed": True}, [LOST], id="those from outside that nobody took"),
        pytest.param({"contact_id": "ana"}, [TAKEN], id="a contact's"),
        pytest.param({"contact_id": "ana", "agent": "101"}, [TAKEN], id="an agent's with a contact"),
        pytest.param({"contact_id": "ana", "agent": "102"}, [], id="none"),
        pytest.param({"agent": "999"}, [], id="nobody's"),
        pytest.param({"before": (at(200), TAKEN_BY_OTHER.id)}, [TAKEN, LOST], id="before a place"),
        pytest.param({"agent": "101", "before": (at(100), TAKEN.id)}, [LOST], id="an agent's before a place"),
    ],
)
async def test_history(house: House, asked: dict[str, Any], found: list[Call]) -> None:
    await house.add(a_contact("ana"))
    await house.record(*(replace(call, contact_id="ana") if call is TAKEN else call for call in ALL))

    assert await history(house, **asked) == [call.id for call in found]


async def test_calls_of_one_instant_have_an_order(house: House) -> None:
    told = [a_call(0, linkedid=f"5.{n}", id=call_id("main", f"5.{n}")) for n in range(4)]
    await house.record(*told)
    ids = sorted((call.id for call in told), reverse=True)

    assert await history(house, limit=2) == ids[:2]
    assert await history(house, before=(NOW, ids[1])) == ids[2:]
    assert await history(house, agent="101", before=(NOW, ids[1])) == ids[2:]


async def test_who_was_spared_has_not_missed_a_call(house: House) -> None:
    call = a_call(0)
    spared = replace(call.visits[0].attempts[0], interface="PJSIP/agent102", agent="102", result="cancelled")
    call.visits[0].attempts.append(spared)
    await house.record(call)

    assert await history(house, agent="102") == []
    assert await history(house, agent="101") == [call.id]


async def test_what_an_agent_writes_is_kept_before_and_after_the_call_is(house: House) -> None:
    call = a_call(0)
    await save(house, call.id, notes="draft")
    await house.record(call)
    await save(house, call.id, "102", "Otra", at(3))
    work = await save(house, call.id, notes="Hola", now=at(2))

    assert work == Work(agent="101", notes="Hola", saved_at=at(2))
    assert (await house.call(call.id)).work == [
        work,
        Work(agent="102", notes="Otra", saved_at=at(3)),
    ]
    assert house.heard[-1] == WorkSaved(at=at(2), by="101", call=call.id, agent="101")


async def test_a_live_call_is_told_with_what_was_written_about_it(house: House) -> None:
    call = a_call(0)
    work = await save(house, call.id)
    opened = await house.incident(call_id=call.id)

    told = await house.db.read(calls.written, call=call)

    assert told == replace(call, work=[work], incident_ids=[opened.id])
    assert call.work == []


async def test_work_and_incidents_of_a_merged_call_are_the_survivors(house: House) -> None:
    gone = call_id("main", "5.1")
    await save(house, gone)
    opened = await house.incident(call_id=gone)
    await house.record(a_call(0, merged_ids=["5.1"]))

    call = await house.call(a_call(0).id)
    assert [work.notes for work in call.work] == ["Hola"]
    assert call.incident_ids == [opened.id]


async def test_a_choice_is_remembered_for_the_number(house: House) -> None:
    for key in ("ana", "bea"):
        await house.add(a_contact(key, numbers=["957212000"]))
    await house.record(a_call(0), a_call(100))

    match = await house.db.run(
        calls.choose_contact, call_id=a_call(0).id, contact_id="bea", number=None, now=at(50)
    )

    assert (match.kind, [one.contact_id for one in match.candidates]) == ("chosen", ["bea", "ana"])
    call = await house.call(a_call(0).id)
    assert (call.contact_id, call.match, call.match.relabelled_at) == ("bea", match, at(50))
    assert (await house.call(a_call(100).id)).contact_id is None  # nobody said that of this one
    assert house.heard[-1] == CallsRelabelled(at=at(50), contact_id="bea", calls=(call.id,))
    card = await house.card("957212000")
    assert card.contact is not None
    assert (card.contact.id, card.match.kind) == ("bea", "chosen")


async def test_another_choice_takes_the_place_of_the_first(house: House) -> None:
    for key in ("ana", "bea"):
        await house.add(a_contact(key, numbers=["957212000"]))
    await house.record(a_call(0))
    for key in ("bea", "ana"):
        await house.db.run(
            calls.choose_contact, call_id=a_call(0).id, contact_id=key, number=None, now=at(50)
        )

    card = await house.card("957212000")
    assert card.contact is not None
    assert card.contact.id == "ana"
    assert await history(house, contact_id="bea") == []


async def test_a_later_contact_does_not_make_older_calls_the_chosen_one_s(house: House) -> None:
    for key in ("ana", "bea"):
        await house.add(a_contact(key, numbers=["957212000"]))
    await house.record(a_call(0))
    await house.db.run(
        calls.choose_contact, call_id="live", contact_id="bea", number="+34957212000", now=at(50)
    )
    await house.add(a_contact("eva", numbers=["957212000"]))

    assert (await house.call(a_call(0).id)).contact_id is None


async def test_a_choice_during_the_call_is_told_and_remembered(house: House) -> None:
    for key in ("ana", "bea"):
        await house.add(a_contact(key, numbers=["957212000"]))

    match = await house.db.run(
        calls.choose_contact, call_id="live", contact_id="ana", number="+34957212000", now=at(5)
    )

    assert (match.kind, [one.contact_id for one in match.candidates]) == ("chosen", ["ana", "bea"])
    await house.record(a_call(0))
    assert (await house.call(a_call(0).id)).contact_id == "ana"


async def test_a_caller_without_a_number_can_be_chosen_too(house: House) -> None:
    await house.add(a_contact("ana"))
    await house.record(a_call(0, customer=None))

    await house.db.run(calls.choose_contact, call_id=a_call(0).id, contact_id="ana", number=None, now=at(5))

    timeline = await house.db.read(contacts.timeline, contact_id="ana", limit=9)
    assert [item.kind for item in timeline] == ["call"]


async def test_nobody_can_be_chosen_who_is_not_there(house: House) -> None:
    await house.record(a_call(0))

    with pytest.raises(NotFoundError):
        await house.db.run(
            calls.choose_contact, call_id=a_call(0).id, contact_id="ana", number=None, now=at(5)
        )


async def test_the_last_call_that_came_in_from_a_number(house: House) -> None:
    asked, older, rung_back = a_call(10), a_call(0), a_call(20, direction="outbound")
    await house.record(older, asked, rung_back, a_call(30, customer="+34957212001"))

    found = await house.db.read(calls.last_from, number="+34957212000")

    assert found.id == asked.id
    assert await house.db.read(calls.last_from, number="+34600000000") is None


async def test_how_a_call_came_to_be_told_is_kept_beside_it(house: House) -> None:
    call = a_call(1, merged_ids=["1795536002.0"])
    merged = call_id("main", "1795536002.0")
    whats = {call.id: "one", merged: "other"}
    steps = [Steps(call_id=key, at=NOW, steps=[(NOW, what, {})]) for key, what in whats.items()]
    await house.db.run(calls.record, calls=[call], events=[*steps, packed(steps[0])])

    lines, _ = unpacked(await house.db.read(calls.why_told, call=call))
    assert [line.what for line in lines] == ["one", "other", "one"]
    assert await house.db.read(events.after, pos=0, limit=9) == []


async def test_the_log_is_thinned_from_its_begin_a_little_at_a_time(house: House) -> None:
    for n in range(5):
        steps = Steps(call_id=f"c{n}", at=at(n), steps=[])
        await house.record(events=[Told(at=at(n), call=f"c{n}"), steps])

    async def thin() -> int:
        gone: int = await house.db.run(events.thin, before=at(3), limit=2)
        return gone

    assert [await thin() for _ in range(3)] == [4, 2, 0]
    kept = await house.db.read(events.after, pos=0, limit=9)
    assert [(one.pos, one.call_id) for one in kept] == [(4, "c3"), (5, "c4")]
    await house.record(events=[Told(at=at(9), call="c9")])
    assert [one.pos for one in await house.db.read(events.after, pos=5, limit=9)] == [6]


async def test_what_is_longer_than_anybody_thought_is_kept_whole(house: House) -> None:
    """An exchange may say anything; its calls are stored all the same, and found by what fits."""
    queue, agent = "q" * 300, "7\0" * 60
    visit = Visit(queue=queue, entered_at=at(1), wait_s=1.0, agent=agent)
    told = a_call(1, agent=agent, visits=[visit], ani="x\0" * 500, pbx="main")
    await house.record(told)
    (kept,) = await house.db.read(calls.history, agent="7" * 40, limit=9)
    assert (kept.id, kept.ani, kept.visits) == (told.id, told.ani, told.visits)
