"""The receiver of docs/webhooks.md knows what we sign, and nothing else."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from crm_core.domain.webhooks import secret_of, signature

ROOT = Path(__file__).resolve().parents[3]
SECRET, FORMER = secret_of(b"n" * 32), secret_of(b"o" * 32)
BODY = b'{"type": "incident.opened"}'


@pytest.fixture(scope="module")
def is_ours() -> Any:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/webhooks.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the page's own example
    return names["is_ours"]


def headers(*, at: int, secrets: tuple[str, ...] = (SECRET,), body: bytes = BODY) -> dict[str, str]:
    signed = signature(secrets, message="evt_7", at=at, body=body)
    return {"webhook-id": "evt_7", "webhook-timestamp": str(at), "webhook-signature": signed}


def test_what_we_sign_is_ours_with_either_secret(is_ours: Any) -> None:
    now = int(time.time())
    assert is_ours(SECRET, headers(at=now), BODY)
    assert is_ours(FORMER, headers(at=now, secrets=(SECRET, FORMER)), BODY)


def test_anything_else_is_not(is_ours: Any) -> None:
    now = int(time.time())
    assert not is_ours(SECRET, headers(at=now, secrets=(FORMER,)), BODY)
    assert not is_ours(SECRET, headers(at=now), BODY + b" ")
    assert not is_ours(SECRET, headers(at=now - 3600), BODY)
    assert not is_ours(SECRET, headers(at=now) | {"webhook-timestamp": "soon"}, BODY)
    assert not is_ours(SECRET, headers(at=now) | {"webhook-id": "evt_8"}, BODY)
