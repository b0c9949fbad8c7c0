"""``centralita serve``: the service as a process, from its first to its last signal."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from centralita import logs
from centralita.app import running
from centralita.process import run, settle, told_to_stop
from centralita.settings import Settings

log = structlog.get_logger(__name__)


def serve(settings: Settings) -> None:
    """Run the service until it is told to stop.

    Raises:
        UnusableError: it cannot start; the text says why.
    """
    logs.set_up(settings.log_level)
    run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stopping = told_to_stop()
    serving = asyncio.create_task(_while_leading(settings))
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait((serving, told), return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if serving.done():
        await serving  # it cannot start: the error says why
    log.info("stopping")
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
    log.info("stopped")


async def _while_leading(settings: Settings) -> None:
    """Serve while we lead, else stand by: who woke up too late begins anew."""
    while True:
        async with running(settings) as service:
            log.info(
                "serving",
                http_port=service.http_port,
                ws_port=service.ws_port,
                agi_port=service.agi_port,
                exchanges=sorted(service.exchanges),
            )
            settle()
            await service.leases.lost.wait()
        log.warning("another process leads: standing by")
