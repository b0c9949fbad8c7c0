"""The exchange starts on what asterisk_conf renders, beside another too, and again after it was killed."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from lab import chroot, floor
from lab.ami_tap import tap
from lab.floor import HARD_NAMES
from lab.pbx import Asterisk, Instance
from lab.phones import Answers, caller, phone
from lab.ports import free_port

from asterisk_conf.check import check
from asterisk_conf.files import write
from asterisk_conf.model import AmiTls
from asterisk_conf.render import render

pytestmark = pytest.mark.asterisk


@pytest.fixture
def fresh() -> Iterator[Asterisk]:
    instance = Instance(chroot.ready())
    with Asterisk(floor.settings(instance), instance) as running:
        yield running


def complaints(log: str) -> list[str]:
    return [line for line in log.splitlines() if re.search(r"\] (WARNING|ERROR)\[", line)]


def test_it_boots_without_a_complaint(fresh: Asterisk) -> None:
    assert complaints(fresh.log()) == []
    assert "Unable" not in fresh.console()


def test_every_module_asked_for_is_running(fresh: Asterisk) -> None:
    wanted = re.findall(r"^load = (\S+)$", render(fresh.settings)["modules.conf"], re.MULTILINE)
    shown = fresh.cli("module show")
    running = {line.split()[0] for line in shown.splitlines() if " Running " in line}
    # The list is cut at 30 characters.
    assert {name for name in wanted if not any(name.startswith(seen) for seen in running)} == set()


def test_it_listens_on_the_loopback_only(fresh: Asterisk) -> None:
    ports = {fresh.ami_port, fresh.sip_port}
    assert set(_listening(fresh.pid)) >= {("127.0.0.1", port) for port in ports}
    assert [place for place in _listening(fresh.pid) if place[0] != "127.0.0.1" and place[1] in ports] == []


def _listening(pid: int) -> Iterator[tuple[str, int]]:
    inodes = {
        found[1]
        for link in Path(f"/proc/{pid}/fd").iterdir()
        if (found := re.match(r"socket:\[(\d+)\]", str(link.readlink())))
    }
    for table in ("tcp", "udp"):
        for row in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[9] in inodes and fields[3] in {"0A", "07"}:
                address, port = fields[1].split(":")
                yield ".".join(str(int(address[i : i + 2], 16)) for i in (6, 4, 2, 0)), int(port, 16)


def test_what_was_written_is_what_was_rendered(fresh: Asterisk) -> None:
    folder = fresh.instance.outside / "etc"
    assert check(render(fresh.settings), folder) == []
    assert write(render(fresh.settings), folder) == []


def test_two_stand_side_by_side_and_one_dies_alone() -> None:
    with ExitStack() as stack:
        instances = [Instance(chroot.ready()) for _ in range(2)]
        one, two = (stack.enter_context(Asterisk(floor.settings(each), each)) for each in instances)
        one.kill()
        assert "System uptime" in two.cli("core show uptime")
        with pytest.raises(chroot.LabError):
            one.cli("core show uptime")
        one.start()
        assert "System uptime" in one.cli("core show uptime")


async def test_calls_flow_again_after_it_was_killed_in_a_call(fresh: Asterisk) -> None:
    with floor.Floor(fresh.settings).desk() as desk:
        seat = desk.phones[0]
        async with phone(fresh, seat, Answers(after=0.1)) as ringing, caller(fresh, desk.did):
            await ringing.until(lambda call: call.answered_at)
            fresh.kill()
            fresh.start()
        manner = Answers(after=0.1, hang_up_after=0.2)
        async with phone(fresh, seat, manner), caller(fresh, desk.did) as line:
            (call,) = await line.ended()
    assert call.bye_by == "them"


def test_ami_speaks_tls_when_told_to() -> None:
    instance = Instance(chroot.ready())
    inside = instance.inside / "etc"
    names = ["-keyout", str(inside / "ami.key"), "-out", str(inside / "ami.pem"), "-subj", "/CN=localhost"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run(["chroot", str(instance.root), *make], check=True, capture_output=True)
    settings = floor.settings(instance)
    tls = AmiTls(port=free_port(), certificate=str(inside / "ami.pem"), key=str(inside / "ami.key"))
    with Asterisk(
        settings.model_copy(update={"ami": settings.ami.model_copy(update={"tls": tls})}), instance
    ):
        context = ssl.create_default_context(cafile=instance.outside / "etc" / "ami.pem")
        with (
            socket.create_connection(("127.0.0.1", tls.port), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            assert secure.recv(100).startswith(b"Asterisk Call Manager/")


def test_leftovers_of_a_killed_session_are_cleaned(fresh: Asterisk) -> None:
    left = fresh.instance.root / "srv" / "asterisk-left-behind"
    left.mkdir()
    with Asterisk(floor.settings(instance := Instance(chroot.ready())), instance):
        assert not left.exists()
        assert fresh.instance.outside.exists()


async def test_names_arrive_as_they_were_written(asterisk: Asterisk) -> None:
    async with tap(asterisk) as ear:
        await ear.ask("QueueStatus", Queue="q20")
        await ear.until(lambda block: block.get("Event") == "QueueStatusComplete")
        names = {
            block["Location"]: block["Name"] for block in ear.blocks if block.get("Event") == "QueueMember"
        }
    assert names == {f"PJSIP/agent{extension}": name for extension, name in HARD_NAMES.items()}


@pytest.mark.parametrize(
    ("role", "action", "allowed"),
    [
        ("bridge", "Originate", True),
        ("bridge", "QueuePause", True),
        ("bridge", "CoreShowChannels", True),
        ("bridge", "DeviceStateList", True),
        ("bridge", "Redirect", True),
        ("bridge", "Command", False),
        ("bridge", "UpdateConfig", False),
        ("bridge", "ModuleLoad", False),
        ("bridge", "DBPut", False),
        ("observer", "CoreShowChannels", True),
        ("observer", "QueueStatus", True),
        ("observer", "Originate", False),
        ("observer", "Hangup", False),
        ("observer", "QueuePause", False),
        ("observer", "Setvar", False),
        ("recorder", "CoreShowChannels", True),
        ("recorder", "Originate", False),
        ("recorder", "Command", False),
    ],
)
async def test_rights(asterisk: Asterisk, role: str, action: str, allowed: bool) -> None:
    async with tap(asterisk, role=role) as ear:
        answer = await ear.ask(action)
    assert (answer.get("Message") != "Permission denied") is allowed
