"""What the command line says, in the language of its user."""

from __future__ import annotations

from centralita.settings import language_of_environment
from screenpop.i18n import Translator, translator


def words() -> Translator:
    """Return who speaks the language of the environment (LANG and the like)."""
    return translator(language_of_environment())
