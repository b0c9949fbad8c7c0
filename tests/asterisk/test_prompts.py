"""The menus' sounds, spoken: there in both languages, as Asterisk plays them, and made once."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import pytest
from lab import chroot
from lab.pbx import Asterisk

from agi_scripts.prompts import LANGUAGES, WORDS, numbers

TOOL = Path(__file__).parents[2] / "tools" / "prompts.py"
pytestmark = pytest.mark.asterisk


def make(out: Path) -> str:
    done = subprocess.run([sys.executable, str(TOOL), str(out)], check=True, capture_output=True, text=True)
    return done.stdout.split(" ")[0]


def test_every_sound_is_made_once_and_again_when_its_words_change(tmp_path: Path) -> None:
    (tmp_path / "en" / "digits").mkdir(parents=True)
    made = 2 * len(WORDS) + len(numbers("es"))

    assert make(tmp_path) == str(made)
    assert make(tmp_path) == "0"
    (tmp_path / "es" / "centralita" / "goodbye.txt").write_text("Hasta luego.", encoding="utf-8")
    assert make(tmp_path) == "1"
    assert list((tmp_path / "en" / "digits").iterdir()) == []  # Asterisk's own are left alone
    for file in tmp_path.rglob("*.wav"):
        with wave.open(str(file)) as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
            assert sound.getnframes() > 8000 * 0.15, file
            assert max(sound.readframes(sound.getnframes())) > 0, file


def test_asterisk_has_them_where_it_looks(asterisk: Asterisk) -> None:
    root = chroot.folder() / "root"
    for language in LANGUAGES:
        asked = ["chroot", str(root), "ls", f"{chroot.SOUNDS}/{language}/centralita/"]
        there = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()
        assert {f"{name}.wav" for name in WORDS} <= set(there)
    assert "format_wav.so" in asterisk.cli("module show like format_wav")
