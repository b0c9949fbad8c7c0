"""CEL in a CSV file: which columns, which times, and what is no row."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ami_bridge.domain.cel import CelRow, QueueLine
from ami_bridge.wire.cel_csv import (
    LONGEST_LINE,
    MASTER,
    OURS,
    SHORT,
    ColumnsError,
    Reading,
    columns_named,
    read_cel,
)
from ami_bridge.wire.local_times import LocalTimes
from ami_bridge.wire.queue_log_file import read_queue_log

VALUES = {
    "eventtype": "BRIDGE_ENTER",
    "eventtime": "1795721781.078918",
    "cid_name": 'Zoë "la jefa", García',
    "cid_num": "957212000",
    "exten": "q02",
    "context": "centralita-queue",
    "channame": "PJSIP/provider-00000002",
    "appname": "Queue",
    "appdata": "q02,t,,,60",
    "uniqueid": "1795721779.2",
    "linkedid": "1795721779.1",
    "peer": "PJSIP/agent104-00000009",
    "extra": '{"bridge_id":"b-1","bridge_technology":"simple_bridge"}',
}


def line(columns: tuple[str, ...], values: dict[str, str] = VALUES) -> str:
    quoted = ('"' + values.get(name, "").replace('"', '""') + '"' for name in columns)
    return ",".join(quoted) + "\n"


def read(*lines: str, columns: str | None = None, zone: str = "UTC") -> tuple[list[CelRow], Reading]:
    told = Reading()
    named = columns_named(columns) if columns else None
    return list(read_cel(lines, zone=ZoneInfo(zone), columns=named, told=told)), told


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param(OURS, id="ours"),
        pytest.param(SHORT, id="without the dialled digits"),
        pytest.param(MASTER, id="Master.csv"),
    ],
)
def test_columns_are_known_by_what_stands_in_them(columns: tuple[str, ...]) -> None:
    (row,), told = read(line(columns))
    assert (row.type, row.channel, row.app) == ("BRIDGE_ENTER", "PJSIP/provider-00000002", "Queue")
    assert (row.uniqueid, row.linkedid, row.num) == ("1795721779.2", "1795721779.1", "957212000")
    assert row.name == 'Zoë "la jefa", García'
    assert row.at == datetime(2026, 11, 26, 19, 36, 21, 78918, tzinfo=UTC)
    assert row.extra == {"bridge_id": "b-1", "bridge_technology": "simple_bridge"}
    assert (told.rows, told.bad) == (1, 0)


@pytest.mark.parametrize("columns", [18, 19])
def test_an_older_master_csv_lacks_the_last_columns(columns: int) -> None:
    (row,), _ = read(line(MASTER[:columns]))
    assert (row.uniqueid, row.peer, row.extra) == ("1795721779.2", "PJSIP/agent104-00000009", {})


def test_columns_that_are_named_are_taken_as_named() -> None:
    (row,), _ = read(
        '"1795721781.5","x","ANSWER","PJSIP/101-00000001","1795721779.2","1795721779.2"\n',
        columns="eventtime, -, eventtype, channame, uniqueid, linkedid",
    )
    assert (row.type, row.channel) == ("ANSWER", "PJSIP/101-00000001")


@pytest.mark.parametrize(
    ("text", "why"),
    [("eventtype,eventtime,channame,uniqueid", "linkedid"), ("eventtype,colour", "colour")],
)
def test_columns_that_do_not_do_are_said(text: str, why: str) -> None:
    with pytest.raises(ColumnsError, match=why):
        columns_named(text)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param("nothing of the kind\n", id="another file"),
        pytest.param(line(OURS, VALUES | {"uniqueid": "../../etc"}), id="no uniqueid"),
        pytest.param(line(OURS, VALUES | {"eventtime": "nan"}), id="no time"),
        pytest.param(line(OURS, VALUES | {"eventtime": "1e300"}), id="a time beyond all"),
        pytest.param(line(OURS, VALUES | {"eventtype": "<b>"}), id="no event"),
        pytest.param(line(OURS)[:40], id="the file's torn end"),
        pytest.param('"' + "x" * LONGEST_LINE + '"\n', id="a line without end"),
        pytest.param("\0\0\0\n", id="zeros"),
    ],
)
def test_what_is_no_row_is_counted_and_left(bad: str) -> None:
    rows, told = read(line(OURS), bad, line(OURS), "\n")
    assert (len(rows), told.rows, told.bad) == (2, 2, 1)


@pytest.mark.parametrize(
    ("kind", "text", "extra"),
    [
        pytest.param(
            "HANGUP",
            "17,SIP/101-1,BUSY",
            {"hangupcause": "17", "hangupsource": "SIP/101-1", "dialstatus": "BUSY"},
            id="before 12",
        ),
        pytest.param("HANGUP", "{", {}, id="broken JSON"),
        pytest.param("HANGUP", "{" * 5000, {}, id="deep JSON"),
        pytest.param("HANGUP", '{"hangupcause":16,"more":{"a":1}}', {"hangupcause": "16"}, id="JSON"),
        pytest.param("ANSWER", "x", {}, id="not known"),
    ],
)
def test_what_a_row_says_besides(kind: str, text: str, extra: dict[str, str]) -> None:
    (row,), _ = read(line(OURS, VALUES | {"eventtype": kind, "extra": text}))
    assert row.extra == extra


MADRID = ZoneInfo("Europe/Madrid")
# On 25 October 2026 clocks go back at 03:00 summer time (01:00 UTC): 02:30 comes at 00:30 and at 01:30 UTC.
FIRST, SECOND = 1792888200, 1792891800


@pytest.mark.parametrize(
    ("texts", "born", "expected"),
    [
        pytest.param(["2026-07-01 12:00:00"], "", datetime(2026, 7, 1, 10, tzinfo=UTC), id="summer"),
        pytest.param(
            ["2026-12-01 12:00:00.25"], "", datetime(2026, 12, 1, 11, 0, 0, 250000, tzinfo=UTC), id="winter"
        ),
        pytest.param(
            ["2026-10-25 02:30:00"], f"{FIRST}.1", datetime.fromtimestamp(FIRST, UTC), id="the first 02:30"
        ),
        pytest.param(
            ["2026-10-25 02:30:00"], f"{SECOND}.1", datetime.fromtimestamp(SECOND, UTC), id="the second 02:30"
        ),
        pytest.param(
            ["2026-10-25 02:59:00", "2026-10-25 02:30:00"],
            f"{FIRST - 60}.1",
            datetime.fromtimestamp(SECOND, UTC),
            id="the second, as the rows above tell",
        ),
        pytest.param(
            ["2026-10-25T02:30:00+01:00"], f"{FIRST}.1", datetime.fromtimestamp(SECOND, UTC), id="with offset"
        ),
        pytest.param(
            [f"{SECOND}"], f"{FIRST}.1", datetime.fromtimestamp(SECOND, UTC), id="seconds of the epoch"
        ),
        pytest.param(["yesterday"], "", None, id="no time"),
    ],
)
def test_a_local_time_is_an_instant(texts: list[str], born: str, expected: datetime | None) -> None:
    times = LocalTimes(MADRID)
    assert [times.instant(text, born=born) for text in texts][-1] == expected


def test_lines_of_queue_log_are_read_and_rubbish_is_counted() -> None:
    told = Reading()
    lines = list(
        read_queue_log(
            [
                "1795721778|NONE|NONE|NONE|QUEUESTART|\n",
                "1795721781|1795721779.2|q02|Agent 104|CONNECT|1|1795721780.9|1\n",
                "2026-11-26 20:36:21|1795721779.3|q03|NONE|ABANDON|1|1|2\n",
                "1795721781|1795721779.2|q02\n",
                "soon|1795721779.2|q02|NONE|ABANDON\n",
                "\n",
                "x" * (LONGEST_LINE + 1),
            ],
            zone=MADRID,
            told=told,
        )
    )
    at = datetime(2026, 11, 26, 19, 36, 21, tzinfo=UTC)
    connect = ("1", "1795721780.9", "1")
    assert lines == [
        QueueLine(
            at=at, caller="1795721779.2", queue="q02", agent="Agent 104", event="CONNECT", args=connect
        ),
        QueueLine(
            at=at, caller="1795721779.3", queue="q03", agent="NONE", event="ABANDON", args=("1", "1", "2")
        ),
    ]
    assert (told.rows, told.bad) == (3, 3)
