"""The history made whole from records of the exchange: what is lacking, what is better, never twice."""

from __future__ import annotations

from contract.crm_core.kit import House, a_call, at
from contract.crm_core.test_users import ANA, EVA, session
from msgspec.structs import replace

from crm_core.domain.calls import Call, Origin
from crm_core.services import backfill, users


def from_records(second: int, *, precision_s: float = 0.1, outcome: str = "answered") -> Call:
    """Return what records tell of the call of that second: everything but who sat where."""
    call = a_call(second, source="backfill", precision_s=precision_s, version=3, outcome=outcome)
    for attempt in call.visits[0].attempts:
        attempt.agent = None
    for segment in call.segments:
        segment.agent = None
    return call


async def missing(house: House, *calls: Call) -> list[Call]:
    found: list[Call] = await house.db.read(backfill.missing, calls=list(calls))
    return found


async def test_a_call_that_nobody_heard_is_missing_until_it_is_kept(house: House) -> None:
    told = [from_records(0), from_records(100)]
    assert await missing(house, *told) == told
    await house.record(*told)
    assert await missing(house, *told) == []
    assert (await house.call(told[0].id)).source == "backfill"


async def test_a_call_that_was_heard_to_its_end_stays_as_it_was_heard(house: House) -> None:
    await house.record(a_call(0))
    assert await missing(house, from_records(0)) == []


async def test_a_call_of_which_only_the_beginning_was_heard_is_told_anew(house: House) -> None:
    cut = a_call(0, precision_s=42.0, origin=Origin(kind="click", ref="c1"), campaign_id="k1")
    cut.visits[0].attempts[0].pop_at = at(1)
    cut = replace(cut, outcome="cut", answered_at=None, contact_id=None)
    await house.record(cut)
    (told,) = await missing(house, from_records(0))
    await house.record(told)
    kept = await house.call(cut.id)
    (attempt,) = kept.visits[0].attempts
    assert (kept.outcome, kept.source, kept.precision_s, kept.version) == ("answered", "backfill", 0.1, 10)
    assert (attempt.agent, attempt.pop_at) == ("101", at(1))
    assert {one.agent for one in kept.segments if one.party == "PJSIP/agent101"} == {"101"}
    assert kept.campaign_id == "k1"
    assert await missing(house, from_records(0)) == []


async def test_what_is_heard_less_surely_later_does_not_take_its_place(house: House) -> None:
    await house.record(from_records(0))
    await house.record(a_call(0, version=20, precision_s=42.0, outcome="cut"))
    assert (await house.call(a_call(0).id)).outcome == "answered"
    await house.record(a_call(0, version=21))
    assert (await house.call(a_call(0).id)).source == "live"


async def test_the_watermark_goes_on_and_never_back(house: House) -> None:
    assert await house.db.read(backfill.watermark, pbx="main") is None
    for second in (10, 20, 5):
        await house.db.run(backfill.move_watermark, pbx="main", at=at(second), now=at(21))
    await house.db.run(backfill.move_watermark, pbx="other", at=at(1), now=at(21))
    assert await house.db.read(backfill.watermark, pbx="main") == at(20)
    assert await house.db.read(backfill.watermark, pbx="other") == at(1)


async def test_a_watermark_of_a_clock_that_was_ahead_goes_back(house: House) -> None:
    for second, now in ((3_610, 3_615), (5, 15)):
        await house.db.run(backfill.move_watermark, pbx="main", at=at(second), now=at(now))
    assert await house.db.read(backfill.watermark, pbx="main") == at(5)


async def test_who_has_sat_there_since_then_is_known(house: House) -> None:
    bea = replace(ANA, id="u3", name="bea", agent="102", seat="other:PJSIP/agent102")
    for user in (ANA, EVA, bea):
        await house.db.run(users.add_user, user=user)
        await house.db.run(users.open_session, session=session(user.id * 20, user, 10))
    seated = {
        second: await house.db.read(backfill.seated, pbx="main", since=at(second)) for second in (5, 10, 15)
    }
    assert seated == {5: {}, 10: {"PJSIP/agent101": "101"}, 15: {"PJSIP/agent101": "101"}}
