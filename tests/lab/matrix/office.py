"""The exchange of the matrix: an office for each scene, so that they play side by side and never meet."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asterisk_conf.model import Did, Mailbox, Outbound, Phone, Queue, Settings, Trunk
from lab.floor import HOST, ground
from lab.pbx import Instance
from lab.ports import free_port

PHONES = 4
NUMBERS = 1000
# A scene plays the program that steers a call by the manager interface.
ASYNC_AGI = """
[bridge](+)
read = system,call,agent,user,agi
write = call,agent,user,originate,reporting,agi
"""
RTP_PORTS = 600
HELD_AT_MOST_S = 5
ASKED_FOR_S = 15
"""So long rings the phone of who is asked before a hand-over: ``atxfernoanswertimeout``, untouched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a scene wants of its office.

    ``queue``: settings of its queue; ``members``: the phones in it, by place, ``penalty``: of some of them;
    ``second``: members of a second queue; ``then``: where who waits too long goes. ``has_line``: to the
    outside, ``has_box``: for messages; its phones ``pick_up`` for each other. ``dialplan``: lines for
    extensions.conf, ``queues``: for queues.conf, ``follow_me``: for followme.conf, with ``{no}`` for the
    office's number, ``{agi}`` for where its FastAGI server listens. ``is_alone``: it is played after all
    others, as it keeps the exchange from hearing them.
    """

    queue: Mapping[str, Any] = field(default_factory=dict)
    members: tuple[int, ...] = (0, 1)
    second: tuple[int, ...] = ()
    penalty: Mapping[int, int] = field(default_factory=dict)
    has_line: bool = False
    has_box: bool = False
    pick_up: bool = False
    then: str = ""
    dialplan: str = ""
    queues: str = ""
    follow_me: str = ""
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Office:
    """One scene's phones and numbers; ``no`` is three digits. An exchange has at most 64 pickup groups."""

    no: str
    pickup_group: int | None = None
    line_port: int = 0
    agi_port: int = 0

    @property
    def phones(self) -> tuple[Phone, ...]:
        """Return its phones."""
        extensions = [f"1{self.no}{place}" for place in range(1, PHONES + 1)]
        return tuple(
            Phone(
                extension=each,
                name=f"Agent {each}",
                secret=f"secret-of-{each}",
                endpoint=f"agent{each}",
                pickup_group=self.pickup_group,
            )
            for each in extensions
        )

    @property
    def queue(self) -> str:
        """Return the name of its queue."""
        return f"q{self.no}"

    @property
    def second(self) -> str:
        """Return the name of its second queue."""
        return f"r{self.no}"

    @property
    def did(self) -> str:
        """Return the number of its queue."""
        return f"5551{self.no}0"

    @property
    def direct(self) -> str:
        """Return the number of its first phone."""
        return f"5551{self.no}1"

    @property
    def own(self) -> str:
        """Return the number for which the scene's own dialplan lines are."""
        return f"5551{self.no}9"

    def caller(self, place: int = 0) -> str:
        """Return the number of a customer of this scene."""
        return f"9572{self.no}0{place}"

    @property
    def outside(self) -> str:
        """Return a number that leaves by its line."""
        return f"600{self.no}123"

    def is_of(self, text: str) -> bool:
        """Return whether *text* is one of its numbers or devices."""
        digits = text.rpartition("/")[2].removeprefix("agent").removeprefix("+34").removeprefix("line")
        beginnings = (f"1{self.no}", f"5551{self.no}", f"9572{self.no}", f"600{self.no}")
        return digits.startswith(beginnings) and len(digits) in (5, 8, 9)


def offices(wishes: Sequence[Wishes]) -> list[Office]:
    """Return an office for each scene.

    Raises:
        ValueError: there are more scenes than numbers of three digits.
    """
    if len(wishes) > NUMBERS:
        raise ValueError(f"an exchange of the matrix has no room for more than {NUMBERS} offices")
    groups = itertools.count()
    return [
        Office(
            f"{number:03}",
            pickup_group=next(groups) if wish.pick_up else None,
            line_port=free_port() if wish.has_line else 0,
            agi_port=free_port() if "{agi}" in wish.dialplan else 0,
        )
        for number, wish in enumerate(wishes)
    ]


def settings(instance: Instance, given: Sequence[tuple[Office, Wishes]]) -> Settings:
    """Return the settings of an exchange with these offices, on ports of its own."""
    tree = ground(instance, rtp_ports=RTP_PORTS) | {
        "longest_hold_s": HELD_AT_MOST_S,
        "load_also": ["app_directed_pickup.so", "app_followme.so"],
        "phones": [phone for office, _ in given for phone in office.phones],
        "trunks": [
            Trunk(name="provider", match=(f"{HOST}/32",)),
            *(_line(office) for office, _ in given if office.line_port),
        ],
        "queues": [queue for office, wish in given for queue in _queues(office, wish)],
        "mailboxes": _mailboxes(given),
        "dids": [did for office, _ in given for did in _dids(office)],
        "outbound": [
            Outbound(
                pattern=f"_600{office.no}XXX", trunk=f"line{office.no}", caller_id="957000100", ring_for=5
            )
            for office, _ in given
            if office.line_port
        ],
    }
    return Settings.model_validate(tree)


def _mailboxes(given: Sequence[tuple[Office, Wishes]]) -> list[Mailbox]:
    return [Mailbox(box=office.no, name="Everybody", pin="4711") for office, wish in given if wish.has_box]


def also(given: Sequence[tuple[Office, Wishes]]) -> dict[str, str]:
    """Return what the scenes want at the end of the configuration files."""
    return {
        "extensions.conf": "".join(_filled(wish.dialplan, office) for office, wish in given),
        "queues.conf": "".join(_filled(wish.queues, office) for office, wish in given),
        "followme.conf": "".join(_filled(wish.follow_me, office) for office, wish in given),
        "manager.conf": ASYNC_AGI,
    }


def _filled(text: str, office: Office) -> str:
    return text.replace("{no}", office.no).replace("{agi}", f"{HOST}:{office.agi_port}")


def _line(office: Office) -> Trunk:
    return Trunk(name=f"line{office.no}", host=HOST, port=office.line_port)


def _queues(office: Office, wish: Wishes) -> list[Queue]:
    kind = {"strategy": "linear", "timeout": 8, "max_wait": 30} | dict(wish.queue)
    names = [(office.queue, wish.members)] + ([(office.second, wish.second)] if wish.second else [])
    return [
        Queue.model_validate(
            _then(office, wish, name)
            | {"name": name, "members": [_member(office, wish, place) for place in places]}
            | kind
        )
        for name, places in names
    ]


def _then(office: Office, wish: Wishes, name: str) -> dict[str, str]:
    return {"then": wish.then.replace("{no}", office.no)} if wish.then and name == office.queue else {}


def _member(office: Office, wish: Wishes, place: int) -> dict[str, Any]:
    return {"phone": office.phones[place].extension, "penalty": wish.penalty.get(place, 0)}


def _dids(office: Office) -> list[Did]:
    return [
        Did(number=office.did, to=f"queue:{office.queue}"),
        Did(number=office.direct, to=f"phone:{office.phones[0].extension}", ring_for=8),
    ]
