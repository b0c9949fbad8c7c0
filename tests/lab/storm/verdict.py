"""The history of a storm beside the wire: each call once and right, none besides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_core.domain.calls import Call, untiled
from lab.matrix.expected import NEAR_S, spent_by
from lab.storm.by_wire import Expected, expected
from lab.storm.load import Load
from lab.storm.office import KINDS, Kind
from lab.storm.site import Outage


@dataclass(slots=True)
class Verdict:
    """What was compared and what differs, by kind of caller, or of what was not to be there."""

    compared: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    imprecise: int = 0
    unheard: int = 0
    in_doubt: int = 0
    differ: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    left_over: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether nothing differs and nothing is left over."""
        return not any(self.differ.values()) and not self.left_over

    def as_json(self) -> dict[str, Any]:
        """Return it for a program."""
        return {
            "compared": sum(self.compared.values()),
            "differ": sum(map(len, self.differ.values())),
            "by_kind": {
                kind.name: {"compared": self.compared[kind.name], "differ": len(self.differ[kind.name])}
                for kind in KINDS
            },
            "sources": dict(self.sources),
            "imprecise": self.imprecise,
            "taken_by_nobody": self.unheard,
            "in_doubt": self.in_doubt,
            "differences": {name: found for name, found in self.differ.items() if found},
            "left_over": self.left_over,
        }


def judge(load: Load, history: Sequence[Call], outages: Sequence[Outage]) -> Verdict:
    """Lay the history beside what the wire says."""
    verdict = Verdict()
    told: defaultdict[str, list[Call]] = defaultdict(list)
    for call in history:
        told[call.ani_raw or ""].append(call)
        verdict.sources[call.source] += 1
        verdict.imprecise += call.precision_s > 0
    for number, (kind, caller) in load.called.items():
        wanted = expected(kind, caller, load.rung[number], outages)
        _compare(verdict, kind, number, told.pop(number, []), wanted)
    for number, calls in told.items():
        verdict.differ["invented"] += [f"{number}: {_shown(call)}" for call in calls]
    return verdict


def _compare(
    verdict: Verdict, kind: Kind, number: str, calls: Sequence[Call], wanted: Expected | None
) -> None:
    differ = verdict.differ[kind.name]
    if wanted is None:
        verdict.unheard += 1
        differ += [f"{number}: nobody took it, yet it is told: {_shown(call)}" for call in calls]
        return
    verdict.in_doubt += not wanted.is_sure or len(wanted.fates) > 1
    if not calls and not wanted.is_sure:
        return
    verdict.compared[kind.name] += 1
    if len(calls) != 1:
        shown = " and ".join(map(_shown, calls))
        differ.append(f"{number}: {len(calls)} times in the history, by the wire {wanted}: {shown}")
        return
    found = list(_differences(calls[0], wanted))
    if found:
        differ.append(f"{number}: {'; '.join(found)} ({_shown(calls[0])})")


def _differences(call: Call, wanted: Expected) -> Iterator[str]:
    fate = call.outcome, call.hung_up_by
    if fate not in wanted.fates and wanted.is_sure:
        yield f"{fate}, by the wire {' or '.join(map(str, wanted.fates))}"
    near_s = NEAR_S + call.precision_s
    ended_at = call.ended_at.timestamp() if call.ended_at else 0.0
    yield from _apart("begins", call.started_at.timestamp(), wanted.started_at, near_s)
    yield from _apart("ends", ended_at, wanted.ended_at, near_s)
    spent = spent_by(call)
    talked = {phone: seconds["talk"] for phone, seconds in spent.items() if "talk" in seconds}
    talked.pop("customer", None)
    yield from _talks_apart(talked, wanted.talked, 2 * near_s)
    yield from untiled(call)


def _talks_apart(seen: Mapping[str, float], wanted: Mapping[str, float], near_s: float) -> Iterator[str]:
    for phone in sorted({*seen, *wanted}):
        yield from _apart(f"{phone} talked", seen.get(phone, 0.0), wanted.get(phone, 0.0), near_s)


def _apart(what: str, seen: float, wanted: float, near_s: float) -> Iterator[str]:
    if abs(seen - wanted) > near_s:
        yield f"{what} {seen:.3f}, by the wire {wanted:.3f} ({seen - wanted:+.3f} s)"


def _shown(call: Call) -> str:
    anomalies = ",".join(sorted({each.kind for each in call.anomalies}))
    words = [call.source, call.linkedid, f"±{call.precision_s:g} s", f"{call.outcome} {call.hung_up_by}"]
    return " ".join([*words, str(call.started_at), str(call.ended_at), anomalies])


def words(verdict: Verdict) -> Iterator[str]:
    """Yield the verdict for people."""
    yield f"{'kind':<20}{'compared':>9}{'differ':>8}"
    for name in [kind.name for kind in KINDS] + [n for n in verdict.differ if n == "invented"]:
        yield f"{name:<20}{verdict.compared[name]:>9}{len(verdict.differ[name]):>8}"
    told = verdict.as_json()
    yield f"{'all':<20}{told['compared']:>9}{told['differ']:>8}"
    yield (
        f"told {', '.join(f'{source}: {many}' for source, many in sorted(verdict.sources.items()))};"
        f" {verdict.imprecise} imprecise;"
        f" {verdict.in_doubt} in doubt, as the exchange was killed; {verdict.unheard} that it did not take"
    )
    for name, found in verdict.differ.items():
        yield from (f"  {name}: {one}" for one in found)
    yield from (f"  left over: {one}" for one in verdict.left_over)
