"""An exchange that speaks the manager interface of Asterisk 11: log-in, resync, calls and commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from integration.ami_bridge.scripted import event, refusal, success
from integration.ami_bridge.scripted import exchange as scripted
from lab.live import Bridge, bridge

from ami_bridge.domain import events
from ami_bridge.domain.errors import ActionRejectedError
from ami_bridge.wire.client import AmiSettings
from pbxsim.config import Config, Did, Manner, Phone, Queue, Route, User, exactly
from pbxsim.server import Simulator
from pbxsim.world.callers import call_in

SECRET, DID, CALLER = "s3cr3t", "5551001", "957212000"
ANA = "SIP/agent101"
CONFIG = Config(
    users=(User(name="bridge", secret=SECRET),),
    phones=(Phone(extension="101", manners=((1.0, Manner(after=exactly(0.2))),)), Phone(extension="102")),
    queues=(Queue(name="sales", members=("101",)),),
    dids=(Did(number=DID, to="queue:sales"),),
    routes=(Route(prefix="6", trunk="line", manners=((1.0, Manner(after=exactly(0.1))),)),),
    manager="1.3",
)


@asynccontextmanager
async def elder(exchange: Simulator) -> AsyncIterator[Bridge]:
    """Run a bridge on *exchange*, in step with it."""
    settings = AmiSettings(
        host="127.0.0.1", port=exchange.port, user="bridge", secret=SECRET, first_pause_s=0.05
    )
    async with bridge(settings) as running:
        await running.until(events.PbxResynced)
        yield running


async def test_a_queue_call_is_told_as_on_a_later_exchange() -> None:
    async with Simulator(CONFIG) as exchange, elder(exchange) as ours:
        call_in(exchange.world, to=DID, number=CALLER, hang_up_after=1.0)
        exchange.pump()
        call = (await ours.until(events.CallEnded)).record

        assert ours.client.version == "1.3"
        assert (call.outcome, call.hung_up_by, call.did, call.ani) == (
            "answered",
            "customer",
            DID,
            f"+34{CALLER}",
        )
        (visit,) = call.visits
        assert (visit.queue, visit.outcome, visit.interface) == ("sales", "answered", ANA)
        assert [(one.interface, one.result) for one in visit.attempts] == [(ANA, "answered")]
        assert [one.kind for one in call.segments if one.party == "customer"] == [
            "ivr",
            "ring",
            "talk",
        ]
        assert call.merged_ids == []
        kinds = [type(event) for event in ours.happened if isinstance(event, events.CallEvent)]
        assert kinds.count(events.CallStarted) == 1


async def test_who_talks_and_who_waits_is_adopted_after_a_gap() -> None:
    async with Simulator(CONFIG) as exchange:
        for number in (CALLER, "600123456"):
            call_in(exchange.world, to=DID, number=number)
            exchange.pump()
        async with elder(exchange) as first:
            await first.until(events.CallAnswered)
        async with elder(exchange) as ours:
            talks, waits = sorted(ours.live.calls(), key=lambda call: call.linkedid)
            assert [one.kind for one in talks.segments if one.until is None] == ["talk", "talk"]
            assert {party for one in talks.segments for party in one.with_} == {"customer", ANA}
            assert (waits.visits[0].queue, waits.visits[0].left_at) == ("sales", None)
            assert [member.interface for member in ours.live.memberships(ANA)] == [ANA]
            assert ANA in ours.live.phones()


async def test_commands_are_the_same() -> None:
    async with Simulator(CONFIG) as exchange, elder(exchange) as ours:
        await ours.control.pause(ANA, is_paused=True, reason="lunch")
        await ours.until(
            events.QueueChanged,
            lambda told: any(
                (m.interface, m.paused, m.paused_reason) == (ANA, True, "lunch") for m in told.members
            ),
        )
        await ours.control.join_queue("sales", "SIP/agent102", name="Eva", penalty=2, is_paused=False)
        await ours.until(events.QueueChanged, lambda told: len(told.members) == 2)
        await ours.control.leave_queue("sales", "SIP/agent102")

        await ours.control.originate(interface=ANA, number="600123456", caller_id=None, agent=None)
        answered = await ours.until(events.CallAnswered)
        await ours.control.hang_up(answered.linkedid)
        call = (await ours.until(events.CallEnded)).record
        assert (call.origin.kind, call.direction, call.did, call.outcome) == (
            "click",
            "outbound",
            "600123456",
            "answered",
        )


async def test_what_came_later_is_refused() -> None:
    async with Simulator(CONFIG) as exchange, elder(exchange) as ours:
        with pytest.raises(ActionRejectedError, match="Invalid/unknown command"):
            await ours.client.ask("BridgeList")


async def test_asterisk_1_4_lists_its_channels_by_another_name() -> None:
    def status(asked: dict[str, str]) -> bytes:
        here = f"ActionID: {asked['ActionID']}"
        legs = (
            ("SIP/trunk-08a0f0a8", "1175632480.12", "SIP/101-08350c90"),
            ("SIP/101-08350c90", "1175632481.13", "SIP/trunk-08a0f0a8"),
        )
        items = (
            event(
                "Status",
                f"Channel: {name}",
                "State: Up",
                "Seconds: 5",
                f"Link: {other}",
                f"Uniqueid: {uid}",
                here,
            )
            for name, uid, other in legs
        )
        return (
            success(asked, "Message: Channel status will follow")
            + b"".join(items)
            + event("StatusComplete", here)
        )

    answers = {
        "CoreShowChannels": lambda asked: refusal(asked, "Invalid/unknown command"),
        "Status": status,
    }
    async with scripted(greeting=b"Asterisk Call Manager/1.0\r\n", answers=answers) as pbx:
        settings = AmiSettings(host="127.0.0.1", port=pbx.port, user="bridge", secret=SECRET)
        async with bridge(settings) as ours:
            await ours.until(events.PbxResynced)
            (call,) = ours.live.calls()
            assert (call.linkedid, call.answered_at is not None) == ("1175632480.12", True)
