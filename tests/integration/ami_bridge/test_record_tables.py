"""CEL in the table of FreePBX and Issabel, on a real MariaDB: local times, an hour that comes twice."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import pymysql
import pymysql.cursors
import pytest
from lab.mariadb import CDR, CEL, mariadb
from scenes import read

from ami_bridge.domain.afterwards import WHOLE_S, tell
from ami_bridge.domain.errors import RecordsError
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from ami_bridge.wire import record_tables
from ami_bridge.wire.cel_csv import OURS
from ami_bridge.wire.record_tables import RecordTables

pytestmark = pytest.mark.mariadb
Cdrdb: TypeAlias = "pymysql.Connection[pymysql.cursors.Cursor]"
TABLE = Path(__file__).parents[2] / "fixtures" / "cel" / "queue_call.csv"
MADRID = ZoneInfo("Europe/Madrid")
TEXTS = [name for name in OURS if name != "eventtime"]
INSERT = f"INSERT INTO cel (eventtime, {', '.join(TEXTS)}) VALUES (%s, {', '.join(['%s'] * len(TEXTS))})"  # noqa: S608 - names of ours
# On 25 October 2026 the clock goes back at 01:00 UTC.
GOES_BACK = datetime(2026, 10, 25, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with mariadb(tmp_path_factory.mktemp("mariadb")) as socket:
        yield socket


@pytest.fixture
def cdrdb(server: Path) -> Iterator[Cdrdb]:
    """An empty asteriskcdrdb."""
    connection = pymysql.connect(unix_socket=str(server), user="root", autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS asteriskcdrdb")
        cursor.execute("CREATE DATABASE asteriskcdrdb")
        cursor.execute("USE asteriskcdrdb")
        cursor.execute(CEL)
        yield connection


def tables(server: Path, *, secret: str = "") -> RecordTables:
    url = f"mysql://root@localhost/asteriskcdrdb?unix_socket={server}"
    return RecordTables(url, secret=secret, zone=MADRID)


def write(connection: Cdrdb, rows: Sequence[tuple[datetime, dict[str, str]]]) -> None:
    """Write rows as the exchange does: its own wall clock, whole seconds."""
    values = [
        (at.astimezone(MADRID).replace(tzinfo=None, microsecond=0), *(row.get(name, "") for name in TEXTS))
        for at, row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(INSERT, values)


def the_call() -> list[tuple[datetime, dict[str, str]]]:
    with TABLE.open(encoding="utf-8") as lines:
        rows = [dict(zip(OURS, fields, strict=True)) for fields in csv.reader(lines)]
    return [(datetime.fromtimestamp(float(row["eventtime"]), UTC), row) for row in rows]


def beat(at: datetime) -> tuple[datetime, dict[str, str]]:
    """Return a row of a leg that was born at *at*."""
    born = f"{int(at.timestamp())}.1"
    return at, {"eventtype": "ANSWER", "channame": "SIP/101-00000001", "uniqueid": born, "linkedid": born}


def test_a_call_is_told_from_the_table(server: Path, cdrdb: Cdrdb) -> None:
    rows = the_call()
    write(cdrdb, rows)
    records = tables(server)
    found = records.rows(rows[0][0] - timedelta(seconds=2), rows[-1][0])
    floor = Floor("main", inside=Inside(is_guessing=True), read=read)
    (call,) = tell(floor, found)
    assert (records.told.rows, records.told.bad) == (len(rows), 0)
    assert (call.ani, call.did, call.outcome, call.hung_up_by) == (
        "+34957212000",
        "5551002",
        "answered",
        "agent",
    )
    assert (call.wait_s, call.talk_s, call.precision_s) == (1.0, 2.0, WHOLE_S)
    assert call.started_at == datetime(2026, 11, 26, 19, 36, 19, tzinfo=UTC)


def test_the_hour_that_comes_twice_is_told_apart(server: Path, cdrdb: Cdrdb) -> None:
    instants = [GOES_BACK + timedelta(minutes=minutes) for minutes in range(-120, 180, 7)]
    write(cdrdb, [beat(at) for at in instants])
    assert [row.at for row in tables(server).rows(instants[0], instants[-1])] == instants
    for since in instants[::6]:
        assert [row.at for row in tables(server).rows(since, instants[-1])] == [
            at for at in instants if at >= since
        ]


def test_rows_that_are_none_are_counted(server: Path, cdrdb: Cdrdb) -> None:
    at, row = beat(GOES_BACK)
    write(cdrdb, [(at, row), (at, row | {"uniqueid": "?"}), (at, row | {"extra": "{"})])
    records = tables(server)
    assert len(records.rows(at, at)) == 2
    assert (records.told.rows, records.told.bad) == (2, 1)


def test_an_empty_table_tells_nothing(server: Path, cdrdb: Cdrdb) -> None:
    assert cdrdb.open
    assert tables(server).rows(GOES_BACK, GOES_BACK) == []
    assert tables(server).lines(GOES_BACK, GOES_BACK) == []


def test_where_there_is_no_cel_calls_are_told_from_cdr(server: Path, cdrdb: Cdrdb) -> None:
    began = datetime(2026, 11, 26, 19, 36, 19, tzinfo=UTC)
    local = began.astimezone(MADRID).replace(tzinfo=None)
    born = f"{int(began.timestamp())}.2"
    names = "calldate, src, dst, channel, dstchannel, lastapp, lastdata, duration, billsec, disposition"
    call = (
        "957212000",
        "101",
        "SIP/trunk-1a2b3c4d",
        "SIP/101-1a2b3c4e",
        "Dial",
        "SIP/101,20",
        9,
        6,
        "ANSWERED",
    )
    with cdrdb.cursor() as cursor:
        cursor.execute("DROP TABLE cel")
        cursor.execute(CDR)
        cursor.executemany(
            f"INSERT INTO cdr ({names}, uniqueid, did) VALUES ({', '.join(['%s'] * 12)})",  # noqa: S608 - names of ours
            [
                (local, *call, born, "5551002"),
                (local - timedelta(days=1), *call, "1795635379.1", "5551002"),
                (local, *call, "rubbish", "5551002"),
                (local, "957212000", "101", "Local/101@x-00000001;2", *call[3:], born, "5551002"),
            ],
        )
    records = tables(server)
    floor = Floor("main", inside=Inside(patterns=(r"SIP/\d{3}",)), read=read)
    (told,) = tell(floor, records.rows(began - timedelta(hours=1), began + timedelta(hours=1)))
    assert (told.ani, told.did, told.outcome) == ("+34957212000", "5551002", "answered")
    assert (told.started_at, told.ring_s, told.talk_s, told.precision_s) == (began, 3.0, 6.0, WHOLE_S)
    assert (records.told.rows, records.told.bad) == (1, 2)


def test_what_cannot_be_read_is_said(server: Path, cdrdb: Cdrdb, monkeypatch: pytest.MonkeyPatch) -> None:
    at, row = beat(GOES_BACK)
    write(cdrdb, [(at, row)] * 3)
    with pytest.raises(RecordsError, match="Access denied"):
        tables(server, secret="wrong").rows(at, at)
    with pytest.raises(RecordsError, match="Can't connect"):
        RecordTables("mysql://root@127.0.0.1:1/asteriskcdrdb").rows(at, at)
    monkeypatch.setattr(record_tables, "MOST_ROWS", 2)
    with pytest.raises(RecordsError, match="mysql://root@localhost/asteriskcdrdb: more than 2 rows"):
        tables(server).rows(at, at)
    with cdrdb.cursor() as cursor:
        cursor.execute("ALTER TABLE cel DROP channame")
        cursor.execute("DELETE FROM cel WHERE id > 1")
    with pytest.raises(RecordsError, match="the table cel has no channame"):
        tables(server).rows(at, at)
    with cdrdb.cursor() as cursor:
        cursor.execute("DROP TABLE cel")
    assert tables(server).rows(at, at) == []
