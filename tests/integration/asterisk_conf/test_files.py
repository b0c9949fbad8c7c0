"""Settings from a file, files into a folder, read back by another's parser."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

import pytest
from asterisk.config import Config

from asterisk_conf import files as package_files
from asterisk_conf.check import Difference, check
from asterisk_conf.files import SettingsError, load, write
from asterisk_conf.render import render

# pyst2 leaves its files open.
LEAKS = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
EXAMPLE = Path(package_files.__file__).parent / "example.toml"


def test_the_example_is_an_exchange() -> None:
    settings = load(EXAMPLE)
    assert [queue.name for queue in settings.queues] == ["sales", "support"]


@LEAKS
def test_an_independent_reader_finds_the_settings_again(tmp_path: Path) -> None:
    settings = load(EXAMPLE)
    write(render(settings), tmp_path)
    sections = {
        file: {
            category.name: [(item.name, item.value.strip()) for item in category.items] for category in parsed
        }
        for file in ("queues.conf", "manager.conf", "musiconhold.conf")
        for parsed in [Config(str(tmp_path / file)).categories]
    }
    assert ("strategy", "ringall") in sections["queues.conf"]["support"]
    members = [value for name, value in sections["queues.conf"]["sales"] if name == "member"]
    assert members == [
        "PJSIP/agent101,0,Ana García,PJSIP/agent101",
        "PJSIP/agent102,0,Luis Pérez,PJSIP/agent102",
        "PJSIP/agent103,1,Mary O'Brien,PJSIP/agent103",
    ]
    user = dict(sections["manager.conf"]["centralita"])
    assert (user["secret"], user["deny"]) == (settings.ami.users[0].secret, "0.0.0.0/0.0.0.0")
    assert sections["musiconhold.conf"]["default"] == [
        ("mode", "files"),
        ("directory", "/usr/share/asterisk/moh"),
    ]


@LEAKS
def test_every_file_can_be_read_by_an_independent_reader(tmp_path: Path) -> None:
    rendered = render(load(EXAMPLE))
    write(rendered, tmp_path)
    for name in rendered:
        Config(str(tmp_path / name))


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    rendered = render(load(EXAMPLE))
    assert write(rendered, tmp_path) == sorted(rendered)
    before = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}
    (tmp_path / "queues.conf").write_text("; edited by hand\n")
    assert write(rendered, tmp_path) == ["queues.conf"]
    after = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}
    assert {name for name in before if before[name] != after[name]} == {"queues.conf"}
    assert write(rendered, tmp_path) == []


def test_secrets_are_not_for_everybody(tmp_path: Path) -> None:
    write(render(load(EXAMPLE)), tmp_path / "new")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    assert modes == {0o640}


def test_a_write_that_fails_leaves_the_old_file_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "queues.conf").write_text("old\n")
    monkeypatch.setattr("asterisk_conf.files.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write({"queues.conf": "[general]\n"}, tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old\n"]


def test_differences_are_told(tmp_path: Path) -> None:
    write({"a.conf": "[general]\nx = 1\n", "b.conf": "[general]\n"}, tmp_path)
    (tmp_path / "c.conf").write_text("")
    (tmp_path / "note.txt").write_text("")
    assert check({"a.conf": "[general]\nx = 1\n", "b.conf": "[general]\n"} | {"c.conf": ""}, tmp_path) == []
    found = check({"a.conf": "[general]\nx = 2\n", "d.conf": "", "b.conf": "[general]\n"}, tmp_path)
    assert [(each.name, each.kind) for each in found] == [
        ("a.conf", "different"),
        ("c.conf", "extra"),
        ("d.conf", "missing"),
    ]
    assert found[0].diff.splitlines()[-2:] == ["-x = 1", "+x = 2"]
    assert found[2] == Difference(name="d.conf", kind="missing")


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "ami.secret").write_text("from-a-file\n")
    (tmp_path / "pbx.toml").write_text(
        '[[ami.users]]\nname = "centralita"\nrole = "bridge"\nsecret_file = "ami.secret"\n'
    )
    assert load(tmp_path / "pbx.toml").ami.users[0].secret == "from-a-file"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("[", "Invalid initial character", id="no TOML"),
        pytest.param("colour = 1", "colour: Extra inputs are not permitted", id="unknown key"),
        pytest.param('[[queues]]\nname = "a b"', "queues.0.name: ", id="bad name"),
        pytest.param(
            '[[dids]]\nnumber = "1234"\nto = "queue:x"', "dids.1234.to: there is no queue x", id="astray"
        ),
        pytest.param('[[phones]]\nsecret_file = "none"', "No such file", id="no secret there"),
    ],
)
def test_a_bad_file_says_where(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "pbx.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        load(tmp_path / "pbx.toml")
