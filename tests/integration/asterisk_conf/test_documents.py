"""What the documents and the example say is what is rendered, and the commands they name exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from asterisk_conf import files as package_files
from asterisk_conf.files import load
from asterisk_conf.model import AmiUser, FastAgi
from asterisk_conf.render import render
from centralita.cli import app

EXAMPLE = Path(package_files.__file__).parent / "example.toml"
DOCUMENT = Path(__file__).parents[3] / "docs" / "asterisk_conf.md"
SERVICE, SECRET = "192.0.2.10", "a-long-random-one"


def commands(text: str, verb: str) -> set[str]:
    """Return the command lines of ``centralita conf VERB`` in a text, their words put on one line."""
    return {
        " ".join(found.replace("\n#", " ").split())
        for found in re.findall(rf"`(centralita conf {verb}[^`]+)`", text)
    }


def run(line: str, **places: Path) -> tuple[int, str]:
    words = [str(places.get(word, word)) for word in shlex.split(line)[1:]]
    done = CliRunner().invoke(app, words)
    return done.exit_code, done.output


@pytest.mark.parametrize("source", [EXAMPLE, DOCUMENT], ids=["example", "document"])
def test_the_commands_that_are_named_do_what_is_said(tmp_path: Path, source: Path) -> None:
    text = source.read_text().replace("pbx.toml", "FILE")
    (render_line,) = commands(text, "render")
    (check_line,) = commands(text, "check")
    places = {"FILE": EXAMPLE, "DIR": tmp_path}
    assert run(check_line, **places)[0] == 1
    code, named = run(render_line, **places)
    assert code == 0
    assert set(named.split()) == set(render(load(EXAMPLE)))
    assert run(render_line, **places) == (0, "")
    assert run(check_line, **places) == (0, "")
    (tmp_path / "queues.conf").write_text("; by hand\n")
    (tmp_path / "users.conf").write_text("; the site's own\n")
    code, told = run(check_line, **places)
    assert code == 1
    assert "different: queues.conf" in told
    assert "extra: users.conf" in told


def test_the_lines_for_an_exchange_that_is_there_are_those_that_are_rendered() -> None:
    settings = load(EXAMPLE)
    user = AmiUser(name="centralita", role="bridge", secret=SECRET, permit=(f"{SERVICE}/32",))  # type: ignore[arg-type]
    ami = settings.ami.model_copy(update={"users": (user,)})
    rendered = render(settings.model_copy(update={"ami": ami, "fastagi": FastAgi(host=SERVICE)}))
    manager, route, hold = re.findall(r"```ini\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert set(manager.splitlines()) <= set(rendered["manager.conf"].splitlines())
    for dialplan in (route, hold):
        assert set(dialplan.splitlines()) <= set(rendered["extensions.conf"].splitlines())
        assert re.findall(r"^exten.*", dialplan, re.MULTILINE)
