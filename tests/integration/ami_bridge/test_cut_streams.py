"""Recordings of a real Asterisk, cut: at every byte into two reads, and to their end after every fact."""

import gzip
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ami_bridge.domain import ami, events
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.pbx_clock import PbxClock
from ami_bridge.wire.parse import Framer, read_event
from centralita.replay import reader_of
from crm_core.domain.calls import Call, untiled

FOLDER = Path(__file__).parents[2] / "fixtures" / "ami"
SHORT = sorted(path for path in FOLDER.glob("*.ami.gz") if path.name != "floor.ami.gz")
END = b"\r\n\r\n"


def stream(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def facts_of(raw: bytes) -> list[ami.AmiEvent | None]:
    return [read_event(block.lstrip()) for block in Framer().feed(raw)]


def test_a_cut_at_any_byte_of_a_recording_changes_nothing() -> None:
    """A block lies in at most two reads, so each is cut everywhere, with the one behind it."""
    blocks = [block + END for block in Framer().feed(stream(FOLDER / "answered_hostile_name.ami.gz"))]
    for two in zip(blocks, [*blocks[1:], b""], strict=True):
        raw = b"".join(two)
        whole = facts_of(raw)
        for cut in range(len(two[0]) + 1):
            framer = Framer()
            found = framer.feed(raw[:cut]) + framer.feed(raw[cut:])
            assert [read_event(block) for block in found] == whole, (cut, raw)


def told(path: Path) -> list[tuple[ami.AmiEvent, datetime]]:
    clock = PbxClock()
    return [
        (fact, clock.instant(fact.stamp, arrival=fact.stamp or 0.0))
        for fact in facts_of(stream(path))
        if fact
    ]


@pytest.mark.parametrize("path", SHORT, ids=lambda path: path.name.removesuffix(".ami.gz"))
def test_whenever_the_stream_breaks_off_no_call_is_left_over_and_each_is_whole(path: Path) -> None:
    """After the break the exchange lists nothing: it was restarted."""
    facts = told(path)
    for last in range(1, len(facts) + 1):
        floor = Floor("main", inside=Inside(patterns=(r"PJSIP/agent\d+",)), read=reader_of("ES"))
        ended: list[Call] = []
        begun = set()
        for fact, at in facts[:last]:
            for event in floor.step(fact, at):
                if isinstance(event, events.CallStarted):
                    begun.add(event.call)
                elif isinstance(event, events.CallEnded):
                    ended.append(event.record)
        afterwards = facts[last - 1][1] + timedelta(seconds=60)
        happened = floor.resync(ami.Snapshot(), afterwards)
        ended += [event.record for event in happened if isinstance(event, events.CallEnded)]
        assert floor.calls() == []
        assert floor.legs_held == 0
        assert sorted(call.id for call in ended) == sorted(begun)
        for call in ended:
            assert untiled(call) == []
            assert call.outcome is not None
            assert call.ended_at <= facts[last - 1][1], "the last sign of life"
