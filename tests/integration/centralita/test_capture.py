"""An exchange captured, and told by ``replay``."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from lab.desk import until

from ami_bridge.wire.recording import read_recording
from centralita.capture import CaptureError, capture_to
from centralita.replay import replay_file
from centralita.settings import Pbx
from pbxsim.config import Config, Did, Manner, Phone, Queue, Spread, User
from pbxsim.server import Simulator
from pbxsim.world.callers import call_in

SECRET = "s3cr3t-of-the-exchange"
QUICK = ((1.0, Manner(after=Spread(0.1, 0.1), hang_up_after=Spread(0.1, 0.1))),)


@pytest.fixture
async def exchange() -> AsyncIterator[Simulator]:
    config = Config(
        users=(User(name="centralita", secret=SECRET),),
        phones=(Phone(extension="101", manners=QUICK),),
        queues=(Queue(name="sales", members=("101",)),),
        dids=(Did(number="5551001", to="queue:sales"),),
    )
    async with Simulator(config) as simulator:
        yield simulator


def pbx(port: int, secret: str = SECRET) -> Pbx:
    return Pbx(port=port, secret=secret)


async def written(file: Path, text: bytes, *, times: int = 1) -> None:
    """Return once *text* stands in *file* so many times."""
    await until(lambda: file.exists() and file.read_bytes().count(text) >= times)


async def test_a_captured_call_is_told_by_replay(exchange: Simulator, tmp_path: Path) -> None:
    file = tmp_path / "shift.ami"
    capturing = asyncio.create_task(capture_to(file, pbx(exchange.port), seconds=None))
    await written(file, b"CoreShowChannelsComplete")
    call_in(exchange.world, to="5551001", number="957212000", name=f"her word is {SECRET}")
    exchange.pump()
    await written(file, b"Event: Hangup\r\n", times=2)
    os.kill(os.getpid(), signal.SIGINT)
    async with asyncio.timeout(5):
        await capturing
    (call,) = replay_file(file, pbx=None, region="ES")
    assert (call.ani, call.did, call.outcome) == ("+34957212000", "5551001", "answered")
    assert SECRET.encode() not in file.read_bytes()
    assert all(arrival for _, arrival in read_recording(file))
    assert file.stat().st_mode & 0o077 == 0


async def test_it_ends_by_itself(exchange: Simulator, tmp_path: Path) -> None:
    await capture_to(tmp_path / "short.ami", pbx(exchange.port), seconds=0.05)
    assert (tmp_path / "short.ami").read_bytes().startswith(b"Asterisk Call Manager/")


async def test_a_wrong_secret_is_told_at_once(exchange: Simulator, tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="refuses the manager user"):
        await capture_to(tmp_path / "x.ami", pbx(exchange.port, "wrong"), seconds=1)


async def test_a_file_that_cannot_be_written_is_told(exchange: Simulator, tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="No such file"):
        await capture_to(tmp_path / "nowhere" / "x.ami", pbx(exchange.port), seconds=1)
