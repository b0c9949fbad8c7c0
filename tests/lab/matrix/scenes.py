"""All scenes, by name."""

from __future__ import annotations

from lab.matrix import attended, blind, clicks, menus, numbers, parking, queues, rooms
from lab.matrix.scene import ALL

PLAYED = (attended, blind, clicks, menus, numbers, parking, queues, rooms)
"""Whoever imports them has their scenes in ``ALL``."""

__all__ = ["ALL", "PLAYED"]
