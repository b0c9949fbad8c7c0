"""Who lets people in, as the settings say it."""

from __future__ import annotations

from centralita.settings import Settings
from screenpop.oidc import ProviderSettings


def provider_of(settings: Settings) -> ProviderSettings | None:
    """Return who lets people in besides passwords; None when nobody does."""
    oidc = settings.sign_in.oidc
    return ProviderSettings(**oidc.model_dump()) if oidc else None
