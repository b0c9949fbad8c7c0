"""One Asterisk of our own: its folders, its ports, its process."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO, Self

from asterisk_conf.files import write
from asterisk_conf.model import Settings
from asterisk_conf.render import render
from lab import chroot
from lab.ports import give_back
from lab.priority import EXCHANGE, urgent

BOOT_S = 30.0
INSTANCES = "srv"
_DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL")


class Instance:
    """The folders of one Asterisk inside the built system, thrown away at the end, shared with nobody."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with chroot.locked(root / INSTANCES / "lock"):
            _clean_leftovers(root / INSTANCES)
            self.outside = Path(tempfile.mkdtemp(prefix="asterisk-", dir=root / INSTANCES))
            self._lock = _lock(self.outside)
        self.inside = Path("/") / INSTANCES / self.outside.name
        self.owner = _owner(root)
        self.outside.chmod(0o755)
        for name in ("etc", "var", "spool", "run", "log", "music", "log/cdr-csv", "log/cel-custom"):
            (self.outside / name).mkdir()
        _write_music(self.outside / "music" / "tone.ulaw")
        self.hand_over()
        atexit.register(self.remove)

    def hand_over(self) -> None:
        """Give every file to the user that Asterisk runs as."""
        for path in (self.outside, *self.outside.rglob("*")):
            os.chown(path, *self.owner)

    def directories(self) -> dict[str, str]:
        """Return the ``directories`` section of this instance's settings."""
        names = {name: str(self.inside / name) for name in ("etc", "var", "spool", "run", "log")}
        modules = next(self.root.glob("usr/lib/**/chan_pjsip.so")).parent.relative_to(self.root)
        return names | {"modules": f"/{modules}"}

    def remove(self) -> None:
        """Throw the folders away; doing it twice is harmless."""
        self._lock.close()
        shutil.rmtree(self.outside, ignore_errors=True)


def _lock(folder: Path) -> IO[str]:
    file = (folder / ".lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file


def _clean_leftovers(instances: Path) -> None:
    """Remove what killed sessions left: their locks are free, and their Asterisk died with them."""
    for folder in instances.glob("asterisk-*"):
        try:
            _lock(folder).close()
        except OSError:
            continue  # in use by another session
        shutil.rmtree(folder, ignore_errors=True)


def _owner(root: Path) -> tuple[int, int]:
    rows = (root / "etc/passwd").read_text().splitlines()
    fields = next(row for row in rows if row.startswith("asterisk:")).split(":")
    return int(fields[2]), int(fields[3])


def _write_music(path: Path) -> None:
    """Write five seconds of silence as raw µ-law, so that nothing is transcoded."""
    path.write_bytes(b"\xff" * 8000 * 5)


def _give_back_ports(settings: Settings) -> None:
    trunks = [trunk.port for trunk in settings.trunks if trunk.host]
    agi = [settings.fastagi.port] if settings.fastagi else []
    for port in (settings.ami.port, settings.sip.port, *agi, *trunks):
        give_back(port)
    give_back(settings.sip.rtp_first, room=settings.sip.rtp_last - settings.sip.rtp_first + 1)


class Asterisk:
    """A running Asterisk. It can be stopped, killed and started again on the same ports and folders.

    *also*: what stands at the end of a file besides what is rendered, by the file's name. *lives_in*: another
    time than ours (``lab.elsewhen``), as words before its command.
    """

    def __init__(
        self,
        settings: Settings,
        instance: Instance,
        *,
        also: Mapping[str, str] = MappingProxyType({}),
        lives_in: Sequence[str] = (),
    ) -> None:
        self.settings = settings
        self.instance = instance
        self._also, self._lives_in = also, lives_in
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        atexit.register(self.kill)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.instance.remove()
        _give_back_ports(self.settings)

    @property
    def host(self) -> str:
        """Where AMI and SIP listen."""
        return str(self.settings.ami.bind)

    @property
    def ami_port(self) -> int:
        """Where AMI listens."""
        return self.settings.ami.port

    @property
    def sip_port(self) -> int:
        """Where SIP listens."""
        return self.settings.sip.port

    @property
    def agi_port(self) -> int:
        """Where the dialplan looks for our FastAGI server; nobody listens there until a test does."""
        if self.settings.fastagi is None:
            raise LookupError("this exchange asks nobody")
        return self.settings.fastagi.port

    @property
    def pid(self) -> int:
        """The process id; it changes with every start."""
        if self._process is None:
            raise LookupError("Asterisk is not running")
        return self._process.pid

    def start(self) -> None:
        """Render the configuration, start Asterisk and return when it is fully booted.

        Raises:
            LabError: it did not boot; the text has the end of its log.
        """
        files = render(self.settings)
        files |= {name: files.get(name, "") + text for name, text in self._also.items()}
        write(files, self.instance.outside / "etc")
        self.instance.hand_over()
        command = [*urgent(EXCHANGE), *chroot.inside(self.instance.root, user="asterisk")]
        with (self.instance.outside / "console.log").open("ab") as console:
            self._process = subprocess.Popen(
                [*command, *_DIES_WITH_US, *self._lives_in, "asterisk", "-f", "-C", self._conf],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        deadline = time.monotonic() + BOOT_S
        while "fully booted" not in self._ask("core waitfullybooted").stdout:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise chroot.LabError(
                    f"Asterisk did not boot:\n{self.console()[-2000:]}\n{self.log()[-2000:]}"
                )
            time.sleep(0.05)

    @property
    def _conf(self) -> str:
        return str(self.instance.inside / "etc" / "asterisk.conf")

    def _ask(self, words: str) -> subprocess.CompletedProcess[str]:
        command = ["chroot", str(self.instance.root), "asterisk", "-C", self._conf, "-rx", words]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=BOOT_S)

    def cli(self, words: str) -> str:
        """Return what the command line of Asterisk says to *words*.

        Raises:
            LabError: Asterisk does not answer.
        """
        done = self._ask(words)
        if done.returncode:
            raise chroot.LabError(f"asterisk -rx {words!r}: {done.stdout}{done.stderr}")
        return done.stdout

    def log(self) -> str:
        """Return the notices, warnings and errors since the first start."""
        path = self.instance.outside / "log" / "messages.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def console(self) -> str:
        """Return what Asterisk wrote to its console."""
        return (self.instance.outside / "console.log").read_text(errors="replace")

    def stop(self) -> None:
        """End every call and stop, as an administrator would at once."""
        if self._process and self._process.poll() is None:
            self._ask("core stop now")
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """Kill it in the middle of what it does; doing it twice is harmless."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
