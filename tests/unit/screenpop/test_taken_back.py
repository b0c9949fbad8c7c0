"""What was removed can be had back for a while, by who removed it and by supervisors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm_core.domain.errors import NotAllowedError, NotFoundError
from crm_core.domain.interactions import Interaction
from screenpop.taken_back import MOST, TakenBack

NOW = datetime(2026, 11, 24, 16, tzinfo=UTC)


def said(key: str = "i") -> Interaction:
    return Interaction(id=key, channel="note", contact_id="ana", body="x", at=NOW, created_at=NOW)


def test_for_ten_minutes() -> None:
    kept = TakenBack()
    kept.keep(said(), by="eva", now=NOW)
    assert kept.get("i", NOW + timedelta(minutes=9, seconds=59)) == said()
    with pytest.raises(NotFoundError):
        kept.get("i", NOW + timedelta(minutes=10))


def test_by_who_removed_it_or_may_undo_others() -> None:
    kept = TakenBack()
    kept.keep(said(), by="eva", now=NOW)
    kept.demand("i", by="eva", may_undo_others=False)
    kept.demand("i", by="ana", may_undo_others=True)
    with pytest.raises(NotAllowedError):
        kept.demand("i", by="ana", may_undo_others=False)
    kept.forget("i")
    with pytest.raises(NotFoundError):
        kept.demand("i", by="eva", may_undo_others=True)


def test_not_more_than_so_many() -> None:
    kept = TakenBack()
    for n in range(MOST + 1):
        kept.keep(said(str(n)), by="eva", now=NOW)
    assert kept.get(str(MOST), NOW) == said(str(MOST))
    with pytest.raises(NotFoundError):
        kept.get("0", NOW)
