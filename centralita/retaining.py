"""What is too old goes each night, by the rules that somebody made: a little at a time, others write between.

A night that nobody ran in is made up for at the next start; a run that was killed is gone on with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from centralita.nightly import last_time
from crm_core.domain.errors import DatabaseAwayError, VersionConflictError
from crm_core.domain.retention import Aged, RecordKind, RetentionRule, end_of, is_due
from crm_core.ports.places import Place
from crm_core.services import retention
from screenpop.context import Records

log = structlog.get_logger(__name__)
AT: Final = time(3, 40)
LOOK_S, PAUSE_S = 60.0, 0.02
AT_ONCE: Final[dict[RecordKind, int]] = {
    "calls": 10,
    "incidents": 10,
    "consents": 100,
    "attempts": 100,
    "tasks": 100,
    "callbacks": 100,
    "leads": 50,
    "merges": 50,
    "imports": 1,  # of which a part goes
    "contacts": 5,
}
MOST_CONTACTS: Final = 100
"""In a night: to erase one, all of the event log is read."""


class Retaining:
    """Lets go of what is too old in *db*, each night at ``AT`` of *zone*; ``gone`` counts it by kind."""

    def __init__(self, db: Records, *, zone: ZoneInfo, now: Callable[[], datetime]) -> None:
        self._db, self._zone, self._now = db, zone, now
        self.gone: dict[str, int] = {}

    async def run(self) -> None:
        """Let go whenever it is time, until cancelled."""
        while True:
            try:
                await self.work()
            except DatabaseAwayError as error:
                log.warning("what is too old stays for now", why=str(error))
            await asyncio.sleep(LOOK_S)

    async def work(self) -> list[RetentionRule]:
        """Let go of each kind that was not looked through since it was last time for it; return their rules.

        Raises:
            DatabaseAwayError: some kinds wait.
        """
        night = last_time(self._now(), at=AT, zone=self._zone)
        rules = await self._db.read(retention.rules)
        return await self.let_go_by([one for one in rules if is_due(one, night=night)])

    async def let_go_by(self, rules: Iterable[RetentionRule]) -> list[RetentionRule]:
        """Let go of everything that is too old by *rules*; a kind that fails keeps none behind it waiting.

        Raises:
            DatabaseAwayError: of a kind; all others are done.
        """
        done, failed = list[RetentionRule](), list[DatabaseAwayError]()
        for one in rules:
            try:
                done.append(await self.let_go(one))
            except DatabaseAwayError as error:
                log.warning("a kind of records that are too old waits", kind=one.kind, why=str(error))
                failed.append(error)
        if failed:
            raise failed[0]
        return done

    async def let_go(self, rule: RetentionRule) -> RetentionRule:
        """Let go of everything that is too old by a rule; return it with how many went.

        A rule that somebody changes meanwhile is left alone from there on.

        Raises:
            DatabaseAwayError: the rest waits.
        """
        try:
            return await self._gone_by(rule, days=rule.days) if rule.days is not None else rule
        except VersionConflictError:
            log.info("how long records are kept was changed meanwhile", kind=rule.kind)
            return rule

    async def _gone_by(self, rule: RetentionRule, *, days: int) -> RetentionRule:
        kind, before, behind, held = rule.kind, end_of(days, now=self._now()), None, 0
        left = MOST_CONTACTS if kind == "contacts" else None
        while (left is None or left > 0) and (found := await self._older(kind, before, behind)):
            done = await self._db.run(
                retention.let_go, kind=kind, version=rule.version, found=found, now=self._now()
            )
            behind, held = behind if done.goes_on else (found[-1].at, found[-1].id), held + done.held
            left = None if left is None else left - done.gone
            self.gone[kind] = self.gone.get(kind, 0) + done.gone
            await asyncio.sleep(PAUSE_S)
        kept = await self._db.run(retention.end_run, kind=kind, held=held, now=self._now())
        log.info("what was too old is gone", kind=kind, gone=kept.gone, held=held)
        return kept

    async def _older(self, kind: RecordKind, before: datetime, behind: Place | None) -> list[Aged]:
        return await self._db.read(
            retention.older, kind=kind, before=before, behind=behind, limit=AT_ONCE[kind]
        )
