"""What who is confined to his teams sees, as conditions; ``Confines`` says the same of one record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from crm_core.db.schema import call, call_agent, call_visit
from crm_core.db.schema_incidents import incident
from crm_core.db.schema_interactions import interaction
from crm_core.db.schema_tasks import task
from crm_core.domain.confines import Confines

_CALL = call.alias("confined")
_VISIT, _HAD = call_visit.alias("passed"), call_agent.alias("had")
_I, _T = incident.c, task.c


def seen_call(within: Confines, key: ColumnElement[Any], pbx: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether the call *key* came through one of their queues, or one of them had it.

    Without queues it is few calls: they are found by the agents, and not looked for among all.
    """
    agents = sorted(within.agents)
    if not within.queues:
        return key.in_(select(_HAD.c.call_id).where(_HAD.c.agent.in_(agents)))
    queues = [and_(pbx == name, _VISIT.c.queue.in_(queues)) for name, queues in _by_exchange(within.queues)]
    return or_(
        exists().where(_VISIT.c.call_id == key, or_(*queues)),
        exists().where(_HAD.c.call_id == key, _HAD.c.agent.in_(agents)),
    )


def seen_wish(within: Confines, call_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether a wish that was told in the call *call_id* is theirs, or nobody's yet."""
    is_nobodys = and_(
        ~exists().where(_VISIT.c.call_id == call_id), ~exists().where(_HAD.c.call_id == call_id)
    )
    is_theirs = exists().where(_CALL.c.id == call_id, seen_call(within, _CALL.c.id, _CALL.c.pbx))
    return or_(call_id.is_(None), is_nobodys, is_theirs)


def seen_incident(within: Confines) -> ColumnElement[bool]:
    """Return whether an incident is of one of their teams or of none, or his own."""
    return or_(_I.team_id.is_(None), _I.team_id.in_(sorted(within.teams)), _I.assignee == within.user)


def seen_task(within: Confines) -> ColumnElement[bool]:
    """Return whether one of them has a task, or he noted it; nobody's as far as he sees its incident."""
    seen = select(_I.id).where(seen_incident(within))
    return or_(
        _T.assignee.in_(sorted(within.people)),
        _T.created_by == within.user,
        and_(_T.assignee.is_(None), or_(_T.incident_id.is_(None), _T.incident_id.in_(seen))),
    )


def seen_interaction(within: Confines) -> ColumnElement[bool]:
    """Return whether what was written is about no incident, or about one that he sees."""
    about = interaction.c.incident_id
    return or_(about.is_(None), about.in_(select(_I.id).where(seen_incident(within))))


def _by_exchange(queues: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for pbx, queue in sorted(queues):
        found.setdefault(pbx, []).append(queue)
    return list(found.items())
