"""All scenes, by name."""

from __future__ import annotations

from lab.matrix import (  # noqa: F401 - whoever imports them has their scenes in ``ALL``
    attended,
    blind,
    clicks,
    follow_me,
    held,
    in_vain,
    into_queue,
    members,
    menus,
    numbers,
    parking,
    queues,
    redirects,
    replaced,
    rooms,
)
from lab.matrix.scene import ALL

__all__ = ["ALL"]
