"""Logs: one line for each fact, on standard error; JSON unless a person reads along.

Secrets never get there, and numbers only their last digits, except at the level ``debug``.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SECRETS = frozenset(("secret", "password", "token", "authorization", "cookie"))
NUMBERS = frozenset(("number", "ani", "ani_raw", "customer", "caller", "caller_id", "e164", "exten"))
SHOWN_DIGITS = 3


def set_up(level: str, *, stream: TextIO | None = None) -> None:
    """Log from *level* on (debug, info, warning, error), what libraries say included."""
    out = stream or sys.stderr
    lowest = logging.getLevelNamesMapping()[level.upper()]
    draw: Processor = structlog.processors.JSONRenderer()
    if out.isatty():
        draw = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    common: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_secrets,
        *([] if lowest <= logging.DEBUG else [with_short_numbers]),
        *([] if out.isatty() else [structlog.processors.format_exc_info]),
    ]
    structlog.configure(
        processors=[*common, draw],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=structlog.WriteLoggerFactory(out),
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=draw, foreign_pre_chain=common))
    logging.basicConfig(handlers=[handler], level=max(lowest, logging.WARNING), force=True)


def without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put three stars in the place of secrets."""
    for key in SECRETS.intersection(event):
        event[key] = "***"
    return event


def with_short_numbers(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Leave only the last digits of telephone numbers."""
    for key in NUMBERS.intersection(event):
        text = str(event[key] or "")
        event[key] = f"…{text[-SHOWN_DIGITS:]}" if len(text) > SHOWN_DIGITS else text
    return event
