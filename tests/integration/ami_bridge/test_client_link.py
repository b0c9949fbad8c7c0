"""The client's link: log-in, gaps, pauses, secrets, TLS. The numbers are those of ``test_client``."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ami_bridge.domain.errors import LinkDownError
from ami_bridge.wire.client import AmiClient, AmiSettings
from ami_bridge.wire.pending import SafeAction

from .running import Ear, running, settings, until
from .scripted import ANSWERS, SECRET, exchange, newchannel, refusal

# --- the link


async def test_before_the_log_in_and_after_the_end_nothing_is_sent() -> None:
    """14, 12."""
    async with exchange(answers={**ANSWERS, "Login": lambda _: None}) as pbx:
        async with running(pbx, is_up=False) as (client, _):
            await pbx.until_asked("Login")
            with pytest.raises(LinkDownError, match="connecting"):
                await client.ask("Ping")
        with pytest.raises(LinkDownError, match="stopped"):
            await client.ask("Ping")
        pbx.answers["Login"] = ANSWERS["Login"]
        before = len(pbx.connected_at)
        async with running(pbx, ping_each_s=0.1):  # another; the first does not come back in the meantime
            await pbx.until_asked("Ping", times=2)
        assert len(pbx.connected_at) == before + 1


async def test_it_logs_off_when_it_is_stopped() -> None:
    async with exchange() as pbx:
        async with running(pbx) as (client, ear):
            pass
        await pbx.until_asked("Logoff")
    assert client.state == "down"
    assert ear.log[-1].startswith("disconnected: ")


@pytest.mark.parametrize("ping_each_s", [0.05, 60.0], ids=["until its next ping", "until it is stopped"])
async def test_who_may_not_send_any_more_sends_nothing_not_even_good_bye(ping_each_s: float) -> None:
    may_send = True
    async with exchange() as pbx:
        client = AmiClient(
            settings(pbx, ping_each_s=ping_each_s),
            sink=(ear := Ear()),
            now=lambda: datetime.now(UTC),
            may_send=lambda: may_send,
        )
        task = asyncio.create_task(client.run())
        await ear.until("connected")
        may_send = False
        asked = len(pbx.names())
        with pytest.raises(LinkDownError, match="another process"):
            await client.ask("QueuePause", {"Interface": "PJSIP/agent101"})
        task.cancel()
        await asyncio.wait([task])
        await until(lambda: pbx.left == len(pbx.connected_at))  # everything that was sent is read
        assert pbx.names()[asked:] == []


async def test_who_was_merely_late_keeps_the_link() -> None:
    asked = 0

    def may_send() -> bool:
        nonlocal asked
        asked += 1
        return asked not in range(10, 20)

    async with exchange() as pbx:
        client = AmiClient(
            settings(pbx, ping_each_s=0.02),
            sink=(ear := Ear()),
            now=lambda: datetime.now(UTC),
            may_send=may_send,
        )
        task = asyncio.create_task(client.run())
        await ear.until("connected")
        await until(lambda: asked > 25)
        task.cancel()
        await asyncio.wait([task])
        assert client.stats.connects == 1


async def test_a_gap_is_told_and_the_stream_begins_again() -> None:
    """16."""
    async with exchange() as pbx, running(pbx) as (client, ear):
        await pbx.say(newchannel("1.1"))
        await ear.until("1.1")
        pbx.cut()
        await ear.until("connected", times=2)
        await pbx.say(newchannel("1.2"))
        await ear.until("1.2")
        assert client.stats.connects == 2
    told = [one if isinstance(one, str) else one.uniqueid for one in ear.log]
    assert told[:5] == [
        "connected",
        "1.1",
        "disconnected: the exchange closed the connection",
        "connected",
        "1.2",
    ]


async def test_a_half_open_link_is_noticed_within_a_ping_and_an_answers_time() -> None:
    """10: by default 5 s and 5 s, so within 15 s."""
    default = AmiSettings(host="", user="", secret="")
    assert default.ping_each_s + default.action_s < 15
    async with exchange() as pbx, running(pbx, ping_each_s=0.1, action_s=0.2) as (_, ear):
        began = asyncio.get_running_loop().time()
        pbx.answers["Ping"] = lambda _: None
        assert await ear.until_down() == "the exchange no longer answers"
        assert asyncio.get_running_loop().time() - began < 0.1 + 0.2 + 1.0


async def test_a_ping_that_is_refused_is_an_answer() -> None:
    async with exchange() as pbx, running(pbx, ping_each_s=0.02) as (client, ear):
        pbx.answers["Ping"] = lambda asked: refusal(asked, "Permission denied")
        await pbx.until_asked("Ping", times=3)
        assert client.state == "up"
        assert ear.log == ["connected"]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        pytest.param({"greeting": b""}, "the greeting took longer than 0.3 s", id="no greeting"),
        pytest.param(
            {"greeting": b"SSH-2.0-OpenSSH_9.2\r\n"}, "no Asterisk manager interface", id="another server"
        ),
        pytest.param({"greeting": b"x" * 300}, "no Asterisk manager interface", id="an endless line"),
        pytest.param({"answers": {"Challenge": lambda _: None}}, "no answer to Challenge", id="no answer"),
        pytest.param({"is_listening": False}, "closed the connection", id="closed at once"),
    ],
)
async def test_what_answers_but_is_no_exchange_is_said_and_tried_again(how: dict[str, Any], why: str) -> None:
    """13."""
    async with (
        exchange(**how) as pbx,
        running(pbx, is_up=False, connect_s=0.3, action_s=0.3) as (client, ear),
    ):
        if how.get("is_listening") is False:
            await pbx.until_connected(1)
            pbx.cut()
        await until(lambda: why in (client.why or ""))
        await pbx.until_connected(2)
    assert ear.log == []


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid", "a" * 70 + ".example", "\0"])
async def test_an_exchange_that_cannot_be_reached_is_tried_again(host: str) -> None:
    """13: whatever the error of connecting."""
    pauses: list[float] = []
    client = AmiClient(
        AmiSettings(host=host, port=1, user="bridge", secret="x", first_pause_s=0.01, longest_pause_s=0.01),
        sink=Ear(),
        now=lambda: datetime.now(UTC),
        chance=lambda: pauses.append(1.0) or 1.0,
    )
    task = asyncio.create_task(client.run())
    await until(lambda: len(pauses) > 2)
    assert (task.done(), client.state) == (False, "down")
    task.cancel()
    await asyncio.wait([task])


async def test_the_pauses_double_up_to_a_bound_with_jitter() -> None:
    """11: by default from 0.5 s to 30 s; each is between half of it and all of it."""
    default = AmiSettings(host="", user="", secret="")
    assert (default.first_pause_s, default.longest_pause_s) == (0.5, 30)
    chances = iter([0.0, 1.0, 0.5, 1.0, 0.0] + [1.0] * 50)
    async with exchange(greeting=b"not here\n") as pbx:
        client = AmiClient(
            settings(pbx, first_pause_s=0.04, longest_pause_s=0.2),
            sink=Ear(),
            now=lambda: datetime.now(UTC),
            chance=lambda: next(chances),
        )
        task = asyncio.create_task(client.run())
        await pbx.until_connected(6)
        task.cancel()
        await asyncio.wait([task])
    pauses = [after - before for before, after in zip(pbx.connected_at, pbx.connected_at[1:], strict=False)]
    for pause, at_least in zip(pauses, [0.02, 0.08, 0.12, 0.2, 0.1], strict=False):
        assert at_least - 0.005 <= pause < at_least + 1.0


async def test_a_link_that_is_cut_at_once_does_not_begin_with_the_shortest_pause() -> None:
    """11: an exchange that lets us in and throws us out is not stormed."""
    async with exchange() as pbx, running(pbx, first_pause_s=0.05, longest_pause_s=0.2) as (_, ear):
        for times in range(1, 4):
            await ear.until("connected", times=times)
            pbx.cut()
        await pbx.until_connected(4)
    pauses = [after - before for before, after in zip(pbx.connected_at, pbx.connected_at[1:], strict=False)]
    assert pauses[2] > 0.19


async def test_a_wrong_secret_is_said_and_not_tried_again_soon() -> None:
    """11."""
    pauses: list[float] = []
    async with exchange() as pbx:
        wrong = AmiSettings(host="127.0.0.1", port=pbx.port, user="bridge", secret="no")
        client = AmiClient(
            wrong, sink=Ear(), now=lambda: datetime.now(UTC), chance=lambda: pauses.append(1.0) or 1.0
        )
        task = asyncio.create_task(client.run())
        await until(lambda: pauses)
        assert client.state == "refused"
        assert client.why == "the exchange refuses the manager user 'bridge': Authentication failed"
        with pytest.raises(LinkDownError, match="refuses the manager user"):
            await client.ask("Ping")
        assert (pbx.names().count("Login"), len(pauses)) == (1, 1)
        task.cancel()
        await asyncio.wait([task])
    assert wrong.refused_pause_s == 60


async def test_the_secret_goes_over_the_wire_only_where_it_must_and_in_no_log() -> None:
    """28, 25: by a challenge; in the clear only to an exchange that knows none."""
    async with exchange() as pbx, running(pbx):
        assert SECRET not in str(await pbx.until_asked("Login"))
    async with (
        exchange(answers={**ANSWERS, "Challenge": lambda asked: refusal(asked, "?")}) as pbx,
        running(pbx),
    ):
        assert (await pbx.until_asked("Login"))["Secret"] == SECRET
    assert SECRET not in repr(settings(pbx))
    shown = repr(SafeAction("Login", {"Username": "bridge", "Secret": SECRET, "Key": "k"}, action_id="1"))
    assert SECRET not in shown
    assert "bridge" in shown


# --- TLS


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of its own making for ``pbx.example``, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    both = folder / "both.pem"
    made = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-subj", "/CN=pbx.example"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-addext", "subjectAltName=DNS:pbx.example"]
    subprocess.run(["openssl", "req", "-x509", *kind, *made, *names], check=True, capture_output=True)
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both


def as_server(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_tls_with_a_certificate_that_we_were_told_of(certificate: Path) -> None:
    how = {"tls": True, "ca_file": certificate, "server_name": "pbx.example", "connect_s": 3}
    async with exchange(tls=as_server(certificate)) as pbx, running(pbx, **how) as (client, ear):
        await pbx.say(newchannel("1.1"))
        await ear.until("1.1")
        assert (await client.ask("Ping")).headers["ping"] == "Pong"


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"server_name": "other.example"}, "Hostname mismatch"),
        ({"ca_file": None, "server_name": "pbx.example"}, "certificate verify failed"),
        ({"ca_file": Path("/no/such/file")}, "No such file"),
    ],
    ids=["another name", "unknown authority", "no file"],
)
async def test_tls_that_does_not_prove_who_it_is_gets_no_secret(
    certificate: Path, how: dict[str, Any], why: str
) -> None:
    """13."""
    how = {"tls": True, "ca_file": certificate, "connect_s": 3, **how}
    async with exchange(tls=as_server(certificate)) as pbx, running(pbx, is_up=False, **how) as (client, _):
        await until(lambda: why in (client.why or ""))
        assert pbx.asked == []


async def test_a_plain_port_is_no_tls(certificate: Path) -> None:
    how = {"tls": True, "ca_file": certificate, "server_name": "pbx.example"}
    async with exchange() as pbx, running(pbx, is_up=False, **how) as (client, _):
        await until(lambda: client.state == "down" and client.why)
        assert pbx.asked == []
