"""What the demo's numbers and queues are called: two brands and a help desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from centralita.demo_floor import ATENCION, SOPORTE, VENTAS
from crm_core.domain.lines import Line
from crm_core.ports import UnitOfWork
from crm_core.services import lines

LINES = (
    Line(
        pbx="main",
        kind="did",
        code=ATENCION,
        name="Climatización Guadalquivir",
        colour="blue",
        greeting_es="Climatización Guadalquivir, ¿en qué puedo ayudarle?",
        greeting_en="Climatización Guadalquivir, how can I help you?",
        caller_id=ATENCION,
    ),
    Line(
        pbx="main",
        kind="did",
        code=VENTAS,
        name="Frío Directo",
        colour="magenta",
        greeting_es="Frío Directo, buenos días",
        greeting_en="Frío Directo, good morning",
        caller_id=VENTAS,
    ),
    Line(pbx="main", kind="did", code=SOPORTE, name="Asistencia técnica", colour="green", caller_id=SOPORTE),
    Line(pbx="main", kind="queue", code="atencion", name="Atención al cliente"),
    Line(pbx="main", kind="queue", code="ventas", name="Ventas"),
    Line(pbx="main", kind="queue", code="soporte", name="Soporte técnico"),
)


def name_lines(uow: UnitOfWork, *, teams: Mapping[str, str], now: datetime) -> None:
    """Name the lines of a new demo; *teams* are the ids of the queues' teams."""
    for line in LINES:
        team_id = teams.get(line.code) if line.kind == "queue" else None
        lines.put(uow, line=replace(line, team_id=team_id), version=None, by="demo", now=now)
