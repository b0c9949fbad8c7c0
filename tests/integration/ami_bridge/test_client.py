"""The client against a small scripted exchange: what panoramisk 1.4 gets wrong on our paths is right here.

Its numbered defects, and where each is shown gone:

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
import ssl
import subprocess
import time
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ami_bridge.domain import ami
from ami_bridge.domain.errors import (
    ActionRejectedError,
    ActionTimeoutError,
    LinkDownError,
    ObserveOnlyError,
    UnsafeValueError,
)
from ami_bridge.wire.client import AmiClient, AmiSettings
from ami_bridge.wire.control import AmiControl
from ami_bridge.wire.pending import SafeAction

from .scripted import (
    ANSWERS,
    GREETING,
    SECRET,
    Asked,
    Exchange,
    block,
    event,
    exchange,
    newchannel,
    refusal,
    success,
)

LIST_WITHIN_S = 5.0


class Ear:
    """An ``AmiSink`` that keeps what it hears, in order."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.fails = False
        self._news = asyncio.Event()

    def heard(self, events: Sequence[ami.AmiEvent], *, arrival: float) -> None:
        assert abs(arrival - time.time()) < LIST_WITHIN_S
        self._keep(*events)
        if self.fails:
            raise RuntimeError

    def connected(self) -> None:
        self._keep("connected")

    def disconnected(self, why: str) -> None:
        self._keep(f"disconnected: {why}")

    def _keep(self, *what: Any) -> None:
        self.log += what
        self._news.set()

    def uniqueids(self) -> list[str]:
        return [one.uniqueid for one in self.log if isinstance(one, ami.ChannelEvent)]

    async def until(self, wanted: Any, times: int = 1) -> None:
        """Wait until *wanted* (a word, or the uniqueid of an event) was heard."""
        async with asyncio.timeout(5):
            while [*self.uniqueids(), *self.log].count(wanted) < times:
                self._news.clear()
                await self._news.wait()

    async def until_down(self) -> str:
        async with asyncio.timeout(5):
            while True:
                for one in self.log:
                    if isinstance(one, str) and one.startswith("disconnected: "):
                        return one.removeprefix("disconnected: ")
                self._news.clear()
                await self._news.wait()


def settings(pbx: Exchange, **how: Any) -> AmiSettings:
    quick = {"ping_each_s": 60.0, "first_pause_s": 0.02, "longest_pause_s": 0.08}
    return AmiSettings(host="127.0.0.1", port=pbx.port, user="bridge", secret=SECRET, **{**quick, **how})


@asynccontextmanager
async def running(pbx: Exchange, *, is_up: bool = True, **how: Any) -> AsyncIterator[tuple[AmiClient, Ear]]:
    ear = Ear()
    client = AmiClient(settings(pbx, **how), sink=ear, now=lambda: datetime.now(UTC), chance=lambda: 1.0)
    task = asyncio.create_task(client.run())
    try:
        if is_up:
            await ear.until("connected")
        yield client, ear
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(what: Any) -> None:
    async with asyncio.timeout(5):
        while not what():  # noqa: ASYNC110 - a counter has no event
            await asyncio.sleep(0.005)


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


# --- the link


async def test_before_the_log_in_and_after_the_end_nothing_is_sent() -> None:
    """14, 12."""
    async with exchange(answers={**ANSWERS, "Login": lambda _: None}) as pbx:
        async with running(pbx, is_up=False) as (client, _):
            await pbx.until_asked("Login")
            with pytest.raises(LinkDownError, match="connecting"):
                await client.ask("Ping")
        with pytest.raises(LinkDownError, match="stopped"):
            await client.ask("Ping")
        pbx.answers["Login"] = ANSWERS["Login"]
        before = len(pbx.connected_at)
        async with running(pbx, ping_each_s=0.1):  # another; the first does not come back in the meantime
            await pbx.until_asked("Ping", times=2)
        assert len(pbx.connected_at) == before + 1


async def test_it_logs_off_when_it_is_stopped() -> None:
    async with exchange() as pbx:
        async with running(pbx) as (client, ear):
            pass
        await pbx.until_asked("Logoff")
    assert client.state == "down"
    assert ear.log[-1].startswith("disconnected: ")


@pytest.mark.parametrize("ping_each_s", [0.05, 60.0], ids=["until its next ping", "until it is stopped"])
async def test_who_may_not_send_any_more_sends_nothing_not_even_good_bye(ping_each_s: float) -> None:
    may_send = True
    async with exchange() as pbx:
        client = AmiClient(
            settings(pbx, ping_each_s=ping_each_s),
            sink=(ear := Ear()),
            now=lambda: datetime.now(UTC),
            may_send=lambda: may_send,
        )
        task = asyncio.create_task(client.run())
        await ear.until("connected")
        may_send = False
        asked = len(pbx.names())
        with pytest.raises(LinkDownError, match="another process"):
            await client.ask("QueuePause", {"Interface": "PJSIP/agent101"})
        task.cancel()
        await asyncio.wait([task])
        await until(lambda: pbx.left == len(pbx.connected_at))  # everything that was sent is read
        assert pbx.names()[asked:] == []


async def test_who_was_merely_late_keeps_the_link() -> None:
    asked = 0

    def may_send() -> bool:
        nonlocal asked
        asked += 1
        return asked not in range(10, 20)

    async with exchange() as pbx:
        client = AmiClient(
            settings(pbx, ping_each_s=0.02),
            sink=(ear := Ear()),
            now=lambda: datetime.now(UTC),
            may_send=may_send,
        )
        task = asyncio.create_task(client.run())
        await ear.until("connected")
        await until(lambda: asked > 25)
        task.cancel()
        await asyncio.wait([task])
        assert client.stats.connects == 1


async def test_a_gap_is_told_and_the_stream_begins_again() -> None:
    """16."""
    async with exchange() as pbx, running(pbx) as (client, ear):
        await pbx.say(newchannel("1.1"))
        await ear.until("1.1")
        pbx.cut()
        await ear.until("connected", times=2)
        await pbx.say(newchannel("1.2"))
        await ear.until("1.2")
        assert client.stats.connects == 2
    told = [one if isinstance(one, str) else one.uniqueid for one in ear.log]
    assert told[:5] == [
        "connected",
        "1.1",
        "disconnected: the exchange closed the connection",
        "connected",
        "1.2",
    ]


async def test_a_half_open_link_is_noticed_within_a_ping_and_an_answers_time() -> None:
    """10: by default 5 s and 5 s, so within 15 s."""
    default = AmiSettings(host="", user="", secret="")
    assert default.ping_each_s + default.action_s < 15
    async with exchange() as pbx, running(pbx, ping_each_s=0.1, action_s=0.2) as (_, ear):
        began = asyncio.get_running_loop().time()
        pbx.answers["Ping"] = lambda _: None
        assert await ear.until_down() == "the exchange no longer answers"
        assert asyncio.get_running_loop().time() - began < 0.1 + 0.2 + 1.0


async def test_a_ping_that_is_refused_is_an_answer() -> None:
    async with exchange() as pbx, running(pbx, ping_each_s=0.02) as (client, ear):
        pbx.answers["Ping"] = lambda asked: refusal(asked, "Permission denied")
        await pbx.until_asked("Ping", times=3)
        assert client.state == "up"
        assert ear.log == ["connected"]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        pytest.param({"greeting": b""}, "the greeting took longer than 0.3 s", id="no greeting"),
        pytest.param(
            {"greeting": b"SSH-2.0-OpenSSH_9.2\r\n"}, "no Asterisk manager interface", id="another server"
        ),
        pytest.param({"greeting": b"x" * 300}, "no Asterisk manager interface", id="an endless line"),
        pytest.param({"answers": {"Challenge": lambda _: None}}, "no answer to Challenge", id="no answer"),
        pytest.param({"is_listening": False}, "closed the connection", id="closed at once"),
    ],
)
async def test_what_answers_but_is_no_exchange_is_said_and_tried_again(how: dict[str, Any], why: str) -> None:
    """13."""
    async with (
        exchange(**how) as pbx,
        running(pbx, is_up=False, connect_s=0.3, action_s=0.3) as (client, ear),
    ):
        if how.get("is_listening") is False:
            await pbx.until_connected(1)
            pbx.cut()
        await until(lambda: why in (client.why or ""))
        await pbx.until_connected(2)
    assert ear.log == []


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid", "a" * 70 + ".example", "\0"])
async def test_an_exchange_that_cannot_be_reached_is_tried_again(host: str) -> None:
    """13: whatever the error of connecting."""
    pauses: list[float] = []
    client = AmiClient(
        AmiSettings(host=host, port=1, user="bridge", secret="x", first_pause_s=0.01, longest_pause_s=0.01),
        sink=Ear(),
        now=lambda: datetime.now(UTC),
        chance=lambda: pauses.append(1.0) or 1.0,
    )
    task = asyncio.create_task(client.run())
    await until(lambda: len(pauses) > 2)
    assert (task.done(), client.state) == (False, "down")
    task.cancel()
    await asyncio.wait([task])


async def test_the_pauses_double_up_to_a_bound_with_jitter() -> None:
    """11: by default from 0.5 s to 30 s; each is between half of it and all of it."""
    default = AmiSettings(host="", user="", secret="")
    assert (default.first_pause_s, default.longest_pause_s) == (0.5, 30)
    chances = iter([0.0, 1.0, 0.5, 1.0, 0.0] + [1.0] * 50)
    async with exchange(greeting=b"not here\n") as pbx:
        client = AmiClient(
            settings(pbx, first_pause_s=0.04, longest_pause_s=0.2),
            sink=Ear(),
            now=lambda: datetime.now(UTC),
            chance=lambda: next(chances),
        )
        task = asyncio.create_task(client.run())
        await pbx.until_connected(6)
        task.cancel()
        await asyncio.wait([task])
    pauses = [after - before for before, after in zip(pbx.connected_at, pbx.connected_at[1:], strict=False)]
    for pause, at_least in zip(pauses, [0.02, 0.08, 0.12, 0.2, 0.1], strict=False):
        assert at_least - 0.005 <= pause < at_least + 1.0


async def test_a_link_that_is_cut_at_once_does_not_begin_with_the_shortest_pause() -> None:
    """11: an exchange that lets us in and throws us out is not stormed."""
    async with exchange() as pbx, running(pbx, first_pause_s=0.05, longest_pause_s=0.2) as (_, ear):
        for times in range(1, 4):
            await ear.until("connected", times=times)
            pbx.cut()
        await pbx.until_connected(4)
    pauses = [after - before for before, after in zip(pbx.connected_at, pbx.connected_at[1:], strict=False)]
    assert pauses[2] > 0.19


async def test_a_wrong_secret_is_said_and_not_tried_again_soon() -> None:
    """11."""
    pauses: list[float] = []
    async with exchange() as pbx:
        wrong = AmiSettings(host="127.0.0.1", port=pbx.port, user="bridge", secret="no")
        client = AmiClient(
            wrong, sink=Ear(), now=lambda: datetime.now(UTC), chance=lambda: pauses.append(1.0) or 1.0
        )
        task = asyncio.create_task(client.run())
        await until(lambda: pauses)
        assert client.state == "refused"
        assert client.why == "the exchange refuses the manager user 'bridge': Authentication failed"
        with pytest.raises(LinkDownError, match="refuses the manager user"):
            await client.ask("Ping")
        assert (pbx.names().count("Login"), len(pauses)) == (1, 1)
        task.cancel()
        await asyncio.wait([task])
    assert wrong.refused_pause_s == 60


async def test_the_secret_goes_over_the_wire_only_where_it_must_and_in_no_log() -> None:
    """28, 25: by a challenge; in the clear only to an exchange that knows none."""
    async with exchange() as pbx, running(pbx):
        assert SECRET not in str(await pbx.until_asked("Login"))
    async with (
        exchange(answers={**ANSWERS, "Challenge": lambda asked: refusal(asked, "?")}) as pbx,
        running(pbx),
    ):
        assert (await pbx.until_asked("Login"))["Secret"] == SECRET
    assert SECRET not in repr(settings(pbx))
    shown = repr(SafeAction("Login", {"Username": "bridge", "Secret": SECRET, "Key": "k"}, action_id="1"))
    assert SECRET not in shown
    assert "bridge" in shown


# --- TLS


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of its own making for ``pbx.example``, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    both = folder / "both.pem"
    made = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-subj", "/CN=pbx.example"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-addext", "subjectAltName=DNS:pbx.example"]
    subprocess.run(["openssl", "req", "-x509", *kind, *made, *names], check=True, capture_output=True)
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both


def as_server(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_tls_with_a_certificate_that_we_were_told_of(certificate: Path) -> None:
    how = {"tls": True, "ca_file": certificate, "server_name": "pbx.example", "connect_s": 3}
    async with exchange(tls=as_server(certificate)) as pbx, running(pbx, **how) as (client, ear):
        await pbx.say(newchannel("1.1"))
        await ear.until("1.1")
        assert (await client.ask("Ping")).headers["ping"] == "Pong"


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"server_name": "other.example"}, "Hostname mismatch"),
        ({"ca_file": None, "server_name": "pbx.example"}, "certificate verify failed"),
        ({"ca_file": Path("/no/such/file")}, "No such file"),
    ],
    ids=["another name", "unknown authority", "no file"],
)
async def test_tls_that_does_not_prove_who_it_is_gets_no_secret(
    certificate: Path, how: dict[str, Any], why: str
) -> None:
    """13."""
    how = {"tls": True, "ca_file": certificate, "connect_s": 3, **how}
    async with exchange(tls=as_server(certificate)) as pbx, running(pbx, is_up=False, **how) as (client, _):
        await until(lambda: why in (client.why or ""))
        assert pbx.asked == []


async def test_a_plain_port_is_no_tls(certificate: Path) -> None:
    how = {"tls": True, "ca_file": certificate, "server_name": "pbx.example"}
    async with exchange() as pbx, running(pbx, is_up=False, **how) as (client, _):
        await until(lambda: client.state == "down" and client.why)
        assert pbx.asked == []


# --- commands


class Told(list):
    def __call__(self, fact: Any) -> None:
        self.append(fact)


def control(client: AmiClient, told: Told, *, is_observed: bool = False) -> AmiControl:
    return AmiControl(client, context="from-agents", is_observed=is_observed, told=told)


async def test_a_click_is_told_before_it_is_sent_under_the_id_of_its_action() -> None:
    told = Told()
    async with exchange() as pbx, running(pbx) as (client, _):
        ref = await control(client, told).originate(
            interface="PJSIP/agent101", number="600123456", caller_id="957000000", agent="101"
        )
        asked = await pbx.until_asked("Originate")
    assert (asked["Channel"], asked["Context"], asked["Exten"], asked["CallerID"], asked["Async"]) == (
        "PJSIP/agent101",
        "from-agents",
        "600123456",
        "957000000",
        "true",
    )
    (fact,) = told
    assert (fact.action_id, fact.ref, fact.agent) == (asked["ActionID"], ref, "101")


async def test_a_click_that_is_refused_is_told_too() -> None:
    told = Told()
    async with exchange() as pbx, running(pbx) as (client, _):
        pbx.answers["Originate"] = lambda asked: refusal(asked, "Extension does not exist.")
        with pytest.raises(ActionRejectedError):
            await control(client, told).originate(interface="PJSIP/1", number="1", caller_id=None, agent=None)
    asked, refused = told
    assert isinstance(refused, ami.OriginateResponse)
    assert (refused.action_id, refused.success) == (asked.action_id, False)


async def test_an_observed_exchange_is_sent_no_command() -> None:
    told = Told()
    async with exchange() as pbx, running(pbx) as (client, _):
        observing = control(client, told, is_observed=True)
        with pytest.raises(ObserveOnlyError):
            await observing.originate(interface="PJSIP/1", number="1", caller_id=None, agent=None)
        with pytest.raises(ObserveOnlyError):
            await observing.hang_up("1.1")
        await observing.snapshot()
    assert told == []
    assert {"Originate", "Hangup"}.isdisjoint(pbx.names())


def lists(name: str, *items: tuple[str, ...]) -> Any:
    def answer(asked: Asked) -> bytes:
        tail = f"ActionID: {asked['ActionID']}"
        told = [event(item[0], *item[1:], tail) for item in items]
        return success(asked, "EventList: start") + b"".join(told) + event(name, "EventList: Complete", tail)

    return answer


async def test_a_snapshot_is_what_the_exchange_lists() -> None:
    endpoints = [
        ("EndpointList", "ObjectName: agent101", "Aor: agent101", "Auths: agent101"),
        ("EndpointList", "ObjectName: trunk", "Aor: trunk", "Auths: "),
    ]
    peers = [
        ("PeerEntry", "Channeltype: SIP", "ObjectName: 102", "Dynamic: yes"),
        ("PeerEntry", "Channeltype: SIP", "ObjectName: carrier", "Dynamic: no"),
    ]
    hints = [
        ("ExtensionStatus", "Exten: 101", "Hint: PJSIP/agent101", "Status: 0"),
        ("ExtensionStatus", "Exten: 102", "Hint: SIP/102&PJSIP/103&Custom:DND102,CustomPresence:102"),
        ("ExtensionStatus", "Exten: 700", "Hint: park:700@parkedcalls"),
        ("ExtensionStatus", "Exten: 101", "Hint: PJSIP/agent101"),
    ]
    queues = [
        ("QueueParams", "Queue: sales", "Strategy: ringall"),
        ("QueueMember", "Queue: sales", "Name: Ana", "Location: PJSIP/agent101", "Paused: 1", "Status: 2"),
        ("QueueEntry", "Queue: sales", "Position: 1", "Uniqueid: 1.1", "Wait: 12"),
    ]
    channels = [
        ("CoreShowChannel", "Uniqueid: 1.1", "Linkedid: 1.1", "ChannelState: 6", "Duration: 01:00:12")
    ]
    async with exchange() as pbx, running(pbx) as (client, _):
        pbx.answers |= {
            "PJSIPShowEndpoints": lists("EndpointListComplete", *endpoints),
            "SIPpeers": lists("PeerlistComplete", *peers),
            "QueueStatus": lists("QueueStatusComplete", *queues),
            "CoreShowChannels": lists("CoreShowChannelsComplete", *channels),
        }
        seen = await control(client, Told()).snapshot()
        pbx.answers["SIPpeers"] = lambda asked: refusal(asked, "Invalid/unknown command")
        assert (await control(client, Told()).snapshot()).phones == ("PJSIP/agent101",)
        pbx.answers |= {
            "PJSIPShowEndpoints": lambda asked: refusal(asked, "Permission denied"),
            "ExtensionStateList": lists("ExtensionStateListComplete", *hints),
        }
        hinted = await control(client, Told()).snapshot()
    assert seen.phones == ("PJSIP/agent101", "SIP/102")
    assert hinted.phones == ("PJSIP/agent101", "SIP/102", "PJSIP/103")
    (queue,), (member,), (entry,), (row,) = seen.queues, seen.members, seen.entries, seen.channels
    assert (queue.queue, queue.strategy) == ("sales", "ringall")
    assert (member.interface, member.member, member.paused, member.status) == (
        "PJSIP/agent101",
        "Ana",
        True,
        2,
    )
    assert (entry.uniqueid, entry.queue, entry.wait) == ("1.1", "sales", 12)
    assert (row.linkedid, row.state, row.duration) == ("1.1", 6, 3612)


async def test_hanging_up_names_the_leg() -> None:
    async with exchange() as pbx, running(pbx) as (client, _):
        await control(client, Told()).hang_up("1795536000.1")
        assert (await pbx.until_asked("Hangup"))["Channel"] == "1795536000.1"
