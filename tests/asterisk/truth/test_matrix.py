"""The whole life of a call: each scene of the matrix is told by the ledger as it was on the wire."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from lab import chroot
from lab.matrix.run import AUDITS, Verdict, play_all
from lab.matrix.scenes import ALL

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(300)]
RELEASES = {"22": chroot.NEW, "16": chroot.OLD}


@pytest.fixture(scope="session")
def played(request: pytest.FixtureRequest) -> Callable[[str], dict[str, Verdict]]:
    """The scenes of this run, all played side by side on the exchange that is asked for, once."""

    @cache
    def on(release: str) -> dict[str, Verdict]:
        wanted = [
            item.callspec.params["name"]
            for item in request.session.items
            if isinstance(item, pytest.Function)
            and item.originalname == test_a_call_is_told_as_it_was.__name__
            and item.callspec.params["release"] == release
        ]
        return play_all((ALL[name] for name in wanted), RELEASES[release])

    return on


@pytest.mark.parametrize("name", sorted(ALL))
@pytest.mark.parametrize("release", RELEASES)
def test_a_call_is_told_as_it_was(
    release: str, name: str, played: Callable[[str], dict[str, Verdict]]
) -> None:
    verdict = played(release)[name]
    assert verdict.faults == [], verdict.calls


@pytest.mark.each_share
@pytest.mark.parametrize("release", RELEASES)
def test_no_audit_found_anything_otherwise(release: str, played: Callable[[str], dict[str, Verdict]]) -> None:
    """They ran every 0.7 s in the midst of all scenes: what we hold was what the exchange lists."""
    assert played(release)[AUDITS].faults == []
