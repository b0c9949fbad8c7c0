"""What the menus say, in one table: the name of each sound and its words in each language. Pure.

``make prompts`` speaks it into files; the names are those of ``agi_scripts.menus``. Numbers are said by
Asterisk's own sounds; where a language has none installed, ``make prompts`` makes them as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["es", "en"]
LANGUAGES: tuple[Language, ...] = ("es", "en")
FOLDER = "centralita"

WORDS: Mapping[str, tuple[str, str]] = {
    "for-spanish": ("Para español, pulse 1.", "Para español, pulse 1."),
    "for-english": ("For English, press 2.", "For English, press 2."),
    "for-status": (
        "Para saber cómo van sus incidencias, pulse 1.",
        "To hear how your incidents are going, press 1.",
    ),
    "for-callback": ("Para que le llamemos, pulse 2.", "To have us call you back, press 2."),
    "for-person": ("Para hablar con una persona, pulse 0.", "To speak with a person, press 0."),
    "closed": (
        "Ahora estamos fuera de nuestro horario de atención.",
        "You are calling outside our opening hours.",
    ),
    "for-callback-when-open": (
        "Para que le llamemos cuando abramos, pulse 2.",
        "To have us call you when we open, press 2.",
    ),
    "wrong-key": ("Esa tecla no es una opción.", "That key is not an option."),
    "not-heard": ("No hemos recibido nada.", "We did not receive anything."),
    "type-reference": (
        "Marque el número de su incidencia, o su teléfono, y termine con almohadilla.",
        "Enter the number of your incident, or your telephone number, and end with the hash key.",
    ),
    "not-found": ("No encontramos ese número.", "We cannot find that number."),
    "none-open": ("No tiene ninguna incidencia abierta.", "You have no open incidents."),
    "incident": ("La incidencia número", "Incident number"),
    "state-new": ("está recibida,", "has been received,"),
    "state-assigned": ("está asignada a un agente,", "has been assigned to an agent,"),
    "state-in_progress": ("está en curso,", "is being worked on,"),
    "state-pending": ("está a la espera de un tercero,", "is waiting for somebody else,"),
    "state-resolved": ("está resuelta,", "has been resolved,"),
    "state-closed": ("está cerrada,", "is closed,"),
    "state-cancelled": ("está anulada,", "has been cancelled,"),
    "opened-before": ("y se abrió hace", "and was opened"),
    "less-than-an-hour": ("menos de una hora.", "less than an hour ago."),
    "an-hour": ("una hora.", "one hour ago."),
    "hours": ("horas.", "hours ago."),
    "a-day": ("un día.", "one day ago."),
    "days": ("días.", "days ago."),
    "there-are-more": (
        "Tiene más incidencias abiertas; una persona se las puede decir.",
        "You have more open incidents; a person can tell you about them.",
    ),
    "call-you-at": ("Le llamaremos al", "We will call you at"),
    "is-it-right": (
        "Si es correcto, pulse 1. Para dar otro número, pulse 2.",
        "If that is right, press 1. To give another number, press 2.",
    ),
    "type-number": (
        "Marque el teléfono al que quiere que le llamemos, y termine con almohadilla.",
        "Enter the telephone number you want us to call, and end with the hash key.",
    ),
    "not-callable": (
        "A ese número no podemos llamar.",
        "We cannot call that number.",
    ),
    "will-call": (
        "Hemos anotado su llamada. Le llamaremos en cuanto podamos.",
        "Your request is noted. We will call you as soon as we can.",
    ),
    "will-call-when-open": (
        "Hemos anotado su llamada. Le llamaremos cuando abramos.",
        "Your request is noted. We will call you when we open.",
    ),
    "to-a-person": ("Le pasamos con una persona.", "We are connecting you to a person."),
    "goodbye": ("Gracias por llamar. Adiós.", "Thank you for calling. Goodbye."),
}
"""The words of each sound: in Spanish, and in English."""
VOICES: Mapping[str, Language] = {"for-spanish": "es", "for-english": "en"}
"""Sounds that are spoken in one language, whatever the caller's."""


def words(name: str, language: Language) -> str:
    """Return what the sound *name* says to who hears *language*."""
    return WORDS[name][LANGUAGES.index(language)]


def numbers(language: Language) -> dict[str, str]:
    """Return the sounds of Asterisk's ``digits`` folder by which 0 to 999 are said, and their words.

    Source:
        ``ast_say_number_full_en`` and ``_es`` in Asterisk's ``main/say.c``.
    """
    tens = {str(number): str(number) for number in (*range(31), *range(40, 100, 10))}
    if language == "en":
        return tens | {"hundred": "hundred"}
    hundreds = {str(number): str(number) for number in range(100, 1000, 100)}
    return tens | hundreds | {"and": "y", "100-and": "ciento", "1M": "un", "1F": "una"}
