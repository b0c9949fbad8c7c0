"""A site as large as we promise to serve, made once by set-wise SQL: people, companies, calls, incidents.

``made(SIZE)`` gives the file, in ``${CENTRALITA_CACHE:-~/.cache/centralita}/large``; a file of older tables
is migrated, one that was not finished is made anew. Names and numbers are Spanish, spread as in life: a few
names are common, one in seven is rare; a third of the people have a second number or work for a company;
calls come between eight and twenty, a few people call often, one call in nine is a stranger's. A call has
what a real one of its kind has: its record is written by ``call_to_json``, and its facts are put in.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crm_core.db.call_record import deflated
from crm_core.db.migrate import revision_of, upgrade
from crm_core.db.search_index import base_of
from crm_core.domain.calls import Attempt, Call, Match, Segment, Visit, call_to_json
from crm_core.domain.looking import is_spelt, slips_of
from crm_core.domain.words import folded

FOLDER = Path(os.environ.get("CENTRALITA_CACHE", "~/.cache/centralita")).expanduser() / "large"
END = datetime(2026, 11, 24, 20, tzinfo=UTC)
DAYS = 3 * 365
AT_ONCE = 250_000
_GIVEN_NAMES, _FAMILY_NAMES = Path(__file__).with_name("large_names.txt").read_text("utf-8").split("\n\n")
GIVEN, FAMILY = _GIVEN_NAMES.split(), _FAMILY_NAMES.split()
SYLLABLES = tuple("bacedifogulameniporusatevixozaremilocado"[n : n + 2] for n in range(0, 40, 2))
SUBJECTS = (
    "No hay línea",
    "Factura duplicada",
    "La pieza no ha llegado",
    "Cámara frigorífica no enfría",
    "Cambio de domicilio",
    "Consulta de garantía",
    "Cita técnica",
    "Ruido en la llamada",
)
SLOTS, RARE = 4_096, 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many there are."""

    name: str
    people: int
    calls: int
    some_incidents: int | None = None
    """One for twenty calls when not told."""

    @property
    def incidents(self) -> int:
        return self.calls // 20 if self.some_incidents is None else self.some_incidents

    @property
    def companies(self) -> int:
        return max(1, self.people // 25)

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.name}.sqlite3"


LARGE = Size(name="large", people=1_000_000, calls=10_000_000)
TENTH = Size(name="tenth", people=100_000, calls=1_000_000)
SMALL = Size(name="small", people=2_000, calls=20_000)


def made(size: Size) -> Path:
    """Return the file of a site of this size, with the tables of this version."""
    mark = size.file.with_suffix(".json")
    if mark.exists() and size.file.exists():
        _migrate(size, mark)
        return size.file
    FOLDER.mkdir(parents=True, exist_ok=True)
    draft = size.file.with_suffix(".draft")
    for one in FOLDER.glob(f"{draft.name}*"):
        one.unlink()
    started = time.monotonic()
    upgrade(f"sqlite:///{draft}")
    fill(draft, size)
    draft.rename(size.file)
    took_s = round(time.monotonic() - started)
    told = {"revision": revision_of(f"sqlite:///{size.file}"), "people": size.people, "calls": size.calls}
    mark.write_text(json.dumps(told | {"made_in_s": took_s, "bytes": size.file.stat().st_size}), "utf-8")
    print(f"{size.name}: made in {took_s} s, {size.file.stat().st_size / 1e9:.2f} GB", file=sys.stderr)
    return size.file


def _migrate(size: Size, mark: Path) -> None:
    started = time.monotonic()
    before, now = upgrade(f"sqlite:///{size.file}")
    if before != now:
        took_s = round(time.monotonic() - started)
        mark.write_text(json.dumps(json.loads(mark.read_text("utf-8")) | {"revision": now}), "utf-8")
        print(f"{size.name}: migrated from {before} to {now} in {took_s} s", file=sys.stderr)


# --- what is known of the Nth


def id_of(kind: int, n: int) -> str:
    """Return the id of the Nth person (1), company (2) or incident (3)."""
    return f"01a218a3-83{kind:02x}-78a4-a300-{n:012x}"


def number_of(n: int) -> str:
    """Return the first number of the Nth person; behind the last it is a stranger's."""
    return f"+34{600_000_000 + n * 7_919 % 99_999_989}"


def is_company_s(n: int) -> bool:
    """Return whether the Nth person works for a company."""
    return n % 3 == 0


def somebody(chance: random.Random, size: Size) -> int:
    """Return who calls: as often as in the calls somebody who calls often, sometimes a stranger."""
    if chance.random() < 1 / 9:
        return size.people + chance.randrange(size.people)
    return int(size.people * chance.random() ** 3)


# --- making it


def fill(file: Path, size: Size, *, is_forgiving: bool = True) -> None:
    """Put such a site into *file*, which has its tables and none of its records.

    Unless it *is_forgiving*, words that are misspelt find nobody: what finds them takes longest to make.
    """
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1048576", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("deflated", 1, lambda text: deflated(text.encode()), deterministic=True)
    later = _put_off(connection)
    _names(connection)
    for statement in (*_COMPANIES, *_PEOPLE, *_REACH):
        connection.execute(statement, _values(size))
    for first in range(0, size.calls, AT_ONCE):
        asked = _values(size) | {"first": first, "last": min(first + AT_ONCE, size.calls)}
        for statement in _calls():
            connection.execute(statement, asked)
        print(f"{size.name}: {asked['last']:,} calls", file=sys.stderr)
    for statement in (*_INCIDENTS, *_SEARCH):
        connection.execute(statement, _values(size))
    if is_forgiving:
        _slips(connection)
    for statement in later:
        connection.execute(statement)
    for table in ("pick_given", "pick_family", "rare"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _put_off(connection: sqlite3.Connection) -> list[str]:
    """Drop the indexes, and return what makes them: of many rows at once that is much quicker."""
    asked = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    found = connection.execute(asked).fetchall()
    for name, _ in found:
        connection.execute(f'DROP INDEX "{name}"')
    return [sql for _, sql in found]


def _values(size: Size) -> dict[str, object]:
    return {
        "people": size.people,
        "companies": size.companies,
        "calls": size.calls,
        "incidents": size.incidents,
        "a_day": size.calls / DAYS,
        "begin": (END - timedelta(days=DAYS)).timestamp() // 86_400 * 86_400,
        "at": END.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "person_base": base_of("contact"),
        "company_base": base_of("account"),
        "incident_base": base_of("incident"),
    }


def _names(connection: sqlite3.Connection) -> None:
    chance = random.Random(7)
    for table, names, flat in (("pick_given", GIVEN, 6), ("pick_family", FAMILY, 3)):
        connection.execute(f"CREATE TABLE {table} (slot INTEGER PRIMARY KEY, name TEXT, folded TEXT)")
        weights = [1 / (place + flat) for place in range(len(names))]
        picked = chance.choices(names, weights, k=SLOTS)
        rows = ((slot, name, folded(name)) for slot, name in enumerate(picked))
        connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", rows)
    connection.execute("CREATE TABLE rare (slot INTEGER PRIMARY KEY, name TEXT, folded TEXT)")
    rare = ("".join(chance.choice(SYLLABLES) for _ in range(4)) for _ in range(RARE))
    connection.executemany(
        "INSERT INTO rare VALUES (?, ?, ?)", ((slot, one.title(), one) for slot, one in enumerate(rare))
    )


def _slips(connection: sqlite3.Connection) -> None:
    words = {
        word
        for table in ("pick_given", "pick_family", "rare")
        for (word,) in connection.execute(f"SELECT folded FROM {table}")
    } | {"talleres"}
    rows = ((slip, word) for word in sorted(words) if is_spelt(word) for slip in slips_of(word))
    connection.executemany("INSERT INTO search_slip VALUES (?, ?)", rows)


def count_to(last: str, first: str = "0") -> str:
    """Return the SQL of a table ``n`` of the numbers from *first* to *last*."""
    return f"n(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM n WHERE n + 1 < {last})"


def id_in(kind: int, n: str) -> str:
    """Return the SQL of ``id_of``."""
    return f"printf('01a218a3-83{kind:02x}-78a4-a300-%012x', {n})"


def _mix(n: str, salt: int) -> str:
    """Return a number below 2^31 that looks like chance."""
    return f"((({n} + {salt}) * 2654435761 + {salt} * 40503) & 2147483647)"


_GIVEN = f"{_mix('n', 11)} % {SLOTS}"
_SECOND = f"({_mix('n', 29)} >> 7) % {SLOTS}"
_IS_RARE = f"({_mix('n', 5)} >> 9) % 7 = 0"
_FIRST_RARE = f"({_mix('n', 17)} >> 5) % {RARE}"
_FIRST = f"({_mix('n', 17)} >> 5) % {SLOTS}"
_MOBILE = "(600000000 + n * 7919 % 99999989)"
_LAND = "(950000000 + n * 6007 % 9999991)"
_HAS_LAND, _HAS_EMAIL = "n % 10 < 3", "n % 2 = 0"
_NAMED = f"""
  FROM n
  JOIN pick_given g ON g.slot = {_GIVEN}
  JOIN pick_family s ON s.slot = {_SECOND}
  JOIN pick_family f ON f.slot = {_FIRST}
  LEFT JOIN rare r ON {_IS_RARE} AND r.slot = {_FIRST_RARE}
  LEFT JOIN rare c ON n % 3 = 0 AND c.slot = (n / 3 % :companies) * 31 % {RARE}
"""
_COMPANY = "'Talleres ' || c.name || ' ' || (n / 3 % :companies)"
_COMPANY_FOLDED = "'talleres ' || c.folded || ' ' || (n / 3 % :companies)"
_NAME_FOLDED = "g.folded || ' ' || coalesce(r.folded, f.folded) || ' ' || s.folded"
_COMPANIES = (
    f"""INSERT INTO account (id, name, search, tier, version)
  WITH RECURSIVE {count_to(":companies")}
  SELECT {id_in(2, "n")}, 'Talleres ' || name || ' ' || n, 'talleres ' || folded || ' ' || n,
    CASE WHEN n % 50 = 0 THEN 'gold' END, 1
  FROM n JOIN rare ON slot = n * 31 % {RARE}""",
)
_PEOPLE = (
    f"""INSERT INTO contact (id, given, family, search, account_id, vip, created_at, updated_at, version)
  WITH RECURSIVE {count_to(":people")}
  SELECT {id_in(1, "n")}, g.name, coalesce(r.name, f.name) || ' ' || s.name, {_NAME_FOLDED},
    CASE WHEN n % 3 = 0 THEN {id_in(2, "n / 3 % :companies")} END, n % 100 = 0, :at, :at, 1
  {_NAMED}""",
    f"""INSERT OR IGNORE INTO contact_word (word, search, contact_id)
  WITH RECURSIVE {count_to(":people")}
  SELECT g.folded, {_NAME_FOLDED}, {id_in(1, "n")} {_NAMED}
  UNION ALL SELECT coalesce(r.folded, f.folded), {_NAME_FOLDED}, {id_in(1, "n")} {_NAMED}
  UNION ALL SELECT s.folded, {_NAME_FOLDED}, {id_in(1, "n")} {_NAMED}
  UNION ALL SELECT 'talleres', {_NAME_FOLDED}, {id_in(1, "n")} {_NAMED} WHERE n % 3 = 0
  UNION ALL SELECT c.folded, {_NAME_FOLDED}, {id_in(1, "n")} {_NAMED} WHERE n % 3 = 0
  ORDER BY 1, 2, 3""",
)
_PHONE = "INSERT INTO phone (id, contact_id, raw, e164, national, tail, label, is_primary, do_not_call)"
_REACH = (
    f"""{_PHONE} WITH RECURSIVE {count_to(":people")}
  SELECT {id_in(4, "n")}, {id_in(1, "n")}, {_MOBILE}, '+34' || {_MOBILE}, {_MOBILE}, substr({_MOBILE}, -8),
    'mobile', 1, 0 FROM n""",
    f"""{_PHONE} WITH RECURSIVE {count_to(":people")}
  SELECT {id_in(5, "n")}, {id_in(1, "n")}, {_LAND}, '+34' || {_LAND}, {_LAND}, substr({_LAND}, -8),
    'work', 0, 0 FROM n WHERE {_HAS_LAND}""",
    f"""INSERT INTO email (id, contact_id, address, search, is_primary)
  WITH RECURSIVE {count_to(":people")}
  SELECT {id_in(6, "n")}, {id_in(1, "n")}, g.folded || '.' || f.folded || n || '@example.com',
    g.folded || '.' || f.folded || n || '@example.com', 1
  FROM n JOIN pick_given g ON g.slot = {_GIVEN} JOIN pick_family f ON f.slot = {_FIRST} WHERE {_HAS_EMAIL}""",
)


def _backwards(digits: str) -> str:
    return "'x' || " + " || ".join(f"substr({digits}, {place}, 1)" for place in range(9, 0, -1))


_SEARCH = (
    f"""INSERT INTO search_doc (place, kind, record_id, words)
  WITH RECURSIVE {count_to(":companies")}
  SELECT :company_base + n + 1, 'account', {id_in(2, "n")}, 'talleres ' || folded || ' ' || n
  FROM n JOIN rare ON slot = n * 31 % {RARE}""",
    f"""INSERT INTO search_doc (place, kind, record_id, words)
  WITH RECURSIVE {count_to(":people")}
  SELECT :person_base + n + 1, 'contact', {id_in(1, "n")}, {_NAME_FOLDED}
    || CASE WHEN n % 3 = 0 THEN ' ' || {_COMPANY_FOLDED} ELSE '' END
    || ' ' || {_MOBILE} || ' ' || {_backwards(_MOBILE)} || ' 34' || {_MOBILE}
    || CASE WHEN {_HAS_LAND} THEN ' ' || {_LAND} || ' ' || {_backwards(_LAND)} || ' 34' || {_LAND} ELSE '' END
    || CASE WHEN {_HAS_EMAIL} THEN ' ' || f.folded || n || ' example com' ELSE '' END
  {_NAMED}""",
    """INSERT INTO search_doc (place, kind, record_id, words)
  SELECT :incident_base + i.sequence, 'incident', i.id,
    'inc' || (10000 + i.sequence) || ' ' || (10000 + i.sequence) || ' ' || lower(i.subject) || ' ' || c.search
  FROM incident i JOIN contact c ON c.id = i.contact_id ORDER BY i.sequence""",
    "INSERT INTO search_text (search_text) VALUES ('rebuild')",
)
SUBJECT = "CASE n % 8 " + " ".join(f"WHEN {n} THEN '{one}'" for n, one in enumerate(SUBJECTS)) + " END"
_INCIDENTS = (
    f"""INSERT INTO incident (id, sequence, subject, state, is_open, priority, contact_id,
    opened_at, updated_at, resolved_at, version)
  WITH RECURSIVE {count_to(":incidents")}
  SELECT {id_in(3, "n")}, n + 1, {SUBJECT} || ' ' || n,
    CASE WHEN n % 12 THEN 'closed' ELSE 'new' END, n % 12 = 0,
    1 + n % 5, {id_in(1, f"({_mix('n', 3)} * {_mix('n', 3)} / 2147483648) * :people / 2147483648")},
    strftime('%Y-%m-%dT%H:%M:%S.000000Z', :begin + n * {DAYS} * 86400 / :incidents, 'unixepoch'), :at,
    CASE WHEN n % 12 THEN :at END, 1 FROM n""",
)

# --- calls

_WAIT_S, _RING_S = f"({_mix('n', 41)} % 60)", "5"
_TALK_S = f"(30 + ({_mix('n', 43)} >> 3) % 400)"
_KIND = f"({_mix('n', 47)} >> 4) % 10"
_AGENT = f"(1001 + ({_mix('n', 53)} >> 6) % 200)"
_QUEUE = f"('q' || (1 + ({_mix('n', 59)} >> 5) % 12))"
_STRANGER = f"({_mix('n', 61)} >> 3) % 9 = 0"
_R = f"({_mix('n', 67)} % 1000003)"
_OFTEN = f"{_R} * {_R} / 1000003 * {_R} / 1000003 * :people / 1000003"
_WHO = f"CASE WHEN {_STRANGER} THEN :people + {_R} ELSE {_OFTEN} END"
_SECOND_OF_DAY = "(28800 + CAST(part * 43200 AS INTEGER))"


def _calls() -> Iterator[str]:
    """Yield what makes the calls from :first to :last, and what stands beside them."""
    yield "DROP TABLE IF EXISTS temp.told"
    yield f"""CREATE TEMP TABLE told AS
  WITH RECURSIVE {count_to(":last", ":first")},
    seen AS (SELECT n, {_KIND} AS kind, {_AGENT} AS agent, {_QUEUE} AS queue, {_WAIT_S} AS wait_s,
      {_TALK_S} AS talk_s, {_WHO} AS who, {_STRANGER} AS stranger,
      CAST(n / :a_day AS INTEGER) AS day, n / :a_day - CAST(n / :a_day AS INTEGER) AS part FROM n),
    timed AS (SELECT *, CAST(:begin AS INTEGER) + day * 86400 + {_SECOND_OF_DAY} AS t FROM seen)
  SELECT n, kind, agent, queue, wait_s, talk_s, stranger, t,
    printf('%08x-%04x-7%03x-8%03x-%012x',
      t * 1000 >> 16, t * 1000 & 65535, n & 4095, n >> 12 & 4095, n) AS id,
    t || '.' || n AS linkedid, '+34' || (600000000 + who * 7919 % 99999989) AS customer,
    CASE WHEN NOT stranger THEN {id_in(1, "who")} END AS contact_id, {_time("t")} AS t0,
    {_time("t + 8")} AS t1, {_time("t + 8 + wait_s")} AS t2, {_time("t + 13 + wait_s")} AS t3,
    {_time("t + 13 + wait_s + talk_s")} AS t4
  FROM timed"""
    for is_answered, those in ((True, "kind < 8"), (False, "kind >= 8")):
        picked = "t3" if is_answered else "NULL"
        yield f"""INSERT INTO call (id, pbx, linkedid, version, source, direction, ani, did, customer,
    contact_id, match_kind, started_at, answered_at, ended_at, outcome, hung_up_by, wait_s, talk_s, hold_s,
    agent, queue, record)
  SELECT id, 'main', linkedid, 9, 'live', 'inbound', customer, '957000000', customer, contact_id,
    CASE WHEN stranger THEN 'none' ELSE 'exact' END, t0, {picked}, {"t4" if is_answered else "t2"},
    '{"answered" if is_answered else "abandoned"}', 'customer', wait_s + {5 if is_answered else 0}.0,
    {"talk_s" if is_answered else "0"} + 0.0, 0.0, {"agent" if is_answered else "NULL"}, queue,
    deflated({_record(is_answered=is_answered)}) FROM told WHERE {those}"""
    yield """INSERT INTO call_visit (call_id, n, queue, entered_at, left_at, wait_s, agent, interface,
    outcome, busy_s)
  SELECT id, 0, queue, t1, CASE WHEN kind < 8 THEN t3 ELSE t2 END,
    wait_s + CASE WHEN kind < 8 THEN 5.0 ELSE 0.0 END,
    CASE WHEN kind < 8 THEN agent END, CASE WHEN kind < 8 THEN 'PJSIP/' || agent END,
    CASE WHEN kind < 8 THEN 'answered' ELSE 'abandoned' END,
    CASE WHEN kind < 8 THEN talk_s + 20.0 END FROM told"""
    yield """INSERT INTO call_agent (agent, started_at, call_id, is_missed) SELECT agent, t0, id, 0 FROM told
  WHERE kind < 8"""
    yield """INSERT INTO call_work (call_id, agent, disposition, notes, saved_at)
  SELECT id, agent, 'Resuelta', 'Llama por la pieza ' || n, t4 FROM told WHERE kind < 2"""


def _time(t: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%S.000000Z', {t}, 'unixepoch')"


def _record(*, is_answered: bool) -> str:
    """Return the SQL that writes a call's record: what ``call_to_json`` writes, with its facts put in."""
    marks = itertools.count(1)
    at = [datetime(2001, 1, 1, 0, 0, next(marks), tzinfo=UTC) for _ in range(5)]
    call = _typical(at) if is_answered else _abandoned(at)
    text = call_to_json(call).decode().replace("'", "''")
    facts = {
        "@id": "id",
        "@linkedid": "linkedid",
        "@customer": "customer",
        "@agent": "agent",
        "@queue": "queue",
        "77777.25": "(wait_s + 5.0)" if is_answered else "(wait_s + 0.0)",
        "88888.25": "(talk_s + 0.0)",
        '"@contact"': """CASE WHEN stranger THEN 'null' ELSE '"' || contact_id || '"' END""",
        '"@match"': """CASE WHEN stranger THEN '"none"' ELSE '"exact"' END""",
    } | {one.isoformat().replace("+00:00", "Z"): f"t{place}" for place, one in enumerate(at)}
    for mark, column in facts.items():
        text = text.replace(mark, f"' || {column} || '")
    return f"'{text}'"


def _typical(at: list[datetime]) -> Call:
    """Return a call that went through the menu, waited, rang and was answered."""
    phone = "PJSIP/@agent"
    rung = Attempt(
        interface=phone, agent="@agent", started_at=at[2], ring_s=5.0, pop_at=at[2], result="answered"
    )
    visit = Visit(
        queue="@queue",
        entered_at=at[1],
        left_at=at[3],
        wait_s=77777.25,
        agent="@agent",
        interface=phone,
        outcome="answered",
        attempts=[rung],
    )
    theirs = ("customer",)
    return _call(
        at,
        answered_at=at[3],
        ended_at=at[4],
        outcome="answered",
        wait_s=77777.25,
        talk_s=88888.25,
        visits=[visit],
        segments=[
            Segment(kind="ivr", party="customer", at=at[0], until=at[1]),
            Segment(kind="wait", party="customer", queue="@queue", at=at[1], until=at[2]),
            Segment(kind="ring", party="customer", queue="@queue", at=at[2], until=at[3]),
            Segment(kind="talk", party="customer", agent="@agent", with_=(phone,), at=at[3], until=at[4]),
            Segment(kind="ring", party=phone, agent="@agent", queue="@queue", at=at[2], until=at[3]),
            Segment(
                kind="talk", party=phone, agent="@agent", with_=theirs, queue="@queue", at=at[3], until=at[4]
            ),
        ],
    )


def _abandoned(at: list[datetime]) -> Call:
    """Return a call that went through the menu, waited and was given up."""
    visit = Visit(queue="@queue", entered_at=at[1], left_at=at[2], wait_s=77777.25, outcome="abandoned")
    return _call(
        at,
        ended_at=at[2],
        outcome="abandoned",
        wait_s=77777.25,
        talk_s=0.0,
        visits=[visit],
        segments=[
            Segment(kind="ivr", party="customer", at=at[0], until=at[1]),
            Segment(kind="wait", party="customer", queue="@queue", at=at[1], until=at[2]),
        ],
    )


def _call(at: list[datetime], **facts: object) -> Call:
    told: dict[str, object] = {
        "id": "@id",
        "pbx": "main",
        "linkedid": "@linkedid",
        "version": 9,
        "ani": "@customer",
        "ani_raw": "@customer",
        "did": "957000000",
        "customer": "@customer",
        "contact_id": "@contact",
        "match": Match(kind="@match"),  # type: ignore[arg-type]
        "started_at": at[0],
        "hung_up_by": "customer",
        "hangup_cause": 16,
        "ring_s": 0.0,
        "hold_s": 0.0,
        "park_s": 0.0,
        "ivr_s": 8.0,
    }
    return Call(**(told | facts))  # type: ignore[arg-type]


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ("tenth",):
        print(made({"large": LARGE, "tenth": TENTH, "small": SMALL}[wanted]))
