"""Speak the menus' sounds: ``tools/prompts.py FOLDER`` writes FOLDER/es and FOLDER/en as Asterisk wants them.

FOLDER may be Asterisk's own ``sounds``: numbers are made only for languages of which it has none there.
Needs espeak-ng and sox; what is there already and says the same words is not made again.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from agi_scripts.prompts import FOLDER, LANGUAGES, VOICES, WORDS, Language, numbers, words

VOICE: Mapping[Language, str] = {"es": "es", "en": "en-gb"}
WORDS_A_MINUTE = "150"
TOOLS = ("espeak-ng", "sox")
OURS = "spoken-by-centralita"


def make(out: Path) -> int:
    """Make what is missing in *out*; return how many sounds that were."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        wanted = " ".join(missing)
        raise SystemExit(f"missing: {wanted} (on Debian: sudo apt-get install {wanted})")
    with ThreadPoolExecutor() as threads:
        return sum(sum(threads.map(_spoken, *zip(*_sounds(out, one), strict=True))) for one in LANGUAGES)


def _sounds(out: Path, language: Language) -> list[tuple[Path, Language, str]]:
    """Return the sounds of a language: file, whose voice, words."""
    own = {f"{FOLDER}/{name}": (VOICES.get(name, language), words(name, language)) for name in WORDS}
    digits = out / language / "digits"
    if not digits.exists() or (digits / OURS).exists():
        digits.mkdir(parents=True, exist_ok=True)
        (digits / OURS).touch()
        own |= {f"digits/{name}": (language, text) for name, text in numbers(language).items()}
    return [(out / language / f"{name}.wav", voice, text) for name, (voice, text) in own.items()]


def _spoken(file: Path, voice: Language, text: str) -> bool:
    """Make *file*, 8 kHz and 16 bit as Asterisk plays it; return False when it says *text* already."""
    said = file.with_suffix(".txt")
    if file.exists() and said.exists() and said.read_text(encoding="utf-8") == text:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    speaking = ["espeak-ng", "-v", VOICE[voice], "-s", WORDS_A_MINUTE, "--stdout", text]
    spoken = subprocess.run(speaking, check=True, capture_output=True)  # noqa: S603 - words of our own
    shaping = ["rate", "8k", "silence", "1", "0.01", "0.1%", "norm", "-3"]
    writing = ["sox", "-V1", "-t", "wav", "-", "-b", "16", "-c", "1", str(file), *shaping]
    subprocess.run(writing, check=True, input=spoken.stdout)  # noqa: S603
    said.write_text(text, encoding="utf-8")
    return True


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and its argument
        raise SystemExit(__doc__)
    print(f"{make(Path(sys.argv[1]))} sounds made in {sys.argv[1]}")  # noqa: T201
