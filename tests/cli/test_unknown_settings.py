"""A misspelt setting is told, with the one that is meant; what others read or set is not."""

import pytest
from typer.testing import CliRunner

from headwater.cli import program
from headwater.cli.unknown_settings import unknown_settings


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("HEADWATER_DATADIR", "HEADWATER_DATA_DIR"),
        ("HEADWATER_MAX_AGE_DAY", "HEADWATER_MAX_AGE_DAYS"),
        ("HEADWATER_SMTP_URL_FILES", "HEADWATER_SMTP_URL_FILE"),
        ("HEADWATER_DATABASE_URL", "DATABASE_URL"),
        ("HEADWATER_PORT", "PORT"),
        ("HEADWATER_XYZZY", ""),
    ],
)
def test_the_nearest_setting_is_named(variable: str, nearest: str) -> None:
    (found,) = unknown_settings({variable: "9000"})

    assert (found.variable, found.nearest) == (variable, nearest)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HEADWATER_DATA_DIR", "/data"),
        ("HEADWATER_SMTP_URL_FILE", "/run/secrets/smtp"),
        ("HEADWATER_TEST_DATABASE", "postgresql"),
        ("HEADWATER_GIT", "https://git.example.com/headwater"),
        ("HEADWATER_SERVICE_HOST", "10.0.0.1"),
        ("HEADWATER_SERVICE_PORT_HTTP", "80"),
        ("HEADWATER_PORT", "tcp://10.0.0.1:80"),
        ("HEADWATER_WEB_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("DATABASE_URI", "somebody else's"),
    ],
)
def test_what_is_a_setting_or_others_is_not_told(variable: str, value: str) -> None:
    assert list(unknown_settings({variable: value})) == []


def test_the_list_of_settings_ends_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_DATADIR", "/x")

    said = CliRunner().invoke(program, ["settings"]).output

    assert said.splitlines()[-1] == (
        "HEADWATER_DATADIR\t\tHEADWATER_DATADIR is no setting; did you mean HEADWATER_DATA_DIR?"
    )
    assert "/x" not in said
