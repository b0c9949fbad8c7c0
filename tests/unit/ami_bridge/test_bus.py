"""The bus numbers in order of sending, whoever publishes when."""

from collections.abc import Sequence

import msgspec

from ami_bridge.bus import Bus, Numbered


class Note(msgspec.Struct, frozen=True):
    text: str


def test_each_reader_hears_everything_in_one_order() -> None:
    bus, one, other = Bus(epoch="e"), [], []
    bus.subscribe(one.extend)
    bus.subscribe(other.extend)
    bus.publish([Note("a"), Note("b")])
    bus.publish([Note("c")])
    assert one == other == [(1, Note("a")), (2, Note("b")), (3, Note("c"))]


def test_what_a_reader_publishes_comes_after_what_it_reads() -> None:
    bus, heard = Bus(epoch="e"), []

    def answer(batch: Sequence[Numbered]) -> None:
        if Note("question") in [event for _, event in batch]:
            bus.publish([Note("answer")])

    bus.subscribe(answer)
    bus.subscribe(heard.extend)
    bus.publish([Note("question"), Note("small talk")])
    assert heard == [(1, Note("question")), (2, Note("small talk")), (3, Note("answer"))]


def test_a_failing_reader_stops_nobody() -> None:
    bus, heard = Bus(epoch="e"), []

    def fail(_: Sequence[Numbered]) -> None:
        raise RuntimeError("broken")

    bus.subscribe(fail)
    bus.subscribe(heard.extend)
    bus.publish([Note("a")])
    bus.publish([Note("b")])
    assert [n for n, _ in heard] == [1, 2]
