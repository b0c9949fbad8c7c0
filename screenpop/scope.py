"""What somebody sees of what his role may see: everything, or what belongs to his teams (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crm_core.domain.calls import Call
from crm_core.domain.confines import Confines


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything, or, ``within`` his teams, their queues, their people and himself."""

    within: Confines | None = None

    @property
    def is_everything(self) -> bool:
        """Return whether nothing is kept from him."""
        return self.within is None

    def has_queue(self, pbx: str, queue: str) -> bool:
        """Return whether he sees a queue."""
        return self.within is None or self.within.has_queue(pbx, queue)

    def names(self, of_queues: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
        """Return the names of the queues that he sees, of those by exchange and by the exchange's name."""
        return {
            pbx: {queue: name for queue, name in names.items() if self.has_queue(pbx, queue)}
            for pbx, names in of_queues.items()
        }

    def has_agent(self, agent: str | None) -> bool:
        """Return whether he sees an agent, by his code; at a phone where nobody signed in sits nobody."""
        return self.within is None or self.within.has_agent(agent)

    def sees_call(self, call: Call) -> bool:
        """Return whether he sees a call: it came through such a queue, or such an agent had it or is rung."""
        return self.within is None or self.within.sees_call(call)


EVERYTHING: Final = Scope()
