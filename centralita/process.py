"""The process: its event loop, its signals, its garbage, and memory that nobody uses."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from centralita.errors import UnusableError
from crm_core.domain.errors import DatabaseAwayError, SchemaError

STOPPED_AT_ONCE = 130
# A busy thread otherwise keeps the event loop waiting for 5 ms; half a millisecond is felt in each pop,
# and a tenth costs no more CPU (docs/decisions/111).
SWITCH_S = 0.0001
GIVE_BACK_EACH_S = 60.0
FULL_AFTER = 2_000  # collections of the middle generation; at 60 calls a second there are three a second


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run *work* on the fastest event loop there is.

    Raises:
        UnusableError: also when it is the database that cannot be used.
    """
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(work)
    except (SchemaError, DatabaseAwayError) as error:
        raise UnusableError(str(error)) from error


def settle() -> None:
    """Make the process ready for its long run: the collector never looks again at what is there by now.

    Looking at everything else takes it some 50 ms on a busy floor, in which no card pops: it does so once in
    some ten minutes instead of every few seconds. What has no cycles is freed without it.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, FULL_AFTER)


async def giving_back() -> None:
    """Each minute give back to the system what malloc() keeps and nobody uses; until cancelled.

    The database's answers come and go in several threads: what lies between them grew by 35 bytes a call.
    """
    while True:
        await asyncio.sleep(GIVE_BACK_EACH_S)
        await asyncio.to_thread(give_back)


def give_back() -> None:
    """Give back what malloc() keeps and nobody uses: half a millisecond; only the GNU C library can."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


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
