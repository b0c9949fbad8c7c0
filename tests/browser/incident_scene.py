"""Incidents as a workshop has them: critical and calm, held, late and over, with hostile words in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from browser.kit import Place

from crm_core.domain.choices import Choice
from crm_core.domain.contacts import Contact
from crm_core.domain.incidents import Incident
from crm_core.domain.people import User
from crm_core.services import contacts, escalation, incident_notes, incidents, service_levels, users

HOSTILE = "<img src=x onerror=alert(1)>"
WORKER = User(
    id="01931f00-0000-7000-8000-0000000000aa", name="ruben", full_name="Rubén Etxeberria", role="agent"
)
CHOICES = (
    ("category", "Frío", "Cold", None),
    ("category", "Cámaras", "Chambers", "Frío"),
    ("category", "Facturación", "Billing", None),
    ("product_line", "Frío industrial", "Industrial cold", None),
    ("team", "Taller", "Workshop", None),
)
# minutes ago, subject, more
OPENED: tuple[tuple[int, str, dict[str, Any]], ...] = (
    (300, "Compresor bloqueado en muelle de carga 3", {"priority": 1, "assignee": WORKER.id}),
    (200, "Cámara frigorífica no enfría tras la segunda visita", {"priority": 1}),
    (100, "Alarma de puerta no se apaga", {"priority": 2}),
    (90, "Ruido intermitente en evaporador, solo de madrugada, con el ventilador parado", {}),
    (80, "Factura duplicada de octubre", {"kind": "complaint"}),
    (70, f"Thermostat replaced {HOSTILE}", {"kind": "request", "priority": 5}),
    (60, "Error E-07 al arrancar tras corte de luz", {}),
)


@dataclass
class Scene:
    """What is there: incidents by the first word of their subjects, choices by their Spanish names."""

    place: Place
    incidents: dict[str, Incident]
    choices: dict[str, Choice]
    contact: Contact

    async def change(self, word: str, *, seconds: int = 0, **changes: Any) -> Incident:
        """Return the incident that begins with *word* after *changes*, made by somebody else."""
        one = await self.place.db.read(incidents.get, incident_id=self.incidents[word].id)
        after: Incident = await self.place.db.run(
            incidents.change,
            incident_id=one.id,
            version=one.version,
            changes=changes,
            by="u-luis",
            now=self.now + timedelta(seconds=seconds),
        )
        self.incidents[word] = after
        return after

    async def now_is(self, word: str) -> Incident:
        found: Incident = await self.place.db.read(incidents.get, incident_id=self.incidents[word].id)
        return found

    @property
    def now(self) -> datetime:
        return self.place.context.now()


async def furnish(place: Place, *, more: int = 0) -> Scene:
    """Put everything there; *more* are plain incidents besides."""
    db, now = place.db, place.context.now()
    await db.run(users.add_user, user=WORKER)
    choices = await _choices(place)
    hours = await db.run(
        service_levels.add_calendar,
        fields={"name": "Siempre", "zone": "Europe/Madrid", "hours": {}},
        by="u-bea",
        now=now,
    )
    for name, priority, resolve in (("Oro · crítica", 1, 4), ("Normal", None, 8)):
        fields = {
            "name": name,
            "calendar_id": hours.id,
            "priority": priority,
            "respond_s": 1800,
            "resolve_s": resolve * 3600,
        }
        await db.run(service_levels.add_policy, fields=fields, by="u-bea", now=now)
    contact = await db.run(
        contacts.create,
        contact=Contact(
            id="01931f00-0000-7000-8000-0000000000c1",
            given="M.ª del Carmen",
            family="Fernández-Villaverde",
            company="Hostelería Guadalquivir, S.L.",
            created_at=now,
            updated_at=now,
        ),
        region="ES",
        by=None,
        now=now,
    )
    scene = Scene(place, {}, choices, contact)
    plain = ((10, f"Consulta {n} sobre la bonificación", {"priority": 4}) for n in range(more))
    for n, (minutes, subject, facts) in enumerate((*OPENED, *plain)):
        opened = await db.run(
            incidents.open_incident,
            call_id=None,
            contact_id=contact.id if n < 5 else None,
            subject=subject,
            description="Temperatura 9,5 °C.\nGénero valorado en 4.200 €." if n == 1 else None,
            key=f"scene-{n}",
            by="u-ana",
            now=now - timedelta(minutes=minutes),
            category_id=choices["Cámaras"].id if n < 3 else None,
            team_id=choices["Taller"].id if n < 4 else None,
            **facts,
        )
        scene.incidents[subject.split()[0]] = opened
    await _worked_on(scene)
    return scene


async def _worked_on(scene: Scene) -> None:
    await scene.change("Compresor", seconds=-17_000, state="in_progress")
    await scene.change("Cámara", seconds=-11_000, state="in_progress")
    await scene.change("Factura", seconds=-4_000, state="pending")
    await scene.change("Error", seconds=-1_000, state="resolved")
    await scene.place.db.run(escalation.tell, now=scene.now)
    await scene.place.db.run(
        incident_notes.write,
        incident_id=scene.incidents["Cámara"].id,
        text=f"Retenido en Logística Valdepeñas. {HOSTILE}",
        is_public=False,
        by="u-luis",
        now=scene.now - timedelta(seconds=900),
    )


async def _choices(place: Place) -> dict[str, Choice]:
    made: dict[str, Choice] = {}
    for kind, es, en, parent in CHOICES:
        fields = {
            "kind": kind,
            "name_es": es,
            "name_en": en,
            "parent_id": made[parent].id if parent else None,
        }
        made[es] = await place.db.run(
            service_levels.add_choice, fields=fields, by="u-bea", now=place.context.now()
        )
    return made
