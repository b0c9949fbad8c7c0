"""What a simulated exchange is: its people, lines, queues and how everybody behaves. Pure.

Everything can be written as JSON (``pbxsim.loading``); only ``Load.callers`` may be a function too.

A floor to be watched, where phones ring long enough that a card is seen before the answer, some callers give
up, and customers are those of a list; ``async with Simulator(config) as pbx`` (``pbxsim.server``) runs it::

    Config(
        users=(User(name="centralita", secret=secret),),
        phones=(Phone(extension="101", name="Ana", manners=((1.0, Manner(after=Spread(4.0, 8.0))),)),),
        queues=(Queue(name="ventas", members=("101",), max_wait=120.0),),
        dids=(Did(number="957000100", to="queue:ventas"),),
        load=Load(
            per_second=0.2,
            callers=(("957212000", "Ana Soto"), ("600123456", "")),
            dids=((1.0, "957000100"),),
            patience=Spread(10.0, 90.0, mean=45.0),
            talk=Spread(8.0, 40.0, mean=20.0),
        ),
    )

Calls a second times ring and talk is how many agents are on the phone at a time: more than there are, and
callers wait; far fewer, and an agent waits long for his next call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

Choice = TypeVar("Choice")


class Chance(Protocol):
    """Where chance comes from: a seeded ``random.Random`` in practice."""

    def random(self) -> float:
        """Return a number from 0.0 up to, but not including, 1.0."""
        ...

    def expovariate(self, lambd: float) -> float:
        """Return an exponentially distributed number with mean ``1 / lambd``."""
        ...


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds between *low* and *high*: uniform, or exponential about *mean* and cut at both ends."""

    low: float
    high: float
    mean: float | None = None

    def draw(self, chance: Chance) -> float:
        """Return a length of time in seconds."""
        if self.mean is None:
            return self.low + (self.high - self.low) * chance.random()
        return min(self.high, max(self.low, chance.expovariate(1.0 / self.mean)))


def weighted(choices: Sequence[tuple[float, Choice]], draw: float) -> Choice:
    """Return one of *choices* by its weight; *draw* is from 0.0 up to 1.0."""
    left = draw * sum(weight for weight, _ in choices)
    for weight, choice in choices:
        left -= weight
        if left < 0:
            return choice
    return choices[-1][1]  # tenths do not quite add up


def exactly(seconds: float) -> Spread:
    """Return the spread that is always *seconds*."""
    return Spread(seconds, seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a phone takes a call, and what it does in it. Times count from the step before.

    ``busy``, ``rejects`` and ``fails`` ring for *after* and then refuse (486, 603, 503); without ringing
    when it is 0. ``ignores`` rings until the other side gives up.
    """

    takes: Literal["answers", "ignores", "busy", "rejects", "fails"] = "answers"
    after: Spread = Spread(1.5, 6.0)
    hang_up_after: Spread | None = None
    hold_after: Spread | None = None
    hold_for: Spread = Spread(3.0, 15.0)
    transfer_after: Spread | None = None
    transfer_to: str = ""


Manners = tuple[tuple[float, Manner], ...]
ANSWERS: Manners = ((1.0, Manner()),)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who may log in at the manager interface; rights as in manager.conf."""

    name: str
    secret: str
    read: str = "system,call,agent,user"
    write: str = "call,agent,user,originate,reporting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A desk: extension, name on the display, and its manners, each with its weight."""

    extension: str
    name: str = ""
    interface: str = ""
    manners: Manners = ANSWERS
    registered: bool = True

    @property
    def device(self) -> str:
        """``PJSIP/agent101`` unless the phone has an interface of its own."""
        return self.interface or f"PJSIP/agent{self.extension}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A waiting line; members are extensions, words as in queues.conf. ``timeout``, ``retry``… in seconds."""

    name: str
    members: tuple[str, ...] = ()
    strategy: Literal["ringall", "rrmemory", "leastrecent", "fewestcalls", "random", "linear"] = "rrmemory"
    timeout: float = 15.0
    retry: float = 1.0
    max_wait: float = 300.0
    max_callers: int = 0
    join_empty: bool = True
    wrap_up: float = 0.0
    autopause: bool = False
    penalties: tuple[int, ...] = ()
    service_level: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """A number of ours: ``to`` is ``queue:NAME`` or ``phone:EXTENSION``; *ring_for* limits the latter."""

    number: str
    to: str
    ring_for: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way out for numbers that begin with *prefix*; who is called there behaves in one of *manners*."""

    prefix: str
    trunk: str
    caller_id: str = ""
    ring_for: float = 60.0
    manners: Manners = ANSWERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Agi:
    """The FastAGI server that is asked before a call goes to a queue, and for how long."""

    host: str
    port: int
    script: str = "route"
    patience: float = 0.5


Stranger = tuple[str, str]
"""Number and name as the trunk delivers them; both may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Random callers: how many, who, where to, how long they wait and talk.

    *callers* is a list, or a function that is given the exchange's chance. *clicks* and *internal* are the
    shares of calls that an agent makes, to a caller's number or to a colleague, instead of receiving them.
    """

    per_second: float
    callers: Sequence[Stranger] | Callable[[Chance], Stranger]
    dids: tuple[tuple[float, str], ...]
    patience: Spread = Spread(5.0, 180.0, mean=60.0)
    talk: Spread = Spread(3.0, 600.0, mean=90.0)
    agent_ends: float = 0.5
    clicks: float = 0.0
    internal: float = 0.0
    most_calls: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything a simulated exchange needs to know.

    *verbosity* ``bridge`` makes the events that a reader of system, call, agent and user gets; ``all`` also
    makes those of the dialplan (Newexten, VarSet), three times as many. *manager* is the version of the
    manager interface that it speaks: that of Asterisk 22, or Asterisk 11's (``pbxsim.manager.elder``).
    """

    users: tuple[User, ...]
    phones: tuple[Phone, ...] = ()
    queues: tuple[Queue, ...] = ()
    dids: tuple[Did, ...] = ()
    routes: tuple[Route, ...] = ()
    agi: Agi | None = None
    load: Load | None = None
    trunk: str = "provider"
    language: str = "en"
    seed: int = 1
    verbosity: Literal["bridge", "all"] = "bridge"
    manager: Literal["11.0.0", "1.3"] = "11.0.0"
    host: str = "127.0.0.1"
    port: int = 0
    most_unsent: int = field(default=8 * 1024 * 1024)
