"""An upgrade is the old tables or the new ones, on both makes of database, killed at whatever step."""

from __future__ import annotations

import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from lab.elder import make_elder
from lab.postgresql import Server
from sqlalchemy import Engine, event, inspect, text

from crm_core.db.engines import make_of
from crm_core.db.migrate import revision_of, upgrade

OLD = "0008"
NUMBERS = count(1)
KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from crm_core.db.migrate import upgrade

left = int(sys.argv[2])

def step(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", step)
upgrade(sys.argv[1])
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of an elder version, with something in it."""
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path}/records.sqlite3"
    else:
        postgres: Server = request.getfixturevalue("postgres")
        found = postgres.add(f"old{next(NUMBERS)}")
    make_elder(found, OLD)
    with engine_of(found).begin() as connection:
        connection.execute(text("INSERT INTO spool VALUES ('kept', 7)"))
    return found


def engine_of(url: str) -> Engine:
    return make_of(url).writing_engine(url)


def columns(url: str) -> dict[str, list[str]]:
    """Return the columns of every table."""
    with engine_of(url).connect() as connection:
        seen = inspect(connection)
        return {
            name: [column["name"] for column in seen.get_columns(name)] for name in seen.get_table_names()
        }


@pytest.fixture
def steps(tmp_path: Path) -> int:
    """How many steps there are from the elder version on."""
    found = f"sqlite:///{tmp_path}/counted.sqlite3"
    make_elder(found, OLD)
    done: list[int] = []

    def step(*_: object) -> None:
        done.append(1)

    event.listen(Engine, "before_cursor_execute", step)
    upgrade(found)
    event.remove(Engine, "before_cursor_execute", step)
    return len(done)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.95])
def test_a_kill_leaves_the_old_tables_and_the_next_upgrade_is_whole(
    url: str, steps: int, part: float
) -> None:
    before = columns(url)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(int(steps * part))], check=False, timeout=60
    )
    assert killed.returncode == -9
    assert (revision_of(url), columns(url)) == (OLD, before)
    assert upgrade(url)[0] == OLD
    assert columns(url) != before
    with engine_of(url).connect() as connection:
        assert connection.scalar(text("SELECT emptied FROM spool WHERE id = 'kept'")) == 7
