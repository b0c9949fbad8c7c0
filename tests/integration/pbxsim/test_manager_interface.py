"""The manager interface of the simulated exchange over TCP: log-in, two clients, bad and slow ones."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from integration.pbxsim.client import CONFIG, USER, Client, connected, logged_in

from pbxsim import ami_server
from pbxsim.config import User
from pbxsim.server import Simulator
from pbxsim.world.callers import call_in


@pytest.fixture
async def pbx() -> AsyncIterator[Simulator]:
    async with Simulator(CONFIG) as running:
        yield running


def call(pbx: Simulator, to: str = "5551", *, name: str = "") -> None:
    call_in(pbx.world, to=to, number="957212000", name=name)
    pbx.pump()


async def test_a_plain_log_in_is_followed_by_fully_booted(pbx: Simulator) -> None:
    async with connected(pbx.port) as client:
        assert (await client.log_in())["Message"] == "Authentication accepted"
        assert (await client.block())["Event"] == "FullyBooted"
        assert (await client.ask("Login", Username="x", Secret="y"))["Message"] == "Already authenticated"


async def test_who_may_not_read_the_system_is_not_told_that_it_booted(pbx: Simulator) -> None:
    async with connected(pbx.port) as client:
        await client.log_in(CONFIG.users[1])
        assert (await client.ask("Ping"))["Ping"] == "Pong"
        assert [block.get("Event") for block in client.blocks] == [None, None]


@pytest.mark.parametrize(("secret", "response"), [(USER.secret, "Success"), ("wrong", "Error")])
async def test_a_log_in_by_challenge(
    pbx: Simulator, monkeypatch: pytest.MonkeyPatch, secret: str, response: str
) -> None:
    monkeypatch.setattr(ami_server, "WRONG_SECRET_S", 0.01)
    async with connected(pbx.port) as client:
        assert (await client.log_in_by_md5(USER, secret=secret))["Response"] == response


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Username": USER.name, "Secret": "wrong"}, id="wrong secret"),
        pytest.param({"Username": "nobody", "Secret": USER.secret}, id="no such user"),
        pytest.param({"Username": USER.name}, id="no secret"),
        pytest.param(
            {"Username": USER.name, "AuthType": "MD5", "Key": "0" * 32}, id="no challenge was asked for"
        ),
    ],
)
async def test_a_bad_log_in_is_refused_after_a_while_and_cut(
    pbx: Simulator, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(ami_server, "WRONG_SECRET_S", 0.1)
    async with connected(pbx.port) as client:
        started = time.monotonic()
        answer = await client.ask("Login", ActionID="1", **headers)
        assert (answer["Response"], answer["Message"], answer["ActionID"]) == (
            "Error",
            "Authentication failed",
            "1",
        )
        assert time.monotonic() - started >= ami_server.WRONG_SECRET_S - 0.01
        await client.ended()


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("Ping", "Permission denied"),
        ("Challenge", "Must specify AuthType"),
        ("Nonsense", "Permission denied"),
    ],
)
async def test_before_the_log_in_nothing_is_done(pbx: Simulator, action: str, message: str) -> None:
    async with connected(pbx.port) as client:
        assert (await client.ask(action))["Message"] == message
        client.writer.write(b"Foo: bar\r\n\r\n")
        assert (await client.block())["Message"] == "Missing action in request"


async def test_who_does_not_log_in_is_cut(pbx: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_server, "LOG_IN_WITHIN_S", 0.05)
    async with connected(pbx.port) as silent:
        await silent.ended()
    async with connected(pbx.port) as client:
        await client.log_in()
        async with connected(pbx.port) as another:
            await another.ended()
        assert (await client.ask("Ping"))["Ping"] == "Pong"


async def test_a_log_off_is_answered_and_ends_it(pbx: Simulator) -> None:
    async with logged_in(pbx.port) as client:
        assert (await client.ask("Logoff"))["Response"] == "Goodbye"
        await client.ended()


async def test_two_clients_hear_the_same_each_within_his_rights(pbx: Simulator) -> None:
    async with (
        logged_in(pbx.port) as one,
        logged_in(pbx.port) as two,
        logged_in(pbx.port, CONFIG.users[1]) as phones,
    ):
        call(pbx, name="Zoë O'Brien")
        for client in (one, two):
            await client.event("AgentComplete")
            await client.until(
                lambda block: block.get("Device") == "PJSIP/agent101" and block["State"] == "NOT_INUSE"
            )
        await phones.until(
            lambda block: block.get("Device") == "PJSIP/agent101" and block["State"] == "NOT_INUSE"
        )
    told = [[b for b in client.blocks if "Timestamp" in b] for client in (one, two)]
    shortest = min(map(len, told))
    assert told[0][:shortest] == told[1][:shortest]
    assert told[0][0]["CallerIDName"] == r"Zoë O\'Brien"
    assert {block["Privilege"] for block in phones.blocks if "Event" in block} == {"call,all"}


async def test_events_off_and_filters(pbx: Simulator) -> None:
    async with connected(pbx.port) as off, logged_in(pbx.port, CONFIG.users[2]) as few:
        await off.log_in(Events="off")
        await few.ask("Filter", Operation="Add", Filter="Event: Queue")
        await few.ask("Filter", Operation="Add", Filter="!Event: QueueMember")
        call(pbx)
        left = await few.event("QueueCallerLeave")
        assert left["Position"] == "1"
        heard = {block["Event"] for block in few.blocks if "Timestamp" in block and "Event" in block}
        assert heard == {"QueueCallerJoin", "QueueCallerLeave"}
        assert (await off.ask("Ping"))["Ping"] == "Pong"
        assert [block.get("Event") for block in off.blocks] == [None, "FullyBooted", None]


async def test_lists_show_a_call_in_progress(pbx: Simulator) -> None:
    slow = replace(CONFIG.phones[0].manners[0][1], hang_up_after=None)
    pbx.world.phones["101"].manners = ((1.0, slow),)
    async with logged_in(pbx.port) as client:
        call(pbx)
        entered = [await client.event("BridgeEnter") for _ in range(2)]
        channels = await client.listed("CoreShowChannels")
        assert {each["BridgeId"] for each in channels} == {entered[0]["BridgeUniqueid"]}
        assert {each["Linkedid"] for each in channels} == {entered[0]["Linkedid"]}
        assert {each["Application"] for each in channels} == {"Queue", "AppQueue"}
        queue = await client.listed("QueueStatus")
        assert [each["Event"] for each in queue] == ["QueueParams", "QueueMember"]
        assert (queue[1]["Location"], queue[1]["InCall"], queue[1]["Status"]) == ("PJSIP/agent101", "1", "2")
        phones = await client.listed("DeviceStateList")
        assert {each["Device"]: each["State"] for each in phones}["PJSIP/agent101"] == "INUSE"


async def test_endpoints_are_listed_to_who_may_see_the_system(pbx: Simulator) -> None:
    async with logged_in(pbx.port, CONFIG.users[2]) as client, logged_in(pbx.port) as bridge:
        items = await client.listed("PJSIPShowEndpoints")
        assert {each["ObjectName"] for each in items} == {"agent101", "agent102", "provider", "line"}
        assert (await bridge.ask("PJSIPShowEndpoints"))["Message"] == "Permission denied"


async def test_an_originate_that_is_not_waited_for(pbx: Simulator) -> None:
    async with logged_in(pbx.port) as client:
        answer = await client.ask(
            "Originate", ActionID="o-1", Channel="PJSIP/agent101", Context="from-agents", Exten="600123456",
            Priority="1", CallerID="600123456", Async="true",
        )  # fmt: skip
        assert answer["Message"] == "Originate successfully queued"
        told = await client.event("OriginateResponse")
        assert (told["ActionID"], told["Response"], told["Reason"]) == ("o-1", "Success", "4")


@pytest.mark.parametrize(
    ("channel", "message"),
    [("PJSIP/agent101", "Originate successful"), ("PJSIP/nobody", "Originate failed")],
)
async def test_an_originate_that_is_waited_for(pbx: Simulator, channel: str, message: str) -> None:
    """What the same client asks for next waits as well: Asterisk has one thread for each."""
    async with logged_in(pbx.port) as client:
        client.send("Originate", ActionID="o-2", Channel=channel, Application="Wait", Data="9")
        client.send("Ping", ActionID="p-1")
        answers = [await client.until(lambda block: "Response" in block) for _ in range(2)]
        assert [answer["ActionID"] for answer in answers] == ["o-2", "p-1"]
        assert answers[0]["Message"] == message


async def test_actions_that_come_byte_by_byte_or_all_at_once(pbx: Simulator) -> None:
    async with logged_in(pbx.port) as client:
        for byte in b"Action: Ping\r\nActionID: drop\r\n\r\n":
            client.writer.write(bytes((byte,)))
            await asyncio.sleep(0)
        assert (await client.until(lambda block: "Ping" in block))["ActionID"] == "drop"
        for number in range(200):
            client.send("Ping", ActionID=str(number))
        answers = [await client.until(lambda block: "Ping" in block) for _ in range(200)]
        assert [answer["ActionID"] for answer in answers] == [str(number) for number in range(200)]


@pytest.mark.parametrize("is_in", [False, True], ids=["before the log-in", "behind it"])
async def test_rubbish_harms_nobody_else(pbx: Simulator, *, is_in: bool) -> None:
    chance = random.Random(5)
    async with logged_in(pbx.port) as witness:
        for _ in range(40):
            async with logged_in(pbx.port) if is_in else connected(pbx.port) as client:
                client.writer.write(chance.randbytes(chance.randrange(1, 3000)))
                client.writer.write(b"\r\n\r\n" * chance.randrange(3))
                client.writer.write_eof()
        assert (await witness.ask("Ping"))["Ping"] == "Pong"
        call(pbx)
        await witness.event("AgentComplete")


async def test_an_action_without_end_is_cut(pbx: Simulator) -> None:
    async with logged_in(pbx.port) as client:
        client.writer.write(b"Action: Ping\r\nX: " + b"x" * 2 * ami_server.LONGEST_ACTION)
        await client.ended()


async def test_a_client_that_does_not_read_is_cut_and_the_others_hear_on() -> None:
    async with Simulator(replace(CONFIG, most_unsent=64 * 1024)) as pbx:
        reader, writer = await asyncio.open_connection("127.0.0.1", pbx.port, limit=1024)
        slow = Client(reader, writer)
        writer.transport.pause_reading()
        slow.send("Login", Username=USER.name, Secret=USER.secret)
        async with logged_in(pbx.port) as quick, asyncio.timeout(30):
            while len(pbx.ami.connections) > 1:
                call(pbx, "nothing")
                await quick.event("Hangup")
            assert (await quick.ask("Ping"))["Ping"] == "Pong"
        writer.transport.abort()


async def test_rights_are_those_of_the_user() -> None:
    users = (User(name="none", secret="sesame-sesame", read="", write=""),)
    async with Simulator(replace(CONFIG, users=users)) as pbx, logged_in(pbx.port, users[0]) as client:
        assert (await client.ask("Hangup", Channel="x"))["Message"] == "Permission denied"
        assert (await client.ask("Ping"))["Ping"] == "Pong"
