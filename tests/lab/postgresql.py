"""A PostgreSQL of our own on a socket, as a user without rights; a database is emptied, not made anew."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from crm_core.db.migrate import upgrade

WITHIN_S = 60.0
ADMIN = "centralita"
# Nothing here need outlive the machine; but what was committed outlives the server.
CONFIG = """
listen_addresses = ''
fsync = off
full_page_writes = off
autovacuum = off
shared_buffers = 64MB
max_connections = 60
wal_level = minimal
max_wal_senders = 0
"""
# What is empty already is not touched; without triggers, which keep people from what is done here.
EMPTY = """
DO $$
DECLARE name text; has_rows boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT format('%I', tablename) FROM pg_tables
      WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO has_rows;
    IF has_rows THEN EXECUTE 'DELETE FROM ' || name; END IF;
  END LOOP;
  FOR name IN SELECT format('%I', sequencename) FROM pg_sequences
      WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART';
  END LOOP;
END $$
"""


def programs() -> Path:
    """Return the folder of the newest server that Debian has put there."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[4]))
    assert found, "there is no PostgreSQL: apt-get install postgresql"
    return found[-1].parent


class Server:
    """A server with a folder of its own: started, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._data, self._log = folder / "data", folder / "log"
        self._as_user = _as_user()
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Make the folder of data."""
        if self._as_user:
            shutil.chown(self.folder, self._as_user["user"])
        how = ["--auth=trust", f"--username={ADMIN}", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run(
            [programs() / "initdb", f"--pgdata={self._data}", *how],
            check=True,
            capture_output=True,
            timeout=WITHIN_S,
            cwd=self.folder,
            **self._as_user,
        )
        with (self._data / "postgresql.conf").open("a") as config:
            config.write(f"{CONFIG}unix_socket_directories = '{self.folder}'\n")

    def start(self) -> None:
        """Start it and return when it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [programs() / "postgres", "-D", self._data],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._as_user,
            )
        deadline = time.monotonic() + WITHIN_S
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            with self.opened("postgres"):
                return True
        except psycopg.OperationalError:
            return False

    def kill(self) -> None:
        """Kill it with all who serve its clients, as a machine that loses its power does."""
        assert self._process
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        self._process.wait(WITHIN_S)

    def pids(self) -> list[int]:
        """Return the server and all who serve its clients."""
        assert self._process
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def stop(self) -> None:
        """Stop it without waiting for its clients."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(WITHIN_S)

    def url(self, database: str) -> str:
        """Return how *database* is called in the settings."""
        return f"postgresql+psycopg://{ADMIN}@/{database}?host={self.folder}"

    def add(self, database: str, *, how: str = "") -> str:
        """Make an empty database; return its address."""
        with self.opened("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{database}" {how}'.encode())
        return self.url(database)

    @contextmanager
    def opened(self, database: str) -> Iterator[psycopg.Connection]:
        """Give a connection of an administrator's."""
        with psycopg.connect(
            host=str(self.folder), user=ADMIN, dbname=database, autocommit=True
        ) as connection:
            yield connection


class Emptied:
    """A database with all tables, which is empty whenever it is asked for."""

    def __init__(self, server: Server, name: str = "records") -> None:
        self._server, self.name = server, name
        self._url = server.add(name)
        upgrade(self._url)

    def url(self) -> str:
        """Empty it and return its address."""
        with self._server.opened(self.name) as connection:
            connection.execute(EMPTY)
        return self._url


@contextmanager
def postgresql() -> Iterator[Server]:
    """Run a server for the time of the block."""
    with tempfile.TemporaryDirectory(prefix="postgresql-") as name:  # short: a socket lies in it
        server = Server(Path(name))
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _as_user() -> dict[str, Any]:
    """Return as whom it runs: root may not."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in known else "nobody"
    return {"user": name, "group": known[name].pw_gid, "extra_groups": ()}
