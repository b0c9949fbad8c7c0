"""``centralita capture``: what an exchange says, written down as it comes, for ``centralita replay``.

FILE holds the bytes with secrets masked, FILE.idx a line for each read: the offset of its first byte and its
arrival in seconds since the epoch.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog
import typer

from ami_bridge.domain.ami import AmiEvent
from ami_bridge.domain.errors import AmiBridgeError
from ami_bridge.wire.client import AmiClient
from ami_bridge.wire.link import AmiLink
from centralita.clock import utc_now
from centralita.errors import UnusableError
from centralita.exchange import ami_settings
from centralita.masking import Masker
from centralita.process import told_to_stop
from centralita.settings import Pbx
from centralita.words import words

log = structlog.get_logger(__name__)
CONNECT_S = 10.0
LISTS = ("QueueStatus", "CoreShowChannels")
"""Asked for at the start, so that the calls in progress can be told."""


class CaptureError(UnusableError):
    """Nothing can be captured; the text says why."""


class Recording:
    """The two files of a recording, readable by their owner only: they hold numbers and names."""

    def __init__(self, path: Path, *, secret: str) -> None:
        self.written = 0
        self._masker = Masker(secret)
        self._bytes = os.fdopen(_create(path), "wb", buffering=0)
        self._index = os.fdopen(_create(path.with_name(f"{path.name}.idx")), "wb", buffering=0)

    def write(self, data: bytes, *, arrival: float) -> None:
        """Write one read."""
        self._put(self._masker.feed(data), arrival)

    def close(self, *, arrival: float) -> None:
        """Write what is left and close the files."""
        self._put(self._masker.rest(), arrival)
        self._bytes.close()
        self._index.close()

    def _put(self, text: bytes, arrival: float) -> None:
        if text:
            self._index.write(f"{self.written} {arrival:.6f}\n".encode())
            self._bytes.write(text)
            self.written += len(text)


class _Nobody:
    """An ``AmiSink`` that only wants to know when the link is up."""

    def __init__(self) -> None:
        self.is_up = asyncio.Event()

    def heard(self, events: Sequence[AmiEvent], *, arrival: float) -> None:
        """The bytes were written down already."""

    def connected(self) -> None:
        """We are logged in."""
        self.is_up.set()

    def disconnected(self, why: str) -> None:
        """A capture goes on after a reconnect."""
        log.warning("the link was lost", why=why)


class _Client(AmiClient):
    """Writes every read down before it is looked at."""

    recording: Recording

    def _new_link(self) -> AmiLink:
        link = _Link(heard=self._heard, lost=self._on_lost, stats=self.stats)
        link.recording = self.recording
        return link


class _Link(AmiLink):
    recording: Recording

    def data_received(self, data: bytes) -> None:
        self.recording.write(data, arrival=time.time())
        super().data_received(data)


async def capture_to(file: Path, pbx: Pbx, *, seconds: float | None) -> None:
    """Write what *pbx* says to *file* for *seconds*, or until told to stop.

    Raises:
        CaptureError: no link within ten seconds, or the files cannot be written.
    """
    stopping, sink = told_to_stop(), _Nobody()
    try:
        recording = Recording(file, secret=pbx.secret)
    except OSError as error:
        raise CaptureError(f"{error.filename}: {error.strerror}") from error
    client = _Client(ami_settings(pbx), sink=sink, now=utc_now)
    client.recording = recording
    link = asyncio.create_task(client.run())
    try:
        await _up(client, sink)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stopping.wait()
    finally:
        link.cancel()
        await asyncio.wait([link])
        recording.close(arrival=time.time())
    said = words().gettext("%(bytes)d bytes in %(file)s")
    typer.echo(said % {"bytes": recording.written, "file": file})


async def _up(client: AmiClient, sink: _Nobody) -> None:
    try:
        async with asyncio.timeout(CONNECT_S):
            while not sink.is_up.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.1):
                        await sink.is_up.wait()
                if client.state == "refused":
                    raise CaptureError(client.why or "refused")
    except TimeoutError:
        raise CaptureError(client.why or words().gettext("no answer")) from None
    for name in LISTS:
        with suppress(AmiBridgeError):  # without the right to it the capture is poorer, not useless
            await client.ask(name)


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
