"""All scenes, by name."""

from __future__ import annotations

from lab.matrix import (
    attended,
    blind,
    clicks,
    in_vain,
    members,
    menus,
    numbers,
    parking,
    queues,
    redirects,
    rooms,
)
from lab.matrix.scene import ALL

PLAYED = (attended, blind, clicks, in_vain, members, menus, numbers, parking, queues, redirects, rooms)
"""Whoever imports them has their scenes in ``ALL``."""

__all__ = ["ALL", "PLAYED"]
