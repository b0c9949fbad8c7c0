"""The client against a small scripted exchange: what panoramisk 1.4 gets wrong on our paths is right here.

Its numbered defects, and where each is shown gone (10 to 14, 16, 25 and 28 in ``test_client_link``):

2 UTF-8 cut by a read · 3 a reader's error costs the link · 4 QueueAdd never resolves · 5, 6 Originate
with and without Async · 8 answers that never come · 9 actions replayed · 10 half-open links · 11 one
pause, a storm of log-ins, no error · 12 connects again after the end · 13 time-outs and other errors of
connecting, TLS · 14 asked before the log-in · 16 a gap is not told · 17 line breaks in values · 18, 19
everything parsed, tasks without order · 20 unbounded buffers · 21 empty last headers, refusals · 22 lines
of a command · 23 events with our ActionID · 24 what comes with the greeting · 25 the secret in a log ·
28 the secret in the clear.

Not on our paths: 1, 26, 27 (its FastAGI server and CallManager), 7 (AsyncAGI), 15 (its own callbacks).
"""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ami_bridge.domain import ami
from ami_bridge.domain.errors import ActionRejectedError, ActionTimeoutError, LinkDownError, UnsafeValueError
from ami_bridge.wire.client import AmiClient

from .running import running, until
from .scripted import ANSWERS, GREETING, Asked, block, event, exchange, newchannel, refusal, success

# --- the stream


async def test_events_come_in_order_and_whole_however_the_reads_fall() -> None:
    """2, 18: one byte a read, a two-byte letter cut in the middle; no task, no other order."""
    said = b"".join(newchannel(f"1795536000.{turn}") for turn in range(20))
    async with exchange() as pbx, running(pbx) as (_, ear):
        await pbx.say(*(said[place : place + 1] for place in range(len(said))))
        await ear.until("1795536000.19")
    events = [one for one in ear.log if isinstance(one, ami.Newchannel)]
    assert [one.uniqueid for one in events] == [f"1795536000.{turn}" for turn in range(20)]
    assert {one.name for one in events} == {"Zoë"}


async def test_a_clock_that_is_set_while_the_link_is_up_is_looked_at_when_it_is_made_anew() -> None:
    async with exchange() as pbx, running(pbx) as (client, ear):
        client._now = lambda: datetime.now(UTC) + timedelta(hours=1)
        assert client.now() - datetime.now(UTC) < timedelta(seconds=1)
    assert client.now() - datetime.now(UTC) > timedelta(minutes=59)
    assert ear.log.count("connected") == 1


async def test_a_reader_that_fails_costs_nothing_but_its_own_turn() -> None:
    """3."""
    async with exchange() as pbx, running(pbx) as (client, ear):
        ear.fails = True
        await pbx.say(newchannel("1.1"))
        await ear.until("1.1")
        ear.fails = False
        await pbx.say(newchannel("1.2"))
        await ear.until("1.2")
        assert client.state == "up"
    assert ear.log.count("connected") == 1


async def test_what_nobody_reads_is_dropped_before_it_is_parsed() -> None:
    """19."""
    async with exchange() as pbx, running(pbx) as (client, ear):
        await pbx.say(event("VarSet", "Variable: a", "Value: b") * 100, newchannel("1.1"))
        await ear.until("1.1")
    assert (client.stats.seen, client.stats.parsed, client.stats.unreadable) == (101, 1, 0)


async def test_what_comes_with_the_greeting_or_the_log_in_is_heard_after_connected() -> None:
    """24."""
    answers = {
        **ANSWERS,
        "Login": lambda asked: success(asked) + event("FullyBooted", "Uptime: 7") + newchannel("1.1"),
    }
    async with (
        exchange(greeting=GREETING + newchannel("1.0"), answers=answers) as pbx,
        running(pbx) as (_, ear),
    ):
        await ear.until("1.1")
    assert ear.log[0] == "connected"
    assert ear.uniqueids() == ["1.0", "1.1"]
    assert ami.FullyBooted(uptime=7) in ear.log


async def test_rubbish_is_counted_and_the_stream_goes_on() -> None:
    """21: headers without a value, blocks that are none, an empty line too many."""
    rubbish = b"no header at all\r\n\r\n" + b"\xff\xfe: \x00\r\n\r\n" + b"\r\n\r\n"
    async with exchange() as pbx, running(pbx) as (client, ear):
        await pbx.say(rubbish, b"\r\n" + event("Newchannel", "Uniqueid: 1.1", "Exten: "))
        await ear.until("1.1")
    assert client.stats.unreadable == 2


# --- bounds


async def test_a_large_answer_is_read_in_linear_time() -> None:
    """20, 22: four megabytes of lines of a command; panoramisk stops the loop for a second."""
    lines = [f"Output: line {turn:06}" for turn in range(180_000)]

    async def ask(client: AmiClient) -> None:
        reply = await client.ask("Command", {"Command": "core show channels"})
        assert len(reply.output) == len(lines)
        assert reply.output[-1] == "line 179999"

    answers = {**ANSWERS, "Command": lambda asked: success(asked, *lines[:150_000], *lines[150_000:])}
    async with exchange(answers=answers) as pbx, running(pbx) as (client, _):
        began = time.process_time()
        await ask(client)
        assert time.process_time() - began < 1.0  # both ends


async def test_a_stream_without_an_empty_line_does_not_grow() -> None:
    """20."""
    async with exchange() as pbx, running(pbx) as (client, ear):
        tracemalloc.start()
        try:
            for _ in range(64):
                await pbx.say(b"x" * (1 << 20))
            await until(lambda: client.stats.read_bytes > 64 << 20)
            assert tracemalloc.get_traced_memory()[0] < 12 << 20
        finally:
            tracemalloc.stop()
        await pbx.say(b"\r\n\r\n" + newchannel("1.1"))
        await ear.until("1.1")
        assert client.stats.unreadable == 1


async def test_an_exchange_that_does_not_read_is_not_written_to_for_ever() -> None:
    """20: two hundred actions wait for their answers, what is more is refused."""
    async with exchange() as pbx, running(pbx) as (client, _):
        pbx.answers["Hangup"] = lambda _: None
        asking = [asyncio.create_task(client.ask("Hangup", {"Channel": f"1.{turn}"})) for turn in range(300)]
        done = await asyncio.gather(*asking, return_exceptions=True)
        refused = [error for error in done if isinstance(error, LinkDownError)]
        assert {error.why for error in refused} == {"the exchange does not read what it is asked"}
        assert (len(refused), client.state) == (100, "up")


# --- actions


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        pytest.param("QueueAdd", {"Queue": "sales"}, "Added interface to queue", id="4: QueueAdd"),
        pytest.param(
            "Originate", {"Channel": "PJSIP/1"}, "Originate successfully queued", id="5: no Async header"
        ),
        pytest.param("Originate", {"Async": "true"}, "Originate successfully queued", id="6: Async=true"),
    ],
)
async def test_an_action_is_answered_by_its_response(name: str, values: dict[str, str], message: str) -> None:
    answers = {**ANSWERS, name: lambda asked: success(asked, f"Message: {message}")}
    async with exchange(answers=answers) as pbx, running(pbx) as (client, _):
        reply = await client.ask(name, values)
    assert reply.headers["message"] == message


async def test_a_refusal_is_an_error_with_its_reason() -> None:
    """21: also when the reason is missing, or the last header is empty."""
    async with exchange() as pbx, running(pbx) as (client, _):
        pbx.answers["Hangup"] = lambda asked: refusal(asked, "No such channel")
        with pytest.raises(ActionRejectedError, match="Asterisk rejected Hangup: No such channel"):
            await client.ask("Hangup", {"Channel": "1.1"})
        pbx.answers["Hangup"] = lambda asked: block(
            "Response: Fail", f"ActionID: {asked['ActionID']}", "Message: "
        )
        with pytest.raises(ActionRejectedError, match="no reason given"):
            await client.ask("Hangup", {"Channel": "1.1"})


async def test_an_action_without_an_answer_times_out_and_its_late_answer_is_nobodys() -> None:
    """8."""
    kept: list[Asked] = []
    async with exchange() as pbx, running(pbx, action_s=0.3) as (client, ear):
        pbx.answers["Hangup"] = kept.append
        with pytest.raises(ActionTimeoutError, match=r"no answer to Hangup within 0\.3 s"):
            await client.ask("Hangup", {"Channel": "1.1"})
        await pbx.say(success(kept[0]), newchannel("1.1"))
        await ear.until("1.1")
        assert client.state == "up"


def channels_up_to(count: int, *, is_whole: bool) -> Any:
    def answer(asked: Asked) -> bytes:
        tail = f"ActionID: {asked['ActionID']}"
        rows = [event("CoreShowChannel", f"Uniqueid: 1.{turn}", tail) for turn in range(count)]
        live = newchannel("2.1")  # live events come in between
        end = event("CoreShowChannelsComplete", "EventList: Complete", tail) if is_whole else b""
        return success(asked, "EventList: start") + live + b"".join(rows) + end

    return answer


async def test_a_list_is_answered_with_its_items_and_live_events_pass_it_by() -> None:
    """8, 23."""
    async with exchange() as pbx, running(pbx) as (client, ear):
        pbx.answers["CoreShowChannels"] = channels_up_to(3, is_whole=True)
        reply = await client.ask("CoreShowChannels")
        assert [item["uniqueid"] for item in reply.items] == ["1.0", "1.1", "1.2"]
        assert ear.uniqueids() == ["2.1"]


async def test_an_item_that_bears_the_name_of_a_live_event_is_no_event() -> None:
    def parked(asked: Asked) -> bytes:
        tail = f"ActionID: {asked['ActionID']}"
        item = event("ParkedCall", "ParkeeUniqueid: 1.1", tail)
        return (
            success(asked, "EventList: start")
            + item
            + event("ParkedCallsComplete", "EventList: Complete", tail)
        )

    async with exchange() as pbx, running(pbx) as (client, ear):
        pbx.answers["ParkedCalls"] = parked
        reply = await client.ask("ParkedCalls")
        await pbx.say(event("ParkedCall", "ParkeeUniqueid: 1.2"))
        await ear.until("1.2")
    assert [item["parkeeuniqueid"] for item in reply.items] == ["1.1"]
    assert ear.uniqueids() == ["1.2"]


@pytest.mark.parametrize(
    "answer", [channels_up_to(3, is_whole=False), lambda _: None], ids=["half a list", "nothing"]
)
async def test_what_waits_for_an_answer_fails_when_the_link_is_cut(answer: Any) -> None:
    """8: and (9) nothing is asked again by itself."""
    async with exchange() as pbx, running(pbx, ping_each_s=0.1) as (client, ear):
        pbx.answers["CoreShowChannels"] = answer
        asking = asyncio.create_task(client.ask("CoreShowChannels"))
        await pbx.until_asked("CoreShowChannels")
        pbx.cut()
        with pytest.raises(LinkDownError, match="no link to the exchange"):
            await asking
        await ear.until("connected", times=2)
        await pbx.until_asked("Ping", times=2)
    assert pbx.names().count("CoreShowChannels") == 1


async def test_an_event_with_the_id_of_our_action_is_an_event_like_any_other() -> None:
    """23: OriginateResponse, even when it is said before the answer."""

    def answer(asked: Asked) -> bytes:
        said = event("OriginateResponse", f"ActionID: {asked['ActionID']}", "Response: Failure", "Reason: 3")
        return said + success(asked, "Message: Originate successfully queued") + said

    async with exchange() as pbx, running(pbx) as (client, ear):
        pbx.answers["Originate"] = answer
        reply = await client.ask("Originate", {"Async": "true"})
        assert reply.headers["response"] == "Success"
        await until(lambda: sum(isinstance(one, ami.OriginateResponse) for one in ear.log) == 2)


@pytest.mark.parametrize("value", ["a\r\nAction: Originate", "a\nb", "a\rb", "a\0b", "\udcff", "x" * 1100])
async def test_a_value_that_would_not_stay_in_its_line_is_never_sent(value: str) -> None:
    """17: a break would begin another action; of a line too long Asterisk obeys the end."""
    async with exchange() as pbx, running(pbx) as (client, _):
        with pytest.raises(UnsafeValueError, match="CallerID "):
            await client.ask("Originate", {"CallerID": value})
        with pytest.raises(UnsafeValueError, match="Variable "):
            await client.ask("Originate", {"Variable": ["a=b", value]})
        if len(value) < 1000:
            with pytest.raises(UnsafeValueError):
                await client.ask("Originate", {value: "x"})
        await client.ask("Ping")
    assert "Originate" not in pbx.names()


async def test_a_header_may_be_repeated() -> None:
    async with exchange() as pbx, running(pbx) as (client, _):
        await client.ask("Originate", {"Variable": ["A=1", "B=ñ"], "Exten": "600123456"})
        asked = await pbx.until_asked("Originate")
    assert asked["Variable"] == "B=ñ"  # the last; both were there:
    assert list(asked) == ["Action", "ActionID", "Exten", "Variable"]
