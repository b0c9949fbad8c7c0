"""The demo's exchange and what happens on it.

Colleagues at 103 and up serve ``ventas`` and ``soporte`` for random callers. The phones of those who can
sign in are off until they do; then customers call them through ``atencion``, the first after a few seconds,
the next when there was time to write about the one before.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from ami_bridge.domain.events import AgentView
from ami_bridge.ports import LiveFloor
from centralita.demo_people import Person, people
from centralita.demo_records import PEOPLE, SIGN_INS
from pbxsim.config import Agi, Chance, Config, Did, Load, Manner, Phone, Queue, Route, Spread, Stranger, User
from pbxsim.server import Simulator
from pbxsim.world.callers import RandomCallers, call_in
from pbxsim.world.channel import Channel

COLLEAGUES = {
    "103": "Nerea Castaño",
    "104": "Iván Núñez",
    "105": "Rocío Vázquez",
    "106": "Miquel Santaeulària",
    "107": "Aoife Doyle",
    "108": "Owen Hargreaves",
}
SEATS = {person.extension: person.full_name for person in SIGN_INS if person.extension}
ATENCION, VENTAS, SOPORTE = "957000200", "957000300", "957000400"
FIRST_CALL, NEXT_CALL, ANOTHER_CALL_S, LOOK_S = Spread(2.5, 4.0), Spread(15.0, 25.0), 4.0, 0.5
IN_SEAT = (
    (0.8, Manner(after=Spread(5.0, 8.0))),
    (0.2, Manner(after=Spread(5.0, 8.0), hold_after=Spread(8.0, 15.0))),
)
COLLEAGUE = (
    (0.85, Manner(after=Spread(2.0, 7.0))),
    (0.07, Manner(after=Spread(2.0, 7.0), hold_after=Spread(6.0, 20.0))),
    (0.04, Manner(takes="rejects", after=Spread(1.0, 3.0))),
    (0.04, Manner(takes="ignores")),
)
TALK, PATIENCE = Spread(15.0, 240.0, mean=60.0), Spread(6.0, 180.0, mean=60.0)
STRANGER, HIDDEN, CUSTOMER_ENDS = 0.06, 0.02, 0.7


class DemoFloor:
    """Plays the callers; ``config`` is the exchange before anybody asks it anything."""

    def __init__(self, *, seed: int, secret: str, calls_per_minute: float) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - callers need no secrecy
        self._customers = [stranger_of(person) for person in people(PEOPLE, seed=seed)]
        self._per_second = calls_per_minute / 60
        self.config = Config(
            users=(User(name="centralita", secret=secret),),
            phones=(
                *(
                    Phone(extension=extension, name=name, manners=IN_SEAT, registered=False)
                    for extension, name in SEATS.items()
                ),
                *(
                    Phone(extension=extension, name=name, manners=COLLEAGUE)
                    for extension, name in COLLEAGUES.items()
                ),
            ),
            queues=(
                Queue(name="atencion", members=tuple(SEATS), timeout=20.0),
                Queue(name="ventas", members=("103", "104", "105", "106")),
                Queue(name="soporte", members=("105", "106", "107", "108"), strategy="ringall"),
            ),
            dids=(
                Did(number=ATENCION, to="queue:atencion"),
                Did(number=VENTAS, to="queue:ventas"),
                Did(number=SOPORTE, to="queue:soporte"),
                *(Did(number=f"957000{each}", to=f"phone:{each}") for each in (*SEATS, *COLLEAGUES)),
            ),
            routes=tuple(Route(prefix=each, trunk="provider") for each in "06789"),
            seed=seed,
        )

    async def run(self, exchange: Simulator, live: LiveFloor, *, agi_port: int) -> None:
        """Let people call until cancelled; who is at a desk is looked up in *live*."""
        asking = replace(self.config, agi=Agi(host="127.0.0.1", port=agi_port))
        exchange.config = exchange.world.config = asking
        RandomCallers(exchange.world, self._load(), self._per_second).start()
        seats = Seats(exchange, self._chance)
        while True:
            if seats.look({view.interface: view for view in live.agents()}):
                self._call(exchange)
            exchange.pump()
            await asyncio.sleep(LOOK_S)

    def _load(self) -> Load:
        direct = [(0.05, f"957000{extension}") for extension in COLLEAGUES]
        return Load(
            per_second=self._per_second,
            callers=self._who,
            dids=((0.5, VENTAS), (0.35, SOPORTE), *direct),
            patience=PATIENCE,
            talk=TALK,
            agent_ends=1 - CUSTOMER_ENDS,
            clicks=0.06,
            internal=0.03,
        )

    def _who(self, chance: Chance) -> Stranger:
        draw = chance.random()
        if draw < HIDDEN:
            return ("", "")
        if draw < HIDDEN + STRANGER:
            return (f"6129{int(chance.random() * 100_000):05d}", "")
        return self._customers[int(chance.random() * len(self._customers))]

    def _call(self, exchange: Simulator) -> None:
        number, name = self._who(self._chance)
        channel = call_in(exchange.world, to=ATENCION, number=number, name=name)
        channel.talk = self._conversation(exchange)

    def _conversation(self, exchange: Simulator) -> Callable[[Channel, Channel], None]:
        def begin(channel: Channel, leg: Channel) -> None:
            ends = channel if self._chance.random() < CUSTOMER_ENDS else leg
            exchange.world.after(TALK.draw(self._chance), exchange.world.post_gone, ends)

        return begin


class Seats:
    """Those who signed in: their phones are on, and each is called when it is time."""

    def __init__(self, exchange: Simulator, chance: Chance) -> None:
        self._exchange, self._chance = exchange, chance
        self._due: dict[str, float] = {}

    def look(self, agents: Mapping[str, AgentView]) -> bool:
        """Switch phones on and off with *agents*, by interface; return whether somebody should call now."""
        now, is_time = asyncio.get_running_loop().time(), False
        for extension in SEATS:
            device = self._exchange.world.phones[extension]
            view = agents.get(device.name)
            if (view is not None) != device.reachable:
                self._exchange.world.register(device, present=view is not None)
                self._due[extension] = now + FIRST_CALL.draw(self._chance)
            elif view is not None and view.state != "ready":
                self._due[extension] = now + NEXT_CALL.draw(self._chance)
            elif view is not None and now >= self._due[extension]:
                self._due[extension] = now + ANOTHER_CALL_S
                is_time = True
        return is_time


def stranger_of(person: Person) -> Stranger:
    """Return how a Spanish trunk delivers somebody's call: his number as dialled from there, and no name."""
    national = person.number.removeprefix("+34")
    return (national if national != person.number else f"00{person.number.removeprefix('+')}", "")
