"""Outboxes with a bound, the ring to resume from, and who sits where."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from unit.screenpop.fakes import ANA_SEAT, LUIS_SEAT, START

from screenpop.frames import SharedFrame
from screenpop.identity import Seat
from screenpop.schema import Resumed, Seq
from screenpop.session import Outbox, Ring, Seats

VIEW = ("es", "agent", None)


# --- outbox


def test_an_outbox_gives_back_in_order() -> None:
    outbox = Outbox()
    assert [outbox.put(frame, buffered=0) for frame in (b"1", b"2")] == [True, True]
    assert [outbox.take(), outbox.take(), outbox.take()] == [b"1", b"2", None]


def test_an_outbox_holds_256_frames() -> None:
    outbox = Outbox()
    assert all(outbox.put(b"x", buffered=0) for _ in range(256))
    assert not outbox.put(b"x", buffered=0)
    outbox.take()
    assert outbox.put(b"x", buffered=0)


@pytest.mark.parametrize(("buffered", "fits"), [(0, True), (1 << 19, True), ((1 << 19) + 1, False)])
def test_an_outbox_holds_a_mebibyte_with_what_the_socket_has(buffered: int, *, fits: bool) -> None:
    assert Outbox().put(b"x" * (1 << 19), buffered=buffered) is fits


def test_a_cleared_outbox_has_room_again() -> None:
    outbox = Outbox(size=4)
    assert outbox.put(b"1234", buffered=0)
    outbox.clear()
    assert len(outbox) == 0
    assert outbox.put(b"1234", buffered=0)


# --- ring


def _ring(count: int, *, size: int = 100) -> Ring:
    ring = Ring(size)
    for n in range(1, count + 1):
        ring.add(n, (SharedFrame(frozenset({"odd" if n % 2 else "even", "all"}), Raw(b"%d" % n)),))
    return ring


def test_what_was_missed_comes_in_order_to_who_hears_it() -> None:
    assert list(_ring(6).after(2, frozenset({"odd"}), VIEW)) == [b"3", b"5"]


def test_of_an_event_one_hears_the_first_message_only() -> None:
    ring = Ring()
    ring.add(
        1,
        (
            SharedFrame(frozenset({"seat"}), Raw(b"pop")),
            SharedFrame(frozenset({"seat", "floor"}), Raw(b"event")),
        ),
    )
    assert list(ring.after(0, frozenset({"seat", "floor"}), VIEW)) == [b"pop"]
    assert list(ring.after(0, frozenset({"floor"}), VIEW)) == [b"event"]


@pytest.mark.parametrize(
    ("n", "held"),
    [
        pytest.param(10, True, id="nothing was missed"),
        pytest.param(7, True, id="all of it is here"),
        pytest.param(6, True, id="just so"),
        pytest.param(5, False, id="one is gone"),
        pytest.param(11, False, id="the future"),
    ],
)
def test_the_ring_knows_what_it_lost(n: int, *, held: bool) -> None:
    assert _ring(10, size=4).holds_all_after(n) is held


def test_an_empty_ring_has_nothing_to_lose() -> None:
    assert Ring().holds_all_after(0)
    assert not Ring().holds_all_after(1)


@given(st.integers(0, 40), st.integers(1, 50), st.integers(0, 45))
def test_resuming_gives_each_event_once_or_is_refused(count: int, size: int, n: int) -> None:
    ring = _ring(count, size=size)
    if ring.holds_all_after(n):
        assert list(ring.after(n, frozenset({"all"}), VIEW)) == [b"%d" % m for m in range(n + 1, count + 1)]
    else:
        assert n > count or count - n > size


# --- numbers


@pytest.mark.parametrize(
    ("text", "seq"),
    [
        ("e1-7", Seq("e1", 7)),
        ("a-b-12", Seq("a-b", 12)),
        ("", None),
        (None, None),
        ("7", None),
        ("e1-", None),
        ("-7", None),
        ("e1-x", None),
        ("e1-٣", None),
        ("e1-" + "9" * 19, None),
    ],
)
def test_a_place_is_read(text: str | None, seq: Seq | None) -> None:
    assert Seq.read(text) == seq
    if seq:
        assert str(seq) == text


@pytest.mark.parametrize(
    ("text", "seat"),
    [
        ("main:PJSIP/agent101", ANA_SEAT),
        ("main:Local/5@x:y", Seat("main", "Local/5@x:y")),
        ("PJSIP/agent101", None),
        (":x", None),
        ("main:", None),
        ("", None),
        (None, None),
    ],
)
def test_a_seat_is_read(text: str | None, seat: Seat | None) -> None:
    assert Seat.read(text) == seat
    if seat:
        assert str(seat) == text


# --- seats


class Floor:
    """Remembers who was said to sit down and to leave."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.seats: Seats[str] = Seats(
            take=lambda seat, agent: self.told.append(f"{agent} takes {seat.interface}"),
            leave=lambda seat, agent: self.told.append(f"{agent} leaves {seat.interface}"),
        )

    def sits(self, desk: str, *, agent: str = "101", user: str = "ana", seat: Seat = ANA_SEAT) -> list[str]:
        return self.seats.sit(seat, agent=agent, user=user, desk=desk)

    def closes(self, desk: str, *, after: float = 0, at_once: bool = False) -> None:
        self.seats.close(ANA_SEAT, desk=desk, now=START + timedelta(seconds=after), at_once=at_once)

    def time_passes(self, seconds: float) -> None:
        self.seats.pass_time(START + timedelta(seconds=seconds))


TAKEN, LEFT = "101 takes PJSIP/agent101", "101 leaves PJSIP/agent101"


@pytest.fixture
def floor() -> Floor:
    return Floor()


def test_a_seat_is_taken_once_by_all_tabs_and_left_30_s_after_the_last(floor: Floor) -> None:
    assert floor.sits("tab 1") == floor.sits("tab 2") == []
    floor.closes("tab 1")
    floor.time_passes(100)
    floor.closes("tab 2", after=100)
    floor.time_passes(129)
    assert floor.told == [TAKEN]
    floor.time_passes(130)
    assert floor.told == [TAKEN, LEFT]


def test_who_comes_back_in_time_never_left(floor: Floor) -> None:
    floor.sits("tab 1")
    floor.closes("tab 1")
    floor.time_passes(29)
    floor.sits("tab 2")
    floor.time_passes(1000)
    assert floor.told == [TAKEN]


def test_signing_out_leaves_at_once(floor: Floor) -> None:
    floor.sits("tab 1")
    floor.closes("tab 1", at_once=True)
    assert floor.told == [TAKEN, LEFT]


def test_signing_out_leaves_a_seat_that_was_only_kept(floor: Floor) -> None:
    floor.sits("tab 1")
    floor.seats.leave_user("ana")
    assert floor.told == [TAKEN]  # a desk of another session is open
    floor.closes("tab 1")
    floor.seats.leave_user("luis")
    floor.seats.leave_user("ana")
    assert floor.told == [TAKEN, LEFT]


def test_another_person_takes_the_seat_and_the_first_one_s_desks_are_told(floor: Floor) -> None:
    floor.sits("tab 1")
    floor.sits("tab 2")
    assert sorted(floor.sits("tab 3", agent="103", user="pep")) == ["tab 1", "tab 2"]
    assert floor.told == [TAKEN, LEFT, "103 takes PJSIP/agent101"]
    floor.closes("tab 1")  # too late to mean anything
    floor.time_passes(1000)
    assert floor.told == [TAKEN, LEFT, "103 takes PJSIP/agent101"]


def test_another_account_of_the_same_agent_keeps_the_seat(floor: Floor) -> None:
    floor.sits("tab 1")
    assert floor.sits("tab 2", user="ana2") == ["tab 1"]
    assert floor.told == [TAKEN, TAKEN]


def test_an_emptied_seat_is_nobody_s(floor: Floor) -> None:
    floor.sits("tab 1")
    assert floor.seats.who(ANA_SEAT) == ("101", "ana", ("tab 1",))
    assert floor.seats.empty(ANA_SEAT) == ["tab 1"]
    assert floor.seats.who(ANA_SEAT) is None
    assert floor.seats.empty(ANA_SEAT) == []
    floor.closes("tab 1")
    assert floor.told == [TAKEN, LEFT]


def test_seats_do_not_mix(floor: Floor) -> None:
    floor.sits("tab 1")
    floor.sits("tab 2", agent="102", user="luis", seat=LUIS_SEAT)
    floor.closes("tab 2")
    floor.closes("tab 1", at_once=True)
    assert floor.told == [TAKEN, "102 takes PJSIP/agent102", LEFT]


def test_a_message_is_encoded_once_for_all_who_hear_it() -> None:
    frame = SharedFrame(frozenset({"all"}), Resumed(seq="e-1"))
    text = frame.drawn_for(VIEW)
    assert text == b'{"op":"resumed","seq":"e-1"}'
    assert frame.drawn_for(("en", "supervisor", None)) is text
