"""What events are called: of records and of the floor, and the families that they are of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from ami_bridge.domain.events import FloorEvent, QueueChanged
from crm_core.domain.events import CrmEvent
from crm_core.domain.webhooks import EVERYTHING


def _tags(kind: type[msgspec.Struct]) -> Iterable[str]:
    for one in kind.__subclasses__():
        if isinstance(tag := one.__struct_config__.tag, str):
            yield tag
        yield from _tags(one)


_UNKEPT: Final = QueueChanged.__struct_config__.tag  # told to desks, and not kept in the log
_NAMES: Final = {tag for kind in (CrmEvent, FloorEvent) for tag in _tags(kind) if "." in tag} - {_UNKEPT}
_FAMILIES: Final = {f"{name.partition('.')[0]}.*" for name in _NAMES}
EVENT_TYPES: Final = frozenset((EVERYTHING, *_FAMILIES, *_NAMES))
