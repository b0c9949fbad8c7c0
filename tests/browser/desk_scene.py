"""Calls at a desk as an agent sees them: who rings, what is known, what was before."""

from __future__ import annotations

from datetime import datetime, timedelta

from browser.kit import Place
from unit.screenpop.fakes import ANA_SEAT, START, agent_is

from crm_core.domain.calls import Attempt, Call, Match, Segment, SegmentKind, Visit, call_id
from crm_core.domain.cards import (
    Card,
    CardAccount,
    CardCall,
    CardContact,
    CardIncident,
    CardNote,
    CardPerson,
    CardSegment,
)

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
        account=CardAccount(id="a-guadalquivir", name="Hostelería Guadalquivir, S.L.", tier="Mantenimiento Oro"),
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
        products=("Mantenimiento Oro 24 h", "Cámara frigorífica CF-420", "Climatizadora AquaAir 90"),
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
        account=CardAccount(id="a-guadalquivir", name="Hostelería Guadalquivir, S.L."),
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

    def comes(self, linkedid: str = "1795311086.0", *, card: Card | None = None, **facts: object) -> Call:
        """A call comes: 24 s in the menu, 134 s in the queue; its phone is rung for 4 s."""
        known = {"customer": NUMBER, "ani_raw": "957212000", "did": "5551001"} | facts
        call = self.stage.call(linkedid, **known)
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
        self.stage.happens(agent_is("reserved", call=call))
        return call
