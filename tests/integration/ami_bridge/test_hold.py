"""Hold by us on the wire: which actions are sent, and that nobody is sent to a place that is not there."""

from __future__ import annotations

from typing import Any

import pytest
from integration.ami_bridge.running import Told, control, running
from integration.ami_bridge.scripted import Asked, exchange, lists, refusal

from ami_bridge.domain.errors import (
    ActionRejectedError,
    ActionTimeoutError,
    HoldNotPossibleError,
    ObserveOnlyError,
)
from ami_bridge.domain.keeping import HELD, HOLDING, Pair

PAIR = Pair("PJSIP/agent101-00000002", "PJSIP/trunk-00000001", is_kept=False)
PLACES = lists(
    "ShowDialPlanComplete",
    *(
        ("ListDialplan", "Context: centralita-hold", f"Extension: {exten}", "Priority: 1")
        for exten in (HELD, HOLDING, "h")
    ),
)


def asked_of(pbx: Any, *names: str) -> list[Asked]:
    return [asked for asked in pbx.asked if asked["Action"] in names]


async def test_two_are_parted_at_once_each_knowing_the_other() -> None:
    async with exchange() as pbx, running(pbx) as (client, _):
        pbx.answers["ShowDialPlan"] = PLACES
        await control(client, Told()).hold(PAIR)
        told = [(one["Channel"], one["Value"]) for one in asked_of(pbx, "Setvar")]
        redirect = await pbx.until_asked("Redirect")
    assert told == [(PAIR.holder, PAIR.other), (PAIR.other, PAIR.holder)]
    assert (redirect["Channel"], redirect["Exten"]) == (PAIR.other, HELD)
    assert (redirect["ExtraChannel"], redirect["ExtraExten"]) == (PAIR.holder, HOLDING)
    assert redirect["Context"] == redirect["ExtraContext"] == "centralita-hold"


async def test_joined_again_neither_ends_with_the_other_by_the_dialplan() -> None:
    """Who was to be handed on after a hold would be hung up, when his first agent goes."""
    async with exchange() as pbx, running(pbx) as (client, _):
        await control(client, Told()).resume(PAIR)
        bridge = await pbx.until_asked("Bridge")
        await pbx.until_asked("Setvar")
        told = [(one["Channel"], one["Value"]) for one in asked_of(pbx, "Setvar")]
    assert (bridge["Channel1"], bridge["Channel2"]) == (PAIR.other, PAIR.holder)
    assert told == [(PAIR.holder, ""), (PAIR.other, "")]


async def test_who_could_not_be_parted_are_named_no_more() -> None:
    async with exchange() as pbx, running(pbx) as (client, _):
        pbx.answers |= {"ShowDialPlan": PLACES, "Redirect": lambda asked: refusal(asked, "No such channel")}
        with pytest.raises(ActionRejectedError, match="No such channel"):
            await control(client, Told()).hold(PAIR)
        told = [(one["Channel"], one["Value"]) for one in asked_of(pbx, "Setvar")]
    assert told[2:] == [(PAIR.holder, ""), (PAIR.other, "")]


async def test_of_whom_it_is_not_known_whether_they_were_parted_the_names_stay() -> None:
    """Parted without names, whoever hangs up would leave the other alone."""
    async with exchange() as pbx, running(pbx, action_s=0.2) as (client, _):
        pbx.answers |= {"ShowDialPlan": PLACES, "Redirect": lambda _: None}
        with pytest.raises(ActionTimeoutError):
            await control(client, Told()).hold(PAIR)
        told = [(one["Channel"], one["Value"]) for one in asked_of(pbx, "Setvar")]
    assert told == [(PAIR.holder, PAIR.other), (PAIR.other, PAIR.holder)]


async def test_the_other_is_named_no_more_also_when_one_has_hung_up() -> None:
    async with exchange() as pbx, running(pbx) as (client, _):
        pbx.answers["Setvar"] = lambda asked: refusal(asked, "No such channel")
        await control(client, Told()).resume(PAIR)
        told = [one["Channel"] for one in asked_of(pbx, "Setvar")]
    assert told == [PAIR.holder, PAIR.other]


async def test_who_were_joined_are_joined_also_when_no_answer_comes_to_what_follows() -> None:
    async with exchange() as pbx, running(pbx, action_s=0.2) as (client, _):
        pbx.answers["Setvar"] = lambda _: None
        await control(client, Told()).resume(PAIR)
        assert len(asked_of(pbx, "Bridge")) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda asked: refusal(asked, "Did not find context"), id="no such context"),
        pytest.param(lambda asked: refusal(asked, "Permission denied"), id="not allowed to look"),
        pytest.param(lists("ShowDialPlanComplete"), id="nothing in it"),
    ],
)
async def test_where_there_is_no_place_nobody_is_moved(answer: Any) -> None:
    async with exchange() as pbx, running(pbx) as (client, _):
        pbx.answers["ShowDialPlan"] = answer
        with pytest.raises(HoldNotPossibleError):
            await control(client, Told()).hold(PAIR)
    assert asked_of(pbx, "Redirect", "Setvar") == []


async def test_an_exchange_older_than_asterisk_12_is_not_asked() -> None:
    async with exchange(greeting=b"Asterisk Call Manager/1.3\r\n") as pbx, running(pbx) as (client, _):
        with pytest.raises(HoldNotPossibleError, match="older than Asterisk 12"):
            await control(client, Told()).hold(PAIR)
    assert asked_of(pbx, "ShowDialPlan", "Redirect") == []


async def test_an_observed_exchange_parts_nobody() -> None:
    async with exchange() as pbx, running(pbx) as (client, _):
        observing = control(client, Told(), is_observed=True)
        for ask in (observing.hold, observing.resume):
            with pytest.raises(ObserveOnlyError):
                await ask(PAIR)
    assert asked_of(pbx, "ShowDialPlan", "Redirect", "Bridge", "Setvar") == []
