"""All scenes, by name."""

from __future__ import annotations

from lab.matrix import attended, blind, parking
from lab.matrix.scene import ALL

PLAYED = (attended, blind, parking)
"""Whoever imports them has their scenes in ``ALL``."""

__all__ = ["ALL", "PLAYED"]
