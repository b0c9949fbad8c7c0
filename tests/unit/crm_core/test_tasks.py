"""Tasks: what a change makes of one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from crm_core.domain.errors import InvalidError
from crm_core.domain.tasks import Task, changed

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
OPEN = Task(id="t", title="Send the offer", due_at=NOW, created_at=NOW)
DONE = replace(OPEN, done_at=NOW - timedelta(hours=1), done_by="eva", version=2)


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        pytest.param(OPEN, {"is_done": True}, {"done_at": NOW, "done_by": "ana", "version": 2}, id="done"),
        pytest.param(DONE, {"is_done": True}, {}, id="done twice, it was done the first time"),
        pytest.param(
            DONE,
            {"is_done": False},
            {"done_at": None, "done_by": None, "version": 3},
            id="not done after all",
        ),
        pytest.param(OPEN, {"is_done": False}, {}, id="it is open"),
        pytest.param(OPEN, {}, {}, id="nothing"),
        pytest.param(OPEN, {"title": "Send the offer"}, {}, id="the same"),
        pytest.param(
            DONE,
            {"title": "Call", "assignee": "ana"},
            {"title": "Call", "assignee": "ana", "version": 3},
            id="what is done stays done",
        ),
    ],
)
def test_what_a_change_makes_of_it(before: Task, changes: dict[str, Any], after: dict[str, Any]) -> None:
    assert changed(before, changes, by="ana", now=NOW) == replace(before, **after)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"note": "x" * 4001}, "note"),
        ({"id": "x"}, "id"),
    ],
)
def test_what_cannot_be(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as told:
        changed(OPEN, changes, by="ana", now=NOW)
    assert told.value.field == field
