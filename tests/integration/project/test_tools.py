"""What `make` and the tools say to somebody whose machine lacks something."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .places import ROOT

BARE = ("bash", "dirname", "env", "grep", "mktemp")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder of programs for PATH: a person without root, on a machine with next to nothing."""
    for name in BARE:
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    own = tmp_path / "id"
    own.write_text("#!/bin/sh\necho 1000\n")
    own.chmod(0o755)
    return tmp_path


def run(tool: str, path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a tool of the project where only the programs in *path* are."""
    given = {"PATH": str(path), "HOME": str(path), **environment}
    return subprocess.run([ROOT / "tools" / tool], check=False, capture_output=True, text=True, env=given)


def test_make_alone_tells_what_can_be_made() -> None:
    told = subprocess.run(["make", "-C", ROOT], check=True, capture_output=True, text=True).stdout
    for target in ("run", "check", "test", "bench", "venv", "vendor", "lock", "notices"):
        assert re.search(rf"^make {target} +\w", told, re.MULTILINE), target


def test_what_is_missing_is_named_with_the_command_that_installs_it(bare: Path) -> None:
    done = run("prerequisites", bare)
    assert done.returncode == 2
    assert done.stderr == (
        "missing: git python3 python3-venv (on Debian: sudo apt-get install git python3 python3-venv)\n"
    )


def test_a_python_without_venv_is_noticed(bare: Path) -> None:
    (bare / "git").symlink_to("/bin/true")
    (bare / "python3").write_text("#!/bin/sh\nexit 1\n")
    (bare / "python3").chmod(0o755)
    assert "missing: python3-venv (" in run("prerequisites", bare).stderr


def test_an_old_python_is_told_which_is_needed(bare: Path) -> None:
    (bare / "git").symlink_to("/bin/true")
    old = '#!/bin/sh\ncase "$*" in *version_info*) exit 1;; --version) echo "Python 3.9.2";; esac\n'
    (bare / "python3").write_text(old)
    (bare / "python3").chmod(0o755)
    done = run("prerequisites", bare)
    assert (done.returncode, done.stderr) == (
        2,
        "Centralita needs Python 3.11 or later; Python 3.9.2 found\n",
    )


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 2)], ids=["a person", "CI"])
def test_what_the_suites_lack_is_named_and_stops_ci_only(bare: Path, ci: str, code: int) -> None:
    done = run("test-system", bare, CI=ci)
    assert done.returncode == code
    assert done.stderr.startswith("missing: sip-tester chromium")


def test_ci_runs_nothing_where_something_is_missing(bare: Path) -> None:
    done = run("test", bare, CI="true")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.findall(r"mark '(\w+)'", done.stderr) == ["asterisk", "browser", "caddy"]


def test_the_tools_are_programs() -> None:
    tools = [path for path in (ROOT / "tools").iterdir() if path.is_file() and path.suffix != ".py"]
    assert [path.name for path in tools if not os.access(path, os.X_OK)] == []
