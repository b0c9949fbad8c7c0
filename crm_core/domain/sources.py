"""One call from several sources: the live stream, the exchange's lists, its own records. Which is kept?"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from crm_core.domain.calls import Attempt, Call, Segment, Transfer, Visit


def is_better(call: Call, before: Call) -> bool:
    """Return whether *call*, told from records, is to take the place of *before*: its instants are surer."""
    return call.precision_s < before.precision_s


def is_worse(call: Call, before: Call) -> bool:
    """Return whether a telling that comes late must leave *before*, told from records, in its place."""
    return before.source == "backfill" and call.precision_s > before.precision_s


def instead_of(call: Call, before: Call) -> Call:
    """Return *call* as the next version of *before*, with what only the live stream knew of it.

    That is who sat at a phone, when a card popped there, and for whom we had called.
    """
    people = {phone: agent for phone, agent in _people(before) if agent}
    pops = {(one.interface, n): one.pop_at for n, one in _attempts(before)}
    for _, seat in _seats(call):
        if seat.agent is None and (agent := people.get(_phone(seat))):
            seat.agent = agent
    for n, attempt in _attempts(call):
        attempt.pop_at = attempt.pop_at or pops.get((attempt.interface, n))
    return replace(
        call,
        version=before.version + 1,
        origin=before.origin,
        campaign_id=before.campaign_id,
        lead_id=before.lead_id,
        attempt_id=before.attempt_id,
        anomalies=[*before.anomalies, *call.anomalies],
    )


Seat = Attempt | Visit | Transfer | Segment


def _seats(call: Call) -> Iterator[tuple[str, Seat]]:
    """Yield every part of *call* that names an agent, with the phone where he sat."""
    parts: list[Seat] = [*call.visits, *call.transfers, *call.segments]
    parts += [attempt for _, attempt in _attempts(call)]
    for part in parts:
        yield _phone(part), part


def _phone(part: Seat) -> str:
    if isinstance(part, Transfer):
        return part.by
    return part.party if isinstance(part, Segment) else part.interface or ""


def _people(call: Call) -> Iterator[tuple[str, str | None]]:
    for phone, part in _seats(call):
        yield phone, part.agent


def _attempts(call: Call) -> Iterator[tuple[int, Attempt]]:
    """Yield the attempts, each with how often its phone was rung before."""
    times: dict[str, int] = {}
    for attempts in (*(visit.attempts for visit in call.visits), call.attempts):
        for attempt in attempts:
            n = times[attempt.interface] = times.get(attempt.interface, -1) + 1
            yield n, attempt
