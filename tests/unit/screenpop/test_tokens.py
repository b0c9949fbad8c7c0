"""The colours of the style sheet: legible in light and dark, and states told apart by every eye."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.screenpop.colours import EYES, contrast, distance, mixed

CSS = Path(__file__).parents[3] / "screenpop" / "static" / "css" / "tokens.css"
TOKEN = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
WORDS, SHAPES, TOO_NEAR = 4.5, 3.0, 8.0  # WCAG 2.2: 1.4.3 and 1.4.11
STATES = ("ready", "ring", "talk", "hold", "wait", "wrap", "consult", "pause", "ivr", "danger")
GROUNDS = ("bg", "surface", "surface-2", "hover", "selected")
ON_SOLID = ("ready", "ring", "talk", "hold", "danger", "consult")
# Side by side all day: these must differ for every eye by colour alone.
APART = {
    frozenset(pair)
    for pair in (
        ("ready", "danger"),
        ("ring", "wait"),
        ("talk", "hold"),
        ("ready", "ring"),
        ("talk", "wait"),
        ("hold", "wait"),
        ("talk", "ring"),
    )
}
# What tells a state without colour: the height of its segment in percent (0: it has none), and its pattern.
FORM = {
    "talk": (100, "solid"),
    "consult": (100, "dots"),
    "hold": (64, "bars"),
    "ring": (82, "checks"),
    "wait": (46, "slant"),
    "ivr": (28, "outline"),
    "wrap": (46, "dashes"),
    "ready": (0, ""),
    "pause": (0, ""),
    "danger": (0, ""),
}


def theme(n: int) -> dict[str, str]:
    tokens = {match[1]: match[2 + n] for match in TOKEN.finditer(CSS.read_text(encoding="utf-8"))}
    tokens["talk-segment"] = mixed(tokens["talk"], tokens["surface"], 0.8)  # as ui.css draws it
    return tokens


THEMES = {"light": theme(0), "dark": theme(1)}


def pairs() -> Iterator[tuple[str, str, float]]:
    for ground in GROUNDS:
        yield from ((text, ground, WORDS) for text in ("text", "text-2", "text-3", "accent"))
        yield from ((line, ground, SHAPES) for line in ("line-strong", "focus", "talk-segment", *STATES))
        yield from ((f"{state}-ink", ground, WORDS) for state in STATES)
    yield from ((text, "sunken", WORDS) for text in ("text", "text-2", "text-3"))
    yield from (("on-accent", ground, WORDS) for ground in ("accent", "accent-hover"))
    yield from ((f"{state}-ink", f"{state}-tint", WORDS) for state in STATES)
    yield from ((state, f"{state}-tint", SHAPES) for state in STATES)
    yield from (("on-solid", state, WORDS) for state in ON_SOLID)


@pytest.mark.parametrize("name", THEMES)
def test_everything_can_be_read(name: str) -> None:
    tokens = THEMES[name]
    ratios = {
        (front, ground, floor): contrast(tokens[front], tokens[ground]) for front, ground, floor in pairs()
    }
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < pair[2]} == {}


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("name", THEMES)
def test_states_are_told_apart_by_every_eye(name: str, eye: str) -> None:
    tokens = THEMES[name]
    near = {
        (one, other)
        for one, other in itertools.combinations(STATES, 2)
        if distance(tokens[one], tokens[other], eye=EYES[eye]) < TOO_NEAR
    }
    assert {pair for pair in near if frozenset(pair) in APART or is_same_form(*pair)} == set()


def is_same_form(one: str, other: str) -> bool:
    """Return whether nothing but colour tells two segments apart; chips have icon and word anyway."""
    return 0 not in (FORM[one][0], FORM[other][0]) and FORM[one] == FORM[other]


def test_the_arithmetic() -> None:
    """Black on white is 21:1 and #767676 on white 4.54:1 (webaim.org/resources/contrastchecker)."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert mixed("#ff0000", "#0000ff", 0.5) == "#800080"
    assert distance("#000000", "#ffffff", eye=EYES["all"]) == pytest.approx(100, abs=0.01)
