"""The checkout, and what git would put into a fresh clone of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("agi_scripts", "ami_bridge", "asterisk_conf", "centralita", "crm_core", "pbxsim", "screenpop")


def files(*under: str) -> list[str]:
    """Return the paths of files that are tracked or would be, relative to the root."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *under]
    listed = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return sorted(path for path in set(listed) if (ROOT / path).is_file())
