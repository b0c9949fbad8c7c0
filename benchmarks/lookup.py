"""The look-up: a caller's card and a dialplan's question among a million numbers, through the service layer.

A file of 1,000,000 contacts with a number each (Spanish and British mobiles), 5,000 of them with calls, notes
and incidents, is made once and kept in ``build/``. Then callers are looked up as the service does it,
``await db.read(…)``, some 200 a second: the hop to a reader's thread and back is in the figure, told apart
as ``lookup_hop`` (a read of nothing). Three in four callers are known, of these one in ten has a history; the
others are strangers. The pages come from the machine's cache, as in a service that runs for a while: each
caller is met once before.
"""

from __future__ import annotations

import asyncio
import gc
import random
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from centralita.process import SWITCH_S
from crm_core.db.database import Database
from crm_core.db.migrate import upgrade
from crm_core.domain.calls import Attempt, Call, Match, Segment, Visit, call_id
from crm_core.services import calls, cards, incidents, lookup

FILE = Path(__file__).parents[1] / "build" / "lookup.sqlite3"
CONTACTS, WITH_HISTORY, CALLS_EACH, GROUP = 1_000_000, 5_000, 3, 200
LOOKUPS, PACE_S, P99_MS = 2_500, 0.004, 1.0
START = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def measure() -> list[dict[str, Any]]:
    """Return median and 99th percentile of both look-ups, in milliseconds."""
    sys.setswitchinterval(SWITCH_S)
    asyncio.run(_make())
    return asyncio.run(_measure())


async def _measure() -> list[dict[str, Any]]:
    db = Database(f"sqlite:///{FILE}")
    await db.start()
    chance = random.Random(1)
    numbers = [_number_of(_somebody(chance)) for _ in range(LOOKUPS)]

    def card(number: str) -> dict[str, Any]:
        return {"number": number, "region": "ES", "contact_id": None, "today": START.date()}

    def who(number: str) -> dict[str, Any]:
        return {"number": number, "region": "ES", "id": None}

    figures = []
    for name, service, ask in (("card", cards.card_for, card), ("who", lookup.who, who)):
        await _times(db, service, ask, numbers, pause_s=0)
        gc.collect()
        gc.freeze()
        p50, p99 = _middle_and_end(await _times(db, service, ask, numbers))
        figures += [
            _figure(f"lookup_{name}_p50", p50),
            _figure(f"lookup_{name}_p99", p99, f"<= {P99_MS:g}", ok=p99 <= P99_MS),
        ]
    p50, p99 = _middle_and_end(await _times(db, lambda _uow: None, lambda _number: {}, numbers))
    figures += [_figure("lookup_hop_p50", p50), _figure("lookup_hop_p99", p99)]
    await db.close()
    return figures


async def _times(
    db: Database,
    service: Callable[..., Any],
    ask: Callable[[str], dict[str, Any]],
    numbers: list[str],
    *,
    pause_s: float = PACE_S,
) -> list[float]:
    took = []
    for number in numbers:
        await asyncio.sleep(pause_s)
        started = time.perf_counter()
        await db.read(service, **ask(number))
        took.append((time.perf_counter() - started) * 1e3)
    return took


def _middle_and_end(took: list[float]) -> tuple[float, float]:
    in_order = sorted(took)
    return in_order[len(took) // 2], in_order[len(took) * 99 // 100]


def _figure(name: str, value: float, target: str | None = None, *, ok: bool | None = None) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": "ms", "ratio_to": None, "target": target, "ok": ok}


def _somebody(chance: random.Random) -> int:
    """Return whose number is looked up: with a history, without, or (behind the last) a stranger."""
    kind = chance.random()
    if kind < 0.25:
        return CONTACTS + chance.randrange(100_000)
    return chance.randrange(WITH_HISTORY) if kind < 0.325 else chance.randrange(CONTACTS)


def _number_of(n: int) -> str:
    return f"+346{n:08d}" if n % 4 else f"+4474{n:08d}"


# --- the file


async def _make() -> None:
    if FILE.exists():
        upgrade(f"sqlite:///{FILE}")
        return
    FILE.parent.mkdir(exist_ok=True)
    draft = FILE.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    upgrade(f"sqlite:///{draft}")
    _fill(draft)
    db = Database(f"sqlite:///{draft}")
    await db.start()
    for first in range(0, WITH_HISTORY, GROUP):
        await db.run(_history, first=first)
    await db.close()
    draft.rename(FILE)


def _fill(file: Path) -> None:
    """Write contacts and numbers as the tables hold them: a million through the services takes minutes."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA synchronous=OFF")
    connection.executemany(
        "INSERT INTO contact (id, given, family, search, vip, created_at, updated_at, version)"
        " VALUES (?, ?, 'Ruiz', ?, 0, ?, ?, 1)",
        ((_id(n), f"Ana {n}", f"ana {n} ruiz", _AT, _AT) for n in range(CONTACTS)),
    )
    connection.executemany(
        "INSERT INTO phone (id, contact_id, raw, e164, national, tail, label, is_primary, do_not_call)"
        " VALUES (?, ?, ?, ?, ?, ?, 'mobile', 1, 0)",
        _phones(),
    )
    connection.commit()
    connection.close()


_AT = START.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _phones() -> Iterator[tuple[str, ...]]:
    for n in range(CONTACTS):
        number = _number_of(n)
        yield _id(n), _id(n), number, number, number[3:], number[-8:]


def _id(n: int) -> str:
    return f"01a218a3-836c-78a4-a300-{n:012x}"


def _history(uow: Any, *, first: int) -> None:
    told = [_call(n, k) for n in range(first, first + GROUP) for k in range(CALLS_EACH)]
    calls.record(uow, calls=told, events=())
    for n in range(first, first + GROUP):
        about = _call(n, 0).id
        calls.save_work(uow, call_id=about, agent="101", notes="Espera pieza.", disposition=None, now=START)
        incidents.open_incident(
            uow,
            call_id=about,
            contact_id=_id(n),
            subject="No sound",
            description=None,
            priority=3,
            key=str(n),
            by=None,
            now=START,
        )


def _call(n: int, k: int) -> Call:
    at = START - timedelta(days=k, seconds=n)
    linkedid = f"{int(at.timestamp())}.{k}"
    until = at + timedelta(seconds=90)
    rung = Attempt(interface="PJSIP/agent101", agent="101", started_at=at, result="answered")
    return Call(
        id=call_id("main", linkedid),
        pbx="main",
        linkedid=linkedid,
        version=9,
        customer=_number_of(n),
        contact_id=_id(n),
        match=Match(kind="exact"),
        started_at=at,
        answered_at=at,
        ended_at=until,
        outcome="answered",
        visits=[Visit(queue="sales", entered_at=at, attempts=[rung])],
        segments=[Segment(kind="talk", party="customer", agent="101", at=at, until=until)],
    )


if __name__ == "__main__":
    for figure in measure():
        print(f"{figure['name']:20} {figure['value']:8.3f} {figure['unit']} {figure['target'] or ''}")
