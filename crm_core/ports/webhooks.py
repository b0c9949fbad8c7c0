"""Systems that are told what happens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from crm_core.domain.webhooks import Keys, Progress, Undelivered, Webhook


class Webhooks(Protocol):
    """Subscriptions, their secrets, how far each is, and what was given up."""

    def every(self) -> list[Webhook]:
        """Return all by id."""

    def get(self, webhook_id: str) -> Webhook | None:
        """Return one."""

    def keys(self, webhook_id: str) -> Keys | None:
        """Return what is signed with."""

    def plain(self) -> dict[str, Keys]:
        """Return what is signed with where a secret is kept as it is, by id."""

    def add(self, one: Webhook, keys: Keys) -> None:
        """Keep a new one."""

    def change(self, one: Webhook) -> None:
        """Keep one as it is now."""

    def put_keys(self, webhook_id: str, keys: Keys) -> None:
        """Keep what is signed with from now on."""

    def put_progress(self, webhook_id: str, progress: Progress) -> bool:
        """Keep how far it is; False when its turn is over, for somebody set it otherwise."""

    def remove(self, webhook_id: str) -> None:
        """Forget one and what was given up of it."""

    def undelivered(self, webhook_id: str, after: int, limit: int) -> list[Undelivered]:
        """Return what was given up, by place, behind *after*."""

    def due(self, webhook_id: str, limit: int) -> list[Undelivered]:
        """Return what was given up and is to be sent again, by place."""

    def give_up(self, one: Undelivered) -> None:
        """Keep that an event was given up; once more, when it was before."""

    def send_again(self, webhook_id: str, pos: int | None) -> int:
        """Keep that what was given up at *pos*, None for all, is to be sent again; return how many it is."""

    def drop(self, webhook_id: str, positions: Iterable[int]) -> None:
        """Forget that events were given up."""
