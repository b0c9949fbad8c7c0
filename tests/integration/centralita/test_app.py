"""Everything joined, on a simulated exchange: FastAGI, strangers who become known, parts that fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from lab.desk import Desk, until
from lab.service import House, agent_of

from asterisk_conf.model import Phone as Seat
from centralita.app import Service, running
from centralita.clock import utc_now
from centralita.settings import Settings
from crm_core.domain.lines import Line
from crm_core.services import calls, contacts, lines, users
from pbxsim.config import Agi, Config, Did, Manner, Phone, Queue, Spread, User
from pbxsim.server import Simulator
from pbxsim.world.callers import call_in

SECRET = "s3cr3t"
SEAT = Seat(extension="101", name="Ana", secret="long enough a secret")
SLOW = ((1.0, Manner(after=Spread(1.5, 1.5), hang_up_after=Spread(0.5, 0.5))),)
NUMBER, E164, DID = "957212000", "+34957212000", "5551001"
CONFIG = Config(
    users=(User(name="centralita", secret=SECRET),),
    phones=(Phone(extension="101", manners=SLOW),),
    queues=(Queue(name="sales", members=("101",)),),
    dids=(Did(number=DID, to="queue:sales"),),
)


@asynccontextmanager
async def house(
    folder: Path, *, url: str | None = None, **records: str
) -> AsyncIterator[tuple[House, Service, Simulator]]:
    """Run the service on a simulated exchange that asks it who calls."""
    async with Simulator(CONFIG) as exchange:
        settings = Settings.model_validate(
            {
                "http": {"port": 0, "ws_port": 0},
                "agi": {"port": 0},
                "database": {"url": url or f"sqlite:///{folder}/centralita.sqlite3", **records},
                "pbx": {"main": {"port": exchange.port, "secret": SECRET}, "spare": {"port": 9}},
            }
        )
        async with running(settings) as service:
            asking = replace(CONFIG, agi=Agi(host="127.0.0.1", port=service.agi_port or 0))
            exchange.config = exchange.world.config = asking
            live = service.exchanges["main"].live
            await until(lambda: live.is_connected and live.queues())
            opened = House(service.db, service.http_port)
            if not await service.db.read(users.user_named, name="ana"):
                await service.db.run(users.add_user, user=agent_of("ana", SEAT))
            yield opened, service, exchange


def called(exchange: Simulator, number: str = NUMBER) -> None:
    call_in(exchange.world, to=DID, number=number)
    exchange.pump()


async def ended(ana: Desk) -> None:
    await ana.until(lambda m: m["op"] == "event" and m["event"]["type"] == "call.ended")


async def test_the_first_pop_has_its_card_and_the_dialplan_its_answer(tmp_path: Path) -> None:
    async with house(tmp_path) as (here, _, exchange), here.signed_in("ana") as ana:
        maria = await here.add_contact("María", NUMBER)
        called(exchange)
        pop = await ana.pop(E164)
        assert pop.message["card"]["contact"]["id"] == maria
        (line,) = [one for one in exchange.world.channels.values() if one.num == NUMBER]
        assert line.variables["CENTRALITA_CONTACT"] == maria
        assert line.variables["CENTRALITA_STATUS"] == "FOUND"


async def test_a_stranger_who_is_written_down_during_the_call_is_known_from_then_on(tmp_path: Path) -> None:
    async with house(tmp_path) as (here, _, exchange), here.signed_in("ana") as ana:
        called(exchange)
        pop = await ana.pop(E164)
        assert not (pop.message["card"] or {}).get("contact")
        made = await ana.post("/contacts", {"given": "María", "phones": [{"raw": NUMBER}]})
        again = await ana.pop(E164, of=made["id"])
        assert again.message["call"]["id"] == pop.message["call"]["id"]
        (call,) = await ana.calls_of(made["id"])
    assert (call["contact_id"], call["match"]["kind"]) == (made["id"], "exact")


async def test_a_name_that_is_put_right_during_the_call_stands_on_its_card(tmp_path: Path) -> None:
    async with house(tmp_path) as (here, _, exchange), here.signed_in("ana") as ana:
        maria = await here.add_contact("Marya", NUMBER)
        called(exchange)
        await ana.pop(E164, of=maria)
        await here.db.run(
            contacts.change,
            contact_id=maria,
            version=1,
            changes={"given": "María"},
            by="ana",
            now=utc_now(),
        )
        await ana.until(lambda m: m["op"] == "screen_pop" and "María" in m["html"])


async def test_a_line_that_is_named_now_is_the_brand_of_the_next_call(tmp_path: Path) -> None:
    named = Line(pbx="main", kind="did", code=DID, name="Hostelería Sur", greeting_es="Buenos días")
    async with house(tmp_path) as (here, service, exchange), here.signed_in("ana") as ana:
        await service.db.run(lines.put, line=named, version=None, by=None, now=utc_now())
        called(exchange)
        assert "Hostelería Sur" in (await ana.pop(E164)).message["html"]
    async with house(tmp_path) as (again, _, exchange), again.signed_in("ana") as ana:
        called(exchange)
        assert "Buenos días" in (await ana.pop(E164)).message["html"]


async def test_a_call_is_told_by_rest_from_its_end_on_stored_or_not(tmp_path: Path) -> None:
    async with house(tmp_path) as (here, service, exchange), here.signed_in("ana") as ana:
        holding, let_go = asyncio.Event(), asyncio.Event()
        write = service.recorder.write

        async def later(**group: object) -> None:
            holding.set()
            await let_go.wait()
            await write(**group)

        called(exchange)
        pop = await ana.pop(E164)
        service.recorder.write = later
        await ended(ana)
        await holding.wait()
        told = await ana.get(f"/calls/{pop.message['call']['id']}")
        let_go.set()
        await until(lambda: service.recorder.unstored(told["id"]) is None)
        stored = await ana.get(f"/calls/{told['id']}")
    assert told["outcome"] == stored["outcome"] == "answered"


async def test_a_pause_is_confirmed_though_nobody_hears_of_the_queue(tmp_path: Path) -> None:
    async with house(tmp_path) as (_, service, _):
        main = service.exchanges["main"]
        (before,) = main.live.queues()[0].members
        await main.presence.pause(before.interface, "lunch")
        (after,) = main.live.queues()[0].members
    assert (before.paused_reason, after.paused_reason) == (None, "lunch")


async def test_a_part_that_fails_is_started_again_and_told(tmp_path: Path) -> None:
    """The link to the exchange fails by a fault of ours: it is made anew, and the desks stay."""
    async with house(tmp_path) as (here, service, _), here.signed_in("ana") as ana:
        client = service.exchanges["main"].client
        client._keep_alive = None  # what a bug would do at the next look
        assert client._link
        client._link.drop("for the test")
        parts = await ana.health(lambda parts: "TypeError" in (parts["pbx main"]["why"] or ""))
        assert not parts["pbx main"]["is_well"]
        del client._keep_alive
        await ana.health(lambda parts: parts["pbx main"]["is_well"])
        assert ana.close_code is None


async def test_an_exchange_that_is_away_disturbs_no_other(tmp_path: Path) -> None:
    async with house(tmp_path) as (here, _, exchange), here.signed_in("ana") as ana:
        parts = await ana.health(lambda parts: parts["pbx main"]["is_well"])
        assert not parts["pbx spare"]["is_well"]
        called(exchange)
        await ana.pop(E164)


@pytest.mark.parametrize("flow", ["route", "main/route", "spare/route"])
async def test_each_exchange_has_a_flow_of_its_own(tmp_path: Path, flow: str) -> None:
    async with house(tmp_path) as (here, service, _):
        maria = await here.add_contact("María", NUMBER)
        reader, writer = await asyncio.open_connection("127.0.0.1", service.agi_port)
        head = f"agi_network_script: {flow}\nagi_callerid: {NUMBER}\nagi_channel: PJSIP/provider-0001\n"
        writer.write(f"{head}agi_arg_1: 1.1\nagi_arg_2: {DID}\n\n".encode())
        said = []
        async with asyncio.timeout(5):
            while line := await reader.readline():
                said.append(line.decode())
                writer.write(b"200 result=1\n")
        writer.close()
    assert f'SET VARIABLE "CENTRALITA_CONTACT" "{maria}"\n' in said
    assert said[-1] == 'SET VARIABLE "CENTRALITA_STATUS" "FOUND"\n'


async def test_history_is_written_while_the_service_stops(tmp_path: Path) -> None:
    async with house(tmp_path) as (here, service, exchange), here.signed_in("ana") as ana:
        called(exchange)
        pop = await ana.pop(E164)
        await ended(ana)
    async with house(tmp_path) as (_, service, _):
        call = await service.db.read(calls.get_call, call_id=pop.message["call"]["id"])
    assert call.outcome == "answered"
