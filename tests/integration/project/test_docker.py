"""docker/: checked by the linter and the schema of their makers, and against what the service expects.

Images are not built here: there is no docker daemon, and no registry, where the suites run.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab import chroot

from asterisk_conf.files import load as load_exchange
from asterisk_conf.render import render
from centralita.settings import load

from .places import ROOT

DOCKER = ROOT / "docker"
BIN = Path(sys.executable).parent
DOCKERFILES = sorted(DOCKER.glob("*/Dockerfile"))
COMPOSE = DOCKER / "compose.yaml"


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return read


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_the_linter_finds_nothing(dockerfile: Path) -> None:
    done = subprocess.run([BIN / "hadolint", dockerfile], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_compose_file_fits_the_compose_schema() -> None:
    check = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE]
    done = subprocess.run(check, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_schema_check_sees_a_wrong_key(tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(COMPOSE.read_text().replace("network_mode: none", "network_modus: none"))
    check = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", wrong]
    assert subprocess.run(check, check=False, capture_output=True).returncode == 1


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_images_are_pinned_run_without_root_and_say_how_they_are(dockerfile: Path) -> None:
    text = dockerfile.read_text()
    for image in re.findall(r"^FROM (\S+)", text, re.MULTILINE):
        assert re.search(r"@sha256:[0-9a-f]{64}$|-20\d{6}-slim$", image), image
    last_stage = text[text.rindex("\nFROM ") if "\nFROM " in text else 0 :]
    users = re.findall(r"^USER (\S+)", last_stage, re.MULTILINE)
    assert users
    assert users[-1].split(":")[0] not in {"0", "root"}
    assert "\nHEALTHCHECK " in last_stage


def test_the_last_stage_of_the_service_has_no_build_tools() -> None:
    text = (DOCKER / "service" / "Dockerfile").read_text()
    last_stage = text[text.rindex("\nFROM ") :]
    assert "apt-get" not in last_stage
    assert "pip uninstall --yes setuptools wheel pip" in last_stage
    assert "pip install" not in last_stage


def test_everything_is_installed_by_hash() -> None:
    text = (DOCKER / "service" / "Dockerfile").read_text().replace("\\\n", " ")
    for command in re.findall(r"pip install ([^&\n]*)", text):
        assert "--require-hashes" in command or command.split() == ["--no-build-isolation", "--no-deps", "."]


def test_what_services_use_is_declared() -> None:
    read = compose()
    for name, service in read["services"].items():
        named = {
            source for mount in service.get("volumes", []) if (source := mount.split(":")[0])[0] not in "./"
        }
        assert named <= set(read["volumes"]), name
        assert set(service.get("secrets", [])) <= set(read["secrets"]), name
        assert set(service.get("depends_on", {})) <= set(read["services"]), name


def test_what_is_prepared_only_starts_by_its_profile() -> None:
    profiles = {name: service.get("profiles") for name, service in compose()["services"].items()}
    assert profiles == {
        "asterisk-conf": None,
        "asterisk": None,
        "centralita": None,
        "caddy": None,
        "postgres": ["postgres"],
        "redis": ["redis"],
    }


def test_the_files_of_a_site_are_the_example_s() -> None:
    mounted = set(re.findall(r"\./site/([\w.]+)", COMPOSE.read_text()))
    secrets = {"ami.secret", "postgres.secret"}
    assert mounted - secrets == {path.name for path in (DOCKER / "example").iterdir()} - {"env"}


def test_the_example_settings_are_read_by_service_and_exchange(tmp_path: Path) -> None:
    secret = tmp_path / "ami"
    secret.write_text("a-secret-of-the-test\n")
    for name in ("centralita.toml", "asterisk.toml"):
        text = (DOCKER / "example" / name).read_text()
        assert "/run/secrets/ami" in text
        (tmp_path / name).write_text(text.replace("/run/secrets/ami", str(secret)))
    address = compose()["services"]["centralita"]["environment"]
    environment = {key: re.sub(r"\$\{SITE[^}]*\}", "centre.example", value) for key, value in address.items()}
    service = load(tmp_path / "centralita.toml", environment=environment)
    exchange = load_exchange(tmp_path / "asterisk.toml")
    assert (service.http.public_url, service.http.public_ws_url) == (
        "https://centre.example",
        "wss://centre.example/ws",
    )
    (user,) = exchange.ami.users
    pbx = service.pbx["main"]
    assert (user.name, user.secret, exchange.ami.port) == (pbx.user, pbx.secret, pbx.port)
    assert exchange.fastagi is not None
    assert exchange.fastagi.port == service.agi.port
    assert render(exchange)


def test_caddy_and_the_health_check_ask_where_the_service_serves() -> None:
    http = load(None, environment={}).http
    caddyfile = (DOCKER / "caddy" / "Caddyfile").read_text()
    assert f"{{$CENTRALITA_HTTP_PORT:{http.port}}}" in caddyfile
    assert f"{{$CENTRALITA_WS_PORT:{http.ws_port}}}" in caddyfile
    assert f"127.0.0.1:{http.port}/health" in (DOCKER / "service" / "Dockerfile").read_text()


def test_the_image_s_asterisk_is_the_tested_one() -> None:
    assert f"asterisk={chroot.TESTED}*" in (DOCKER / "asterisk" / "Dockerfile").read_text()
    assert f"FROM debian:{chroot.SUITE}-" in (DOCKER / "asterisk" / "Dockerfile").read_text()
