"""Who is mixed with whom: bridges, hold, music, parking, Local pairs."""

from __future__ import annotations

from datetime import datetime

from ami_bridge.domain import ami, events
from ami_bridge.domain.book import Book
from ami_bridge.domain.handing import consults, redirected
from ami_bridge.domain.inside import is_local
from ami_bridge.domain.keeping import WHERE
from ami_bridge.domain.legs import PARKING, Leg
from ami_bridge.domain.merging import merge
from ami_bridge.domain.ringing import answered


def bridge_enter(book: Book, leg: Leg, event: ami.BridgeEnter, at: datetime) -> None:
    """Take that a leg is mixed with those in the bridge; whoever is mixed was picked up."""
    if leg.bridge != event.bridge:
        book.change_around(leg, at)
        leg.hears_music = False
    leg.is_up = leg.was_bridged = True
    leg.is_parked = event.bridge_type == PARKING
    book.legs.enter(leg, event.bridge, event.bridge_type)
    leg.exten, leg.kept = event.exten, ""
    if event.bridge_type == "basic":
        _joins(book, leg, at)
    answered(book, leg, at)
    consults(book, leg, at)
    book.change_around(leg, at)


def _joins(book: Book, leg: Leg, at: datetime) -> None:
    """Two calls that talk to each other are one from now on; the exchange says so only with its next word."""
    for other in book.legs.mixed_in(leg.bridge):
        if other.story is not leg.story:
            merge(book, leg.story, other.story, at)


def bridge_leave(book: Book, leg: Leg, event: ami.BridgeLeave, at: datetime) -> None:
    """Take that a leg left a bridge, and with it hold and music; or that we put it on hold by that."""
    book.change_around(leg, at)
    if event.exten not in WHERE:
        redirected(book, leg, event.exten, at)
    book.legs.leave(leg, event.bridge)
    leg.is_held = leg.hears_music = False
    if not leg.bridge:
        leg.kept = event.exten if event.exten in WHERE else ""


def local_bridge(book: Book, event: ami.LocalBridge, now: datetime) -> None:
    """Take that two halves of a Local channel belong together."""
    one, two = book.legs.by_id.get(event.one), book.legs.by_id.get(event.two)
    if one is None or two is None or one is two or not (is_local(one.channel) and is_local(two.channel)):
        return
    one.other_half, two.other_half = two.uniqueid, one.uniqueid
    if one.story is not two.story:
        merge(book, one.story, two.story, now)


def hold(book: Book, leg: Leg, _event: ami.Hold, at: datetime) -> None:
    """Take that the phone of *leg* put the others on hold."""
    leg.is_held = True
    book.change_around(leg, at)


def unhold(book: Book, leg: Leg, _event: ami.Unhold, at: datetime) -> None:
    """Take that the phone of *leg* took the others back; said of transfers, too, without a Hold."""
    leg.is_held = False
    book.change_around(leg, at)


def music_start(book: Book, leg: Leg, _event: ami.MusicOnHoldStart, at: datetime) -> None:
    """Take that *leg* hears music; it counts as hold only in a bridge."""
    leg.hears_music = True
    leg.story.has_music |= leg.story.visit is not None
    if leg.bridge:
        book.change_around(leg, at)


def music_stop(book: Book, leg: Leg, _event: ami.MusicOnHoldStop, at: datetime) -> None:
    """Take that the music to *leg* ended."""
    leg.hears_music = False
    if leg.bridge:
        book.change_around(leg, at)


def parked(book: Book, leg: Leg, event: ami.ParkedCall, at: datetime) -> None:
    """Take that *leg* goes to a parking space; it is said before it leaves its bridge."""
    leg.is_parked = True
    book.change_around(leg, at)
    if leg is leg.story.customer:
        book.say(leg.story, events.CallParked, at, space=event.space or None)


def unparked(book: Book, leg: Leg, _event: ami.ChannelEvent, at: datetime) -> None:
    """Take that *leg* is parked no more: picked up, given up or out of time."""
    leg.is_parked = False
    book.change_around(leg, at)
