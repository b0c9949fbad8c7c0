"""All scenes, by name."""

from __future__ import annotations

from lab.matrix import attended, blind, clicks, numbers, parking, queues
from lab.matrix.scene import ALL

PLAYED = (attended, blind, clicks, numbers, parking, queues)
"""Whoever imports them has their scenes in ``ALL``."""

__all__ = ["ALL", "PLAYED"]
