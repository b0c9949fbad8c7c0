"""What can be chosen for an incident: categories (a tree), product lines, teams, and how it was resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, get_args

import msgspec

from crm_core.domain.errors import InvalidError

ChoiceKind = Literal["category", "product_line", "team", "resolution"]
CHOICE_KINDS: Final[tuple[ChoiceKind, ...]] = get_args(ChoiceKind)
FIELDS: Final[Mapping[str, ChoiceKind]] = {
    "category_id": "category",
    "product_line_id": "product_line",
    "team_id": "team",
    "resolution_id": "resolution",
}
"""Which choice a field of an incident holds."""
NAME_LENGTH, DEEPEST = 80, 5


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Something to choose, named in both languages; what is not active stays where it was chosen."""

    id: str
    kind: ChoiceKind
    name_es: str
    name_en: str
    parent_id: str | None = None
    is_active: bool = True
    version: int = 1

    def name(self, language: str) -> str:
        """Return what it is called in *language*, Spanish or else English."""
        return self.name_es if language == "es" else self.name_en


def checked(choice: Choice, others: Mapping[str, Choice]) -> Choice:
    """Return *choice* when it can stand beside the *others* (by id).

    Raises:
        InvalidError: naming the first field that cannot be.
    """
    for field in ("name_es", "name_en"):
        if not 0 < len(getattr(choice, field).strip()) <= NAME_LENGTH:
            raise InvalidError(field, f"1 to {NAME_LENGTH} characters")
    if choice.parent_id is None:
        return choice
    if choice.kind != "category":
        raise InvalidError("parent_id", "only categories are a tree")
    parent = others.get(choice.parent_id)
    if parent is None or parent.kind != "category":
        raise InvalidError("parent_id", "there is no such category")
    above = path_of(parent, others)
    if choice.id in {one.id for one in above} or len(above) >= DEEPEST:
        raise InvalidError("parent_id", f"a tree of at most {DEEPEST} levels")
    return choice


def path_of(choice: Choice, others: Mapping[str, Choice]) -> list[Choice]:
    """Return *choice* and what it is under, the outermost first."""
    path = [choice]
    while (above := others.get(path[0].parent_id or "")) and above not in path:
        path.insert(0, above)
    return path


def in_order(choices: Iterable[Choice], language: str) -> list[tuple[Choice, str]]:
    """Return *choices* with their whole names (``Cold › Chambers``), in the order of those."""
    known = {one.id: one for one in choices}
    named = [(one, " › ".join(part.name(language) for part in path_of(one, known))) for one in known.values()]
    return sorted(named, key=lambda pair: (pair[1].casefold(), pair[0].id))
