"""A figure as ``centralita bench`` tells it."""

from __future__ import annotations

from typing import Any


def figure(name: str, value: float, unit: str, at_most: float | None = None) -> dict[str, Any]:
    """Return *value* under *name*, met when it is *at_most* so much; None: nothing is asked of it."""
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "ratio_to": None,
        "target": None if at_most is None else f"<= {at_most:g}",
        "ok": None if at_most is None else value <= at_most,
    }
