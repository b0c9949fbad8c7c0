"""A site of a million people and ten million calls: how long who looks something up waits.

``make bench-large`` measures a tenth of it, then all of it, and writes ``build/bench-large.json``: each
figure with the tenth's beside it (``ratio_to``), so that one sees how it grows. Look-ups, searches and
reports are asked through the service layer; pages and REST by HTTP from a running service, one after the
other, with how long the service had a processor (``…_cpu``); the import is the command, and what it brought
is taken out again. ``--only tenth`` stops there.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import http.client
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import large_beside
import large_site
from figures import figure
from large_cards import COLD, cold_and_warm
from large_pages import addresses
from large_site import END, LARGE, TENTH, Size, id_of, made, number_of, somebody

from centralita.process import SWITCH_S
from crm_core.db.database import Database
from crm_core.domain.found import KINDS
from crm_core.domain.people import User
from crm_core.domain.sla import Target
from crm_core.services import calls, cards, contacts, lookup, reports, search, users
from screenpop.passwords import hash_password

OUT = Path(__file__).parents[1] / "build" / "bench-large.json"
ASKED, ROWS = 1_000, 100_000
SEARCH_MS, PAGE_MS, CARD_MS, IMPORT_S, IMPORT_MIB = 50.0, 100.0, 5.0, 60.0, 300.0
NAME, PASSWORD = "bench-all", "a site of a million people"
Figures = list[dict[str, Any]]


def main() -> int:
    """Measure, print, write; 0 when every target is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["tenth", "large"])
    asked = parser.parse_args()
    sys.setswitchinterval(SWITCH_S)
    sizes = [size for size in (TENTH, LARGE) if asked.only in (None, size.name)]
    found = {size.name: {one["name"]: one for one in measured(size)} for size in sizes}
    told = found[sizes[-1].name]
    for name, one in told.items():
        one["ratio_to"] = found.get(TENTH.name, {}).get(name, {}).get("value")
    OUT.parent.mkdir(exist_ok=True)
    size = {"people": sizes[-1].people, "calls": sizes[-1].calls}
    OUT.write_text(json.dumps({"size": size, "figures": told}, indent=1) + "\n", "utf-8")
    for name, one in told.items():
        ok = {None: "", True: "met", False: "missed"}[one["ok"]]
        beside = "" if one["ratio_to"] is None else f"tenth {one['ratio_to']:.4g}"
        print(f"{name:28} {one['value']:10.4g} {one['unit']:6} {one['target'] or '':9} {ok:7} {beside}")
    return 0 if all(one["ok"] in (True, None) for one in told.values()) else 1


def measured(size: Size) -> Figures:
    """Return the figures of a site of this size."""
    file = made(size)
    took_s = large_beside.fill(file, size)
    print(f"{size.name}: what stands beside in {took_s:.0f} s", file=sys.stderr)
    url = f"sqlite:///{file}"
    found = [figure("bytes_a_call", file.stat().st_size / size.calls, "bytes")]
    found += _cards(file, size)
    found += asyncio.run(_asked(url, size))
    with _served(url) as get:
        found += _pages(get, size)
    return found + _imported(file, url)


# --- through the service layer


def _cards(file: Path, size: Size) -> Figures:
    chance = random.Random(4)
    numbers = [number_of(somebody(chance, size)) for _ in range(COLD)]
    cold, warm, pages = cold_and_warm(file, numbers)
    return [
        *_told("card_cold", cold),
        *_told("card_warm", warm, CARD_MS),
        *(figure(f"card_pages_p{place}", _at(pages, place), "pages") for place in (50, 99)),
    ]


async def _asked(url: str, size: Size) -> Figures:
    db = Database(url)
    await db.start()
    await _user(db)
    chance = random.Random(1)
    numbers = [number_of(somebody(chance, size)) for _ in range(ASKED)]
    found: Figures = []
    card = [{"number": one, "region": "ES", "contact_id": None, "today": END.date()} for one in numbers]
    who = [{"number": one, "region": "ES", "id": None} for one in numbers]
    found += _told("card", await _times(db, cards.card_for, card), CARD_MS)
    found += _told("lookup", await _times(db, lookup.who, who), CARD_MS)
    every: list[float] = []
    for kind, questions in _questions(chance, size).items():
        asked = [{"q": q, "kinds": KINDS, "limit": 5, "region": "ES"} for q in questions]
        took = await _times(db, search.everywhere, asked)
        every += took
        found.append(figure(f"search_{kind}_p95", _at(took, 95), "ms"))
    found += _told("search", every, SEARCH_MS)
    people = [{"contact_id": id_of(1, somebody(chance, size) % size.people), "limit": 50} for _ in range(200)]
    found += _told("history", await _times(db, calls.history, people))
    found += _told("timeline", await _times(db, contacts.timeline, people))
    for days in (1, 30, 365):
        since = [END - timedelta(days=days)]
        took = await _times(db, reports.tallies, [{"since": since, "target": Target()}] * 3)
        found.append(figure(f"report_{days}_days", min(took), "ms"))
    await db.close()
    return found


async def _user(db: Database) -> None:
    if await db.read(lambda uow: uow.users.named(NAME)) is None:
        one = User(
            id=id_of(9, 2),
            name=NAME,
            full_name="Bench",
            role="administrator",
            language="es",
            password_hash=hash_password(PASSWORD),
        )
        await db.run(users.add_user, user=one)


def _questions(chance: random.Random, size: Size) -> dict[str, list[str]]:
    """Return what is looked for, by kind of question; half of the names are not finished."""
    given, family = large_site.GIVEN, large_site.FAMILY
    rare = ["".join(chance.choice(large_site.SYLLABLES) for _ in range(4)) for _ in range(60)]
    several = range(60)
    return {
        "common_name": [
            f"{chance.choice(given[:9])} {chance.choice(family[:9])}"[: 99 - n % 2 * 92] for n in several
        ],
        "beginning": [f"{chance.choice(given)[:3]} {chance.choice(family)[:4]}" for _ in several],
        "rare_name": rare,
        "slip": [_slip(chance, chance.choice(family)) for _ in several],
        "company": [f"talleres {one[:5]}" for one in rare],
        "number": [number_of(chance.randrange(size.people))[3:] for _ in several],
        "number_end": [f"{chance.randrange(10_000):04}" for _ in several],
        "incident": [f"INC-{10_001 + chance.randrange(size.incidents)}" for _ in several],
        "words": [
            f"{chance.choice(('camara', 'factura', 'ruido'))} {chance.choice(family)}" for _ in several
        ],
        "nonsense": [f"qx{chance.randrange(10**6)}w" for _ in several],
        "one_letter": list("abcdefghijklmnopqrstuvwxyz"),
    }


def _slip(chance: random.Random, word: str) -> str:
    place = chance.randrange(1, len(word))
    return word[:place] + chance.choice("aeiou") + word[place + 1 :]


async def _times(db: Database, service: Callable[..., Any], asked: list[dict[str, Any]]) -> list[float]:
    took = []
    for one in asked:
        started = time.perf_counter()
        await db.read(service, **one)
        took.append((time.perf_counter() - started) * 1e3)
    return took


# --- from a running service


@contextmanager
def _served(url: str) -> Iterator[Callable[[str], tuple[float, float]]]:
    """Run the service, and give what asks it for a page and returns how many milliseconds that took.

    And how many of them its threads had a processor: others on the machine make no difference to that.
    """
    environment = {
        **os.environ,
        "CENTRALITA_DATABASE__URL": url,
        "CENTRALITA_HTTP__PORT": "0",
        "CENTRALITA_HTTP__WS_PORT": "0",
        "CENTRALITA_AGI__PORT": "0",
    }
    serve = [sys.executable, "-m", "centralita.cli", "serve"]
    with subprocess.Popen(serve, env=environment, stderr=subprocess.PIPE, text=True) as service:
        try:
            assert service.stderr is not None
            port = next(json.loads(line)["http_port"] for line in service.stderr if '"serving"' in line)
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            cookie = _signed_in(link, port)

            def get(path: str) -> tuple[float, float]:
                used_ms, started = _used_ms(service.pid), time.perf_counter()
                link.request("GET", path, headers={"Cookie": cookie})
                answer = link.getresponse()
                answer.read()
                assert answer.status == http.client.OK, (path, answer.status)
                took_ms = (time.perf_counter() - started) * 1e3
                return took_ms, _used_ms(service.pid) - used_ms

            yield get
        finally:
            service.terminate()


def _signed_in(link: http.client.HTTPConnection, port: int) -> str:
    body = json.dumps({"name": NAME, "password": PASSWORD})
    headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{port}"}
    link.request("POST", "/api/v1/session", body, headers)
    answer = link.getresponse()
    answer.read()
    return str(answer.headers["Set-Cookie"]).partition(";")[0]


def _used_ms(pid: int) -> float:
    told = (one.read_text("ascii") for one in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(int(one.split()[0]) for one in told) / 1e6


def _pages(get: Callable[[str], tuple[float, float]], size: Size) -> Figures:
    found: Figures = []
    for name, paths in addresses(size).items():
        get(paths[0])  # what a process does once is not what people wait for
        took, used = zip(*(get(one) for one in paths), strict=True)
        found += _told(name, list(took), PAGE_MS, at=95)
        found.append(figure(f"{name}_cpu_p95", _at(list(used), 95), "ms"))
    return found


# --- the import


def _imported(file: Path, url: str) -> Figures:
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "customers.csv")
        _write(table)
        started = time.perf_counter()
        command = [sys.executable, "-m", "centralita.cli", "contacts", "import", str(table)]
        environment = {**os.environ, "CENTRALITA_DATABASE__URL": url}
        taken_mib = _largest_mib(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL))
        took_s = time.perf_counter() - started
    _take_out(file, now)
    return [
        figure("import_100000", took_s, "s", IMPORT_S),
        figure("import_memory", taken_mib, "MiB", IMPORT_MIB),
    ]


def _largest_mib(running: subprocess.Popen[bytes]) -> float:
    """Return the most memory of its own that a command and those it starts held, when it is over.

    What is mapped of the database's file is the machine's cache, and not counted.
    """
    largest = 0
    while running.poll() is None:
        largest = max(largest, sum(map(_own_kib, (running.pid, *_children(running.pid)))))
        time.sleep(0.1)
    if running.returncode:
        raise SystemExit(f"the import ended with {running.returncode}")
    return largest / 1024


def _children(pid: int) -> list[int]:
    found = []
    for told in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            _, parent, *_ = told.read_text("utf-8", "replace").rpartition(")")[2].split()
            found += [int(told.parent.name)] if int(parent) == pid else []
    return found


def _own_kib(pid: int) -> int:
    with suppress(OSError):
        told = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
        return next((int(line.split()[1]) for line in told if line.startswith("RssAnon:")), 0)
    return 0


def _write(table: Path) -> None:
    chance = random.Random(3)
    with table.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["First name", "Last name", "Company", "Mobile", "Phone", "E-mail"])
        for n in range(ROWS):
            given, family = chance.choice(large_site.GIVEN), chance.choice(large_site.FAMILY)
            company = f"Tejados {chance.choice(large_site.SYLLABLES)}{n % 4_000}" if n % 3 == 0 else ""
            work = f"91{n:07d}" if n % 10 < 3 else ""
            address = f"{family}{n}@example.org" if n % 2 else ""
            last = f"{family} {chance.choice(large_site.FAMILY)}"
            rows.writerow([given, last, company, f"+347{n:08d}", work, address])


def _take_out(file: Path, since: datetime) -> None:
    """Delete what was brought since *since*: ids tell when they were given."""
    first = f"{int(since.timestamp() * 1000):012x}"
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    connection.execute("CREATE TEMP TABLE gone (id TEXT PRIMARY KEY)")
    for table in ("contact", "account"):
        found = f"INSERT INTO gone SELECT id FROM {table} WHERE id >= ?"
        connection.execute(found, (f"{first[:8]}-{first[8:]}",))
    docs = "FROM search_doc WHERE record_id IN (SELECT id FROM gone)"
    connection.execute(
        f"INSERT INTO search_text (search_text, rowid, words) SELECT 'delete', place, words {docs}"
    )
    connection.execute(f"DELETE {docs}")
    for table, column in (
        ("contact_word", "contact_id"),
        ("phone", "contact_id"),
        ("email", "contact_id"),
        ("contact", "id"),
        ("account", "id"),
    ):
        connection.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM gone)")
    connection.execute("DELETE FROM event WHERE at >= ?", (since.strftime("%Y-%m-%dT%H:%M:%S"),))
    connection.execute("COMMIT")
    connection.close()


# --- figures


def _told(name: str, took: list[float], at_most: float | None = None, *, at: int = 99) -> Figures:
    """Return the middle, the 95th and the 99th percentile; the one at *at* has the target."""
    return [
        figure(f"{name}_p{place}", _at(took, place), "ms", at_most if place == at else None)
        for place in (50, 95, 99)
    ]


def _at(took: list[float], percent: int) -> float:
    return sorted(took)[min(len(took) - 1, len(took) * percent // 100)]


if __name__ == "__main__":
    sys.exit(main())
