"""What is installed is what is in the checkout; what comes with it is pinned, named and explained."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from .places import PACKAGES, ROOT, files

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", re.MULTILINE)
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")
BUILD = "import sys; from setuptools import build_meta as made; made.build_wheel(sys.argv[1])"


@pytest.fixture
def context(tmp_path: Path) -> Path:
    """A folder with what docker would hand to the build of the service: what the ignore file lets in."""
    ignore = (ROOT / "docker" / "service" / "Dockerfile.dockerignore").read_text()
    for path in files(*re.findall(r"^!(\S+)$", ignore, re.MULTILINE)):
        (tmp_path / "context" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / "context" / path)
    return tmp_path / "context"


def test_the_wheel_built_for_docker_holds_the_packages_whole(context: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-c", BUILD, str(tmp_path)]
    subprocess.run(build, cwd=context, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        licences = {name.split("/", 1)[1] for name in archive.namelist() if "/licenses/" in name}
    assert packed == set(files(*PACKAGES))
    assert licences == {"licenses/LICENSE", "licenses/THIRD-PARTY-NOTICES.md"}


def test_the_docker_context_has_what_its_commands_copy(context: Path) -> None:
    dockerfile = (ROOT / "docker" / "service" / "Dockerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE):
        assert all((context / name).exists() for name in line.split())


def asked_for() -> Iterator[tuple[str, str]]:
    """Yield (lock, name) for each requirement of setup.cfg and pyproject.toml."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    extras = setup["options.extras_require"].values()
    asked = {
        "requirements.lock": setup["options"]["install_requires"].split("\n"),
        "requirements-dev.lock": [line for extra in extras for line in extra.split("\n")],
        "requirements-build.lock": tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"][
            "requires"
        ],
    }
    for lock, lines in asked.items():
        yield from ((lock, name) for line in lines if (name := re.split(r"[^A-Za-z0-9_-]", line.strip())[0]))


def test_every_requirement_is_locked() -> None:
    pinned = {lock: {name.lower() for name, _ in PIN.findall((ROOT / lock).read_text())} for lock in LOCKS}
    assert [(lock, name) for lock, name in asked_for() if name.lower() not in pinned[lock]] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text().replace("\\\n", " "))
    pins = [entry for entry in entries if PIN.match(entry)]
    assert pins
    assert [entry for entry in pins if "--hash=sha256:" not in entry] == []


def test_the_locks_agree() -> None:
    run, dev, build = (dict(PIN.findall((ROOT / lock).read_text())) for lock in LOCKS)
    assert {name: dev.get(name) for name in run} == run
    assert {name: dev.get(name) for name in build} == build


def test_the_notices_are_those_of_what_is_locked_and_vendored(tmp_path: Path) -> None:
    """Written again they are the same; ``make notices`` mends it."""
    copy = tmp_path / "tools"
    copy.mkdir()
    shutil.copy(ROOT / "tools" / "notices.py", copy)
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    shutil.copytree(ROOT / "screenpop" / "static" / "vendor", tmp_path / "screenpop" / "static" / "vendor")
    subprocess.run([sys.executable, copy / "notices.py"], check=True)
    assert (ROOT / "THIRD-PARTY-NOTICES.md").read_text() == (tmp_path / "THIRD-PARTY-NOTICES.md").read_text()


def test_each_requirement_is_explained() -> None:
    explained = set(
        re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE)
    )
    assert explained == {name for lock, name in asked_for() if lock != "requirements-build.lock"}


def test_coverage_counts_the_modules_that_are_pure_by_contract() -> None:
    contracts, setup = ConfigParser(), ConfigParser()
    contracts.read(ROOT / ".importlinter")
    setup.read(ROOT / "setup.cfg")
    pure = contracts["importlinter:contract:pure"]["source_modules"].split()
    counted = setup["coverage:report"]["include"].split()
    as_files = {module.replace(".", "/") for module in pure}
    assert {path.removesuffix("/*").removesuffix(".py") for path in counted} == as_files
    packages = {path for path in as_files if (ROOT / path).is_dir()}
    assert {path.removesuffix("/*") for path in counted if path.endswith("/*")} == packages


MODULES = {
    "argon2-cffi": "argon2",
    "markdown-it-py": "markdown_it",
    "prometheus-client": "prometheus_client",
    "pyjwt": "jwt",
    "pyst2": "asterisk",
}


def test_what_is_installed_to_run_is_used() -> None:
    """All but tzdata, which the standard library reads by itself."""
    code = "\n".join((ROOT / path).read_text() for path in files(*PACKAGES) if path.endswith(".py"))
    asked = {name for lock, name in asked_for() if lock == "requirements.lock"}
    unused = [
        name
        for name in sorted(asked - {"tzdata"})
        if not re.search(rf"^\s*(?:from|import) {MODULES.get(name, name)}\b", code, re.MULTILINE)
    ]
    assert unused == []
