"""A simulated exchange on its sockets: start it, reach into it, stop it, kill it."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from typing import Self

from pbxsim.agi_client import ask
from pbxsim.ami_server import AmiServer
from pbxsim.config import Config
from pbxsim.world.callers import RandomCallers
from pbxsim.world.exchange import Exchange
from pbxsim.world.shutdown import shut_down

SOONEST_S = 0.0005


class Simulator:
    """One simulated Asterisk.

    ``world`` is the exchange itself (scripts and phones are moved by ``pbxsim.world``; call ``pump()`` behind
    it); ``port`` is where the manager interface listens, the same one after every start.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.port = config.port
        self._ahead = 0.0
        self.world = Exchange(config, chance=random.Random(config.seed), now=time.time())  # noqa: S311
        self.ami = AmiServer(self.world, config, self.pump)
        self.load: RandomCallers | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self._running = False

    async def start(self) -> None:
        """Boot: counters at 0, no calls; random callers begin if the configuration has a load.

        Raises:
            OSError: the port is taken.
        """
        self._ahead = time.time() - asyncio.get_running_loop().time()
        self.world.boot(self._now())
        self.ami = AmiServer(self.world, self.config, self.pump)
        self.port = await self.ami.start(self.config.host, self.port)
        self._running = True
        if self.config.load is not None:
            self.load = RandomCallers(self.world, self.config.load, self.config.load.per_second)
            self.load.start()
        self.pump()

    def _now(self) -> float:
        return asyncio.get_running_loop().time() + self._ahead

    def pump(self) -> None:
        """Let everything happen that is due, publish it, and wake up again for what comes next."""
        if not self._running:
            return
        world = self.world
        world.run(self._now())
        if world.events:
            self.ami.publish(world.take_events())
        if world.questions:
            self._ask()
        self._sleep()

    def _sleep(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self.world.next_at is not None:
            loop = asyncio.get_running_loop()
            wait = max(SOONEST_S, self.world.next_at - self._now())
            self._timer = loop.call_later(wait, self.pump)

    def _ask(self) -> None:
        questions, self.world.questions = self.world.questions, []
        if self.config.agi is None:
            return
        for question in questions:
            task = asyncio.create_task(ask(self.world, question, self.config.agi, self.pump))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def stop(self) -> None:
        """``core stop now``: every call ends, Shutdown, and the connections close."""
        if not self._running:
            return
        self.pump()
        shut_down(self.world)
        self.ami.publish(self.world.take_events())
        await self._down(at_once=False)

    async def kill(self) -> None:
        """Die in the middle of it: no farewell, calls gone, connections reset."""
        if self._running:
            await self._down(at_once=True)

    async def _down(self, *, at_once: bool) -> None:
        self._running = False
        if self._timer:
            self._timer.cancel()
        if self.load:
            self.load.rate = 0.0
        for task in list(self._asking):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.ami.stop(at_once=at_once)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
