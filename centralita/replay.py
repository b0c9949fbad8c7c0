"""``centralita replay``: a recording of a manager stream, told as calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ami_bridge.domain.ami import AmiEvent, Hangup, Newchannel
from ami_bridge.domain.book import ReadNumber
from ami_bridge.domain.elder import Elder
from ami_bridge.domain.events import CallEnded
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.pbx_clock import PbxClock
from ami_bridge.wire.dialect import calls_named
from ami_bridge.wire.parse import Framer, headers_of, read_event
from ami_bridge.wire.recording import RecordingError, read_recording
from centralita.errors import UnusableError
from centralita.settings import Pbx
from crm_core.domain.calls import Call, birth_of, call_to_json
from crm_core.domain.phone import read_number

TICK = timedelta(milliseconds=250)
SHORTEST = timedelta(microseconds=1)
"""Between two facts of a recording that does not tell times: their order is kept, no figure shows it."""
AFTERWARDS = timedelta(seconds=5)
_REQUEST = b"Event: HangupRequest\r\n"
_TALK_ENDS, _GIVES_UP = b"Event: BridgeLeave\r\n", b"DialStatus: CANCEL\r\n"
_QUEUES = (b"Event: QueueCallerJoin\r\n", b"Event: Join\r\n")


class ReplayError(UnusableError):
    """The file cannot be told as calls; the text says why."""


def replay_file(path: Path, *, pbx: Pbx | None, region: str) -> list[Call]:
    """Return the calls of a recording, in the order of their ends, live ones last.

    Without *pbx* who is inside is guessed, and each call says so in its anomalies.

    Raises:
        ReplayError: the file cannot be read or holds no block of a manager stream.
    """
    where = pbx.region if pbx else region
    patterns = pbx.inside if pbx else ()
    inside = Inside(patterns=patterns, is_guessing=pbx is None)
    floor = Floor("main", inside=inside, read=reader_of(where))
    try:
        return list(_replay(floor, path))
    except RecordingError as error:
        raise ReplayError(str(error)) from error


def reader_of(region: str) -> ReadNumber:
    """Return what turns raw digits of a trunk in *region* into E.164."""

    def read(raw: str) -> str | None:
        return read_number(raw, region=region).e164

    return read


def _replay(floor: Floor, path: Path) -> Iterator[Call]:
    now, next_tick, found = None, None, False
    for event, now in timed(path):
        found = True
        next_tick = next_tick or now
        while next_tick <= now:
            yield from _ended(floor.tick(next_tick))
            next_tick = max(next_tick + TICK, now - AFTERWARDS)
        yield from _ended(floor.step(event, now))
    if not found or now is None:
        raise ReplayError(f"{path}: no event of an Asterisk manager stream in it")
    yield from _ended(floor.tick(now + AFTERWARDS))
    yield from floor.calls()


def _ended(happened: Sequence[object]) -> Iterator[Call]:
    for event in happened:
        if isinstance(event, CallEnded):
            yield event.record


def timed(path: Path) -> Iterator[tuple[AmiEvent, datetime]]:
    """Yield the facts of a recording with their instants: by Timestamp and index, else by birth seconds."""
    framer, clock, elder = Framer(), PbxClock(), Elder()
    newest = datetime(1970, 1, 1, tzinfo=UTC)
    tells_requests = _tells_requests(path)
    for read, arrival in read_recording(path):
        for block in framer.feed(read):
            event = read_event(block.lstrip())
            if event is None:
                continue
            named = calls_named(block) if isinstance(event, Newchannel) and not event.linkedid else ()
            if arrival is not None or event.stamp is not None:
                newest = clock.instant(event.stamp, arrival=arrival or event.stamp or 0.0)
            elif born := birth_of(headers_of(block).get("uniqueid", "")):
                newest = max(newest + SHORTEST, born)
            if isinstance(event, Hangup) and not tells_requests:
                event = msgspec.structs.replace(event, tells_requests=False)
            for fact in (*named, event):
                yield from elder.retold(fact, newest)


def _tells_requests(path: Path) -> bool:
    """Return whether the recording says who asks for an end.

    One in which a talk ends, or somebody gives up while a phone rings, and no word of that does not. That a
    phone rings no more says nothing where there are queues: they stop it themselves.
    """
    ends_talk = gives_up = has_queue = False
    for read, _ in read_recording(path):
        if _REQUEST in read:
            return True
        ends_talk = ends_talk or _TALK_ENDS in read
        gives_up = gives_up or _GIVES_UP in read
        has_queue = has_queue or any(queue in read for queue in _QUEUES)
    return not (ends_talk or (gives_up and not has_queue))


def print_calls(calls: list[Call], *, as_json: bool) -> None:
    """Print *calls*: one JSON line each, or a table."""
    if as_json:
        for call in calls:
            typer.echo(call_to_json(call))
        return
    table = Table("started", "direction", "from", "to", "outcome", "wait", "talk", "who")
    for call in calls:
        answered = [visit.interface for visit in call.visits if visit.outcome == "answered"]
        table.add_row(
            f"{call.started_at:%Y-%m-%d %H:%M:%S}",
            call.direction,
            call.ani or call.ani_raw or "",
            call.did or "",
            call.outcome or "live",
            _figure(call.wait_s),
            _figure(call.talk_s),
            ", ".join(filter(None, answered)) or ", ".join(a.interface for a in call.attempts),
        )
    Console().print(table)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
