"""What a card costs when nothing of the file is in memory, and when all of it is that it reads."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from large_site import END

from crm_core.db.sqlite import reading_engine
from crm_core.db.uow import SqlUnitOfWork
from crm_core.services import cards

COLD = 200


def forgotten(file: Path) -> None:
    """Take a file out of the machine's memory, as far as nobody has it mapped."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def cold_and_warm(file: Path, numbers: list[str]) -> tuple[list[float], list[float], list[float]]:
    """Return how long the cards of *numbers* take when each is first asked for, then when it is asked again.

    And of how many pages each is read; a page is 4 KiB. Times are milliseconds, without the way to a thread.
    """
    forgotten(file)
    took: tuple[list[float], list[float]] = ([], [])
    engine = reading_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        uow = SqlUnitOfWork(connection)
        for number in numbers:
            for times in took:
                times.append(_ms(lambda: _card(uow, number)))  # noqa: B023 - asked at once
        pragma = connection.connection.cursor().execute
        pragma("PRAGMA mmap_size=0")
        pages = []
        for number in numbers[:COLD]:
            pragma("PRAGMA shrink_memory")
            before = _reads()
            _card(uow, number)
            pages.append(_reads() - before)
    engine.dispose()
    return *took, pages


def _card(uow: SqlUnitOfWork, number: str) -> None:
    with uow.connection.begin():
        cards.card_for(uow, number=number, region="ES", contact_id=None, today=END.date())


def _ms(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3


def _reads() -> float:
    """Return how often this process asked a file for something."""
    told = dict(line.split(": ") for line in Path("/proc/self/io").read_text("ascii").splitlines())
    return float(told["syscr"])
