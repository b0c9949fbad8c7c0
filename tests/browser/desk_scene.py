"""Calls at a desk as an agent sees them: who rings, what is known, what was before."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from browser.kit import Place
from msgspec.structs import replace
from unit.screenpop.fakes import ANA_SEAT, START, about, agent_is

from ami_bridge.domain import events
from crm_core.domain.calls import Attempt, Call, Match, Segment, SegmentKind, Visit, call_id, with_sums
from crm_core.domain.cards import (
    Card,
    CardAccount,
    CardCall,
    CardContact,
    CardIncident,
    CardNote,
    CardPerson,
    CardProduct,
    CardSegment,
)
from crm_core.domain.contacts import Contact, Phone
from crm_core.domain.entitlement import Entitlement
from crm_core.domain.ids import new_id
from crm_core.services import calls, contacts, incidents

NUMBER = "+34957212000"
Course = tuple[tuple[SegmentKind, int], ...]
PAST: tuple[tuple[float, str | None, str, Course], ...] = (
    (
        1,
        "Íñigo Echeverría",
        "answered",
        (("ivr", 22), ("wait", 134), ("ring", 9), ("talk", 301), ("hold", 96), ("consult", 48), ("talk", 88)),
    ),
    (10.1, "Lucía Ortega", "answered", (("ring", 12), ("talk", 244))),
    (10.2, None, "abandoned", (("ivr", 31), ("wait", 196))),
)
INCIDENTS = (
    ("k1", "Cámara frigorífica no enfría tras la segunda visita", 1, 1),
    ("k2", "Factura duplicada de octubre", 3, 9),
)
CUSTOMERS = {
    NUMBER: ("María del Carmen", "Fernández-Villaverde Ruiz", "Hostelería Guadalquivir, S.L."),
    "+34953000003": ("Javier", "Bermúdez", "Talleres Hermanos Bermúdez"),
    "+34933000044": ("Nuria", "Casademunt i Puigdellívol", None),
    "+442079460321": ("Oliver", "Featherstonehaugh", "Ashworth Lettings Ltd"),
    "+34958000017": ("Panadería", "La Espiga de Oro", None),
}
# hours ago, agent, number, queue, course
RECORDED: tuple[tuple[float, str | None, str, str, Course], ...] = (
    (22, "102", NUMBER, "Frío industrial", PAST[0][3]),
    (246, None, NUMBER, "Frío industrial", PAST[2][3]),
    (0.2, "101", "+34953000003", "Soporte ES", (("ivr", 15), ("wait", 28), ("ring", 5), ("talk", 222))),
    (
        0.5,
        "101",
        "+34933000044",
        "Soporte ES",
        (("wait", 12), ("ring", 4), ("talk", 318), ("hold", 60), ("talk", 44)),
    ),
    (1.4, "101", "+442079460321", "Support EN", (("ivr", 9), ("wait", 95), ("ring", 8), ("talk", 141))),
    (1.9, "101", "+34958000017", "Soporte ES", (("ivr", 12), ("wait", 14), ("ring", 5), ("talk", 188))),
    (0.8, None, "+442079460321", "Support EN", (("wait", 61), ("ring", 16))),
    (1.1, None, "+34633000418", "Soporte ES", (("wait", 38), ("ring", 15))),
)


def maria(contact_id: str = "c-maria") -> Card:
    """A customer of whom much is known."""
    return Card(
        number=NUMBER,
        contact=CardContact(
            id=contact_id,
            name="María del Carmen Fernández-Villaverde Ruiz",
            language="es",
            vip=True,
            number=NUMBER,
        ),
        account=CardAccount(
            id="00000000-0000-7000-8000-0000000000a9",
            name="Hostelería Guadalquivir, S.L.",
            tier="Mantenimiento Oro",
        ),
        open_incidents=(
            CardIncident(
                id="i-1",
                number="INC-20418",
                subject="Cámara frigorífica no enfría tras la segunda visita",
                state="in_progress",
                priority=1,
                opened_at=START - timedelta(days=1),
            ),
            CardIncident(
                id="i-2",
                number="INC-20377",
                subject="Factura duplicada de octubre",
                state="pending",
                priority=3,
                opened_at=START - timedelta(days=9),
            ),
        ),
        last_calls=tuple(past(START - timedelta(days=days), *rest) for days, *rest in PAST),
        products=(
            CardProduct(
                name_es="Mantenimiento Oro 24 h",
                name_en="Mantenimiento Oro 24 h",
                entitlement=Entitlement(
                    is_covered=True, by="Mantenimiento Oro 24 h", until=date(2027, 3, 31)
                ),
            ),
            CardProduct(
                name_es="Cámara frigorífica CF-420",
                name_en="Cámara frigorífica CF-420",
                serial="CF4-0017731",
                entitlement=Entitlement(
                    is_covered=True, by="Mantenimiento Oro 24 h", until=date(2027, 3, 31)
                ),
            ),
            CardProduct(
                name_es="Climatizadora AquaAir 90",
                name_en="Climatizadora AquaAir 90",
                serial="AA-90-22315",
                entitlement=Entitlement(is_covered=False, since=date(2026, 2, 1)),
            ),
        ),
        notes=(
            CardNote(
                text="«Sigue a 9 grados. Si mañana no está, retiramos el género».",
                agent="Íñigo Echeverría",
                at=START - timedelta(days=1),
            ),
        ),
        match=Match(kind="exact"),
    )


def several() -> Card:
    """A company's number that three people share."""
    return Card(
        number=NUMBER,
        account=CardAccount(id="00000000-0000-7000-8000-0000000000a9", name="Hostelería Guadalquivir, S.L."),
        people=tuple(
            CardPerson(contact_id=f"c-{n}", name=name, company="Hostelería Guadalquivir, S.L.", why=why)
            for n, (name, why) in enumerate(
                (
                    ("María del Carmen Fernández-Villaverde", "open_incident"),
                    ("Antonio Villaverde (cocina)", "spoken"),
                    ("Lourdes Prieto", "exact"),
                ),
                start=1,
            )
        ),
        match=Match(kind="exact"),
    )


def past(at: datetime, agent: str | None, outcome: str, course: Course) -> CardCall:
    """An earlier call as the card holds it."""
    segments, begin = [], at
    for kind, seconds in course:
        until = begin + timedelta(seconds=seconds)
        segments.append(CardSegment(kind=kind, at=begin, until=until))
        begin = until
    return CardCall(
        id=call_id("main", f"{int(at.timestamp())}.0"),
        started_at=at,
        duration_s=(begin - at).total_seconds(),
        outcome=outcome,
        agent=agent,
        segments=tuple(segments),
    )


class AtDesk:
    """Ana's desk: what rings there and what becomes of it."""

    def __init__(self, place: Place) -> None:
        self.place, self.stage = place, place.stage

    def comes(
        self,
        linkedid: str = "1795311086.0",
        *,
        card: Card | None = None,
        reserves: bool = True,
        **facts: object,
    ) -> Call:
        """A call comes: 24 s in the menu, 134 s in the queue; its phone is rung for 4 s."""
        known = {"customer": NUMBER, "ani_raw": "957212000", "did": "5551001"} | facts
        ani = known.pop("ani", NUMBER)
        call = self.stage.call(linkedid, **known)
        call.ani = ani
        now = self.stage.clock.now
        call.started_at, queued, rung = (now - timedelta(seconds=s) for s in (162, 138, 4))
        call.segments = [
            Segment(kind="ivr", party="customer", at=call.started_at, until=queued),
            Segment(kind="wait", party="customer", at=queued, until=rung),
            Segment(kind="ring", party="customer", at=rung),
        ]
        attempt = Attempt(interface=ANA_SEAT.interface, agent="101", started_at=rung)
        call.visits = [Visit(queue="Frío industrial", entered_at=queued, attempts=[attempt])]
        if card is not None:
            self.stage.cards.cards[call.id] = card
        self.stage.offers(call, queue="Frío industrial")
        if reserves:
            self.stage.happens(agent_is("reserved", call=call))
        return call

    def answers(self, call: Call) -> None:
        """Ana picks up."""
        now = self.stage.clock.now
        call.answered_at = call.visits[0].left_at = now
        call.visits[0].agent, call.visits[0].interface, call.visits[0].outcome = (
            "101",
            ANA_SEAT.interface,
            "answered",
        )
        call.segments[-1].until = now
        call.segments.append(Segment(kind="talk", party="customer", with_=(ANA_SEAT.interface,), at=now))
        call.segments.append(Segment(kind="talk", party=ANA_SEAT.interface, agent="101", at=now))
        self.stage.offer_ends(call, "answered")
        self.stage.happens(self._state("talking", call))
        self.stage.happens(self._about(events.CallAnswered, call, interface=ANA_SEAT.interface, agent="101"))

    def holds(self, call: Call, *, by_phone: bool = False) -> None:
        """The customer hears music: by the desk, or by Ana's phone."""
        now = self.stage.clock.now
        mine = [one for one in call.segments if one.party == "customer"]
        mine[-1].until = now
        call.segments.append(Segment(kind="hold", party="customer", with_=(ANA_SEAT.interface,), at=now))
        state = self._state("holding", call, is_kept=not by_phone)
        self.stage.happens(state, self._about(events.CallHeld, call, agent="101"))

    def resumes(self, call: Call) -> None:
        """The customer is taken back."""
        now = self.stage.clock.now
        for party, other in (("customer", ANA_SEAT.interface), (ANA_SEAT.interface, "customer")):
            [one for one in call.segments if one.party == party][-1].until = now
            call.segments.append(Segment(kind="talk", party=party, with_=(other,), at=now))
        self.stage.happens(self._state("talking", call), self._about(events.CallResumed, call, agent="101"))

    async def hangs_up(self, call: Call, *, is_free_first: bool = False) -> None:
        """The customer hangs up, and the call is on record; Ana's phone may be free a moment before."""
        now = self.stage.clock.now
        for segment in call.segments:
            segment.until = segment.until or now
        call.ended_at, call.outcome = now, "answered"
        await self.place.db.run(calls.record, calls=[call], events=())
        del self.stage.floor.live[call.id]
        ended = self._about(events.CallEnded, call, outcome="answered", hung_up_by="customer", record=call)
        free = self._state("ready", None)
        self.stage.happens(*((free, ended) if is_free_first else (ended, free)))

    def _state(
        self, state: events.AgentStateName, call: Call | None, *, is_kept: bool = False
    ) -> events.AgentStateChanged:
        return replace(agent_is(state, call=call, is_kept=is_kept), at=self.stage.clock.now)

    def _about(self, told: type[events.CallEvent], call: Call, **facts: object) -> events.CallEvent:
        return replace(about(told, call, **facts), at=self.stage.clock.now)


async def furnish(place: Place) -> str:
    """Put customers, their calls and María's incidents on record, and what Ana missed; return María's id."""
    now = START
    ids = {number: await known(place, *names, number) for number, names in CUSTOMERS.items()}
    maria_id = ids[NUMBER]
    for key, subject, priority, days in INCIDENTS:
        await place.db.run(
            incidents.open_incident,
            call_id=None,
            contact_id=maria_id,
            subject=subject,
            description=None,
            priority=priority,
            key=key,
            by=None,
            now=now - timedelta(days=days),
        )
    told = [recorded(n, ids, *rest) for n, rest in enumerate(RECORDED)]
    await place.db.run(calls.record, calls=told, events=())
    await place.db.run(
        calls.save_work,
        call_id=told[0].id,
        agent="102",
        notes="«Sigue a 9 grados. Si mañana no está, retiramos el género». Se pide segunda visita.",
        disposition="Cita técnica",
        now=now,
    )
    return maria_id


async def known(place: Place, given: str, family: str, company: str | None, number: str) -> str:
    """Put a customer on record; return the contact's id."""
    digits = number.encode()[-10:].rjust(10, b"0")
    contact = Contact(
        id=new_id(START, digits),
        given=given,
        family=family,
        company=company,
        created_at=START,
        updated_at=START,
        phones=(Phone(id=new_id(START, digits[::-1]), raw=number, is_primary=True),),
    )
    kept = await place.db.run(contacts.create, contact=contact, region="ES", by=None, now=START)
    return kept.id


def recorded(
    n: int, ids: dict[str, str], hours: float, agent: str | None, number: str, queue: str, course: Course
) -> Call:
    """A past call: answered by *agent*, or given up while Ana's phone rang."""
    at = START - timedelta(hours=hours)
    call = Call(
        id=call_id("main", f"{int(at.timestamp())}.{n}"),
        pbx="main",
        linkedid=f"{int(at.timestamp())}.{n}",
        started_at=at,
        ani=number,
        customer=number,
        version=9,
    )
    for kind, seconds in course:
        until = at + timedelta(seconds=seconds)
        call.segments.append(Segment(kind=kind, party="customer", at=at, until=until))
        if kind == "talk" and agent:
            call.segments.append(
                Segment(kind="talk", party=f"PJSIP/agent{agent}", agent=agent, at=at, until=until)
            )
        at = until
    call.ended_at = at
    call.contact_id = ids.get(number)
    call.outcome = "answered" if agent else "abandoned"
    call.answered_at = call.started_at if agent else None
    attempt = Attempt(
        interface="PJSIP/agent" + (agent or "101"),
        agent=agent or "101",
        started_at=call.started_at,
        result="answered" if agent else "no_answer",
    )
    waited = float(sum(seconds for kind, seconds in course if kind in ("wait", "ring")))
    call.visits = [
        Visit(
            queue=queue,
            entered_at=call.started_at,
            left_at=at,
            wait_s=waited,
            agent=agent,
            outcome=call.outcome,
            attempts=[attempt],
        )
    ]
    return with_sums(call)
