"""PostgreSQL's own programs: which are there, and how they get at a database without telling a secret.

A password goes to them in their environment, where their user alone reads it; a command line everybody reads.
Sources: https://www.postgresql.org/docs/current/app-pgdump.html,
https://www.postgresql.org/docs/current/libpq-envars.html
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event, Thread
from typing import IO, Final, NamedTuple

from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

from crm_core.db.copies import CopyError, ProgramsMissingError, ProgramsTooOldError

DUMP, RESTORE, SQL = NAMES = ("pg_dump", "pg_restore", "psql")
DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian puts each version; what it has on the PATH chooses one of them by rules of its own."""
WITHIN_S = 6 * 3600.0
_ASKED_WITHIN_S, _LOOK_S, _SAID = 10.0, 0.1, 4_000
_SECRETS: Final = frozenset(("password", "sslpassword"))
_NAMED = re.compile(r"\(PostgreSQL\) (\d+)")
_WRONG = re.compile(r"\w+:(?: |\S*:\d+: )(?:error|fatal): ", re.IGNORECASE)
_QUOTED = re.compile(r'(?<=: )".*|(?<=value )"[^"]*"')


class Line(NamedTuple):
    """How the programs get at a database: what their command says, and what their environment."""

    words: str
    environment: Mapping[str, str]


def line_of(url: str) -> Line:
    """Return how the programs get at the database *url* of the settings."""
    asked = make_url(url)
    _, given = asked.get_dialect()().create_connect_args(asked)
    words = make_conninfo(**{key: value for key, value in given.items() if key not in _SECRETS})
    secret = {"PGPASSWORD": str(given["password"])} if given.get("password") else {}
    return Line(words, {"PGCONNECT_TIMEOUT": "5", **secret})


class Programs:
    """The programs of one version; who sets *stop* ends the one that runs, as does the time *within_s*."""

    def __init__(self, folder: Path, *, stop: Event, within_s: float) -> None:
        self._folder, self._stop, self._within_s = folder, stop, within_s

    def run(self, name: str, *words: str, line: Line | None = None) -> None:
        """Run one to its end.

        Raises:
            CopyError: it failed; the text is what it said of errors.
        """
        with self.running(name, *words, line=line, stdout=subprocess.DEVNULL):
            pass

    @contextmanager
    def running(
        self,
        name: str,
        *words: str,
        line: Line | None = None,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run one for the time of the block, and wait for its end; when the block fails it is killed.

        Raises:
            CopyError: it failed; the text is what it said of errors.
        """
        command = [str(self._folder / name), *words]
        environment = {**os.environ, **(line.environment if line else {})}
        with (
            TemporaryFile() as said,
            subprocess.Popen(  # noqa: S603 - PostgreSQL's own; no shell
                command, stdin=stdin, stdout=stdout, stderr=said, env=environment
            ) as process,
        ):
            watch = Thread(target=self._watch, args=(process,), daemon=True)
            watch.start()
            try:
                yield process
                if process.stdin:
                    process.stdin.close()
                process.wait()
            except BaseException as error:
                if not isinstance(error, BrokenPipeError) or process.stdin is None:
                    process.kill()
                    raise
                process.wait()  # it went away before it had read all: what it said tells why
            if process.returncode:
                raise CopyError(f"{name}: {self._why(process, said)}")

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Kill what is not wanted any more, or takes too long."""
        until = time.monotonic() + self._within_s
        while process.poll() is None:
            if self._stop.wait(_LOOK_S) or time.monotonic() > until:
                process.kill()
                return

    def _why(self, process: subprocess.Popen[bytes], said: IO[bytes]) -> str:
        if process.returncode > 0:
            said.seek(0)
            return _told(said.read(_SAID).decode(errors="replace")) or f"ended with {process.returncode}"
        return "stopped" if self._stop.is_set() else f"killed, or took more than {self._within_s:.0f} s"


def _told(said: str) -> str:
    """Return what a program *said* of errors, without the rows and values that it quotes: people's."""
    wrong = (line.strip() for line in said.splitlines() if _WRONG.match(line))
    return " ".join(_QUOTED.sub("…", line) for line in wrong)


def programs_for(server: int, *, stop: Event | None = None, within_s: float = WITHIN_S) -> Programs:
    """Return the programs for a server of the major version *server*: of its own version, or the next one.

    Raises:
        ProgramsMissingError: there are none.
        ProgramsTooOldError: all that are there are older than the server.
    """
    found = dict(_versions())
    if not found:
        raise ProgramsMissingError
    fit = min((version for version in found if version >= server), default=None)
    if fit is None:
        raise ProgramsTooOldError(max(found), server)
    return Programs(found[fit], stop=stop or Event(), within_s=within_s)


def _versions() -> Iterator[tuple[int, Path]]:
    """Give each version with its folder; of two of a version the last counts."""
    on_path = shutil.which(DUMP)
    folders = [*([Path(on_path).parent] if on_path else []), *sorted(DEBIAN.glob("*/bin"))]
    is_there: Callable[[Path], bool] = lambda folder: all((folder / name).is_file() for name in NAMES)  # noqa: E731
    for folder in filter(is_there, folders):
        if (version := _version(folder / DUMP)) is not None:
            yield version, folder


def _version(program: Path) -> int | None:
    try:
        told = subprocess.run(  # noqa: S603 - PostgreSQL's own; no shell
            [program, "--version"], capture_output=True, check=False, text=True, timeout=_ASKED_WITHIN_S
        )
    except (OSError, subprocess.SubprocessError):
        return None
    named = _NAMED.search(told.stdout)
    return int(named[1]) if named else None
