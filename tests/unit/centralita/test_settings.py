"""Settings: defaults run, the environment wins, every fault is told at once."""

from pathlib import Path

import pytest

from centralita.settings import SettingsError, load


def test_defaults_run() -> None:
    settings = load(None, environment={})
    assert list(settings.pbx) == ["main"]
    assert settings.pbx["main"].region == "ES"


def test_the_environment_lies_over_the_defaults() -> None:
    settings = load(
        None,
        environment={
            "CENTRALITA_PBX__MAIN__HOST": "10.0.0.5",
            "CENTRALITA_PBX__MAIN__PORT": "5039",
            "CENTRALITA_PBX__MAIN__INSIDE": '["PJSIP/9.*"]',
            "CENTRALITA_HTTP__PORT": "0",
            "CENTRALITA_CACHE": "/somewhere",
            "OTHER": "x",
        },
    )
    assert settings.pbx["main"].host == "10.0.0.5"
    assert settings.pbx["main"].port == 5039
    assert settings.pbx["main"].inside == ("PJSIP/9.*",)
    assert settings.http.port == 0


@pytest.mark.parametrize(
    ("environment", "key"),
    [
        pytest.param({"CENTRALITA_HTTP__PORT": "99999"}, "http.port", id="port out of range"),
        pytest.param({"CENTRALITA_HTTP__COLOUR": "red"}, "http.colour", id="unknown key"),
        pytest.param({"CENTRALITA_PBX__MAIN__REGION": "XX"}, "pbx.main.region", id="unknown region"),
        pytest.param({"CENTRALITA_PBX__MAIN__TIME_ZONE": "Mars"}, "pbx.main.time_zone", id="unknown zone"),
        pytest.param({"CENTRALITA_PBX__MAIN__INSIDE": "[broken"}, "pbx.main.inside", id="broken list"),
        pytest.param(
            {"CENTRALITA_PBX__MAIN__RECORDS__CEL": "cel.csv"},
            "pbx.main.records.cel",
            id="no address of records",
        ),
        pytest.param(
            {"CENTRALITA_PBX__MAIN__RECORDS__CEL": "mysql://u:secret@localhost/asteriskcdrdb"},
            "pbx.main.records.cel",
            id="a secret in an address",
        ),
        pytest.param(
            {
                "CENTRALITA_PBX__MAIN__RECORDS__CEL": "file:/var/log/cel.csv",
                "CENTRALITA_PBX__MAIN__RECORDS__COLUMNS": "eventtype",
            },
            "pbx.main.records.columns",
            id="columns that do not do",
        ),
        pytest.param(
            {"CENTRALITA_PBX__MAIN__RECORDS__QUEUE_LOG": "file:/var/log/asterisk/queue_log"},
            "pbx.main.records.cel",
            id="queue_log without CEL",
        ),
        pytest.param({"CENTRALITA_HTTP__PUBLIC_URL": "https://a"}, "http", id="one public address alone"),
        pytest.param({"CENTRALITA_PAUSE_REASONS": "[]"}, "pause_reasons", id="no reason to pause"),
        pytest.param(
            {"CENTRALITA_PAUSE_REASONS": '[{"code": "wrap_up", "es": "x", "en": "x"}]'},
            "pause_reasons.0",
            id="a reason of our own",
        ),
    ],
)
def test_a_fault_names_its_key(environment: dict[str, str], key: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(None, environment=environment)
    assert str(error.value).startswith(key)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        load(None, environment={"CENTRALITA_HTTP__PORT": "-1", "CENTRALITA_AGI__PORT": "x"})
    assert [fault.split(":")[0] for fault in error.value.faults] == ["http.port", "agi.port"]


def test_a_secret_is_not_shown() -> None:
    settings = load(None, environment={"CENTRALITA_PBX__MAIN__SECRET": "s3cr3t"})
    assert settings.pbx["main"].secret == "s3cr3t"
    assert "s3cr3t" not in repr(settings)


def test_a_missing_file_is_a_fault() -> None:
    with pytest.raises(SettingsError, match="No such file"):
        load(Path("/nowhere/centralita.toml"), environment={})
