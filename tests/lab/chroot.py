"""The real Asterisk: a small Debian with the package in it, built once and kept in the cache.

Run as ``python tests/lab/chroot.py`` it builds what is missing and prints the versions. Every mount is made
in a mount namespace of its own, so the kernel undoes it when the last process in there is gone, however that
ends.
"""

from __future__ import annotations

import fcntl
import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SUITE = "forky"
TESTED = "1:22.10.1"
PACKAGES = ("asterisk", "util-linux", "openssl")
# Debian 12's debootstrap does not know the name of the suite; all suites are built like sid.
SCRIPT = "/usr/share/debootstrap/scripts/sid"
SOUNDS = "/usr/share/asterisk/sounds"
PROMPTS = Path(__file__).parents[2] / "tools" / "prompts.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """An Asterisk as a Debian has it: ``name`` is its folder in the cache."""

    name: str
    suite: str
    tested: str
    packages: tuple[str, ...]


NEW = Release(name="asterisk22", suite=SUITE, tested=TESTED, packages=PACKAGES)
OLD = Release(
    name="asterisk16",
    suite="bullseye",
    tested="1:16.28.0",
    # The newer Debian has the mailboxes in the package itself, and can load our libfaketime.
    packages=(*PACKAGES, "asterisk-voicemail", "libfaketime"),
)
"""The generation that Issabel 4 and 5 run."""


class LabError(Exception):
    """The laboratory cannot be used here; the text says what is missing."""


def folder(release: Release = NEW) -> Path:
    """Return the cache's folder for this Asterisk."""
    cache = os.environ.get("CENTRALITA_CACHE") or Path.home() / ".cache" / "centralita"
    return Path(cache).absolute() / release.name


def ready(release: Release = NEW) -> Path:
    """Return the root of the built system, building it first when it is not there.

    Raises:
        LabError: not root, a tool is missing, or a step of the build failed.
    """
    place = folder(release)
    _need_root_and_tools(place)
    place.mkdir(parents=True, exist_ok=True)
    with locked(place / "lock"):
        if not (place / "manifest.json").exists():
            _build(place, release)
        elif missing := set(release.packages) - manifest(release).keys():
            _add(place, release, missing)
        _give_prompts(place)
    return place / "root"


def manifest(release: Release = NEW) -> dict[str, str]:
    """Return the versions of what was built."""
    versions: dict[str, str] = json.loads((folder(release) / "manifest.json").read_text())
    return versions


def _need_root_and_tools(place: Path) -> None:
    missing = [tool for tool in ("sipp", "unshare", "chroot", "setpriv") if shutil.which(tool) is None]
    if not (place / "prompts").exists():
        missing += [tool for tool in ("espeak-ng", "sox") if shutil.which(tool) is None]
    if not (place / "manifest.json").exists() and shutil.which("debootstrap") is None:
        missing.append("debootstrap")
    if missing:
        raise LabError(
            f"the real Asterisk needs {', '.join(missing)} (tools/test-system installs them as root)"
        )
    if os.geteuid() != 0:
        raise LabError("the real Asterisk runs in a chroot: run these tests as root")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock at *path* alone, among all processes, for the time of the block."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def mirror() -> str:
    """Return the Debian mirror of the host's own sources list.

    Raises:
        LabError: the host names none.
    """
    lists = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    for path in lists:
        text = path.read_text(errors="replace") if path.is_file() else ""
        for line in re.findall(r"^(?:URIs:|deb\s).*", text, re.MULTILINE):
            for address in re.findall(r"https?://[^\s\]]+", line):
                if "debian" in address and "security" not in address:
                    return str(address).rstrip("/")
    raise LabError("no Debian mirror in /etc/apt/sources.list or /etc/apt/sources.list.d")


def _build(place: Path, release: Release) -> None:
    """Build from nothing: a half-built folder has no manifest and is thrown away."""
    root = place / "root"
    if root.exists():
        shutil.rmtree(root)
    source = mirror()
    _step(place, ["debootstrap", "--variant=minbase", release.suite, str(root), source, SCRIPT])
    (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    (root / "usr/sbin/policy-rc.d").chmod(0o755)
    if Path("/etc/ssl/certs/ca-certificates.crt").exists():
        (root / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs/ca-certificates.crt")
    _install(place, release.packages)
    _write_manifest(place, release, source)


def _add(place: Path, release: Release, packages: Collection[str]) -> None:
    """Install what came to the list after the system was built: others may be at work in there."""
    _step(place, [*inside(place / "root"), "apt-get", "update"])
    _install(place, packages)
    _write_manifest(place, release, manifest(release)["mirror"])


def _install(place: Path, packages: Collection[str]) -> None:
    install = "apt-get install --yes --no-install-recommends " + " ".join(sorted(packages))
    command = f"DEBIAN_FRONTEND=noninteractive {install} && apt-get clean"
    _step(place, [*inside(place / "root"), "sh", "-c", command])


def _write_manifest(place: Path, release: Release, source: str) -> None:
    root = place / "root"
    asked = ["chroot", str(root), "dpkg-query", "-W", "-f", "${Package} ${Version}\\n", *release.packages]
    rows = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.splitlines()
    versions = dict(row.split(" ", 1) for row in rows) | {"suite": release.suite, "mirror": source}
    temporary = place / "manifest.new"
    temporary.write_text(json.dumps(versions, indent=2) + "\n")
    temporary.replace(place / "manifest.json")


def _give_prompts(place: Path) -> None:
    """Put the menus' sounds where Asterisk looks; numbers only in languages of which it has none."""
    root, spoken = place / "root", place / "prompts"
    _step(place, [sys.executable, str(PROMPTS), str(spoken)])
    for language in sorted(path for path in spoken.iterdir() if path.is_dir()):
        asked = ["chroot", str(root), "readlink", "-f", f"{SOUNDS}/{language.name}"]
        inside = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
        there = root / inside.lstrip("/")
        has_numbers = (there / "digits" / "1.gsm").exists()
        for file in language.rglob("*.wav"):
            if not (has_numbers and file.parent.name == "digits"):
                _copy_when_new(file, there / file.relative_to(language))


def _copy_when_new(file: Path, to: Path) -> None:
    if not (to.exists() and filecmp.cmp(file, to)):
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, to)


def _step(place: Path, command: list[str]) -> None:
    log = place / "build.log"
    with log.open("ab") as file:
        alone = ["unshare", "--mount", "--propagation", "private"]
        done = subprocess.run([*alone, *command], check=False, stdout=file, stderr=file)
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
        raise LabError(f"{command[0]} failed ({done.returncode}); {log} ends with:\n{tail}")


def inside(root: Path, *, user: str | None = None) -> list[str]:
    """Return the words before a command that make it run in the built system, in mounts of its own."""
    mounts = 'mount -t proc proc "$0/proc" && mount -t tmpfs -o mode=1777 shm "$0/dev/shm" && exec "$@"'
    change = ["chroot", *([f"--userspec={user}:{user}"] if user else []), str(root)]
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", mounts, str(root), *change]


def main() -> int:
    """Build what is missing and print what is there."""
    for release in (NEW, OLD):
        try:
            ready(release)
        except LabError as error:
            print(error, file=sys.stderr)  # noqa: T201
            return 2
        print(_words(release))  # noqa: T201
    return 0


def _words(release: Release) -> str:
    versions = manifest(release)
    words = f"Asterisk {versions['asterisk']} ({versions['suite']}) in {folder(release)}"
    if not versions["asterisk"].startswith(release.tested):
        words += f"; tested with {release.tested}"
    return words


if __name__ == "__main__":
    sys.exit(main())
