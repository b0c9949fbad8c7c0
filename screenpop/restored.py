"""What was sent back as it was shown becomes what is kept: who does not see it leaves it as it is (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec.structs import replace

from crm_core.domain.masking import GONE, restored_text
from screenpop.masks import Masks
from screenpop.problem import FieldError, ProblemError
from screenpop.redaction import name_of_own, redacted


def restored(sent: Mapping[str, Any], known: msgspec.Struct, masks: Masks) -> dict[str, Any]:
    """Return the changes *sent* to a record, with what is *known* in place of what was not shown of it.

    Of the site's own fields those that are not shown stay as they are.

    Raises:
        ProblemError: something else that is sent holds what is shown in place of something (422).
    """
    shown = redacted(known, masks)
    after = {
        name: _one(value, name, getattr(known, name, None), getattr(shown, name, None), masks)
        for name, value in sent.items()
    }
    errors = [
        FieldError(field=name, code="masked_value", message="this holds what is not shown")
        for name, value in after.items()
        if value != getattr(known, name, None) and _holds_masks(_news(value, getattr(known, name, None)))
    ]
    if errors:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "masked_value", errors=errors)
    return after


def _one(value: Any, name: str, kept: Any, shown: Any, masks: Masks) -> Any:
    if name == "fields":
        own = {
            key: _one_text(one, name_of_own(key), kept.get(key), shown.get(key), masks)
            for key, one in value.items()
        }
        return {**own, **{key: kept[key] for key in masks.fields if key in kept}}
    if name in {"phones", "emails"}:
        rows = {one.id: (one, seen) for one, seen in zip(kept, shown, strict=True)}
        return tuple(_row(one, *rows.get(one.id, (one, one))) for one in value)
    return _one_text(value, name, kept, shown, masks)


def _one_text(value: Any, name: str, kept: Any, shown: Any, masks: Masks) -> Any:
    """Return *value* with what was masked put back, where it is read as it was sent and not else."""
    if value == shown:
        return kept
    if not isinstance(value, str) or not isinstance(kept, str):
        return value
    back = restored_text(value, kept)
    return back if redacted({name: back}, masks) == redacted({name: value}, masks) else value


def _row(sent: Any, kept: Any, shown: Any) -> Any:
    """Return a number or an address as it is to be kept: as it was where it was sent as it is shown."""
    same = {
        name: getattr(kept, name)
        for name in ("raw", "address")
        if hasattr(kept, name) and getattr(sent, name) == getattr(shown, name)
    }
    return replace(sent, **same)


def _news(value: Any, kept: Any) -> Any:
    """Return those of some rows that were not there."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [one for one in value if one not in (kept or ())]
    return value


def _holds_masks(value: Any) -> bool:
    return GONE in msgspec.json.encode(value).decode()
