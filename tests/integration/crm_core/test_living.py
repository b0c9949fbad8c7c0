"""Who lives of those that work on a file: a killed process is missed at once, a stopped one is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crm_core.db.living import Living

HOLDER = """
import sys, time
from crm_core.db.living import Living
living = Living(sys.argv[1], 7)
print("there", flush=True)
sys.stdin.read()
"""


def test_a_process_that_is_stopped_lives_one_that_is_killed_does_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/records.sqlite3"
    me = Living(url, 1)
    assert not me.is_there(7)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"there\n"
        assert me.is_there(7)
        os.kill(holder.pid, signal.SIGSTOP)
        assert me.is_there(7)
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        assert not me.is_there(7)
    me.end()


def test_two_of_one_process_are_told_apart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/records.sqlite3"
    one, other = Living(url, 1), Living(url, 2)
    assert (one.is_there(2), other.is_there(1), one.is_there(3)) == (True, True, False)
    other.end()
    assert not one.is_there(2)
    one.end()


def test_without_a_file_it_cannot_be_told() -> None:
    with pytest.raises(OSError, match="no file"):
        Living("postgresql:///centralita", 1)
