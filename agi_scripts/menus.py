"""The menu of self-service: where a caller is in it, what he did, and what follows. Pure.

A caller chooses a language, hears how his incidents are going, leaves a callback, or is connected to a
person: by 0 everywhere, by two wrong keys or silences in a row, by trouble of ours, and at his time's end.
Outside opening hours nobody may be there, so then two misses end the call instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from agi_scripts.prompts import LANGUAGES, Language
from crm_core.domain.callbacks import spoken_digits, typed_number

MOST_MISSES = 2
MOST_READ_OUT = 3
LONGEST_TYPED = 15
PERSON_KEY = "0"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_LANGUAGE = re.compile("[-_]")


@dataclass(frozen=True, slots=True)
class Sound:
    """One of ``prompts.WORDS``."""

    name: str


@dataclass(frozen=True, slots=True)
class Digits:
    """Digits, read out one by one."""

    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number, 0 to 999, read out as one."""

    value: int


Prompt = Sound | Digits | Number


# --- what the caller did, or what came of what we did for him


@dataclass(frozen=True, slots=True)
class Pressed:
    """Keys, as they were asked for; "" when none came in time. A ``#`` at the end is left out."""

    keys: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOut:
    """An incident, as much of it as is read out."""

    number: str
    state: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A customer, with his open incidents, most urgent first, or the one that he named."""

    incidents: Sequence[ReadOut]


@dataclass(frozen=True, slots=True)
class NobodyFound:
    """No customer, or more than one, stands behind the number."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The callback is kept."""


@dataclass(frozen=True, slots=True)
class Away:
    """The records cannot be asked now."""


Heard = Pressed | Found | NobodyFound | Kept | Away


# --- what is to be done


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Play *prompts* until a key interrupts; take up to *most* keys (1 by default), ended by ``#``."""

    prompts: tuple[Prompt, ...]
    most: int = 1


@dataclass(frozen=True, slots=True)
class Look:
    """Find the caller's incidents: by what he *typed*, or by the number he calls from (None)."""

    typed: str | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep a callback to *number* (E.164)."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Play *prompts*; then the call goes to a person, or is over."""

    prompts: tuple[Prompt, ...]
    to: Literal["person", "nobody"]


Step = Ask | Look | Keep | End


# --- where the caller is


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What is known of the caller: ``number`` at which he can be rung (E.164), ``until`` when he may stay."""

    number: str | None
    region: str
    is_open: bool
    until: datetime


Place = Literal["language", "main", "status", "reference", "confirm", "number", "callback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where the caller is; ``misses`` counts wrong keys and silences there, ``typed`` is what it is about."""

    place: Place
    language: Language
    misses: int = 0
    typed: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Where the caller is now, and what is to be done."""

    state: State
    step: Step


def begin(caller: Caller, *, language: str | None, default: Language) -> Turn:
    """Return the first turn; the language is asked for when *language* is none of ours."""
    known = next((one for one in LANGUAGES if _LANGUAGE.split(language or "")[0].lower() == one), None)
    if known is None:
        return _ask(caller, State(place="language", language=default))
    return _main(caller, State(place="main", language=known), _welcome(caller))


def advance(caller: Caller, state: State, heard: Heard, *, now: datetime) -> Turn:
    """Return what follows when the caller, who is at *state*, did what is *heard*."""
    if isinstance(heard, Away) or heard == Pressed(PERSON_KEY) or now >= caller.until:
        return _person(state)
    if heard == Pressed(""):
        return _missed(caller, state, "not-heard")
    return _PLACES[state.place](caller, state, heard, now)


def _at_language(caller: Caller, state: State, heard: Heard, _now: datetime) -> Turn:
    match heard:
        case Pressed("1"):
            return _main(caller, replace(state, language="es"), _welcome(caller))
        case Pressed("2"):
            return _main(caller, replace(state, language="en"), _welcome(caller))
        case _:
            return _missed(caller, state, "wrong-key")


def _at_main(caller: Caller, state: State, heard: Heard, _now: datetime) -> Turn:
    match heard:
        case Pressed("1"):
            return Turn(_to(state, "status"), Look())
        case Pressed("2") if caller.number:
            return _ask(caller, _to(state, "confirm", typed=caller.number))
        case Pressed("2"):
            return _ask(caller, _to(state, "number"))
        case _:
            return _missed(caller, state, "wrong-key")


def _at_status(caller: Caller, state: State, heard: Heard, now: datetime) -> Turn:
    """The records were asked, by the number he calls from or by what he typed."""
    match heard:
        case Found(incidents):
            return _main(caller, state, read_out(incidents, now))
        case NobodyFound() if state.typed is None:
            return _ask(caller, _to(state, "reference"))
        case _:
            return _missed(caller, replace(state, place="reference"), "not-found")


def _at_reference(_caller: Caller, state: State, heard: Heard, _now: datetime) -> Turn:
    typed = heard.keys if isinstance(heard, Pressed) else ""
    return Turn(replace(state, place="status", typed=typed), Look(typed))


def _at_confirm(caller: Caller, state: State, heard: Heard, _now: datetime) -> Turn:
    match heard:
        case Pressed("1"):
            return Turn(_to(state, "callback"), Keep(state.typed or ""))
        case Pressed("2"):
            return _ask(caller, _to(state, "number"))
        case _:
            return _missed(caller, state, "wrong-key")


def _at_number(caller: Caller, state: State, heard: Heard, _now: datetime) -> Turn:
    number = typed_number(heard.keys, region=caller.region) if isinstance(heard, Pressed) else None
    if number is None:
        return _missed(caller, state, "not-callable")
    return _ask(caller, _to(state, "confirm", typed=number))


def _at_callback(caller: Caller, state: State, heard: Heard, _now: datetime) -> Turn:
    if not isinstance(heard, Kept):
        return _person(state)
    told = "will-call" if caller.is_open else "will-call-when-open"
    return Turn(state, End(prompts=_sounds(told, "goodbye"), to="nobody"))


_PLACES: dict[Place, Callable[[Caller, State, Heard, datetime], Turn]] = {
    "language": _at_language,
    "main": _at_main,
    "status": _at_status,
    "reference": _at_reference,
    "confirm": _at_confirm,
    "number": _at_number,
    "callback": _at_callback,
}


# --- turns


def _person(state: State) -> Turn:
    return Turn(state, End(prompts=_sounds("to-a-person"), to="person"))


def _missed(caller: Caller, state: State, why: str) -> Turn:
    """Return the same question once more; the second miss in a row ends it."""
    if state.misses + 1 < MOST_MISSES:
        return _ask(caller, replace(state, misses=state.misses + 1), before=_sounds(why))
    if caller.is_open:
        return _person(state)
    return Turn(state, End(prompts=_sounds("closed", "goodbye"), to="nobody"))


def _main(caller: Caller, state: State, before: tuple[Prompt, ...]) -> Turn:
    return _ask(caller, _to(state, "main"), before=before)


def _ask(caller: Caller, state: State, *, before: tuple[Prompt, ...] = ()) -> Turn:
    """Return the question of the place where the caller is."""
    most = LONGEST_TYPED if state.place in ("reference", "number") else 1
    return Turn(state, Ask(prompts=(*before, *_question(caller, state)), most=most))


def _question(caller: Caller, state: State) -> tuple[Prompt, ...]:
    match state.place:
        case "language":
            return _sounds("for-spanish", "for-english")
        case "reference":
            return _sounds("type-reference")
        case "number":
            return _sounds("type-number")
        case "confirm":
            digits = Digits(spoken_digits(state.typed or "", region=caller.region))
            return (Sound("call-you-at"), digits, Sound("is-it-right"))
        case _ if caller.is_open:
            return _sounds("for-status", "for-callback", "for-person")
        case _:
            return _sounds("for-callback-when-open", "for-status")


def _welcome(caller: Caller) -> tuple[Prompt, ...]:
    return () if caller.is_open else _sounds("closed")


def _to(state: State, place: Place, *, typed: str | None = None) -> State:
    """Return *state* at another place, with nothing missed there."""
    return replace(state, place=place, misses=0, typed=typed)


def _sounds(*names: str) -> tuple[Prompt, ...]:
    return tuple(Sound(name) for name in names)


# --- what is read out


def read_out(incidents: Sequence[ReadOut], now: datetime) -> tuple[Prompt, ...]:
    """Return how *incidents* are going, the first three of them: number, state, since when."""
    if not incidents:
        return _sounds("none-open")
    told = [prompt for one in incidents[:MOST_READ_OUT] for prompt in _one(one, now)]
    if len(incidents) > MOST_READ_OUT:
        told.append(Sound("there-are-more"))
    return tuple(told)


def _one(incident: ReadOut, now: datetime) -> tuple[Prompt, ...]:
    digits = "".join(sign for sign in incident.number if sign.isdigit())
    state = Sound(f"state-{incident.state}")
    return (
        Sound("incident"),
        Digits(digits),
        state,
        Sound("opened-before"),
        *_age(now - incident.opened_at),
    )


def _age(age: timedelta) -> tuple[Prompt, ...]:
    """Return *age* in the largest whole unit that is full: hours up to two days, then days."""
    hours, days = age // HOUR, age // DAY
    if hours < 1:
        return _sounds("less-than-an-hour")
    if hours == 1:
        return _sounds("an-hour")
    if days < 1:
        return (Number(hours), Sound("hours"))
    return _sounds("a-day") if days == 1 else (Number(min(days, 999)), Sound("days"))
