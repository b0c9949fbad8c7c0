"""The exchange of the tests: who works there, and who may use what at a time.

Sixty agents in twenty queues of three; each queue has its own number, each phone too, and calls to the
outside leave by eight lines. A test takes a desk (one queue, its number, its phones) and gives it back; tests
of one Asterisk do not meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from asterisk_conf.model import Did, Outbound, Phone, Queue, Settings, Trunk
from lab.broom import Place, sweep
from lab.pbx import Asterisk, Instance
from lab.ports import free_port

HOST = "127.0.0.1"
SECRETS = {
    "bridge": "secret-of-the-bridge",
    "observer": "secret-of-the-observer",
    "recorder": "secret-of-the-recorder",
}
LINES = 8
RTP_PORTS = 400
# Names that a careless template would break on.
HARD_NAMES = {
    "158": 'Óscar "Ñ" Núñez; [x]',
    "159": "García, Ana",
    "160": "Back\\slash #exec ls",
}
KINDS: dict[range, dict[str, Any]] = {
    range(1, 9): {"strategy": "rrmemory", "timeout": 4},
    range(9, 13): {"strategy": "ringall", "timeout": 8},
    range(13, 15): {"strategy": "linear", "timeout": 4},
    range(15, 17): {"strategy": "rrmemory", "timeout": 4, "max_wait": 3},
    range(17, 18): {"strategy": "rrmemory", "timeout": 2, "autopause": "yes"},
    range(18, 19): {"strategy": "rrmemory", "join_empty": "no"},
    range(19, 20): {"strategy": "leastrecent", "max_callers": 1},
    range(20, 21): {"strategy": "rrmemory", "timeout": 4, "announce_position": True},
}


def ground(instance: Instance, *, rtp_ports: int) -> dict[str, Any]:
    """Return what every exchange of the tests has: its folders, its managers, ports of its own, music."""
    rtp = free_port(room=rtp_ports)
    return {
        "directories": instance.directories(),
        "ami": {
            "bind": HOST,
            "port": free_port(),
            "users": [{"name": role, "role": role, "secret": secret} for role, secret in SECRETS.items()],
        },
        "sip": {
            "bind": HOST,
            "port": free_port(),
            "media_address": HOST,
            "rtp_first": rtp,
            "rtp_last": rtp + rtp_ports - 1,
            "codecs": ["ulaw", "alaw"],
        },
        "music": [{"name": "default", "directory": str(instance.inside / "music")}],
    }


def settings(instance: Instance) -> Settings:
    """Return the floor for one Asterisk, with ports of its own."""
    phones = [_phone(str(extension)) for extension in range(101, 161)]
    return Settings.model_validate(
        ground(instance, rtp_ports=RTP_PORTS)
        | {
            "fastagi": {"host": HOST, "port": free_port()},
            "phones": phones,
            "trunks": [Trunk(name="provider", match=(f"{HOST}/32",)), *map(_line, range(1, LINES + 1))],
            "queues": [_queue(number) for number in range(1, 21)],
            "dids": [
                *(Did(number=f"55510{number:02}", to=f"queue:q{number:02}") for number in range(1, 21)),
                *(
                    Did(number=f"5552{phone.extension}", to=f"phone:{phone.extension}", ring_for=3)
                    for phone in phones
                ),
                *(
                    Did(number=f"55540{number:02}", to="agi:menu", person=f"queue:q{number:02}")
                    for number in range(1, 21)
                ),
            ],
            "outbound": [
                Outbound(
                    pattern=f"_6000{number:02}XXX",
                    trunk=f"line{number:02}",
                    caller_id="957000100",
                    ring_for=5,
                )
                for number in range(1, LINES + 1)
            ],
        }
    )


def _phone(extension: str) -> Phone:
    name = HARD_NAMES.get(extension, f"Agent {extension}")
    return Phone.model_validate({"extension": extension, "name": name, "secret": f"secret-of-{extension}"})


def _line(number: int) -> Trunk:
    return Trunk(name=f"line{number:02}", host=HOST, port=free_port())


def _queue(number: int) -> Queue:
    kind = next(kind for numbers, kind in KINDS.items() if number in numbers)
    first = 101 + (number - 1) * 3
    members = [{"phone": str(extension)} for extension in range(first, first + 3)]
    return Queue.model_validate({"name": f"q{number:02}", "members": members, "max_wait": 60} | kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A queue with its number and its three phones, for one test alone."""

    queue: Queue
    did: str
    phones: tuple[Phone, ...]

    @property
    def menu(self) -> str:
        """Return the number at which callers serve themselves; a person is in this desk's queue."""
        return f"55540{self.queue.name[1:]}"

    def direct(self, phone: Phone) -> str:
        """Return the number that rings *phone* alone."""
        return f"5552{phone.extension}"

    def place(self) -> Place:
        """Return what has to be as it was when the desk is given back."""
        return Place(
            endpoints=frozenset(phone.endpoint for phone in self.phones),
            numbers=frozenset((self.did, self.menu, *map(self.direct, self.phones))),
            queue=self.queue.name,
            members=frozenset(phone.interface for phone in self.phones),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A way out: what is dialled as ``6000…`` arrives at *port*."""

    trunk: str
    port: int
    number: str


@dataclass(slots=True)
class Floor:
    """Who uses what; what is given back to an exchange that goes on is put right there.

    ``left`` tells what was found then: a test that failed, or that does not clear up.
    """

    settings: Settings
    exchange: Asterisk | None = None
    left: list[str] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)

    @contextmanager
    def desk(
        self, wanted: Callable[[Queue], bool] = lambda queue: queue.strategy == "rrmemory"
    ) -> Iterator[Desk]:
        """Give a queue that is *wanted* and free; it is free again afterwards, and put right.

        Raises:
            LookupError: none is.
        """
        free = [queue for queue in self.settings.queues if queue.name not in self._taken and wanted(queue)]
        if not free:
            raise LookupError("no such queue is free on the lab's floor")
        queue = free[0]
        did = next(did.number for did in self.settings.dids if did.to == f"queue:{queue.name}")
        phones = tuple(self.settings.phone(member.phone) for member in queue.members)
        desk = Desk(queue=queue, did=did, phones=phones)
        with self._taking(queue.name, desk.place()):
            yield desk

    @contextmanager
    def line(self) -> Iterator[Line]:
        """Give a line to the outside, with a number that leaves by it.

        Raises:
            LookupError: all are taken.
        """
        routes = [route for route in self.settings.outbound if route.trunk not in self._taken]
        if not routes:
            raise LookupError("no line is free on the lab's floor")
        route = routes[0]
        port = next(trunk.port for trunk in self.settings.trunks if trunk.name == route.trunk)
        with self._taking(route.trunk, Place(endpoints=frozenset((route.trunk,)))):
            yield Line(trunk=route.trunk, port=port, number=route.pattern[1:].replace("XXX", "123"))

    @contextmanager
    def _taking(self, name: str, place: Place) -> Iterator[None]:
        self._taken.add(name)
        try:
            yield
        finally:
            if self.exchange:
                found = sweep(self.exchange, place, user="bridge", secret=SECRETS["bridge"])
                self.left += [f"{name}: {what}" for what in found]
            self._taken.remove(name)
