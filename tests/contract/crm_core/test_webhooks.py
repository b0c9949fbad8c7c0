"""Subscriptions in the records: set up, delivered in order, given up, sent again, replayed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from contract.crm_core.kit import NOW, House, a_contact, at
from msgspec.structs import replace

from crm_core.domain.errors import AlreadyExistsError, InvalidError, NotFoundError, VersionConflictError
from crm_core.domain.webhooks import (
    MOST_WEBHOOKS,
    EventGoneError,
    Patience,
    TooManyWebhooksError,
    Webhook,
    WebhookChanged,
    arrived,
    failed,
    secret_of,
)
from crm_core.services import audit, webhooks
from crm_core.services.webhooks import Work

PATIENCE = Patience(tries=2, at_most=timedelta(hours=1))
OLD, NEW = secret_of(b"o" * 32), secret_of(b"n" * 32)
BY: dict[str, Any] = {"by": "eva", "address": "10.0.0.9", "now": NOW}
SERVICE: dict[str, Any] = {"allowed": ("intranet",)}


async def subscribed(house: House, name: str = "CRM", **fields: Any) -> Webhook:
    asked = {"name": name, "url": "https://crm.example/in", "types": ("contact.*",)} | fields
    one: Webhook = await house.db.run(webhooks.add, fields=asked, sealed=OLD, **SERVICE, **BY)
    return one


async def work(house: House, one: Webhook, *, now: Any = NOW, limit: int = 10) -> Work | None:
    found: Work | None = await house.db.read(webhooks.work_of, webhook_id=one.id, limit=limit, now=now)
    return found


async def fail(house: House, found: Work, *, why: str = "http_500", now: Any = NOW) -> None:
    """Let the first event of *found* fail."""
    after = failed(found.webhook.progress, why=why, wait=None, chance=0.5, patience=PATIENCE, now=now)
    asked = {"event": found.events[0], "progress": after, "patience": PATIENCE, "now": now}
    await house.db.run(webhooks.note_failure, webhook_id=found.webhook.id, **asked)


async def take(house: House, found: Work) -> bool:
    after = arrived(found.webhook.progress, pos=found.until, now=NOW)
    kept: bool = await house.db.run(webhooks.keep, webhook_id=found.webhook.id, progress=after)
    return kept


async def test_who_subscribes_is_told_what_happens_from_then_on(house: House) -> None:
    await house.add(a_contact("before"))
    one = await subscribed(house)
    await house.incident()
    for key in ("ana", "son"):
        await house.add(a_contact(key))
    found = await work(house, one)
    assert found
    assert [event.type for event in found.events] == ["contact.created", "contact.created"]
    assert found.keys.at(NOW) == (OLD,)
    due = await house.db.read(webhooks.due, now=NOW)
    assert (due.is_used, due.ids, due.behind > 2) == (True, (one.id,), True)
    assert await take(house, found)
    assert (await work(house, one), (await house.db.read(webhooks.due, now=NOW)).ids) == (None, ())


async def test_an_event_fails_is_given_up_and_the_next_one_follows(house: House) -> None:
    one = await subscribed(house)
    for key in ("ana", "son"):
        await house.add(a_contact(key))
    found = await work(house, one)
    assert found
    first, second = found.events
    await fail(house, found)
    assert await work(house, one) is None  # it waits
    assert (await house.db.read(webhooks.due, now=NOW)).failing == 1
    again = await work(house, one, now=at(6))
    assert again
    assert again.events == found.events
    await fail(house, again, why="timeout", now=at(6))
    (letter,) = await house.db.read(webhooks.undelivered, webhook_id=one.id, after=0, limit=9)
    assert (letter.pos, letter.type, letter.tries, letter.why) == (first.pos, first.type, 2, "timeout")
    following = await work(house, one, now=at(6))
    assert following
    assert following.events == (second,)


async def test_what_was_given_up_is_sent_again_when_somebody_asks(house: House) -> None:
    one = await subscribed(house)
    await house.add(a_contact("ana"))
    for second in (0, 6):
        if found := await work(house, one, now=at(second)):
            await fail(house, found, now=at(second))
    (letter,) = await house.db.read(webhooks.undelivered, webhook_id=one.id, after=0, limit=9)
    assert await house.db.run(webhooks.send_again, webhook_id=one.id, pos=letter.pos, **BY) == 1
    found = await work(house, one, now=at(7))
    assert found
    ((asked, event),) = found.again
    assert event
    assert (event.pos, asked.is_due) == (letter.pos, True)
    await house.db.run(webhooks.sent_again, letter=asked, why="http_500", now=at(8))
    (still,) = await house.db.read(webhooks.undelivered, webhook_id=one.id, after=0, limit=9)
    assert (still.tries, still.is_due, still.given_up_at) == (3, False, at(8))
    assert await house.db.run(webhooks.send_again, webhook_id=one.id, pos=None, **BY) == 1
    await house.db.run(webhooks.sent_again, letter=asked, why=None, now=at(9))
    assert await house.db.read(webhooks.undelivered, webhook_id=one.id, after=0, limit=9) == []
    with pytest.raises(NotFoundError):
        await house.db.run(webhooks.send_again, webhook_id=one.id, pos=letter.pos, **BY)
    with pytest.raises(EventGoneError):
        await house.db.run(webhooks.send_again, webhook_id=one.id, pos=10**6, **BY)


@pytest.mark.parametrize(("why", "hour"), [("http_410", 0), ("http_500", 2)])
async def test_who_takes_nothing_is_left_alone_until_somebody_switches_it_on(
    house: House, why: str, hour: int
) -> None:
    one = await subscribed(house)
    await house.add(a_contact("ana"))
    found = await work(house, one)
    assert found
    since = replace(found.webhook.progress, failing_since=NOW)
    await fail(
        house,
        Work(**{**as_dict(found), "webhook": replace(one, progress=since)}),
        why=why,
        now=at(3600 * hour),
    )
    after = await house.db.read(webhooks.get, webhook_id=one.id)
    assert (after.is_active, after.stopped_why, after.version) == (False, why, 2)
    assert (await house.db.read(webhooks.due, now=NOW)).stopped == 1
    assert await work(house, one, now=at(9999)) is None
    entry = await house.db.read(audit.last_of, begin="webhook stopped")
    assert (entry.who, entry.record_id, entry.changes) == ("service", one.id, {"why": (None, why)})
    on = await house.db.run(
        webhooks.change, webhook_id=one.id, version=2, changes={"is_active": True}, **SERVICE, **BY
    )
    assert (on.stopped_why, on.progress.tries, on.progress.pos) == (None, 0, one.progress.pos)
    assert (await work(house, on)) is not None


def as_dict(found: Work) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__struct_fields__}


async def test_a_replay_begins_at_a_place_and_what_was_under_way_does_not_undo_it(house: House) -> None:
    await house.add(a_contact("ana"))
    one = await subscribed(house)
    await house.add(a_contact("son"))
    under_way = await work(house, one)
    assert under_way
    again = await house.db.run(webhooks.replay, webhook_id=one.id, after=0, **BY)
    assert (again.progress.pos, again.version) == (0, 1)
    assert not await take(house, under_way)
    await fail(house, under_way)
    found = await work(house, one)
    assert found
    assert [event.type for event in found.events].count("contact.created") == 2
    assert found.webhook.progress.tries == 0


async def test_a_secret_is_renewed_and_both_sign_for_a_day(house: House) -> None:
    one = await subscribed(house)
    until = await house.db.run(webhooks.renew_secret, webhook_id=one.id, sealed=NEW, **BY)
    assert until == NOW + timedelta(hours=24)
    await house.add(a_contact("ana"))
    found = await work(house, one)
    assert found
    assert (found.keys.at(NOW), found.keys.at(until)) == ((NEW, OLD), (NEW,))


async def test_secrets_from_before_are_sealed_once(house: House) -> None:
    one, other = await subscribed(house), await subscribed(house, "ERP")
    await house.db.run(webhooks.renew_secret, webhook_id=one.id, sealed="S:new", **BY)
    sealed = await subscribed(house, "BI")
    for _ in range(2):
        await house.db.run(webhooks.renew_secret, webhook_id=sealed.id, sealed="S:bi", **BY)
    plain = await house.db.read(lambda uow: uow.webhooks.plain())
    assert plain.keys() == {one.id, other.id}
    assert await house.db.read(webhooks.has_plain)
    assert await house.db.run(webhooks.seal_all, seal="S:{}".format) == 2
    assert await house.db.run(webhooks.seal_all, seal="S:{}".format) == 0
    assert not await house.db.read(webhooks.has_plain)
    await house.add(a_contact("ana"))
    found = [await work(house, each) for each in (one, other)]
    assert [each.keys.at(NOW) for each in found if each] == [("S:new", f"S:{OLD}"), (f"S:{OLD}",)]


async def test_so_many_systems_are_told_at_most(house: House) -> None:
    for n in range(MOST_WEBHOOKS):
        one = await subscribed(house, f"system {n}")
    with pytest.raises(TooManyWebhooksError):
        await subscribed(house)
    await house.db.run(webhooks.remove, webhook_id=one.id, version=1, **BY)
    await subscribed(house)


async def test_who_is_not_up_to_date_changes_nothing(house: House) -> None:
    one = await subscribed(house)
    other = await subscribed(house, "ERP")
    with pytest.raises(AlreadyExistsError):
        await subscribed(house)
    asked = {"webhook_id": other.id, **SERVICE, **BY}
    with pytest.raises(AlreadyExistsError):
        await house.db.run(webhooks.change, version=1, changes={"name": "CRM"}, **asked)
    with pytest.raises(InvalidError):
        await house.db.run(webhooks.change, version=1, changes={"url": "http://crm.example/"}, **asked)
    changed = await house.db.run(webhooks.change, version=1, changes={"url": "http://intranet/"}, **asked)
    with pytest.raises(VersionConflictError):
        await house.db.run(webhooks.change, version=1, changes={"name": "A"}, **asked)
    assert await house.db.read(webhooks.every) == [one, changed]
    entry = await house.db.read(audit.last_of, begin="webhook changed")
    assert entry.changes == {"url": ("https://crm.example/in", "http://intranet/")}
    with pytest.raises(VersionConflictError):
        await house.db.run(webhooks.remove, webhook_id=other.id, version=1, **BY)
    await house.db.run(webhooks.remove, webhook_id=other.id, version=2, **BY)
    with pytest.raises(NotFoundError):
        await house.db.read(webhooks.get, webhook_id=other.id)
    told = [event.webhook_id for event in house.heard if isinstance(event, WebhookChanged)]
    assert told == [one.id, other.id, other.id, other.id]
