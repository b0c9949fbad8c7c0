"""What somebody sees who is confined to his teams: their queues, their people, and himself (pure)."""

from __future__ import annotations

import msgspec

from crm_core.domain.calls import Call
from crm_core.domain.history import agents_of
from crm_core.domain.incidents import Incident


class Confines(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to the teams of ``user``; in no team it is he alone.

    ``people`` are users' ids and ``agents`` their codes, himself among both; ``queues`` are those whose
    line names one of ``teams``, by exchange and name.
    """

    user: str
    teams: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    queues: frozenset[tuple[str, str]] = frozenset()

    def has_queue(self, pbx: str, queue: str) -> bool:
        """Return whether a queue is one of theirs."""
        return (pbx, queue) in self.queues

    def has_agent(self, agent: str | None) -> bool:
        """Return whether an agent is one of them; nobody who signed in is none."""
        return agent in self.agents

    def sees_call(self, call: Call) -> bool:
        """Return whether a call came through one of their queues, or one of them had it or is rung."""
        return any(self.has_queue(call.pbx, visit.queue) for visit in call.visits) or not (
            self.agents.isdisjoint(concerned(call))
        )

    def sees_incident(self, incident: Incident) -> bool:
        """Return whether an incident is of one of their teams or of none, or his own."""
        return incident.team_id is None or incident.team_id in self.teams or incident.assignee == self.user


def concerned(call: Call) -> set[str]:
    """Return the agents in whose history a call stands or, while it goes on, who are rung by it."""
    found = set(agents_of(call))
    if call.ended_at is None:
        rung = [*call.attempts, *(one for visit in call.visits for one in visit.attempts)]
        found |= {one.agent for one in rung if one.agent and one.result is None}
    return found
