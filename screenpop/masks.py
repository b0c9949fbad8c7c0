"""What somebody is not shown of customers, and the rules by role, kept in memory (pure)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from ami_bridge.bus import Numbered
from crm_core.domain.events import FieldsChanged, MaskingChanged
from crm_core.domain.masking import MaskRule, Rule
from screenpop.scope import EVERYTHING, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Masks:
    """What is kept from one person; who sees everything has none.

    ``numbers`` by ``own_queues`` are shown with calls of the queues in his ``scope``, and with those that
    he, ``agent``, had at his phone; who sees every queue needs none. ``fields`` are keys of the site's own
    fields; None of them: all shown.
    """

    numbers: Rule = "shown"
    has_emails: bool = False
    has_documents: bool = False
    fields: frozenset[str] = frozenset()
    scope: Scope = EVERYTHING
    agent: str | None = None

    @property
    def is_shared(self) -> bool:
        """Return whether the same is kept from others of his role."""
        return self.scope.is_everything and self.agent is None

    def shows_queue(self, pbx: str, queue: str) -> bool:
        """Return whether the numbers of who called a queue are shown."""
        return self.numbers == "own_queues" and self.scope.has_queue(pbx, queue)


class MaskBook:
    """The rule of each role, and which fields are personal; hears of changes by the bus."""

    def __init__(self) -> None:
        self._rules: dict[str, MaskRule] = {}
        self._personal: frozenset[str] | None = None
        self._changes = 0

    def learn(self, rules: Iterable[MaskRule]) -> None:
        """Take *rules* as all that there are."""
        self._rules = {rule.role: rule for rule in rules}

    def on_events(self, batch: Sequence[Numbered]) -> None:
        """Take what was changed."""
        for _, event in batch:
            if isinstance(event, MaskingChanged):
                self._rules[event.rule.role] = event.rule
            elif isinstance(event, FieldsChanged):
                self._personal, self._changes = None, self._changes + 1

    async def personal(self, read: Callable[[], Awaitable[frozenset[str]]]) -> frozenset[str]:
        """Return the keys of the fields that are personal; *read* gives them when one was changed."""
        if self._personal is not None:
            return self._personal
        before, found = self._changes, await read()
        if before == self._changes:
            self._personal = found
        return found

    def rule_of(self, role: str) -> MaskRule | None:
        """Return what is kept from people of *role*; None where nothing is."""
        rule = self._rules.get(role)
        return None if rule is None or rule.hides_nothing else rule


def masks_of(rule: MaskRule, *, fields: frozenset[str], scope: Scope, agent: str | None) -> Masks:
    """Return what *rule* keeps from somebody; *fields* are the site's own that are personal."""
    by_call = rule.numbers == "own_queues"
    return Masks(
        numbers=rule.numbers,
        has_emails=rule.emails == "masked",
        has_documents=rule.documents == "masked",
        fields=fields if rule.personal == "masked" else frozenset(),
        scope=scope if by_call else EVERYTHING,
        agent=agent if by_call and not scope.is_everything else None,
    )
