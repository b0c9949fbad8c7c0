"""Subscriptions: set up by people, and their progress kept for who delivers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from crm_core.domain.audit import Change
from crm_core.domain.errors import AlreadyExistsError, NotFoundError
from crm_core.domain.events import StoredEvent
from crm_core.domain.versions import at_version
from crm_core.domain.webhooks import (
    MOST_WEBHOOKS,
    OVERLAP,
    EventGoneError,
    Keys,
    Patience,
    Progress,
    TooManyWebhooksError,
    Undelivered,
    Webhook,
    WebhookChanged,
    checked,
    is_hopeless,
    sealed_by,
    wants,
)
from crm_core.ports import UnitOfWork
from crm_core.services import audit

SERVICE = "service"
_TOLD = ("name", "url", "types", "is_active")


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Whether anybody is told anything (``is_used``), and the ``ids`` of those who are to be told now.

    So many are ``failing``, so many ``stopped`` by the service; the last is so many places ``behind``.
    """

    is_used: bool
    ids: tuple[str, ...] = ()
    failing: int = 0
    stopped: int = 0
    behind: int = 0


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be delivered now: ``again`` first (None: the log let it go), then ``events``.

    After them all up to ``until`` is done; ``is_all``: nothing else waits.
    """

    webhook: Webhook
    keys: Keys
    again: tuple[tuple[Undelivered, StoredEvent | None], ...]
    events: tuple[StoredEvent, ...]
    until: int
    is_all: bool


def every(uow: UnitOfWork) -> list[Webhook]:
    """Return all subscriptions by name."""
    return sorted(uow.webhooks.every(), key=lambda one: (one.name.casefold(), one.id))


def get(uow: UnitOfWork, *, webhook_id: str) -> Webhook:
    """Return one.

    Raises:
        NotFoundError: there is none.
    """
    if (one := uow.webhooks.get(webhook_id)) is None:
        raise NotFoundError("webhook", webhook_id)
    return one


def add(
    uow: UnitOfWork,
    *,
    fields: Mapping[str, Any],
    sealed: str,
    allowed: Collection[str],
    by: str,
    address: str | None,
    now: datetime,
) -> Webhook:
    """Keep a new subscription, with its *sealed* secret; it is told what happens from now on.

    Raises:
        TooManyWebhooksError: there are ``MOST_WEBHOOKS``.
        InvalidError: naming a field that cannot be kept.
        AlreadyExistsError: another one has its name.
    """
    if len(uow.webhooks.every()) >= MOST_WEBHOOKS:
        raise TooManyWebhooksError(MOST_WEBHOOKS)
    progress = Progress(pos=uow.log.last())
    one = Webhook(id=uow.new_id(now), created_at=now, progress=progress, **fields)
    _demand_free(uow, checked(one, allowed=allowed))
    uow.webhooks.add(one, Keys(sealed=sealed))
    _note(uow, "webhook added", one, by=by, address=address, now=now, changes=_changes(None, one))
    return one


def change(
    uow: UnitOfWork,
    *,
    webhook_id: str,
    version: int,
    changes: Mapping[str, Any],
    allowed: Collection[str],
    by: str,
    address: str | None,
    now: datetime,
) -> Webhook:
    """Return the next version; what failed is tried again at once, and what was switched off goes on.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: naming a field that cannot be kept.
        AlreadyExistsError: another one has its name.
    """
    before = _at_version(uow, webhook_id, version)
    after = replace(before, version=version + 1, stopped_why=None, **changes)
    after = replace(after, progress=_afresh(before.progress, pos=before.progress.pos))
    _demand_free(uow, checked(after, allowed=allowed))
    uow.webhooks.change(after)
    _note(uow, "webhook changed", after, by=by, address=address, now=now, changes=_changes(before, after))
    return after


def remove(
    uow: UnitOfWork, *, webhook_id: str, version: int, by: str, address: str | None, now: datetime
) -> None:
    """Forget a subscription, its secret and what was given up.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
    """
    one = _at_version(uow, webhook_id, version)
    uow.webhooks.remove(webhook_id)
    _note(uow, "webhook removed", one, by=by, address=address, now=now)


def renew_secret(
    uow: UnitOfWork, *, webhook_id: str, sealed: str, by: str, address: str | None, now: datetime
) -> datetime:
    """Sign with another secret, which is *sealed*, and for a day with the old one, too; return until when.

    Raises:
        NotFoundError: there is no such subscription.
    """
    one, keys = get(uow, webhook_id=webhook_id), uow.webhooks.keys(webhook_id)
    until = now + OVERLAP
    former = keys.sealed if keys else None
    uow.webhooks.put_keys(webhook_id, Keys(sealed=sealed, former_sealed=former, former_until=until))
    _note(uow, "webhook secret renewed", one, by=by, address=address, now=now)
    return until


def replay(
    uow: UnitOfWork, *, webhook_id: str, after: int, by: str, address: str | None, now: datetime
) -> Webhook:
    """Tell a subscription once more what stands in the log behind the place *after*.

    Raises:
        NotFoundError: there is no such subscription.
    """
    before = get(uow, webhook_id=webhook_id)
    again = replace(before, progress=_afresh(before.progress, pos=min(after, uow.log.last())))
    uow.webhooks.change(again)
    changes = {"pos": (str(before.progress.pos), str(again.progress.pos))}
    _note(uow, "webhook replayed", again, by=by, address=address, now=now, changes=changes)
    return again


def undelivered(uow: UnitOfWork, *, webhook_id: str, after: int, limit: int) -> list[Undelivered]:
    """Return what was given up, by place, behind *after*.

    Raises:
        NotFoundError: there is no such subscription.
    """
    get(uow, webhook_id=webhook_id)
    return uow.webhooks.undelivered(webhook_id, after, limit)


def send_again(
    uow: UnitOfWork, *, webhook_id: str, pos: int | None, by: str, address: str | None, now: datetime
) -> int:
    """Let what was given up at *pos* be sent again, None for all of it; return how many it is.

    Raises:
        NotFoundError: there is no such subscription, or nothing was given up there.
        EventGoneError: the log does not keep the event any more.
    """
    one = get(uow, webhook_id=webhook_id)
    if pos is not None and _event_at(uow, pos) is None:
        raise EventGoneError
    count = uow.webhooks.send_again(webhook_id, pos)
    if pos is not None and not count:
        raise NotFoundError("undelivered event", str(pos))
    _note(uow, "webhook sent again", one, by=by, address=address, now=now)
    return count


# --- for who delivers


def has_plain(uow: UnitOfWork) -> bool:
    """Return whether a secret is kept as it is, from before they were sealed."""
    return bool(uow.webhooks.plain())


def seal_all(uow: UnitOfWork, *, seal: Callable[[str], str]) -> int:
    """Seal secrets that are kept as they are, from before they were sealed; return of how many webhooks."""
    plain = uow.webhooks.plain()
    for webhook_id, keys in plain.items():
        uow.webhooks.put_keys(webhook_id, sealed_by(seal, keys))
    return len(plain)


def due(uow: UnitOfWork, *, now: datetime) -> Due:
    """Return which subscriptions have work now, and how all of them are."""
    known = uow.webhooks.every()
    active = [one for one in known if one.is_active]
    last = uow.log.last() if active else 0
    return Due(
        is_used=bool(active),
        ids=tuple(one.id for one in active if _has_work(uow, one, last, now)),
        failing=sum(one.progress.failing_since is not None for one in active),
        stopped=sum(one.stopped_why is not None for one in known),
        behind=max((last - one.progress.pos for one in active), default=0),
    )


def _has_work(uow: UnitOfWork, one: Webhook, last: int, now: datetime) -> bool:
    if uow.webhooks.due(one.id, 1):
        return True
    return one.progress.pos < last and (one.progress.next_at is None or one.progress.next_at <= now)


def work_of(uow: UnitOfWork, *, webhook_id: str, limit: int, now: datetime) -> Work | None:
    """Return what is to be delivered next of up to *limit* events; None when there is nothing now."""
    one, keys = uow.webhooks.get(webhook_id), uow.webhooks.keys(webhook_id)
    if one is None or keys is None or not one.is_active:
        return None
    again = [(letter, _event_at(uow, letter.pos)) for letter in uow.webhooks.due(webhook_id, limit)]
    waits = one.progress.next_at is not None and one.progress.next_at > now
    found = [] if waits else uow.log.after(one.progress.pos, limit)
    if not again and not found:
        return None
    return Work(
        webhook=one,
        keys=keys,
        again=tuple(again),
        events=tuple(event for event in found if wants(one.types, event.type)),
        until=found[-1].pos or 0 if found else one.progress.pos,
        is_all=len(found) < limit,
    )


def keep(uow: UnitOfWork, *, webhook_id: str, progress: Progress) -> bool:
    """Keep how far a subscription is; False when somebody set it otherwise meanwhile."""
    return uow.webhooks.put_progress(webhook_id, progress)


def note_failure(
    uow: UnitOfWork,
    *,
    webhook_id: str,
    event: StoredEvent,
    progress: Progress,
    patience: Patience,
    now: datetime,
) -> None:
    """Keep that *event* was not taken: it is tried again, given up, or nothing more is sent at all."""
    one = uow.webhooks.get(webhook_id)
    if one is None or one.progress.turn != progress.turn:
        return
    if is_hopeless(progress, patience=patience, now=now):
        _stop(uow, replace(one, progress=progress), now=now)
    elif progress.tries >= patience.tries:
        uow.webhooks.give_up(_given_up(one, event, progress, now=now))
        uow.webhooks.put_progress(webhook_id, replace(progress, pos=event.pos or 0, tries=0, next_at=None))
    else:
        uow.webhooks.put_progress(webhook_id, progress)


def sent_again(uow: UnitOfWork, *, letter: Undelivered, why: str | None, now: datetime) -> None:
    """Keep that what was given up was sent again, and *why* it was not taken; None: it was."""
    if why is None:
        uow.webhooks.drop(letter.webhook_id, (letter.pos,))
    elif uow.webhooks.get(letter.webhook_id) is not None:
        again = replace(letter, is_due=False, tries=letter.tries + 1, why=why, given_up_at=now)
        uow.webhooks.give_up(again)


def _stop(uow: UnitOfWork, one: Webhook, *, now: datetime) -> None:
    progress = replace(one.progress, turn=one.progress.turn + 1, next_at=None)
    after = replace(
        one, is_active=False, stopped_why=one.progress.why, version=one.version + 1, progress=progress
    )
    uow.webhooks.change(after)
    changes: dict[str, Change] = {"why": (None, one.progress.why)}
    _note(uow, "webhook stopped", after, by=SERVICE, address=None, now=now, changes=changes)


def _given_up(one: Webhook, event: StoredEvent, progress: Progress, *, now: datetime) -> Undelivered:
    return Undelivered(
        webhook_id=one.id,
        pos=event.pos or 0,
        type=event.type,
        tries=progress.tries,
        why=progress.why or "",
        given_up_at=now,
    )


def _event_at(uow: UnitOfWork, pos: int) -> StoredEvent | None:
    return next((one for one in uow.log.after(pos - 1, 1) if one.pos == pos), None)


def _afresh(before: Progress, *, pos: int) -> Progress:
    return Progress(pos=pos, turn=before.turn + 1, arrived_at=before.arrived_at)


def _at_version(uow: UnitOfWork, webhook_id: str, version: int) -> Webhook:
    return at_version(get(uow, webhook_id=webhook_id), version)


def _demand_free(uow: UnitOfWork, one: Webhook) -> None:
    if any(other.name == one.name and other.id != one.id for other in uow.webhooks.every()):
        raise AlreadyExistsError("webhook", one.name)


def _changes(before: Webhook | None, after: Webhook) -> dict[str, Change]:
    found: dict[str, Change] = {}
    for name in _TOLD:
        was, now = (None if one is None else _said(getattr(one, name)) for one in (before, after))
        if was != now:
            found[name] = (was, now)
    return found


def _said(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _note(
    uow: UnitOfWork,
    what: str,
    one: Webhook,
    *,
    by: str,
    address: str | None,
    now: datetime,
    changes: Mapping[str, Change] | None = None,
) -> None:
    audit.note(
        uow,
        who=by,
        what=what,
        address=address,
        now=now,
        kind="webhook",
        record_id=one.id,
        changes=changes,
    )
    uow.events.append(WebhookChanged(at=now, by=by, webhook_id=one.id))
