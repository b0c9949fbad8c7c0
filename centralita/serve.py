"""``centralita serve``: the service as a process, from its first to its last signal."""

from __future__ import annotations

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
