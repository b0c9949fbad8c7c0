"""A leg is born: to which call it belongs, who the customer is, and in which direction the call goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from ami_bridge.domain import ami, events
from ami_bridge.domain.book import ORIGINATES_KEPT, Book
from ami_bridge.domain.inside import is_nobody
from ami_bridge.domain.legs import Leg
from ami_bridge.domain.story import Story
from crm_core.domain.calls import CUSTOMER, Call, CampaignRef, Direction, Origin, SegmentKind, call_id

BORN_WITHIN = timedelta(seconds=30)
MISSED_S = 1.0
"""How far off the times of a call may be, at the least, of which we missed something at its begin."""
DOWN, RING, RINGING, UP = 0, 4, 5, 6
"""https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Events/Newstate/ (ChannelState)"""
NO_DIGITS = frozenset(("", "s", "h", "i", "t"))
"""Extensions that nobody dialled: https://docs.asterisk.org/Configuration/Dialplan/Special-Dialplan-Extensions/"""


def newchannel(book: Book, event: ami.Newchannel, now: datetime) -> None:
    """Take a new leg; the first of a linkedid begins a call."""
    if known := book.legs.by_id.get(event.uniqueid):
        book.wonder(known.story, "doubled", f"Newchannel {event.uniqueid}", known.story.moment(now))
        return
    linkedid = event.linkedid or event.uniqueid
    story = book.stories.get(linkedid)
    if story is None and is_nobody(event.channel) and not event.channel.startswith("Local/"):
        return
    is_first = story is None
    if story is None:
        story = _new_story(book, linkedid, event.uniqueid, now)
    at = book.change(story, now)
    leg = _new_leg(book, story, event, at, is_first=is_first)
    if is_first:
        # it began without us and its first leg is gone, or we cannot know yet who is in it
        if event.uniqueid != linkedid or not book.inside.is_told:
            story.record.source, story.record.precision_s = "adopted", MISSED_S
        story.caller = leg
        _begin(book, story, leg, event, at)
    elif not leg.is_nobody and story.caller is not None and story.caller.is_local:
        _is_first_reached(story, leg)
    cast(book, story, leg, at)


def _new_story(book: Book, linkedid: str, uniqueid: str, now: datetime) -> Story:
    name = linkedid
    while name in book.ended:
        stem, _, times = name.partition("#")
        name = f"{stem}#{int(times or 1) + 1}"
    record = Call(id=call_id(book.pbx, name), pbx=book.pbx, linkedid=name, started_at=now)
    if before := book.apart.pop(name, None):
        record.version, record.anomalies = before.version, before.anomalies
        record.match, record.contact_id = before.match, before.contact_id
    story = Story(record, now)
    book.open(story, linkedid)
    if name != linkedid:
        story.note("linkedid_again", uniqueid, now)
    return story


def _new_leg(book: Book, story: Story, event: ami.Newchannel, at: datetime, *, is_first: bool) -> Leg:
    leg = Leg(event.uniqueid, event.channel, story, at, number=event.num)
    leg.is_up = event.state == UP
    if not leg.is_nobody:
        dialled = "" if event.exten in NO_DIGITS else event.exten
        leg.is_caller = event.state == RING or (event.state == DOWN and is_first and dialled != "")
        leg.called = dialled if leg.is_caller else ""
        leg.is_ours = is_first and not leg.is_caller and event.state == DOWN
        leg.is_inside = leg.is_ours or book.inside.holds(leg.interface, number=event.num)
    book.legs.add(leg)
    story.legs[leg.uniqueid] = leg
    return leg


def _begin(book: Book, story: Story, leg: Leg, event: ami.Newchannel, at: datetime) -> None:
    record = story.record
    asked = _asked_for(book, leg, at) if leg.is_ours else None
    if asked:
        record.did = asked.number
        record.origin = Origin(kind="campaign" if asked.campaign else "click", ref=asked.ref)
        _is_of_campaign(record, asked.campaign)
    elif leg.is_caller:
        record.did = leg.called or None
        record.origin = Origin(kind="caller")
    record.direction = _direction(book, leg, record.did)
    record.ani_raw, record.ani_name = event.num or None, event.name or None
    record.ani = book.read(event.num) if event.num else None
    record.customer = record.ani if record.direction == "inbound" else None
    if record.direction == "outbound" and record.did:
        record.customer = book.read(record.did)
    book.say(
        story,
        events.CallStarted,
        at,
        direction=record.direction,
        origin=record.origin,
        ani=record.ani,
        ani_raw=record.ani_raw,
        ani_name=record.ani_name,
        did=record.did,
        customer=record.customer,
    )


def _is_first_reached(story: Story, leg: Leg) -> None:
    """Somebody's Originate began with a Local channel: the first phone that it reaches is who calls."""
    story.caller, leg.is_ours = leg, leg.is_inside
    story.record.ani_raw = leg.number or None


def dials(book: Book, event: ami.DialBegin) -> None:
    """Learn the digits of a call that began with nobody's: what its first leg dials."""
    first, dest = book.legs.by_id.get(event.uniqueid), book.legs.by_id.get(event.dest_uniqueid)
    if first is None or dest is None or first.uniqueid != first.story.record.linkedid:
        return
    record = first.story.record
    if record.did is None and record.direction != "inbound" and not first.is_caller:
        record.did = dest.dials if dest.is_local else event.dest_num or dest.number or None


def _is_of_campaign(record: Call, campaign: CampaignRef | None) -> None:
    if campaign is not None:
        record.campaign_id, record.lead_id = campaign.campaign_id, campaign.lead_id
        record.attempt_id = campaign.attempt_id


def _direction(book: Book, leg: Leg, did: str | None) -> Direction:
    if leg.is_ours or leg.is_local:
        return "outbound"
    if not leg.is_inside:
        return "inbound"
    return "outbound" if did and book.read(did) else "internal"


def _asked_for(book: Book, leg: Leg, at: datetime) -> ami.OriginateAsked | None:
    """Return which of our requests *leg* is born of; a request of long ago comes to nothing."""
    book.asked[:] = [(since, asked) for since, asked in book.asked if at - since < BORN_WITHIN]
    for place, (_, asked) in enumerate(book.asked):
        if asked.interface == leg.interface:
            del book.asked[place]
            return asked
    return None


def originate_asked(book: Book, event: ami.OriginateAsked, now: datetime) -> None:
    """Remember what we asked for, so that the leg that is born of it is known."""
    book.inside.learn(event.interface)
    book.asked.append((now, event))
    del book.asked[:-ORIGINATES_KEPT]


def originate_response(book: Book, event: ami.OriginateResponse, _now: datetime) -> None:
    """Forget what we asked for when no leg came of it."""
    if not event.success:
        book.asked[:] = [(since, asked) for since, asked in book.asked if asked.action_id != event.action_id]


def cast(book: Book, story: Story, leg: Leg, at: datetime) -> None:
    """Find the customer: the oldest outside leg; in an internal call the calling leg plays him."""
    if leg.is_nobody or story.record.ended_at is not None:
        return
    customer = story.customer
    if customer is None:
        if not leg.is_inside or story.record.direction == "internal":
            is_customer(story, leg)
            if story.record.direction == "outbound" and story.record.customer is None:
                story.record.customer = book.read(story.record.did or leg.number)
    elif customer.is_inside and not leg.is_inside and story.record.answered_at is None:
        story.timeline.close(CUSTOMER, at)
        for segment in story.record.segments:
            if segment.party == CUSTOMER:
                segment.kind = "setup"
        story.record.direction = "outbound"
        story.record.customer = book.read(story.record.did or leg.number)
        is_customer(story, leg)


def is_customer(story: Story, leg: Leg) -> None:
    """Take *leg* for the customer's."""
    story.customer, story.idle_since = leg, None
    if story.lost_at is not None:  # he is dialled again: until now there was nobody on the line
        story.timeline.show(CUSTOMER, "setup", story.lost_at)
        story.lost_at = None


def turns_internal(story: Story, caller: Leg) -> None:
    """A leg of ours calls another one inside: the call is internal, its first leg plays the customer."""
    story.record.direction, story.record.customer = "internal", None
    is_customer(story, caller)


def new_callerid(book: Book, leg: Leg, event: ami.NewCallerid, at: datetime) -> None:
    """Take a number that became known late."""
    if not event.num:
        return
    learn_number(book, leg, event.num, at)
    story, record = leg.story, leg.story.record
    is_late = leg is story.caller and record.ani_raw is None
    if not is_late and (leg is not story.customer or not _may_learn_ani(record)):
        return
    record.ani_raw, record.ani_name = event.num, event.name or None
    if record.direction == "inbound":
        record.ani = record.customer = book.read(event.num)
    book.say(
        story,
        events.CallUpdated,
        at,
        ani=record.ani,
        ani_name=record.ani_name,
        did=record.did,
        customer=record.customer,
    )


def _may_learn_ani(record: Call) -> bool:
    """Return whether a caller ID set later tells who calls.

    Of a customer only the first counts: what follows is the dialplan's. A phone of ours is born with the
    name of its account, and the dialplan tells its number.
    """
    if record.direction == "inbound":
        return record.ani_raw is None
    return record.direction == "internal" and record.answered_at is None


def learn_number(book: Book, leg: Leg, number: str, at: datetime) -> None:
    """Keep the number of *leg*; without settings it may show that the leg is inside."""
    leg.number = number
    is_open = book.inside.is_guessing and not leg.is_inside and not leg.is_nobody
    if is_open and book.inside.holds(leg.interface, number=number):
        turns_inside(book, leg, at)


def turns_inside(book: Book, leg: Leg, at: datetime) -> None:
    """A leg that was taken for an outside one is of the house: the customer is looked for again."""
    story = leg.story
    leg.is_inside = True
    if story.customer is not leg or story.record.answered_at is not None:
        return
    story.customer = None
    if (caller := story.caller) is not None:
        _turn_around(book, story, caller)
        cast(book, story, caller, at)
    book.change(story, at)


def _turn_around(book: Book, story: Story, caller: Leg) -> None:
    """Read the direction anew; whose leg plays the customer of an internal call was never in setup."""
    record = story.record
    record.direction, record.customer = _direction(book, caller, record.did), None
    if record.direction == "outbound":
        record.customer = book.read(record.did or "")
    elif record.direction == "internal":
        _call_own_time(story, "setup", "ivr")


def _call_own_time(story: Story, was: SegmentKind, kind: SegmentKind) -> None:
    """Name the customer's stretches anew, now that who he is is known."""
    for segment in story.record.segments:
        if segment.party == CUSTOMER and segment.kind == was:
            segment.kind = kind


def calls_itself(book: Book, leg: Leg, at: datetime) -> None:
    """A leg that seemed to be ours goes to Ring: it is a caller (chan_sip without a DID says so only now)."""
    story = leg.story
    leg.is_caller, leg.is_ours = True, False
    leg.is_inside = book.inside.holds(leg.interface, number=leg.number)
    story.record.direction = _direction(book, leg, story.record.did)
    if story.record.origin.kind == "unknown":
        story.record.origin = Origin(kind="caller")
    cast(book, story, leg, book.change(story, at))
