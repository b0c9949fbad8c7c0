"""The call ledger: what the exchange says, one fact at a time, becomes calls.

``step`` takes a fact and its instant and returns what happened. Facts get lost, doubled and
disordered: what does not fit becomes an anomaly and changes nothing. A fact that breaks our own code
quarantines its call and no other; the next resync tells that call anew.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ami_bridge.domain import ami, endings, events
from ami_bridge.domain.inside import Inside, is_local
from ami_bridge.domain.legs import Leg, Legs
from ami_bridge.domain.story import Offer, Story, birth_order
from ami_bridge.domain.telling import customer_now, inside_now
from crm_core.domain.calls import (
    CUSTOMER,
    AttemptResult,
    Call,
    Direction,
    Match,
    Origin,
    Transfer,
    VisitOutcome,
    call_id,
    seconds,
    with_sums,
)

DOWN, RING, RINGING, UP = 0, 4, 5, 6
RINGING_WITHIN = timedelta(seconds=1)
IDLE_AFTER = timedelta(milliseconds=500)
LINGER = timedelta(seconds=2)
REMEMBERED, ORIGINATES_KEPT = 20_000, 500
ADOPTED_PRECISION_S = 1.0
OUR_EVENT = "Centralita"

ReadNumber = Callable[[str], str | None]


class Ledger:
    """The live calls of one exchange.

    Args:
        pbx: the exchange's name.
        inside: who belongs to the house.
        read: raw caller or dialled digits to E.164; None for what is no outside number.
        seats: interface to the code of the agent signed in there now (kept by somebody else).
    """

    def __init__(self, pbx: str, *, inside: Inside, read: ReadNumber, seats: Mapping[str, str]) -> None:
        self.pbx, self.inside, self.legs = pbx, inside, Legs()
        self.stories: dict[str, Story] = {}
        self.strays = 0
        self.touched: set[str] = set()
        self.touched_queues: set[str] = set()
        self._read, self._seats = read, seats
        self._ids: dict[str, str] = {}
        self._ended: OrderedDict[str, datetime] = OrderedDict()
        self._asked: deque[ami.OriginateAsked] = deque(maxlen=ORIGINATES_KEPT)
        self._out: list[events.FloorEvent] = []

    # --- what others ask

    def step(self, event: ami.AmiEvent, now: datetime) -> list[events.FloorEvent]:
        """Take one fact; return what happened. Never raises."""
        take = _TAKES.get(type(event))
        if take is None:
            return []
        self._out = []
        try:
            take(self, event, now)
        except Exception as error:  # noqa: BLE001 - one call's trouble must not stop the stream
            self._quarantine(event, error, now)
        return self._out

    def tick(self, now: datetime) -> list[events.FloorEvent]:
        """Let deadlines pass: phones that never rang, customers between two things, legs left over."""
        self._out = []
        for story in self.live():
            for interface, offer in list(story.offers.items()):
                if not offer.has_rung and not offer.is_answered and offer.is_pop:
                    if now - offer.attempt.started_at >= RINGING_WITHIN:
                        self._stop_ringing(story, interface, "unreachable", now)
            if story.idle_since and now - story.idle_since >= IDLE_AFTER:
                self._settle(story)
            if story.record.ended_at and now - story.record.ended_at >= LINGER:
                self._end(story, now)
        return self._out

    def live(self) -> list[Story]:
        """Return the stories of the live calls."""
        return list({id(story): story for story in self.stories.values()}.values())

    def calls(self) -> list[Call]:
        """Return the live calls as they are now."""
        return [story.record for story in self.live()]

    def call(self, wanted: str) -> Call | None:
        """Return the live call with that id."""
        story = self.story(wanted)
        return story.record if story else None

    def story(self, wanted: str) -> Story | None:
        """Return the live story of that call id."""
        linkedid = self._ids.get(wanted)
        return self.stories.get(linkedid) if linkedid else None

    def call_of_leg(self, uniqueid: str) -> str | None:
        """Return the id of the live call that a leg or linkedid belongs to."""
        leg = self.legs.by_id.get(uniqueid)
        story = leg.story if leg else self.stories.get(uniqueid)
        return story.record.id if story else None

    def ringing_at(self, interface: str) -> list[Call]:
        """Return the calls that ring at *interface* now."""
        return [
            story.record
            for story in self.stories.values()
            if (offer := story.offers.get(interface)) and offer.is_pop and not offer.is_answered
        ]

    def matched(
        self, wanted: str, *, match: Match, contact_id: str | None, customer: str | None, now: datetime
    ) -> list[events.FloorEvent]:
        """Keep who the customer of a live call is."""
        self._out = []
        if story := self.story(wanted):
            story.record.match, story.record.contact_id = match, contact_id
            if customer and customer.startswith("+"):
                story.record.customer = customer
            self._say(
                story,
                events.CallMatched,
                now,
                match=match,
                contact_id=contact_id,
                customer=story.record.customer,
            )
        return self._out

    def note_pop(self, wanted: str, interface: str, now: datetime) -> None:
        """Keep when the card went out to the agent at *interface*."""
        story = self.story(wanted)
        offer = story.offers.get(interface) if story else None
        if offer and offer.attempt.pop_at is None:
            offer.attempt.pop_at = now

    def story_of_leg(self, uniqueid: str) -> Story | None:
        """Return the live story that a leg belongs to."""
        leg = self.legs.by_id.get(uniqueid)
        return leg.story if leg else None

    def adopt(
        self, event: ami.Newchannel, *, born: datetime, is_first_caller: bool, now: datetime
    ) -> list[events.FloorEvent]:
        """Take a leg that was born at *born*, before we were there; its call is marked as adopted."""
        self._out = []
        is_new = (event.linkedid or event.uniqueid) not in self.stories
        self._newchannel(event, born if is_new else now)
        leg = self.legs.by_id[event.uniqueid]
        leg.is_caller = is_first_caller
        leg.is_up = event.state == UP
        if is_new:
            leg.story.record.source, leg.story.record.precision_s = "adopted", ADOPTED_PRECISION_S
            leg.story.moment(now)
        return self._out

    def lose(self, leg: Leg, now: datetime) -> list[events.FloorEvent]:
        """Close a leg that the exchange no longer lists: its end is the call's last sign of life."""
        self._out = []
        story = leg.story
        at = story.last_at
        if leg is story.customer or not story.record.answered_at:
            story.asked_by = "system"
        if leg is story.customer and story.record.answered_at is None and story.visit is not None:
            self._leave_queue(story, at, "cut")
        was_live = story.record.ended_at is None
        self._gone(leg, at)
        if was_live and story.record.ended_at is not None and story.record.answered_at is None:
            story.record.outcome = "cut"
        return self._out

    # --- legs come and go

    def _newchannel(self, event: ami.Newchannel, now: datetime) -> None:
        if event.uniqueid in self.legs.by_id:
            self._anomaly(
                self.legs.by_id[event.uniqueid].story, "doubled", f"Newchannel {event.uniqueid}", now
            )
            return
        linkedid = event.linkedid or event.uniqueid
        story = self.stories.get(linkedid)
        is_first = story is None
        if story is None:
            story = self._new_story(linkedid, event, now)
        at = story.moment(now)
        leg = Leg(event.uniqueid, event.channel, story, at, number=event.num)
        leg.is_up, leg.is_caller = event.state == UP, event.state == RING
        leg.is_ours = is_first and event.state == DOWN and not leg.is_local
        if leg.is_ours:
            self.inside.learn(leg.interface)
        leg.is_inside = not leg.is_local and self.inside.holds(leg.interface, number=event.num)
        self.legs.add(leg)
        story.legs[leg.uniqueid] = leg
        if is_first:
            self._begin(story, leg, event, at)
        self._cast(story, leg, at)
        self._retell(story, at)

    def _new_story(self, linkedid: str, event: ami.Newchannel, now: datetime) -> Story:
        name = linkedid
        while name in self._ended:
            name = f"{name.partition('#')[0]}#{int(name.partition('#')[2] or 1) + 1}"
        record = Call(id=call_id(self.pbx, name), pbx=self.pbx, linkedid=name, started_at=now)
        story = self.stories[linkedid] = Story(record, now)
        self._ids[record.id] = linkedid
        if name != linkedid:
            story.note("linkedid_again", event.uniqueid, now)
        return story

    def _begin(self, story: Story, leg: Leg, event: ami.Newchannel, at: datetime) -> None:
        record = story.record
        story.caller = leg
        asked = self._asked_for(leg) if leg.is_ours else None
        record.did = (asked.number if asked else event.exten if leg.is_caller else "") or None
        record.direction = self._direction(leg, record.did)
        if record.did in ("s", "h", "i"):
            record.did = None
        if asked:
            record.origin = Origin(kind="click" if asked.origin == "click" else "api", ref=asked.ref)
        elif leg.is_caller:
            record.origin = Origin(kind="caller")
        record.ani_raw, record.ani_name = event.num or None, event.name or None
        record.ani = self._read(event.num) if event.num else None
        outside = record.did if record.direction == "outbound" else event.num
        record.customer = self._read(outside) if outside and record.direction != "internal" else None
        self._say(
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

    def _direction(self, leg: Leg, did: str | None) -> Direction:
        if leg.is_ours or leg.is_local:
            return "outbound"
        if not leg.is_inside:
            return "inbound"
        return "outbound" if did and self._read(did) else "internal"

    def _asked_for(self, leg: Leg) -> ami.OriginateAsked | None:
        for asked in self._asked:
            if asked.interface == leg.interface:
                self._asked.remove(asked)
                return asked
        return None

    def _cast(self, story: Story, leg: Leg, at: datetime) -> None:
        """Find the customer: the oldest outside leg; in an internal call the calling leg plays him."""
        if leg.is_local or story.customer is leg:
            return
        if story.customer is None:
            if not leg.is_inside or story.record.direction == "internal":
                story.customer = leg
        elif not leg.is_inside and story.customer.is_inside:
            story.customer = leg
            story.record.direction = "outbound"
            for segment in story.record.segments:
                if segment.party == CUSTOMER:
                    segment.kind = "setup"
            story.close(CUSTOMER, at)

    def _newstate(self, event: ami.Newstate, now: datetime) -> None:
        leg = self._leg(event, now)
        if leg is None:
            return
        story = leg.story
        at = story.moment(now)
        if event.state == RINGING:
            self._rings(story, leg, at)
        elif event.state == UP:
            leg.is_up = True
            offer = story.offers.get(leg.interface)
            if offer and not offer.is_answered and not leg.is_caller:
                self._answer_offer(story, leg.interface, offer, at)
        self._retell(story, at)

    def _new_callerid(self, event: ami.NewCallerid, now: datetime) -> None:
        leg = self._leg(event, now)
        if leg is None or not event.num:
            return
        leg.number = event.num
        record = leg.story.record
        if leg is leg.story.customer and record.ani_raw is None and record.direction == "inbound":
            record.ani_raw, record.ani_name = event.num, event.name or None
            record.ani = record.customer = self._read(event.num)
            self._say(
                leg.story,
                events.CallUpdated,
                leg.story.moment(now),
                ani=record.ani,
                ani_name=record.ani_name,
                did=record.did,
                customer=record.customer,
            )

    def _hangup_request(self, event: ami.HangupRequest, now: datetime) -> None:
        leg = self._leg(event, now)
        if leg is None:
            return
        story = leg.story
        story.moment(now)
        leg.ask_cause = event.cause if event.cause is not None else leg.ask_cause
        if event.soft or leg.is_local:
            return
        leg.asked_to_end = True
        if story.asked_by is None:
            speaks = leg.is_up or leg.is_caller
            if leg is story.customer and speaks:
                story.asked_by = "customer"
            elif leg.is_inside and speaks:
                story.asked_by = "agent"

    def _hangup(self, event: ami.Hangup, now: datetime) -> None:
        leg = self._leg(event, now)
        if leg is None:
            return
        story = leg.story
        at = story.moment(now)
        cause = event.cause or leg.ask_cause
        if (offer := story.offers.get(leg.interface)) and offer.leg in ("", leg.uniqueid):
            result = "answered" if offer.is_answered else endings.attempt_result(offer.said, cause)
            self._stop_ringing(story, leg.interface, self._cancelled(story, result, cause), at)
        if leg is story.customer or (story.customer is None and leg is story.caller):
            story.last_cause = event.cause
        self._gone(leg, at)

    def _cancelled(self, story: Story, result: AttemptResult, cause: int | None) -> AttemptResult:
        """Return "cancelled" for a phone that was rung until somebody else decided otherwise."""
        customer = story.customer
        others = story.is_connected or story.is_taken()
        left = customer is not None and customer.asked_to_end
        if result == "no_answer" and (cause == endings.ELSEWHERE or others or left or story.was_given_up):
            return "cancelled"
        return result

    def _gone(self, leg: Leg, at: datetime) -> None:
        story = leg.story
        self.touched.add(leg.interface)
        mixed = self.legs.heard_by(leg)
        self.legs.drop(leg)
        story.legs.pop(leg.uniqueid, None)
        if leg.is_inside and leg is not story.customer:
            story.close(leg.interface, at)
        if leg is story.customer:
            self._customer_left(story, at)
        for other in {id(other.story): other.story for other in mixed}.values():
            self._retell(other, other.moment(at))
        if not story.legs:
            self._end(story, at)

    # --- phones are rung

    def _dial_begin(self, event: ami.DialBegin, now: datetime) -> None:
        dialled = self.legs.by_id.get(event.dest_uniqueid)
        if dialled is None:
            self.strays += 1
            return
        story = dialled.story
        at = story.moment(now)
        if dialled.is_local or dialled is story.caller and not dialled.is_ours:
            return
        self._offer(story, dialled.interface, at, leg=dialled, to=event.dial_string or None)
        self._retell(story, at)

    def _dial_state(self, event: ami.DialState, now: datetime) -> None:
        leg = self.legs.by_id.get(event.dest_uniqueid)
        if leg is not None and event.status == "RINGING":
            self._rings(leg.story, leg, leg.story.moment(now))

    def _dial_end(self, event: ami.DialEnd, now: datetime) -> None:
        leg = self.legs.by_id.get(event.dest_uniqueid)
        if leg is None:
            return
        story = leg.story
        at = story.moment(now)
        offer = story.offers.get(leg.interface)
        if offer is None or offer.is_answered or leg.is_local:
            return
        said = endings.BY_DIAL_STATUS.get(event.status)
        if event.forward:
            offer.attempt.forwarded_to = event.forward
            self._stop_ringing(story, leg.interface, "forwarded", at)
        elif said == "answered":
            self._answer_offer(story, leg.interface, offer, at)
        elif offer.said is None:
            offer.said = said
        self._retell(story, at)

    def _agent_called(self, event: ami.AgentCalled, now: datetime) -> None:
        self.inside.learn(event.interface)
        story = self._story_of(event)
        if story is None or is_local(event.interface):
            return
        at = story.moment(now)
        leg = self.legs.by_id.get(event.dest_uniqueid)
        if leg is not None and not leg.is_inside and not leg.is_local:
            self._learn_late(leg)
        self._offer(story, event.interface, at, leg=leg, to=None)
        self._retell(story, at)

    def _learn_late(self, leg: Leg) -> None:
        """A phone taken for an outside one turns out to be a member's."""
        leg.is_inside = True
        if leg.story.customer is leg:
            leg.story.customer = None

    def _offer(self, story: Story, interface: str, at: datetime, *, leg: Leg | None, to: str | None) -> None:
        offer = story.offers.get(interface)
        if offer is not None:
            if leg is not None:
                offer.leg = leg.uniqueid
            return
        if leg is not None and (leg.is_up or leg.bridge):
            return
        is_pop = (leg.is_inside and not leg.is_ours) if leg is not None else True
        agent = self._seats.get(interface)
        if story.visit is not None and not is_pop and leg is not None and not leg.is_ours:
            to = to or leg.number
        offer = story.ring(
            interface,
            at,
            leg=leg.uniqueid if leg else "",
            agent=agent,
            is_pop=is_pop,
            to=None if story.visit is not None and is_pop else to,
        )
        self.touched.add(interface)
        if is_pop:
            if offer.queue:
                self.touched_queues.add(offer.queue)
            self._say(story, events.CallOffered, at, interface=interface, agent=agent, queue=offer.queue)

    def _rings(self, story: Story, leg: Leg, at: datetime) -> None:
        if leg.is_caller or leg.is_local:
            return
        self._offer(story, leg.interface, at, leg=leg, to=None)
        if offer := story.offers.get(leg.interface):
            offer.has_rung = True
        self._retell(story, at)

    def _answer_offer(self, story: Story, interface: str, offer: Offer, at: datetime) -> None:
        offer.is_answered = True
        offer.attempt.result = "answered"
        offer.attempt.ring_s = seconds(offer.attempt.started_at, at)
        if offer.is_pop:
            self._say_offer_ended(story, interface, offer, "answered", at)

    def _stop_ringing(self, story: Story, interface: str, result: AttemptResult, now: datetime) -> None:
        at = story.moment(now)
        offer = story.offers.get(interface)
        if offer is None:
            return
        if offer.is_answered:
            del story.offers[interface]
            return
        reason = endings.offer_end(story, result)
        story.stop_ringing(interface, result, at)
        self.touched.add(interface)
        if offer.is_pop:
            self._say_offer_ended(story, interface, offer, reason, at)
        self._retell(story, at)

    def _say_offer_ended(
        self, story: Story, interface: str, offer: Offer, reason: events.OfferEnd, at: datetime
    ) -> None:
        by = next((name for name, other in story.offers.items() if other.is_answered), None)
        if offer.queue:
            self.touched_queues.add(offer.queue)
        self._say(
            story,
            events.OfferEnded,
            at,
            interface=interface,
            agent=offer.attempt.agent,
            queue=offer.queue,
            reason=reason,
            answered_by=by,
        )

    # --- queues

    def _queue_join(self, event: ami.QueueCallerJoin, now: datetime) -> None:
        story = self._story_of(event)
        if story is None:
            self.strays += 1
            return
        at = story.moment(now)
        self._settle(story)
        if story.visit is not None:
            if story.visit.queue == event.queue and not story.has_left_queue:
                self._anomaly(story, "doubled", f"QueueCallerJoin {event.queue}", at)
                return
            self._leave_queue(story, at)
        story.asked_by = None
        story.enter_queue(event.queue, at)
        self.touched_queues.add(event.queue)
        self._say(story, events.CallQueued, at, queue=event.queue, position=event.position)
        self._retell(story, at)

    def _queue_leave(self, event: ami.QueueCallerLeave, now: datetime) -> None:
        story = self._story_of(event)
        if story is None or story.visit is None or story.visit.queue != event.queue:
            return
        at = story.moment(now)
        story.has_left_queue = True
        self.touched_queues.add(event.queue)
        if story.was_given_up:
            self._leave_queue(story, at)
            self._retell(story, at)
        elif not story.is_connected and not story.is_taken():
            story.idle_since = story.idle_since or at

    def _queue_abandon(self, event: ami.QueueCallerAbandon, now: datetime) -> None:
        story = self._story_of(event)
        if story is not None and story.visit is not None and story.visit.queue == event.queue:
            story.moment(now)
            story.was_given_up = True

    def _agent_connect(self, event: ami.AgentConnect, now: datetime) -> None:
        self.inside.learn(event.interface)
        story = self._story_of(event)
        if story is None or story.visit is None:
            return
        at = story.moment(now)
        story.is_connected = True
        story.idle_since = None
        interface = self._phone_of(event)
        story.visit.interface, story.visit.agent = interface, self._seats.get(interface)
        if (offer := story.offers.get(interface)) and not offer.is_answered:
            self._answer_offer(story, interface, offer, at)
        self._retell(story, at)

    def _phone_of(self, event: ami.AgentEvent) -> str:
        """Return the device: behind a Local member the phone that answered for him."""
        if not is_local(event.interface):
            return event.interface
        story = self._story_of(event)
        answered = [name for name, offer in story.offers.items() if offer.is_answered] if story else []
        return answered[-1] if answered else event.interface

    def _ring_no_answer(self, event: ami.AgentRingNoAnswer, now: datetime) -> None:
        story = self._story_of(event)
        offer = story.offers.get(event.interface) if story else None
        if story is None or offer is None:
            return
        story.moment(now)
        if offer.said is None:
            offer.said = "no_answer"
        if offer.leg not in self.legs.by_id:
            result: AttemptResult = "no_answer" if offer.has_rung else "unreachable"
            self._stop_ringing(story, event.interface, result, now)

    def _user_event(self, event: ami.UserEvent, now: datetime) -> None:
        """Take our dialplan's word for why a caller left a queue: the stream does not tell it all."""
        story = self._story_of(event)
        outcome = endings.BY_QUEUE_STATUS.get(event.headers.get("status", ""))
        if event.name != OUR_EVENT or event.headers.get("kind") != "queue_left":
            return
        if story is None or outcome is None:
            return
        at, queue = story.moment(now), event.headers.get("queue", "")
        last = story.record.visits[-1] if story.record.visits else None
        if story.visit is not None:
            self._leave_queue(story, story.idle_since or at, outcome)
        elif last is not None and last.queue == queue and last.outcome != "answered":
            last.outcome = outcome
        else:
            story.enter_queue(queue, at)
            self._leave_queue(story, at, outcome)
        self._retell(story, at)

    def _leave_queue(self, story: Story, at: datetime, outcome: VisitOutcome | None = None) -> None:
        outcome = outcome or endings.visit_outcome(story)
        visit = story.leave_queue(outcome, at)
        if visit is None:
            return
        self.touched_queues.add(visit.queue)
        self._say(story, events.CallLeftQueue, at, queue=visit.queue, outcome=outcome, wait_s=visit.wait_s)

    # --- bridges, hold, transfers

    def _bridge_enter(self, event: ami.BridgeEnter, now: datetime) -> None:
        leg = self._leg(event, now)
        if leg is None:
            return
        story = leg.story
        at = story.moment(now)
        leg.is_up = True
        self.legs.enter(leg, event.bridge, event.bridge_type)
        if (offer := story.offers.get(leg.interface)) and not offer.is_answered and not leg.is_caller:
            self._answer_offer(story, leg.interface, offer, at)
        self._retell_all_in(event.bridge, at)

    def _bridge_leave(self, event: ami.BridgeLeave, now: datetime) -> None:
        leg = self._leg(event, now)
        if leg is None:
            return
        at = leg.story.moment(now)
        mixed = {id(other.story): other.story for other in self.legs.heard_by(leg)}
        self.legs.leave(leg, event.bridge)
        leg.is_held = False
        mixed[id(leg.story)] = leg.story
        for story in mixed.values():
            self._retell(story, story.moment(at))

    def _retell_all_in(self, bridge: str, at: datetime) -> None:
        stories = {id(leg.story): leg.story for leg in self.legs.bridges.get(bridge, {}).values()}
        for leg in list(self.legs.bridges.get(bridge, {}).values()):
            if leg.is_local:
                stories |= {id(other.story): other.story for other in self.legs.heard_by(leg)}
        for story in stories.values():
            self._retell(story, story.moment(at))

    def _local_bridge(self, event: ami.LocalBridge, now: datetime) -> None:
        one, two = self.legs.by_id.get(event.one), self.legs.by_id.get(event.two)
        if one is None or two is None:
            return
        one.other_half, two.other_half = two.uniqueid, one.uniqueid
        if one.story is not two.story:
            self._merge(one.story, two.story, now)

    def _hold(self, event: ami.Hold, now: datetime) -> None:
        self._mark(event, now, is_held=True)

    def _unhold(self, event: ami.Unhold, now: datetime) -> None:
        self._mark(event, now, is_held=False)

    def _music_start(self, event: ami.MusicOnHoldStart, now: datetime) -> None:
        self._mark(event, now, hears_music=True)

    def _music_stop(self, event: ami.MusicOnHoldStop, now: datetime) -> None:
        self._mark(event, now, hears_music=False)

    def _parked(self, event: ami.ParkedCall, now: datetime) -> None:
        self._mark(event, now, is_parked=True)

    def _unparked(self, event: ami.ChannelEvent, now: datetime) -> None:
        self._mark(event, now, is_parked=False)

    def _mark(self, event: ami.ChannelEvent, now: datetime, **marks: bool) -> None:
        leg = self._leg(event, now)
        if leg is None:
            return
        at = leg.story.moment(now)
        for name, value in marks.items():
            setattr(leg, name, value)
        if leg.bridge:
            self._retell_all_in(leg.bridge, at)
        else:
            self._retell(leg.story, at)

    def _blind_transfer(self, event: ami.BlindTransfer, now: datetime) -> None:
        self._transfer(event, now, kind="blind", to=event.exten or None)

    def _attended_transfer(self, event: ami.AttendedTransfer, now: datetime) -> None:
        self._transfer(event, now, kind="attended", to=None)

    def _transfer(self, event: ami.ChannelEvent, now: datetime, *, kind: Any, to: str | None) -> None:
        leg = self._leg(event, now)
        if leg is None:
            return
        story, agent = leg.story, self._seats.get(leg.interface)
        at = story.moment(now)
        story.record.transfers.append(
            Transfer(kind=kind, by=leg.interface, agent=agent, to=to, started_at=at)
        )
        story.asked_by = None
        self._say(story, events.TransferStarted, at, by=leg.interface, agent=agent, to=to, kind=kind)

    # --- what the legs mean now

    def _retell(self, story: Story, at: datetime) -> None:
        """Bring the segments of the customer and of everybody inside in line with the legs."""
        for leg in story.legs.values():
            if leg.is_inside and leg is not story.customer:
                self._retell_inside(story, leg, at)
        if story.record.ended_at is not None:
            return
        told = customer_now(story, self.legs)
        if told is None or (told.kind == "ivr" and self._was_talking(story)):
            story.idle_since = story.idle_since or at
            return
        if story.idle_since is not None and told.kind not in ("talk", "conference", "hold", "park"):
            self._settle(story)
        story.idle_since = None
        before = story.show(CUSTOMER, told.kind, at, with_=told.with_, queue=told.queue)
        if before is not None or story.record.answered_at is None:
            self._tell_change(story, before.kind if before else None, told.kind, told.with_, at)

    def _was_talking(self, story: Story) -> bool:
        before = story.open.get(CUSTOMER)
        return before is not None and before.kind in ("talk", "conference", "hold")

    def _settle(self, story: Story) -> None:
        """The customer is really on his own since ``idle_since``: say so from there on."""
        since, story.idle_since = story.idle_since, None
        if since is None or story.record.ended_at is not None:
            return
        if story.visit is not None and story.has_left_queue and not story.is_connected:
            self._leave_queue(story, since)
        told = customer_now(story, self.legs)
        if told is not None and told.kind == "ivr":
            story.asked_by = None
            story.show(CUSTOMER, "ivr", since)

    def _retell_inside(self, story: Story, leg: Leg, at: datetime) -> None:
        self.touched.add(leg.interface)
        told = inside_now(leg, story, self.legs)
        if told is None:
            story.close(leg.interface, at)
        else:
            agent = self._seats.get(leg.interface)
            story.show(leg.interface, told.kind, at, with_=told.with_, agent=agent)

    def _tell_change(
        self, story: Story, before: str | None, kind: str, with_: tuple[str, ...], at: datetime
    ) -> None:
        if kind in ("talk", "conference"):
            for offer in story.offers.values():
                offer.is_joined = offer.is_answered
            if before == "hold":
                self._say(story, events.CallResumed, at, **self._partner(with_))
            else:
                self._talk_began(story, with_, at)
        elif kind == "hold" and before in ("talk", "conference"):
            self._say(story, events.CallHeld, at, **self._partner(with_))
        elif kind == "park" and before != "park":
            self._say(story, events.CallParked, at)

    def _partner(self, with_: tuple[str, ...]) -> dict[str, str | None]:
        interface = with_[0] if with_ else None
        return {"interface": interface, "agent": self._seats.get(interface or "")}

    def _talk_began(self, story: Story, with_: tuple[str, ...], at: datetime) -> None:
        interface = with_[0]
        agent = self._seats.get(interface)
        visit = story.visit
        if visit is not None:
            visit.interface, visit.agent = interface, agent
            self._leave_queue(story, at, "answered")
            story.is_connected = False
        transfer = story.record.transfers[-1] if story.record.transfers else None
        if transfer is not None and transfer.result is None and transfer.by != interface:
            transfer.result, transfer.completed_at, transfer.answered_by = "completed", at, interface
            self._say(
                story,
                events.CallTransferred,
                at,
                by=transfer.by,
                agent=transfer.agent,
                to=transfer.to,
                answered_by=interface,
                kind=transfer.kind,
            )
        if story.record.answered_at is None or visit is not None:
            story.record.answered_at = story.record.answered_at or at
            self._say(
                story,
                events.CallAnswered,
                at,
                interface=interface,
                agent=agent,
                queue=visit.queue if visit else None,
                wait_s=visit.wait_s if visit else None,
            )

    # --- endings

    def _customer_left(self, story: Story, at: datetime) -> None:
        record = story.record
        if story.visit is not None:
            self._leave_queue(story, at)
        for interface in list(story.offers):
            result = endings.attempt_result(story.offers[interface].said, None)
            self._stop_ringing(story, interface, self._cancelled(story, result, None), at)
        if CUSTOMER not in story.open and record.started_at < at:
            story.show(CUSTOMER, "ivr", record.started_at)
        story.close(CUSTOMER, at)
        record.ended_at = at
        record.hung_up_by = story.asked_by or "system"
        record.hangup_cause = story.last_cause
        record.outcome = endings.call_outcome(story)
        for transfer in record.transfers:
            transfer.result = transfer.result or "failed"

    def _end(self, story: Story, now: datetime) -> None:
        """Close the book of a call, tell it whole, and forget it."""
        at, record = story.moment(now), story.record
        if record.ended_at is None:
            self._customer_left(story, at)
        for leg in list(story.legs.values()):
            self.legs.drop(leg)
            self.touched.add(leg.interface)
        for party in list(story.open):
            story.close(party, at)
        if self.inside.has_guessed:
            story.note("inferred_inside", "devices with short numbers were taken for inside", at)
        with_sums(record)
        self._forget(story, now)
        self._say(
            story, events.CallEnded, at, outcome=record.outcome, hung_up_by=record.hung_up_by, record=record
        )

    def _forget(self, story: Story, now: datetime) -> None:
        for name, other in list(self.stories.items()):
            if other is story:
                del self.stories[name]
        self._ids.pop(story.record.id, None)
        self._ended[story.record.linkedid] = now
        while len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)

    # --- shared

    def _leg(self, event: ami.ChannelEvent, now: datetime) -> Leg | None:
        """Return the leg a fact is about, after moving it when its linkedid changed."""
        leg = self.legs.by_id.get(event.uniqueid)
        if leg is None:
            self.strays += 1
            return None
        if event.channel and event.channel != leg.channel:
            self.legs.rename(leg, event.channel)
        if event.linkedid and self.stories.get(event.linkedid) is not leg.story:
            self._linkedid_changed(leg, event.linkedid, now)
        return leg

    def _linkedid_changed(self, leg: Leg, linkedid: str, now: datetime) -> None:
        other = self.stories.get(linkedid)
        if other is None:
            if linkedid not in self._ended:
                self.stories[linkedid] = leg.story
            return
        self._merge(leg.story, other, now)

    def _merge(self, one: Story, other: Story, now: datetime) -> None:
        older, younger = sorted((one, other), key=lambda story: birth_order(story.record.linkedid))
        at = older.moment(now)
        older.swallow(younger, at)
        for name, story in list(self.stories.items()):
            if story is younger:
                self.stories[name] = older
        self._ids.pop(younger.record.id, None)
        if older.customer is None or (older.customer.is_inside and younger.customer is not None):
            older.customer = (
                younger.customer if younger.customer and not younger.customer.is_inside else older.customer
            )
        self._say(older, events.CallMerged, at, gone=younger.record.id)
        self._retell(older, at)

    def _story_of(self, event: ami.ChannelEvent) -> Story | None:
        leg = self.legs.by_id.get(event.uniqueid)
        if leg is not None:
            return leg.story
        return self.stories.get(event.linkedid) if event.linkedid else None

    def _originate_asked(self, event: ami.OriginateAsked, _now: datetime) -> None:
        self.inside.learn(event.interface)
        self._asked.append(event)

    def _say(self, story: Story, event: type[events.CallEvent], at: datetime, /, **facts: Any) -> None:
        record = story.record
        record.version += 1
        self._out.append(
            event(
                pbx=self.pbx, at=at, call=record.id, linkedid=record.linkedid, version=record.version, **facts
            )
        )

    def _anomaly(self, story: Story, kind: str, detail: str, at: datetime) -> None:
        story.note(kind, detail, at)
        self._say(story, events.CallAnomaly, at, kind=kind, detail=detail)

    def _quarantine(self, event: ami.AmiEvent, error: Exception, now: datetime) -> None:
        uniqueid = getattr(event, "uniqueid", "") or getattr(event, "dest_uniqueid", "")
        leg = self.legs.by_id.get(uniqueid)
        self.strays += 1
        if leg is None:
            return
        story = leg.story
        if not story.is_quarantined:
            story.is_quarantined = True
            self._anomaly(story, "ledger_error", f"{type(event).__name__}: {error!r}", story.moment(now))


_TAKES: dict[type, Callable[[Ledger, Any, datetime], None]] = {
    ami.Newchannel: Ledger._newchannel,
    ami.Newstate: Ledger._newstate,
    ami.NewCallerid: Ledger._new_callerid,
    ami.HangupRequest: Ledger._hangup_request,
    ami.Hangup: Ledger._hangup,
    ami.DialBegin: Ledger._dial_begin,
    ami.DialState: Ledger._dial_state,
    ami.DialEnd: Ledger._dial_end,
    ami.AgentCalled: Ledger._agent_called,
    ami.AgentConnect: Ledger._agent_connect,
    ami.AgentRingNoAnswer: Ledger._ring_no_answer,
    ami.QueueCallerJoin: Ledger._queue_join,
    ami.QueueCallerLeave: Ledger._queue_leave,
    ami.QueueCallerAbandon: Ledger._queue_abandon,
    ami.BridgeEnter: Ledger._bridge_enter,
    ami.BridgeLeave: Ledger._bridge_leave,
    ami.LocalBridge: Ledger._local_bridge,
    ami.Hold: Ledger._hold,
    ami.Unhold: Ledger._unhold,
    ami.MusicOnHoldStart: Ledger._music_start,
    ami.MusicOnHoldStop: Ledger._music_stop,
    ami.ParkedCall: Ledger._parked,
    ami.UnParkedCall: Ledger._unparked,
    ami.ParkedCallTimeOut: Ledger._unparked,
    ami.ParkedCallGiveUp: Ledger._unparked,
    ami.BlindTransfer: Ledger._blind_transfer,
    ami.AttendedTransfer: Ledger._attended_transfer,
    ami.UserEvent: Ledger._user_event,
    ami.OriginateAsked: Ledger._originate_asked,
}
