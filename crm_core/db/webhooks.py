"""Subscriptions in the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, or_, select, true, update

from crm_core.db.schema_webhooks import webhook, webhook_undelivered
from crm_core.domain.webhooks import PREFIX, Keys, Progress, Undelivered, Webhook

_W, _U = webhook.c, webhook_undelivered.c


class SqlWebhooks:
    """``Webhooks``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def every(self) -> list[Webhook]:
        """Return all by id."""
        return [_webhook(row) for row in self._connection.execute(select(webhook).order_by(_W.id))]

    def get(self, webhook_id: str) -> Webhook | None:
        """Return one."""
        row = self._connection.execute(select(webhook).where(_W.id == webhook_id)).first()
        return _webhook(row) if row else None

    def keys(self, webhook_id: str) -> Keys | None:
        """Return what is signed with."""
        wanted = select(_W.sealed, _W.former_sealed, _W.former_until).where(_W.id == webhook_id)
        row = self._connection.execute(wanted).first()
        return Keys(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name for it

    def plain(self) -> dict[str, Keys]:
        """Return what is signed with where a secret is kept as it is, by id."""
        is_plain = or_(*(each.startswith(PREFIX, autoescape=True) for each in (_W.sealed, _W.former_sealed)))
        wanted = select(_W.id, _W.sealed, _W.former_sealed, _W.former_until).where(is_plain).order_by(_W.id)
        rows = [dict(row._mapping) for row in self._connection.execute(wanted)]  # noqa: SLF001 - its public name
        return {row.pop("id"): Keys(**row) for row in rows}

    def add(self, one: Webhook, keys: Keys) -> None:
        """Keep a new one."""
        progress = msgspec.structs.asdict(one.progress)
        self._connection.execute(insert(webhook), _row(one) | progress | msgspec.structs.asdict(keys))

    def change(self, one: Webhook) -> None:
        """Keep one as it is now."""
        values = _row(one) | msgspec.structs.asdict(one.progress)
        self._connection.execute(update(webhook).where(_W.id == values.pop("id")).values(**values))

    def put_keys(self, webhook_id: str, keys: Keys) -> None:
        """Keep what is signed with from now on."""
        values = msgspec.structs.asdict(keys)
        self._connection.execute(update(webhook).where(_W.id == webhook_id).values(**values))

    def put_progress(self, webhook_id: str, progress: Progress) -> bool:
        """Keep how far it is; False when its turn is over, for somebody set it otherwise."""
        values = msgspec.structs.asdict(progress)
        is_his = (_W.id == webhook_id, _W.turn == progress.turn)
        return bool(self._connection.execute(update(webhook).where(*is_his).values(**values)).rowcount)

    def remove(self, webhook_id: str) -> None:
        """Forget one and what was given up of it."""
        self._connection.execute(delete(webhook_undelivered).where(_U.webhook_id == webhook_id))
        self._connection.execute(delete(webhook).where(_W.id == webhook_id))

    def undelivered(self, webhook_id: str, after: int, limit: int) -> list[Undelivered]:
        """Return what was given up, by place, behind *after*."""
        wanted = select(webhook_undelivered).where(_U.webhook_id == webhook_id, _U.pos > after)
        return self._given_up(wanted.order_by(_U.pos).limit(limit))

    def due(self, webhook_id: str, limit: int) -> list[Undelivered]:
        """Return what was given up and is to be sent again, by place."""
        wanted = select(webhook_undelivered).where(_U.webhook_id == webhook_id, _U.is_due == true())
        return self._given_up(wanted.order_by(_U.pos).limit(limit))

    def give_up(self, one: Undelivered) -> None:
        """Keep that an event was given up; once more, when it was before."""
        self.drop(one.webhook_id, (one.pos,))
        self._connection.execute(insert(webhook_undelivered), msgspec.structs.asdict(one))

    def send_again(self, webhook_id: str, pos: int | None) -> int:
        """Keep that what was given up at *pos*, None for all, is to be sent again; return how many it is."""
        which = [_U.webhook_id == webhook_id] + ([] if pos is None else [_U.pos == pos])
        return self._connection.execute(
            update(webhook_undelivered).where(*which).values(is_due=True)
        ).rowcount

    def drop(self, webhook_id: str, positions: Iterable[int]) -> None:
        """Forget that events were given up."""
        which = (_U.webhook_id == webhook_id, _U.pos.in_(list(positions)))
        self._connection.execute(delete(webhook_undelivered).where(*which))

    def _given_up(self, wanted: Any) -> list[Undelivered]:
        return [Undelivered(**row._mapping) for row in self._connection.execute(wanted)]  # noqa: SLF001 - as above


def _row(one: Webhook) -> dict[str, Any]:
    row = msgspec.structs.asdict(one)
    del row["progress"]
    return row | {"types": " ".join(one.types)}


def _webhook(row: Row[Any]) -> Webhook:
    told = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    own = {name: told[name] for name in Webhook.__struct_fields__ if name not in {"types", "progress"}}
    progress = Progress(**{name: told[name] for name in Progress.__struct_fields__})
    return Webhook(**own, types=tuple(told["types"].split()), progress=progress)
