"""Hold from the desk by REST: the agent's own call, at his own phone, and why it cannot be done."""

from __future__ import annotations

import pytest
from integration.screenpop.calls import past_call
from integration.screenpop.house import House, Person
from unit.screenpop.fakes import ANA_SEAT, LUIS_SEAT

from ami_bridge.domain.errors import AmiBridgeError, HoldNotPossibleError, ObserveOnlyError
from ami_bridge.domain.keeping import Pair
from crm_core.services import calls

CALLS = "/api/v1/calls"
NOBODY = "00000000-0000-7000-8000-000000000000"
TALKS = Pair("PJSIP/agent101-00000002", "PJSIP/trunk-00000001", is_kept=False)
HOLDS = TALKS._replace(is_kept=True)


@pytest.fixture
async def ana(house: House) -> Person:
    return await house.person("ana")


async def test_his_customer_is_put_on_hold_and_taken_back(house: House, ana: Person) -> None:
    call = house.stage.call()
    house.stage.floor.pairs[call.id, ANA_SEAT.interface] = TALKS
    answer = await ana.post(f"{CALLS}/{call.id}/hold", {})
    assert (answer.status, answer.body) == (202, {"call_id": call.id})
    house.stage.floor.pairs[call.id, ANA_SEAT.interface] = HOLDS
    answer = await ana.post(f"{CALLS}/main:{call.linkedid}/resume", {})
    assert (answer.status, answer.body) == (202, {"call_id": call.id})
    assert house.control.asked == [{"hold": TALKS}, {"resume": HOLDS}]


@pytest.mark.parametrize(
    ("pair", "act", "code"),
    [
        pytest.param(None, "hold", "not_in_a_talk", id="he talks to nobody"),
        pytest.param(HOLDS, "hold", "on_hold_already", id="held twice"),
        pytest.param(None, "resume", "not_on_hold", id="nobody there"),
        pytest.param(TALKS, "resume", "not_on_hold", id="nobody on hold"),
    ],
)
async def test_what_cannot_be_as_things_stand(
    house: House, ana: Person, pair: Pair | None, act: str, code: str
) -> None:
    call = house.stage.call()
    if pair:
        house.stage.floor.pairs[call.id, ANA_SEAT.interface] = pair
    answer = await ana.post(f"{CALLS}/{call.id}/{act}", {})
    assert (answer.status, answer.code, house.control.asked) == (409, code, [])


async def test_another_agent_s_customer_is_not_his_to_hold(house: House, ana: Person) -> None:
    call = house.stage.call()
    house.stage.floor.pairs[call.id, LUIS_SEAT.interface] = TALKS
    answer = await ana.post(f"{CALLS}/{call.id}/hold", {})
    assert (answer.status, answer.code) == (409, "not_in_a_talk")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (HoldNotPossibleError("its dialplan has no centralita-hold"), "hold_not_possible"),
        (ObserveOnlyError("Redirect"), "observe_only"),
    ],
)
async def test_an_exchange_that_cannot(house: House, ana: Person, error: AmiBridgeError, code: str) -> None:
    call = house.stage.call()
    house.stage.floor.pairs[call.id, ANA_SEAT.interface] = TALKS
    house.control.fails = error
    answer = await ana.post(f"{CALLS}/{call.id}/hold", {})
    assert (answer.status, answer.code) == (409, code)


async def test_a_call_that_is_over_or_never_was(house: House, ana: Person) -> None:
    call = past_call()
    await house.db.run(calls.record, calls=[call], events=[])
    assert (await ana.post(f"{CALLS}/{call.id}/hold", {})).code == "not_in_a_talk"
    assert (await ana.post(f"{CALLS}/{NOBODY}/hold", {})).code == "not_found"


async def test_only_who_dials_may(house: House) -> None:
    call = house.stage.call()
    key = house.system()
    for act in ("hold", "resume"):
        assert (await key.post(f"{CALLS}/{call.id}/{act}", {})).status == 403
