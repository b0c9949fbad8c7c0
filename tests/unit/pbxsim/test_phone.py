"""What people at phones do, and that nothing is done twice."""

from __future__ import annotations

import pytest
from unit.pbxsim.exchange_kit import NEVER, NOW, STAYS, exchange, kinds, manners, said

from pbxsim.config import Manner, exactly, weighted
from pbxsim.world import phone
from pbxsim.world.callers import call_in, hang_up
from pbxsim.world.channel import Channel
from pbxsim.world.exchange import Exchange

HOLDS = Manner(after=exactly(1.0), hold_after=exactly(1.0), hold_for=exactly(2.0), hang_up_after=exactly(1.0))
GIVES = Manner(after=exactly(1.0), transfer_after=exactly(1.0), transfer_to="103")


def talking(world: Exchange, manner: Manner = STAYS) -> tuple[Channel, Channel]:
    manners(world, x101=manner)
    channel = call_in(world, to="5552", number="957212000")
    world.run(NOW + 1.5)
    (leg,) = world.phones["101"].channels
    world.take_events()
    return channel, leg


def test_manners_by_their_weight() -> None:
    world = exchange()
    chosen = [phone.manner_of(world, ((3.0, STAYS), (1.0, NEVER))) for _ in range(2000)]
    assert chosen.count(STAYS) / 2000 == pytest.approx(0.75, abs=0.03)


@pytest.mark.parametrize(
    ("draw", "choice"), [(0.0, "a"), (0.249, "a"), (0.25, "b"), (0.999, "b"), (1.0, "b")]
)
def test_choices_by_their_weight(draw: float, choice: str) -> None:
    """1.0 stands for tenths that do not quite add up: the last choice takes what is left over."""
    assert weighted(((1.0, "a"), (3.0, "b")), draw) == choice


def test_a_hold_comes_and_goes_with_its_music() -> None:
    world = exchange()
    channel, leg = talking(world, HOLDS)
    world.run(NOW + 3)
    assert [(e["Event"], e["Channel"]) for e in said(world, "Hold", "MusicOnHoldStart")] == [
        ("Hold", leg.name),
        ("MusicOnHoldStart", channel.name),
    ]
    assert world.phones["101"].state == "INUSE"
    world.run(NOW + 4.5)
    assert [(e["Event"], e["Channel"]) for e in said(world, "Unhold", "MusicOnHoldStop")] == [
        ("Unhold", leg.name),
        ("MusicOnHoldStop", channel.name),
    ]
    world.run(NOW + 10)
    assert kinds(world, "Hangup") == ["Hangup", "Hangup"]


def test_nobody_is_held_twice_or_taken_back_twice() -> None:
    world = exchange()
    _, leg = talking(world)
    phone.take_back(world, leg)
    phone.hold(world, leg)
    phone.hold(world, leg)
    phone.take_back(world, leg)
    phone.take_back(world, leg)
    assert kinds(world, "Hold", "Unhold") == ["Hold", "Unhold"]


def test_who_talks_to_nobody_holds_nobody() -> None:
    world = exchange()
    manners(world, x101=NEVER)
    call_in(world, to="5552")
    world.run(NOW + 0.5)
    (leg,) = world.phones["101"].channels
    phone.hold(world, leg)
    phone.take_back(world, leg)
    assert kinds(world, "Hold", "Unhold") == []


@pytest.mark.parametrize("who", [0, 1], ids=["caller", "agent"])
def test_music_ends_with_the_call(who: int) -> None:
    world = exchange()
    legs = talking(world)
    phone.hold(world, legs[1])
    hang_up(world, legs[who])
    world.run(NOW + 3)
    assert kinds(world, "MusicOnHoldStart", "MusicOnHoldStop", "Unhold") == [
        "MusicOnHoldStart",
        "MusicOnHoldStop",
    ]


def test_a_manner_may_transfer() -> None:
    world = exchange()
    talking(world, GIVES)
    world.run(NOW + 3)
    (event,) = said(world, "BlindTransfer")
    assert (event["Extension"], event["IsExternal"]) == ("103", "Yes")


@pytest.mark.parametrize("seconds", [0.5, 1.5], ids=["the caller is gone", "it is answered already"])
def test_a_phone_answers_or_refuses_only_once(seconds: float) -> None:
    world = exchange()
    manners(world, x101=STAYS)
    channel = call_in(world, to="5552", hang_up_after=0.5)
    world.run(NOW + 0.3)
    (leg,) = world.phones["101"].channels
    if seconds > 1:
        phone.pick_up(world, leg, STAYS)
    world.run(NOW + 0.4)
    if seconds < 1:
        hang_up(world, channel)
        world.run(NOW + 0.45)
    world.take_events()
    phone.pick_up(world, leg, STAYS)
    phone.refuse(world, leg, 17, 486)
    world.run(NOW + 0.49)
    assert kinds(world) == []
