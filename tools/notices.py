"""Write THIRD-PARTY-NOTICES.md: what is installed with Centralita or comes inside it, and under which terms.

The Python packages are those of requirements.lock, read from their installed metadata (PEP 639 and older);
the browser files are those of ``screenpop/static/vendor/vendor.json``. A package that is not installed here
is for another system (the lock says so by a marker) and is not listed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTICES = ROOT / "THIRD-PARTY-NOTICES.md"
VENDOR = ROOT / "screenpop" / "static" / "vendor"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)
_LEGAL_FILE = re.compile(r"^(licen[cs]e|notice|copying|authors)", re.IGNORECASE)
_WHERE = ("homepage", "source", "source code", "repository", "github", "documentation")
HEAD = """# Third-party notices

Centralita is under the Apache License 2.0 (`LICENSE`). It is installed with the Python packages below, which
keep their own licences, and holds the browser files below in `screenpop/static/vendor`. Written by
`make notices`; do not edit.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Somebody else's work: what it is, under which licence, and the licence's words."""

    name: str
    version: str
    licence: str
    address: str
    texts: tuple[str, ...]


def packages(lock: str) -> Iterator[Work]:
    """Yield the packages that *lock* pins and that are installed."""
    for name, version in _PIN.findall(lock):
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        yield Work(
            name=name,
            version=version,
            licence=_licence(found.metadata),
            address=_address(found.metadata),
            texts=tuple(_texts(found)),
        )


def browser_files(vendor: Path) -> Iterator[Work]:
    """Yield the packages whose files *vendor* holds."""
    files = json.loads((vendor / "vendor.json").read_text(encoding="utf-8"))["files"]
    seen = {(file["package"], file["version"], file["license"]) for file in files}
    for name, version, licence in sorted(seen):
        mine = [vendor / file["file"] for file in files if file["package"] == name]
        yield Work(
            name=name,
            version=version,
            licence=licence,
            address=f"https://www.npmjs.com/package/{name}",
            texts=tuple(_tidy(path.read_text("utf-8")) for path in mine if _LEGAL_FILE.match(path.name)),
        )


def render(python: list[Work], browser: list[Work]) -> str:
    """Return the notices: two tables, then each licence's words once, with the names of those it covers."""
    words: dict[str, list[str]] = {}
    for work in [*python, *browser]:
        for text in work.texts:
            words.setdefault(text, []).append(work.name)
    parts = [HEAD, "## Python packages\n", _table(python), "## Browser files\n", _table(browser)]
    parts.append("## Their words\n")
    parts += [
        f"### {', '.join(dict.fromkeys(names))}\n\n~~~text\n{text}\n~~~\n" for text, names in words.items()
    ]
    return "\n".join(parts)


def _licence(about: metadata.PackageMetadata) -> str:
    """Return the licence's name: the SPDX expression, else the classifiers, else the free text."""
    if stated := _field(about, "License-Expression"):
        return stated
    classified = [line.split(" :: ") for line in about.get_all("Classifier") or []]
    names = [parts[-1] for parts in classified if parts[0] == "License"]
    return ", ".join(names) or _field(about, "License")


def _address(about: metadata.PackageMetadata) -> str:
    links = [line.split(", ", 1) for line in about.get_all("Project-URL") or []]
    by_name = {name.lower(): link for name, link in links}
    return _field(about, "Home-page") or next((by_name[name] for name in _WHERE if name in by_name), "")


def _field(about: metadata.PackageMetadata, name: str) -> str:
    """Return a field on one line; empty when the package does not state it."""
    return " ".join(" ".join(about.get_all(name) or []).split())


def _texts(found: metadata.Distribution) -> Iterator[str]:
    for file in sorted(found.files or [], key=str):
        if _LEGAL_FILE.match(file.name) and file.suffix not in {".py", ".pyc"}:
            yield _tidy(file.read_text(encoding="utf-8"))


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def _table(works: list[Work]) -> str:
    rows = [f"| [{work.name}]({work.address}) | {work.version} | {work.licence} |" for work in works]
    return "\n".join(["| name | version | licence |", "| --- | --- | --- |", *rows, ""])


def main() -> None:
    """Write the notices."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    NOTICES.write_text(render(list(packages(lock)), list(browser_files(VENDOR))), encoding="utf-8")


if __name__ == "__main__":
    main()
