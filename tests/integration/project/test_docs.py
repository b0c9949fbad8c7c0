"""The documents: every link leads somewhere, every setting and command is told, with its real default."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from centralita import cli, settings

from .places import PACKAGES, ROOT, files

DOCUMENTS = [path for path in files("*.md") if path != "THIRD-PARTY-NOTICES.md"]
REQUIRED = "required"
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


@cache
def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    here = ROOT / document
    for link in LINK.findall(FENCE.sub("", here.read_text())):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (here.parent / path).resolve() if path else here
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_are_named_exist(document: str) -> None:
    """What stands in backquotes and begins like a folder of ours is one; ``NAME`` stands for any."""
    here = (ROOT / document).read_text()
    ours = "|".join((*PACKAGES, "benchmarks", "docker", "docs", "tests", "tools"))
    for name in re.findall(rf"`((?:{ours})/[\w./-]*)`", here):
        pattern = re.sub(r"\b[A-Z]{3,}\b(?!\.md)", "*", name)
        assert any(ROOT.glob(pattern.rstrip("/"))), name


def test_every_document_is_reached_from_the_readme() -> None:
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        here = todo.pop()
        if here in reached or here.suffix != ".md":
            continue
        reached.add(here)
        links = (link.partition("#")[0] for link in LINK.findall(here.read_text()) if "://" not in link)
        todo += [path for link in links if link and (path := (here.parent / link).resolve()).is_file()]
    missing = [
        path for path in DOCUMENTS if not path.startswith("docs/decisions/") and ROOT / path not in reached
    ]
    assert missing == []


def told_settings() -> dict[str, dict[str, str]]:
    """Return section → key → default as docs/settings.md has them."""
    text = (ROOT / "docs" / "settings.md").read_text()
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    row = re.compile(r"^\| `(\w+)` \| (.+?) \|", re.MULTILINE)
    return {part.split("\n", 1)[0].strip("[]"): dict(row.findall(part)) for part in sections}


def real_settings(model: type[BaseModel], at: str) -> Iterator[tuple[str, str, object]]:
    """Yield (section, key, default) of everything that can be set."""
    for key, field in model.model_fields.items():
        inner = next(
            (kind for kind in (field.annotation, *get_args(field.annotation)) if is_section(kind)), None
        )
        if inner is None:
            yield at or "top", key, REQUIRED if field.default is PydanticUndefined else field.default
        else:
            name = f"{at}.{key}".strip(".")
            yield from real_settings(inner, f"{name}.NAME" if key == "pbx" else name)


def is_section(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def told_default(text: str) -> object:
    if text in ("none", REQUIRED):
        return None if text == "none" else REQUIRED
    return tomllib.loads(f"x = {text.strip('`')}")["x"]


def test_every_setting_is_told_with_its_default() -> None:
    real: dict[str, dict[str, object]] = {}
    for section, key, default in real_settings(settings.Settings, ""):
        real.setdefault(section, {})[key] = list(default) if isinstance(default, tuple) else default
    told = {
        section: {key: told_default(text) for key, text in keys.items()}
        for section, keys in told_settings().items()
    }
    assert told == real


def commands(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield each command with its full name."""
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}", command


def test_every_command_and_option_is_told() -> None:
    rows = re.findall(r"^\| `(centralita .*)$", (ROOT / "docs" / "cli.md").read_text(), re.MULTILINE)
    real = dict(commands(typer.main.get_command(cli.app), "centralita"))
    for name, command in real.items():
        (row,) = [row for row in rows if re.match(rf"{name}\b(?! [a-z])", row)]
        options = {option for parameter in command.params for option in parameter.opts if option[:2] == "--"}
        assert {option for option in options - {"--config", "--help"} if option not in row} == set(), name
    assert len(rows) == len(real)


def test_the_tables_that_the_code_tells_are_told(tmp_path: Path) -> None:
    """Written again they are the same; ``make docs`` mends them."""
    pages = ("docs/rest.md", "docs/security.md", "docs/api-keys.md")
    for name in ("tools/tables.py", *pages):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    subprocess.run([sys.executable, tmp_path / "tools" / "tables.py"], check=True, cwd=ROOT)
    for name in pages:
        assert (tmp_path / name).read_text() == (ROOT / name).read_text()
