"""What was written and done about an incident: notes, answers to the customer, changes, missed promises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from crm_core.domain.errors import InvalidError
from crm_core.domain.incidents import CHANGEABLE, PROSE_LENGTH, Incident

EntryKind = Literal["note", "reply", "change", "merge", "warned", "breached"]
TOLD: Final = (*sorted(CHANGEABLE), "policy_id")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One of them; a ``reply`` is what the customer was told, a ``note`` stays inside.

    ``by`` is a user's id and ``author`` his name, None when it was the service. ``changes`` hold of each
    field what it was and what it is. ``text`` is what was written; of a missed promise which one, of a merge
    the other's number. Of the site's own ``fields`` they hold those that changed alone.
    """

    id: str
    incident_id: str
    at: datetime
    by: str | None
    author: str | None = None
    kind: EntryKind
    text: str | None = None
    changes: Mapping[str, Any] = {}
    is_undone: bool = False


def checked_text(text: str) -> str:
    """Return *text* without the blanks around it.

    Raises:
        InvalidError: nothing is left, or it is too long.
    """
    said = text.strip()
    if not 0 < len(said) <= PROSE_LENGTH:
        raise InvalidError("text", f"1 to {PROSE_LENGTH} characters")
    return said


def what_changed(before: Incident, after: Incident) -> dict[str, list[Any]]:
    """Return each field that somebody changed, and the agreement: what it was, and what it is."""
    pairs = {name: [getattr(before, name), getattr(after, name)] for name in TOLD}
    changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    if "fields" in changed:
        changed["fields"] = _of_fields(before.fields, after.fields)
    return changed


def _of_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Any]:
    """Return what stood in those of the site's own fields that changed, and what stands there now."""
    keys = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    return [{key: one[key] for key in keys if key in one} for one in (before, after)]
