"""CEL, and where there is none CDR, in tables of MariaDB or MySQL, as FreePBX and Issabel keep them.

Times in ``asteriskcdrdb`` are local and without offset. Nothing orders ``cel`` by time but the order of its
ids: the first row of an asked time is found by halving them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import pymysql
from pymysql.cursors import DictCursor

from ami_bridge.domain.cdr import Cdr, as_cel
from ami_bridge.domain.cel import LONGEST_CALL, CelRow, QueueLine
from ami_bridge.domain.errors import RecordsError
from ami_bridge.wire.cel_csv import MOST_ROWS, NEEDED, Reading, is_uniqueid, row_of
from ami_bridge.wire.local_times import LocalTimes

SCHEME, DEFAULT_PORT = "mysql", 3306
CONNECT_S, ANSWER_S = 5, 60
AN_HOUR_TWICE = timedelta(hours=1)
"""Ids run with the clock of the exchange, which goes back by that much in autumn."""

NEEDED_CDR = tuple(
    "calldate channel dstchannel disposition duration billsec uniqueid src dst lastapp lastdata".split()  # noqa: SIM905
)
LONGEST_SECONDS = 7
Row = TypeVar("Row", CelRow, Cdr)

_FIRST = "SELECT id, eventtime FROM cel WHERE id >= %s ORDER BY id LIMIT 1"
_ENDS = "SELECT MIN(id), MAX(id) FROM cel"
_CDR = "SELECT * FROM cdr WHERE calldate BETWEEN %s AND %s ORDER BY calldate LIMIT %s"
_ROWS = "SELECT * FROM cel WHERE id BETWEEN %s AND %s ORDER BY id LIMIT %s"


@dataclass(slots=True)
class RecordTables:
    """The tables ``cel`` and ``cdr`` at ``mysql://USER@HOST:PORT/DATABASE``, or with ``?unix_socket=/PATH``.

    Times are those of ``zone``. ``lines_of`` reads queue_log, which stays a file. ``told`` says how the last
    reading went.
    """

    url: str
    secret: str = ""
    zone: tzinfo = UTC
    lines_of: Callable[[datetime, datetime], list[QueueLine]] = field(default=lambda _since, _until: [])
    told: Reading = field(default_factory=Reading)

    def rows(self, since: datetime, until: datetime) -> list[CelRow]:
        """Return the rows from *since* to *until*, in the order in which they were written.

        Of CDR, all rows of the calls that ended then.

        Raises:
            RecordsError: the table cannot be read, or holds too much.
        """
        self.told = Reading()
        try:
            with closing(self._connect()) as connection, connection.cursor() as cursor:
                if rows := self._of_cel(cursor, since, until):
                    return rows
                return self._of_cdr(cursor, since, until)
        except pymysql.MySQLError as error:
            raise RecordsError(self._shown, str(error.args[-1])) from error

    def _of_cel(self, cursor: DictCursor, since: datetime, until: datetime) -> list[CelRow]:
        if not self._is_there(cursor, "cel"):
            return []
        first = self._first_id(cursor, since - AN_HOUR_TWICE)
        last = self._first_id(cursor, until + AN_HOUR_TWICE)
        cursor.execute(_ROWS, (first, last, MOST_ROWS + 1))
        found = self._checked(cursor.fetchall(), "cel", NEEDED)
        times = LocalTimes(self.zone)
        rows = [self._counted(self._row(one, times)) for one in found]
        return [row for row in rows if row is not None and since <= row.at <= until]

    def _of_cdr(self, cursor: DictCursor, since: datetime, until: datetime) -> list[CelRow]:
        if not self._is_there(cursor, "cdr"):
            return []
        begin, end = (
            at.astimezone(self.zone).replace(tzinfo=None)
            for at in (since - LONGEST_CALL - AN_HOUR_TWICE, until + AN_HOUR_TWICE)
        )
        cursor.execute(_CDR, (begin, end, MOST_ROWS + 1))
        found = self._checked(cursor.fetchall(), "cdr", NEEDED_CDR)
        times = LocalTimes(self.zone)
        records = [self._counted(_cdr(one, times)) for one in found]
        of_call: dict[str, list[Cdr]] = {}
        for one in records:
            if one is not None:
                of_call.setdefault(one.linkedid, []).append(one)
        calls = (all_ for all_ in of_call.values() if since <= max(one.end for one in all_) <= until)
        return as_cel([one for all_ in calls for one in all_], self.lines(since - LONGEST_CALL, until))

    def _is_there(self, cursor: DictCursor, table: str) -> bool:
        return bool(cursor.execute("SHOW TABLES LIKE %s", (table,)))

    def _checked(
        self, found: Sequence[dict[str, Any]], table: str, needed: Iterable[str]
    ) -> Sequence[dict[str, Any]]:
        if len(found) > MOST_ROWS:
            raise RecordsError(self._shown, f"more than {MOST_ROWS:,} rows")
        if found and (missing := sorted(set(needed) - found[0].keys())):
            raise RecordsError(self._shown, f"the table {table} has no {', '.join(missing)}")
        return found

    def _counted(self, row: Row | None) -> Row | None:
        if row is None:
            self.told.bad += 1
        else:
            self.told.rows += 1
        return row

    def lines(self, since: datetime, until: datetime) -> list[QueueLine]:
        """Return the lines of queue_log from *since* to *until*."""
        return self.lines_of(since, until)

    @property
    def _shown(self) -> str:
        return urlsplit(self.url)._replace(query="").geturl()

    def _connect(self) -> pymysql.Connection[DictCursor]:
        where = urlsplit(self.url)
        socket = parse_qs(where.query).get("unix_socket", [None])[0]
        return pymysql.connect(
            host=where.hostname or "localhost",
            port=where.port or DEFAULT_PORT,
            unix_socket=socket,
            user=unquote(where.username or ""),
            password=self.secret,
            database=where.path.removeprefix("/"),
            charset="utf8mb4",
            connect_timeout=CONNECT_S,
            read_timeout=ANSWER_S,
            cursorclass=DictCursor,
        )

    def _first_id(self, cursor: DictCursor, since: datetime) -> int:
        """Return an id that no row written since *since* has before it."""
        cursor.execute(_ENDS)
        first, last = (cursor.fetchone() or {}).values()
        if first is None:
            return 0
        while first < last:
            middle = (first + last) // 2
            cursor.execute(_FIRST, (middle,))
            row = cursor.fetchone() or {}
            at = LocalTimes(self.zone).instant(row["eventtime"])
            if at is not None and at < since:
                first = row["id"] + 1
            else:
                last = middle
        return int(first)

    def _row(self, values: Mapping[str, Any], times: LocalTimes) -> CelRow | None:
        texts = {name: str(value or "") for name, value in values.items()}
        return row_of(texts, times.instant(values["eventtime"], born=texts["uniqueid"]))


def _cdr(values: Mapping[str, Any], times: LocalTimes) -> Cdr | None:
    """Return what a row of ``cdr`` says; None when it is none, or half of an unknown call."""
    texts = {name: str(value or "") for name, value in values.items()}
    start = times.instant(values["calldate"], born=texts["uniqueid"])
    seconds = [_whole(texts[name]) for name in ("duration", "billsec")]
    is_half = not texts.get("linkedid") and texts["channel"].startswith("Local/")
    if start is None or None in seconds or is_half or not is_uniqueid(texts["uniqueid"]):
        return None
    duration, billed = (timedelta(seconds=one or 0) for one in seconds)
    return Cdr(
        start=start,
        duration=duration,
        billed=billed,
        channel=texts["channel"],
        peer_channel=texts["dstchannel"],
        disposition=texts["disposition"],
        uniqueid=texts["uniqueid"],
        linkedid=texts.get("linkedid") or texts["uniqueid"],
        num=texts.get("cnum") or texts["src"],
        name=texts.get("cnam", ""),
        dialled=texts.get("did") or texts["dst"],
        app=texts["lastapp"],
        app_args=texts["lastdata"],
    )


def _whole(text: str) -> int | None:
    """Return the seconds that *text* says; an empty one says none, as a zero of the table does."""
    return int(text or 0) if (text or "0").isdecimal() and len(text) <= LONGEST_SECONDS else None
