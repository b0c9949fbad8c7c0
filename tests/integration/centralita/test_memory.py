"""Nothing is kept of calls that are over: the service holds as much after many of them as after some.

Every container that is reached from the service, or stands in one of its modules, is counted by where it is,
after some calls and after as many again. What keeps the last of something is named here, with how many.
"""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import cache, partial
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any

from lab.desk import until

from ami_bridge.domain.book import ENDED_KEPT
from ami_bridge.domain.rights import GONE_KEPT
from ami_bridge.services.matching import ENDED_KEPT as CARDS_KEPT
from ami_bridge.services.traces import NAMES_KEPT
from centralita.app import Service, running
from centralita.settings import Settings
from pbxsim.config import Config, Did, Manner, Phone, Queue, Spread, User
from pbxsim.server import Simulator
from pbxsim.world.callers import call_in

SECRET, DID = "s3cr3t", "5551001"
CALLS, AT_ONCE, PHONES, WITHIN_S = 150, 12, 16, 120.0
MAY_DIFFER = 10
"""A container may hold so many more by chance, of the calls that ended between the counts."""
Cached = type(cache(len))
OURS = ("agi_scripts", "ami_bridge", "centralita", "crm_core", "screenpop")
KEPT = {
    "service.hub._ring._events": 10_000,
    "service.matcher._ended": CARDS_KEPT,
    "service.matcher._known": CARDS_KEPT,
    "service.matcher._cards": CARDS_KEPT,
    "service._traces._over": NAMES_KEPT,
    "service.exchanges[].rights._heard._gone": GONE_KEPT,
    "service.matcher._floors[]._book.ended": ENDED_KEPT,
}
"""What keeps the last so many of something, however long it runs."""
MANNERS = (
    (0.8, Manner(after=Spread(0.02, 0.06), hang_up_after=Spread(0.02, 0.1))),
    (0.2, Manner(takes="rejects", after=Spread(0.02, 0.06))),
)
EXTENSIONS = tuple(str(101 + place) for place in range(PHONES))
CONFIG = Config(
    users=(User(name="centralita", secret=SECRET),),
    phones=tuple(Phone(extension=each, manners=MANNERS) for each in EXTENSIONS),
    queues=(Queue(name="sales", members=EXTENSIONS),),
    dids=(Did(number=DID, to="queue:sales"),),
)


@asynccontextmanager
async def floor(folder: Path) -> AsyncIterator[tuple[Service, Simulator]]:
    """Run the service on an exchange; agents sit at every second phone."""
    async with Simulator(CONFIG) as exchange:
        settings = Settings.model_validate(
            {
                "http": {"port": 0, "ws_port": 0},
                "agi": {"enabled": False},
                "database": {"url": f"sqlite:///{folder}/centralita.sqlite3"},
                "pbx": {"main": {"port": exchange.port, "secret": SECRET}},
            }
        )
        async with running(settings) as service:
            live = service.exchanges["main"].live
            await until(lambda: live.truth.resyncs == 1, within=WITHIN_S)
            for phone in sorted(live.phones())[::2]:
                live.take_seat(interface=phone, agent=phone[-3:])
            yield service, exchange


async def held_after(service: Service, exchange: Simulator, numbers: Iterable[int]) -> Counter[str]:
    """Return the sizes of all containers once *numbers* have called and everything is over."""
    for number in numbers:
        await until(lambda: len(exchange.world.channels) < AT_ONCE, within=WITHIN_S)
        exchange.pump()
        call_in(exchange.world, to=DID, number=str(600_000_000 + number))
        exchange.pump()
    live = service.exchanges["main"].live
    await until(lambda: not (exchange.world.channels or live.calls()), within=WITHIN_S)
    await until(lambda: service.recorder.is_settled, within=WITHIN_S)
    return sizes({"service": service} | dict(_modules()))


async def test_nothing_is_kept_of_calls_that_are_over(tmp_path: Path) -> None:
    async with floor(tmp_path) as (service, exchange):
        before = await held_after(service, exchange, range(CALLS))
        after = await held_after(service, exchange, range(CALLS, 2 * CALLS))
        assert service.recorder.health.stored == 2 * CALLS
    assert {where: bound for where, bound in KEPT.items() if not 0 < after[where] <= bound} == {}
    more = {where: many - before[where] for where, many in after.items() if where not in KEPT}
    assert {where: many for where, many in more.items() if many > MAY_DIFFER} == {}


# --- what is held


def _modules() -> Iterator[tuple[str, Any]]:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in OURS:
            yield name, {key: one for key, one in vars(module).items() if not key.startswith("__")}


def sizes(roots: Mapping[str, Any]) -> Counter[str]:
    """Return how much is in the containers that are reached from *roots*, by where they are.

    The elements of a container are one place.
    """
    found: Counter[str] = Counter()
    todo, seen = deque(roots.items()), {id(one) for one in roots.values()}
    while todo:
        where, one = todo.popleft()
        if isinstance(one, dict | list | set | frozenset | tuple | deque):
            found[where] += len(one)
        elif isinstance(one, Cached) and one.cache_info().maxsize is None:
            found[where] += one.cache_info().currsize
        if where in KEPT:
            continue
        for name, part in _parts(one):
            if id(part) not in seen and not isinstance(part, str | bytes | int | float | None):
                seen.add(id(part))
                todo.append((where + name, part))
    return found


def _parts(one: Any) -> Iterable[tuple[str, Any]]:
    """Yield what *one* holds, each with how it is reached; nothing of what is no container and not ours."""
    match one:
        case dict():
            yield from (("[]", part) for each in list(one.items()) for part in each)
        case list() | set() | frozenset() | tuple() | deque():
            yield from (("[]", part) for part in list(one))
        case MethodType():
            yield "", one.__self__
        case partial():
            yield from (("()", part) for part in (one.func, *one.args, *one.keywords.values()))
        case FunctionType():
            yield from (("()", cell.cell_contents) for cell in one.__closure__ or ())
    if isinstance(one, type) or type(one).__module__.partition(".")[0] not in (*OURS, "asyncio", "aiohttp"):
        return
    names = [*getattr(one, "__dict__", ()), *(slot for kind in type(one).__mro__ for slot in _slots(kind))]
    yield from ((f".{name}", getattr(one, name)) for name in names if hasattr(one, name))


def _slots(kind: type) -> tuple[str, ...]:
    slots = getattr(kind, "__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)
