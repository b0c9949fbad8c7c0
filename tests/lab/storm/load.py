"""The callers and the phones of the storm, and what they wrote down."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from lab.pbx import Asterisk
from lab.phones import callers, phones
from lab.sipp import Sipp
from lab.storm.office import GROUPS, KINDS, LONGEST_S, Kind
from lab.wire import Wire

REGISTERED_S = 7200
LAST_ENDS_S = LONGEST_S + 60.0  # its BYE may have to be sent again and again


@dataclass(slots=True)
class Load:
    """What runs; once it is over ``called`` and ``rung`` tell of each call, by the caller's number.

    ``stuck``: kinds of callers of whom somebody calls still.
    """

    callers: Mapping[str, Sipp]
    phones: Sequence[Sipp]
    called: dict[str, tuple[Kind, Wire]] = field(default_factory=dict)
    rung: defaultdict[str, list[Wire]] = field(default_factory=lambda: defaultdict(list))

    stuck: list[str] = field(default_factory=list)

    async def end(self) -> None:
        """Let nobody call any more, wait until the last call is over, and read what was written down."""
        for running in self.callers.values():
            running.no_more()
        endings = {asyncio.create_task(running.over()): name for name, running in self.callers.items()}
        _, going_on = await asyncio.wait(endings, timeout=LAST_ENDS_S)
        self.stuck = [endings[one] for one in going_on]
        for kind in KINDS:
            self.called |= {wire.shown: (kind, wire) for wire in self.callers[kind.name].calls()}
        for running in self.phones:
            for wire in running.calls():
                self.rung[wire.shown].append(wire)


@asynccontextmanager
async def load(pbx: Asterisk, *, for_s: float) -> AsyncIterator[Load]:
    """Let everybody do what he does, calls for *for_s* seconds at most."""
    async with AsyncExitStack() as stack:
        answering = []
        for group in GROUPS:
            seats = [pbx.settings.phone(extension) for extension in group.extensions]
            running = await stack.enter_async_context(phones(pbx, seats, group.manner, for_s=REGISTERED_S))
            answering.append(running)
        calling = {}
        for kind in KINDS:
            rows = [(kind.did, kind.number(turn)) for turn in range(math.ceil(kind.rate * for_s))]
            talking = callers(
                pbx,
                rows,
                rate=kind.rate,
                hang_up_after=kind.hang_up_after,
                give_up_after=kind.give_up_after,
                at_once=len(rows),
            )
            calling[kind.name] = await stack.enter_async_context(talking)
        yield Load(calling, answering)
