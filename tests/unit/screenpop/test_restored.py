"""What was written over what is shown: it is never put back where it would be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from screenpop.masks import Masks
from screenpop.problem import ProblemError
from screenpop.redaction import redacted
from screenpop.restored import restored

MASKED = Masks(numbers="masked", has_emails=True, has_documents=True, fields=frozenset(("passport",)))
NUMBER = "+34600123678"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    notes: str = f"call {NUMBER}"
    fields: Mapping[str, Any] = {}


OWN = Known(fields={"passport": "AAF071554", "code": "al 611234678", "size": 3, "other": "a m@e.es"})


def read_after(sent: dict[str, Any], known: Known) -> Any:
    """Return what he reads of *sent* when it is kept; what is refused is not kept."""
    try:
        return redacted(restored(sent, known, MASKED), MASKED)
    except ProblemError:
        return sent


@pytest.mark.parametrize("before", ["x", "é", "_", "5", "+", "6", "1+", "x.", "a-"])
def test_a_sign_before_it_opens_nothing(before: str) -> None:
    for known in (Known(), Known(notes="call 600123678")):
        sent = {"notes": f"call {before}••• ••• 678"}
        assert read_after(sent, known) == sent


@pytest.mark.parametrize("behind", ["x", "5", "_", "-a", ".1"])
def test_nor_does_one_behind_it(behind: str) -> None:
    sent = {"notes": f"call ••• ••• 678{behind}"}
    for known in (Known(), Known(notes="call 600123678")):
        assert read_after(sent, known) == sent


def test_a_new_number_is_written_beside_the_kept_one() -> None:
    after = restored({"notes": "call ••• ••• 678 or 622345789"}, Known(), MASKED)
    assert after == {"notes": f"call {NUMBER} or 622345789"}


def test_an_own_field_with_a_number_in_it_is_sent_back_or_written_on() -> None:
    shown = redacted(OWN, MASKED).fields
    assert restored({"fields": shown}, OWN, MASKED) == {"fields": OWN.fields}
    on = {**shown, "code": f"{shown['code']}, tarde", "size": 4, "other": "b"}
    assert restored({"fields": on}, OWN, MASKED) == {
        "fields": {**OWN.fields, "code": "al 611234678, tarde", "size": 4, "other": "b"}
    }


def test_what_is_shown_in_place_of_another_own_field_is_refused() -> None:
    with pytest.raises(ProblemError):
        restored({"fields": {**OWN.fields, "size": "••• ••• 678"}}, OWN, MASKED)


@pytest.mark.parametrize("key", ["code", "ref", "serial", "id", "address", "html", "size"])
def test_no_key_of_the_site_s_own_opens_its_field(key: str) -> None:
    told = redacted({"fields": {key: "llama al 611234678"}}, MASKED)
    assert told == {"fields": {key: "llama al ••• ••• 678"}}


def test_a_key_that_says_what_its_field_holds_is_believed() -> None:
    told = redacted({"fields": {"document": "12345678Z", "phone": "957212"}}, MASKED)
    assert told == {"fields": {"document": "•••8Z", "phone": "••• ••• 212"}}
