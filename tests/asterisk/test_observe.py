"""An exchange that is only observed: pops, board and history, and on the wire not one command."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from lab.desk import Desk
from lab.floor import SECRETS, Floor
from lab.floor import Desk as Place
from lab.overheard import overheard
from lab.pbx import Asterisk
from lab.phones import Answers, caller, phone
from lab.service import House, in_step, settings_of

from ami_bridge.domain.errors import ObserveOnlyError
from ami_bridge.domain.keeping import Pair
from ami_bridge.ports import CallControl
from centralita.app import Service, running
from centralita.doctor_pbx import examine_exchange
from centralita.settings import Settings

pytestmark = pytest.mark.asterisk
NUMBER, E164 = "957212000", "+34957212000"
HARMLESS = {
    "Challenge",
    "Login",
    "Ping",
    "ListCommands",
    "BridgeList",
    "ParkedCalls",
    "CoreShowChannels",
    "Status",
    "PJSIPShowEndpoints",
    "ExtensionStateList",
    "QueueStatus",
    "ShowDialPlan",
    "SIPpeers",
    "Logoff",
}
"""By Asterisk's own list of actions none of these changes anything."""

PAIR = Pair("PJSIP/101-00000001", "PJSIP/102-00000002", is_kept=False)
Command = Callable[[CallControl], Awaitable[Any]]
COMMANDS: dict[str, Command] = {
    "originate": lambda control: control.originate(
        interface="PJSIP/101", number="600123456", caller_id=None, agent="101"
    ),
    "hang_up": lambda control: control.hang_up("1.0"),
    "pause": lambda control: control.pause("PJSIP/101", is_paused=True, reason="x"),
    "join_queue": lambda control: control.join_queue(
        "q01", "PJSIP/101", name="Ana", penalty=0, is_paused=False
    ),
    "leave_queue": lambda control: control.leave_queue("q01", "PJSIP/101"),
    "hold": lambda control: control.hold(PAIR),
    "resume": lambda control: control.resume(PAIR),
}


def observing(asterisk: Asterisk, folder: Path, port: int) -> Settings:
    """Return the settings of a service that observes over the relay at *port*."""
    ami = {"user": "observer", "secret": SECRETS["observer"], "mode": "observe"}
    return Settings.model_validate(settings_of(asterisk, folder, host="127.0.0.1", port=port, **ami))


async def refusals(ana: Desk, place: Place) -> list[str]:
    """Ask by REST for everything that commands an exchange; return how each was refused."""
    phone, queue = place.phones[0].interface, f"/presence/queues/{place.queue.name}"
    pause = {"pbx": "main", "interface": phone, "agent": None, "act": "pause", "reason": "lunch"}
    tried: list[tuple[str, str, dict[str, Any] | None]] = [
        ("POST", "/calls", {"number": "600123456"}),
        ("PUT", "/presence", {"state": "paused", "reason": "lunch"}),
        ("PUT", "/presence", {"state": "ready"}),
        ("PUT", queue, None),
        ("DELETE", queue, None),
        ("POST", "/interventions", pause),
        ("POST", "/interventions", pause | {"act": "unpause", "reason": None}),
        ("POST", "/interventions", pause | {"act": "log_out", "reason": None}),
    ]
    codes = []
    for n, (method, path, body) in enumerate(tried):
        headers = {"X-CSRF-Token": ana.csrf, "Origin": ana.origin, "Idempotency-Key": f"observe-{n}"}
        url = f"{ana.origin}/api/v1{path}"
        async with ana.http.request(method, url, json=body, headers=headers) as answer:
            codes.append(f"{answer.status} {(await answer.json())['code']}")
    return codes


async def try_to_command(service: Service) -> None:
    """Ask for everything that can be asked of an exchange, at each of its two gates."""
    exchange = service.exchanges["main"]
    for command in COMMANDS.values():
        with pytest.raises(ObserveOnlyError):
            await command(exchange.control)
        exchange.control.is_observed = False  # as if somebody forgot to look
        with pytest.raises(ObserveOnlyError):
            await command(exchange.control)
        exchange.control.is_observed = True
    with pytest.raises(ObserveOnlyError):
        await exchange.client.ask("Command", {"Command": "core stop now"})


def test_every_command_there_is_is_tried() -> None:
    coroutines = {name for name, value in vars(CallControl).items() if inspect.iscoroutinefunction(value)}
    assert coroutines - {"snapshot"} == COMMANDS.keys()


async def test_a_card_pops_the_call_is_kept_and_nothing_is_commanded(
    asterisk: Asterisk, lab_floor: Floor, tmp_path: Path
) -> None:
    with lab_floor.desk() as place:
        seat = place.phones[0]
        async with overheard(asterisk) as wire:
            settings = observing(asterisk, tmp_path, wire.port)
            async with running(settings) as service:
                await in_step(service)
                house = House(service.db, service.http_port)
                maria = await house.add_contact("María", NUMBER)
                async with (
                    house.desk("ana", seat, role="supervisor") as ana,
                    phone(asterisk, seat, Answers(after=0.5)),
                    caller(asterisk, place.did, number=NUMBER, hang_up_after=2) as line,
                ):
                    await ana.pop(E164, of=maria)
                    refused = await refusals(ana, place)
                    await try_to_command(service)
                    queues = service.exchanges["main"].live.queues()
                    await line.ended()
                    (call,) = await ana.calls_of(maria)
            await examine_exchange("main", settings.pbx["main"])
    assert set(refused) == {"409 observe_only"}
    assert place.queue.name in {queue.queue for queue in queues}
    assert (call["outcome"], call["match"]["kind"]) == ("answered", "exact")
    said = wire.actions()
    assert set(said) <= HARMLESS
    assert {"Login", "QueueStatus", "CoreShowChannels", "Logoff"} <= set(said)
    assert said.count("Logoff") == 2  # the service's and the doctor's
