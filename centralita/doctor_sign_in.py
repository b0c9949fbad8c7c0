"""What the doctor sees of the provider that lets people in."""

from __future__ import annotations

from centralita.clock import utc_now
from centralita.findings import Finding
from centralita.words import words
from screenpop.oidc import Provider, ProviderError, ProviderSettings

ABOUT = "sign_in.oidc.issuer"


async def examine_provider(settings: ProviderSettings | None) -> list[Finding]:
    """Return whether the provider answers and is who it should be; nothing where there is none."""
    if settings is None:
        return []
    _ = words().gettext
    try:
        await Provider(settings, now=utc_now).about()
    except ProviderError as error:
        return [
            Finding(
                level="bad",
                about=ABOUT,
                what=str(error),
                why=_("Nobody signs in by the provider; passwords stay beside it."),
                change='[sign_in.oidc] issuer = "https://…"',
            )
        ]
    told = _("The provider %(name)s answers, and is who it should be.") % {"name": settings.name}
    return [Finding(level="ok", about=ABOUT, what=told)]
