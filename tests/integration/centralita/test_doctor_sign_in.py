"""What the doctor says of the provider that lets people in."""

from __future__ import annotations

import pytest
from openid import provider

from centralita.clock import utc_now
from centralita.doctor_sign_in import examine_provider


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


async def test_a_provider_is_looked_at() -> None:
    assert await examine_provider(None) == []
    async with provider(utc_now) as issuer:
        (well,) = await examine_provider(issuer.settings())
        issuer.about = {"issuer": "https://evil.example"}
        (lies,) = await examine_provider(issuer.settings())
    (away,) = await examine_provider(issuer.settings())
    assert (well.level, well.what) == ("ok", "The provider Example Login answers, and is who it should be.")
    assert (lies.level, lies.what) == ("bad", "provider_lied: it calls itself 'https://evil.example'")
    assert (away.level, away.what[:14]) == ("bad", "provider_away:")
