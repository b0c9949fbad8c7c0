"""CEL in a table of MariaDB or MySQL, as FreePBX and Issabel keep it: ``asteriskcdrdb.cel``.

Its times are local and without offset, and nothing orders it by time but the order of its ids: the first row
of an asked time is found by halving them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pymysql
from pymysql.cursors import DictCursor

from ami_bridge.domain.cel import CelRow, QueueLine
from ami_bridge.domain.errors import RecordsError
from ami_bridge.wire.cel_csv import NEEDED, Reading, row_of
from ami_bridge.wire.local_times import LocalTimes

SCHEME, DEFAULT_PORT = "mysql", 3306
CONNECT_S, ANSWER_S = 5, 60
MOST_ROWS = 1_000_000
AN_HOUR_TWICE = timedelta(hours=1)
"""Ids run with the clock of the exchange, which goes back by that much in autumn."""

_FIRST = "SELECT id, eventtime FROM cel WHERE id >= %s ORDER BY id LIMIT 1"
_ENDS = "SELECT MIN(id), MAX(id) FROM cel"
_ROWS = "SELECT * FROM cel WHERE id >= %s ORDER BY id LIMIT %s"


@dataclass(slots=True)
class RecordTables:
    """The table ``cel`` at *url*, ``mysql://USER@HOST:PORT/DATABASE`` or with ``?unix_socket=/PATH``.

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

        Raises:
            RecordsError: the table cannot be read, or holds too much.
        """
        self.told = Reading()
        try:
            with closing(self._connect()) as connection, connection.cursor() as cursor:
                first = self._first_id(cursor, since - AN_HOUR_TWICE)
                cursor.execute(_ROWS, (first, MOST_ROWS + 1))
                found = cursor.fetchall()
        except pymysql.MySQLError as error:
            raise RecordsError(self._shown, str(error.args[-1])) from error
        if len(found) > MOST_ROWS:
            raise RecordsError(self._shown, f"more than {MOST_ROWS:,} rows")
        if found and (missing := sorted(NEEDED - found[0].keys())):
            raise RecordsError(self._shown, f"the table cel has no {', '.join(missing)}")
        times = LocalTimes(self.zone)
        rows = [self._row(one, times) for one in found]
        return [row for row in rows if row is not None and since <= row.at <= until]

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
        texts = {name.lower(): str(value or "") for name, value in values.items()}
        row = row_of(texts, times.instant(values["eventtime"], born=texts["uniqueid"]))
        if row is None:
            self.told.bad += 1
        else:
            self.told.rows += 1
        return row
