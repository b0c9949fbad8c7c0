"""Settings from files."""

from pathlib import Path

import pytest

from centralita.settings import SettingsError, load


def test_a_secret_comes_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cr3t\n")
    file = tmp_path / "centralita.toml"
    file.write_text(f'[pbx.main]\nsecret_file = "{tmp_path}/secret"\n[pbx.sevilla]\nhost = "10.1.1.1"\n')
    settings = load(file, environment={})
    assert settings.pbx["main"].secret == "s3cr3t"
    assert settings.pbx["sevilla"].host == "10.1.1.1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(b"[http\n", "centralita.toml", id="not toml"),
        pytest.param(b"language = '\xff'", "centralita.toml", id="not utf-8"),
        pytest.param(b"[pbx.main]\nsecret_file = '/nowhere'", "pbx.main.secret_file", id="no secret file"),
        pytest.param(b"[pbx.'a b']\n", "pbx", id="bad name of an exchange"),
    ],
)
def test_a_broken_file_is_a_fault_with_its_place(tmp_path: Path, text: bytes, told: str) -> None:
    file = tmp_path / "centralita.toml"
    file.write_bytes(text)
    with pytest.raises(SettingsError, match=told):
        load(file, environment={})
