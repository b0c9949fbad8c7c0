"""The life of a repair (RMA): from the bench's door and back, by steps that follow each other. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, get_args

import msgspec
from msgspec.structs import replace

from crm_core.domain.errors import InvalidError

RepairState = Literal[
    "received",
    "diagnosed",
    "waiting_parts",
    "waiting_customer",
    "repaired",
    "refused",
    "scrapped",
    "returned",
]
REPAIR_STATES: Final[tuple[RepairState, ...]] = get_args(RepairState)
NEXT: Final[Mapping[RepairState, tuple[RepairState, ...]]] = {
    "received": ("diagnosed", "refused"),
    "diagnosed": ("waiting_parts", "waiting_customer", "repaired", "refused", "scrapped"),
    "waiting_parts": ("waiting_customer", "repaired", "refused", "scrapped"),
    "waiting_customer": ("waiting_parts", "repaired", "refused", "scrapped"),
    "repaired": ("returned", "diagnosed"),  # what fails its test is looked at again
    "refused": ("returned",),
    "scrapped": ("returned",),
    "returned": (),
}
"""Which states may follow which."""
FIRST_NUMBER, LONGEST_NUMBER = 10_000, 9
FAULT_LENGTH = NOTE_LENGTH = 4_000
CHANGEABLE: Final = frozenset(("state", "fault", "note", "incident_id"))


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """When it came to a state, and by whom (a user's id)."""

    state: RepairState
    at: datetime
    by: str | None = None


class Repair(msgspec.Struct, frozen=True, kw_only=True):
    """A piece that a customer gave us to be repaired; ``number`` as people say it (RMA-10001).

    ``fault`` is what he says is wrong, ``note`` what we found. ``steps`` are in their order, the first is
    that it was received.
    """

    id: str
    number: str
    asset_id: str
    incident_id: str | None = None
    state: RepairState = "received"
    fault: str
    note: str | None = None
    received_at: datetime
    steps: tuple[Step, ...] = ()
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether it is still with us."""
        return self.state != "returned"

    @property
    def allowed(self) -> tuple[RepairState, ...]:
        """Which states may be next."""
        return NEXT[self.state]


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A repair with what is repaired, in both languages, and whose it is; ``incident`` is a number."""

    repair: Repair
    serial: str
    product_es: str
    product_en: str
    owner: str | None = None
    incident: str | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which repairs; None asks for all."""

    is_open: bool | None = None
    asset_id: str | None = None
    incident_id: str | None = None


def number_of(sequence: int) -> str:
    """Return how the *sequence*-th repair is called."""
    return f"RMA-{FIRST_NUMBER + sequence}"


def sequence_of(number: str) -> int:
    """Return which repair is called *number*, a text of ``number_of``."""
    return int(number.removeprefix("RMA-")) - FIRST_NUMBER


def begun(one: Repair, *, by: str | None, now: datetime) -> Repair:
    """Return *one* as received."""
    return checked(replace(one, state="received", steps=(Step(state="received", at=now, by=by),)))


def checked(one: Repair) -> Repair:
    """Return *one* when it can be kept.

    Raises:
        InvalidError: naming the first field that cannot.
    """
    if not 0 < len(one.fault.strip()) <= FAULT_LENGTH:
        raise InvalidError("fault", f"1 to {FAULT_LENGTH} characters")
    if len(one.note or "") > NOTE_LENGTH:
        raise InvalidError("note", f"at most {NOTE_LENGTH} characters")
    return one


def changed(one: Repair, changes: Mapping[str, Any], *, by: str | None, now: datetime) -> Repair:
    """Return the next version of *one*; another state is a step. As it is when nothing changes.

    Raises:
        InvalidError: naming a field that cannot be changed, or a state that cannot follow.
    """
    for field in sorted(changes):
        if field not in CHANGEABLE:
            raise InvalidError(field, "cannot be changed")
    after = checked(replace(one, **changes))
    if after == one:
        return one
    if after.state != one.state:
        if after.state not in one.allowed:
            raise InvalidError("state", f"{after.state} does not follow {one.state}", fault="no_such_step")
        after = replace(after, steps=(*one.steps, Step(state=after.state, at=now, by=by)))
    return replace(after, version=one.version + 1)


def taken_back(one: Repair) -> Repair:
    """Return *one* without its last step.

    Raises:
        InvalidError: it was received, and nothing else.
    """
    if len(one.steps) < 2:  # noqa: PLR2004 - the first is that it was received
        raise InvalidError("state", "there is no step to take back", fault="no_such_step")
    steps = one.steps[:-1]
    return replace(one, state=steps[-1].state, steps=steps, version=one.version + 1)
