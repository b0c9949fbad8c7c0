"""``centralita serve``: the service as a process, from its first to its last signal."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from centralita import logs
from centralita.app import running
from centralita.listeners import CannotListenError
from centralita.settings import Settings
from crm_core.domain.errors import DatabaseAwayError, SchemaError

log = structlog.get_logger(__name__)
STOPPED_AT_ONCE = 130
# A busy thread otherwise keeps the event loop waiting for 5 ms.
SWITCH_S = 0.0005
CANNOT_START = (CannotListenError, SchemaError, DatabaseAwayError)


def serve(settings: Settings) -> int:
    """Run the service until it is told to stop; return the exit code."""
    logs.set_up(settings.log_level)
    try:
        run(_serve(settings))
    except CANNOT_START as error:
        log.error("cannot start", why=str(error))  # noqa: TRY400 - the reason is all there is to say
        return 2
    return 0


async def _serve(settings: Settings) -> None:
    stopping = told_to_stop()
    async with running(settings) as service:
        log.info(
            "serving",
            http_port=service.http_port,
            ws_port=service.ws_port,
            agi_port=service.agi_port,
            exchanges=sorted(service.exchanges),
        )
        settle()
        await stopping.wait()
        log.info("stopping")
    log.info("stopped")


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run *work* on the fastest event loop there is."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(work)


def settle() -> None:
    """Make the process ready for its long run: the collector never looks again at what is there by now."""
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()


def told_to_stop() -> asyncio.Event:
    """Return what is set at the first SIGINT or SIGTERM; the second ends the process at once."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()

    def tell() -> None:
        if told.is_set():
            os._exit(STOPPED_AT_ONCE)
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, tell)
    return told


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
