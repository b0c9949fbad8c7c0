"""Events told to other systems: in their order, at least once each, to every subscription on its own.

How far each is stands in the database, so who is started again goes on there; what was under way then is
sent once more, by the same id.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from importlib.metadata import version

import msgspec
import structlog
from msgspec.structs import replace

from ami_bridge.bus import Numbered
from centralita.receivers import ANSWER_WITHIN_S, Answer, Receivers
from crm_core.domain.errors import DatabaseAwayError
from crm_core.domain.events import StoredEvent
from crm_core.domain.webhooks import (
    Patience,
    Progress,
    WebhookChanged,
    arrived,
    failed,
    id_of,
    is_plain,
    signature,
)
from crm_core.services import webhooks
from crm_core.services.webhooks import Due, Work
from screenpop.api.events import logged
from screenpop.context import Records, WebhookHealth
from screenpop.sealing import Sealer

log = structlog.get_logger(__name__)
LOOK_S, IDLE_S, KEEP_S, AT_ONCE = 1.0, 60.0, 1.0, 100
PATIENCE = Patience()
EVENT_GONE, NO_SECRET = "event_gone", "no_secret"
AGENT = f"Centralita/{version('centralita')}"


class Webhooks:
    """Tells the subscriptions in *db* what happens, as long as *may_send* lets us.

    ``told`` counts. Nothing is done while nobody subscribes.
    """

    def __init__(
        self,
        db: Records,
        *,
        allowed: Collection[str],
        may_send: Callable[[], bool],
        now: Callable[[], datetime],
        sealer: Sealer,
        patience: Patience = PATIENCE,
        chance: Callable[[], float] = random.random,
        within_s: float = ANSWER_WITHIN_S,
    ) -> None:
        self.told = WebhookHealth()
        self._db, self._allowed, self._may_send, self._now = db, allowed, may_send, now
        self._patience, self._chance, self._within_s = patience, chance, within_s
        self._changed, self._sealer, self._is_sealed = asyncio.Event(), sealer, False

    def on_events(self, batch: Sequence[Numbered]) -> None:
        """Look again when a subscription is new or another; called by the bus."""
        if any(isinstance(event, WebhookChanged) for _, event in batch):
            self._changed.set()

    async def run(self) -> None:
        """Tell what happens until cancelled."""
        busy: dict[str, asyncio.Task[None]] = {}
        receiving = Receivers(self._allowed, now=self._now, within_s=self._within_s)
        async with receiving as receivers, asyncio.TaskGroup() as group:
            while True:
                self._changed.clear()
                due = await self._due()
                busy = {key: task for key, task in busy.items() if not task.done()}
                for key in due.ids:
                    if key not in busy:
                        busy[key] = group.create_task(self._serve(key, receivers), name=f"webhook {key}")
                await self._wait(LOOK_S if due.is_used else IDLE_S)

    async def _due(self) -> Due:
        try:
            await self._seal()
            due = await self._db.read(webhooks.due, now=self._now())
        except DatabaseAwayError:
            return Due(is_used=True)
        self.told.failing, self.told.stopped, self.told.behind = due.failing, due.stopped, due.behind
        return due

    async def _seal(self) -> None:
        """Seal once what is kept from before secrets were sealed."""
        if self._is_sealed or not self._may_send():
            return
        if await self._db.read(webhooks.has_plain):
            seal = partial(self._sealer.seal, now=self._now())
            count = await self._db.run(webhooks.seal_all, seal=seal)
            log.info("secrets of webhooks were sealed", count=count)
        self._is_sealed = True

    async def _wait(self, within_s: float) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), within_s)
        except TimeoutError:
            return

    async def _serve(self, webhook_id: str, receivers: Receivers) -> None:
        """Tell one subscription everything that waits for it, or until something fails."""
        asked = {"webhook_id": webhook_id, "limit": AT_ONCE}
        try:
            while work := await self._db.read(webhooks.work_of, now=self._now(), **asked):
                if not await self._do(work, receivers) or work.is_all:
                    return
        except DatabaseAwayError as error:
            log.warning("a webhook waits for the database", webhook=webhook_id, why=str(error))

    async def _do(self, work: Work, receivers: Receivers) -> bool:
        """Deliver *work*; return whether all of it was taken."""
        for letter, event in work.again:
            if not self._may_send():
                return False
            why = (await self._send(work, event, receivers)).why if event else EVENT_GONE
            await self._db.run(webhooks.sent_again, letter=letter, why=why, now=self._now())
        return await self._go_on(work, receivers)

    async def _go_on(self, work: Work, receivers: Receivers) -> bool:
        progress, clock = work.webhook.progress, asyncio.get_running_loop().time
        kept_at = clock()
        for event in work.events:
            if not self._may_send():
                return False
            answer = await self._send(work, event, receivers)
            if answer.why is not None:
                await self._note(work, event, progress, answer)
                return False
            progress = arrived(progress, pos=event.pos or 0, now=self._now())
            if clock() - kept_at >= KEEP_S:
                if not await self._keep(work, progress):
                    return False
                kept_at = clock()
        return await self._keep(work, replace(progress, pos=work.until))

    async def _send(self, work: Work, event: StoredEvent, receivers: Receivers) -> Answer:
        now, message = self._now(), id_of(event.pos or 0)
        at, body = int(now.timestamp()), msgspec.json.encode(logged(event))
        secrets = self._secrets(work, now)
        if not secrets:
            self.told.count(NO_SECRET)
            return Answer(NO_SECRET)
        signed = signature(secrets, message=message, at=at, body=body)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            "webhook-id": message,
            "webhook-timestamp": str(at),
            "webhook-signature": signed,
        }
        answer = await receivers.post(work.webhook.url, body=body, headers=headers)
        self.told.count(answer.why)
        return answer

    def _secrets(self, work: Work, now: datetime) -> list[str]:
        """Return what is signed with; nothing when what is kept was sealed by another key."""
        kept = work.keys.at(now)
        found = [one if is_plain(one) else self._sealer.open(one) for one in kept]
        if found[0] is None:
            log.error("a webhook's secret cannot be read: its key is another", webhook=work.webhook.id)
            return []
        return [one for one in found if one is not None]

    async def _note(self, work: Work, event: StoredEvent, progress: Progress, answer: Answer) -> None:
        now = self._now()
        after = failed(
            progress,
            why=answer.why or "",
            wait=answer.wait,
            chance=self._chance(),
            patience=self._patience,
            now=now,
        )
        log.info(
            "a webhook was not taken",
            webhook=work.webhook.id,
            pos=event.pos,
            why=after.why,
            tries=after.tries,
        )
        await self._db.run(
            webhooks.note_failure,
            webhook_id=work.webhook.id,
            event=event,
            progress=after,
            patience=self._patience,
            now=now,
        )

    async def _keep(self, work: Work, progress: Progress) -> bool:
        kept: bool = await self._db.run(webhooks.keep, webhook_id=work.webhook.id, progress=progress)
        return kept
