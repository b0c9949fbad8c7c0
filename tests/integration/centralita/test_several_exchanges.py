"""Two exchanges on one floor, each with its own link, resync and figures; one dies and the other goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lab.desk import until

from ami_bridge.bus import Numbered
from ami_bridge.domain import events
from centralita.app import Service, running
from centralita.settings import Settings
from pbxsim.config import Config, Did, Manner, Phone, Queue, User, exactly
from pbxsim.server import Simulator
from pbxsim.world.callers import call_in

SECRET, DID = "s3cr3t", "5551001"
NORTH, SOUTH = "957212000", "600123456"
CONFIG = Config(
    users=(User(name="centralita", secret=SECRET),),
    phones=(Phone(extension="101", manners=((1.0, Manner(after=exactly(0.1))),)),),
    queues=(Queue(name="sales", members=("101",)),),
    dids=(Did(number=DID, to="queue:sales"),),
)


@dataclass
class Floor:
    """The service, its two exchanges, and everything that happened."""

    service: Service
    north: Simulator
    south: Simulator
    happened: list[events.FloorEvent] = field(default_factory=list)

    def hear(self, batch: Sequence[Numbered]) -> None:
        self.happened += [event for _, event in batch if isinstance(event, events.FloorEvent)]

    def of(self, pbx: str, kind: type[events.FloorEvent]) -> list[events.FloorEvent]:
        return [event for event in self.happened if event.pbx == pbx and isinstance(event, kind)]

    def resyncs(self, pbx: str) -> int:
        return self.service.exchanges[pbx].live.truth.resyncs


def calls(exchange: Simulator, number: str) -> None:
    call_in(exchange.world, to=DID, number=number)
    exchange.pump()


@asynccontextmanager
async def two(folder: Path) -> AsyncIterator[Floor]:
    async with Simulator(CONFIG) as north, Simulator(CONFIG) as south:
        settings = Settings.model_validate(
            {
                "http": {"port": 0, "ws_port": 0},
                "agi": {"enabled": False},
                "database": {"url": f"sqlite:///{folder}/centralita.sqlite3"},
                "pbx": {
                    "north": {"port": north.port, "secret": SECRET, "time_zone": "Europe/Madrid"},
                    "south": {"port": south.port, "secret": SECRET, "time_zone": "Atlantic/Canary"},
                },
            }
        )
        async with running(settings) as service:
            floor = Floor(service, north, south)
            service.bus.subscribe(floor.hear)
            await until(lambda: floor.resyncs("north") == floor.resyncs("south") == 1)
            yield floor


async def test_one_exchange_dies_and_comes_back_and_the_other_never_notices(tmp_path: Path) -> None:
    async with two(tmp_path) as floor:
        calls(floor.north, NORTH)
        calls(floor.south, SOUTH)
        await until(lambda: floor.of("north", events.CallAnswered) and floor.of("south", events.CallAnswered))
        shown = {(one.call.pbx, one.call.ani) for one in floor.service.hub.floor_now().floor.calls}
        assert shown == {("north", f"+34{NORTH}"), ("south", f"+34{SOUTH}")}

        await floor.north.kill()
        await until(lambda: floor.of("north", events.PbxDisconnected))
        assert floor.service.hub.floor_now().pbx == {"north": False, "south": True}
        floor.happened.clear()
        calls(floor.south, NORTH)  # Ana is on the phone: he waits
        await until(lambda: floor.of("south", events.CallQueued))

        await floor.north.start()
        await until(lambda: floor.resyncs("north") == 2)
        (ended,) = floor.of("north", events.CallEnded)
        assert isinstance(ended, events.CallEnded)
        assert (ended.record.ani, ended.hung_up_by) == (f"+34{NORTH}", "system")
        calls(floor.north, SOUTH)
        await until(lambda: floor.of("north", events.CallAnswered))

        kinds = {type(event) for event in floor.happened if event.pbx == "south"}
        assert kinds <= {events.CallStarted, events.CallQueued, events.CallMatched, events.QueueChanged}
        assert (floor.resyncs("south"), len(floor.service.exchanges["south"].live.calls())) == (1, 2)
        truth = {name: exchange.live.truth for name, exchange in floor.service.exchanges.items()}
        assert truth["north"].corrected["closed"] == 2
        assert "closed" not in truth["south"].corrected


async def test_calls_of_two_exchanges_that_were_born_alike_are_two(tmp_path: Path) -> None:
    """Uniqueids count from each exchange's start: their first calls of a second have the same."""
    async with two(tmp_path) as floor:
        floor.south.world.now = floor.north.world.now
        calls(floor.north, NORTH)
        calls(floor.south, SOUTH)
        await until(lambda: floor.of("north", events.CallAnswered) and floor.of("south", events.CallAnswered))
        live = [exchange.live.calls()[0] for exchange in floor.service.exchanges.values()]
        assert len({call.id for call in live}) == 2
        assert [call.ani for call in live] == [f"+34{NORTH}", f"+34{SOUTH}"]
