"""Settings come from the environment, and a wrong one says what was expected."""

from pathlib import Path

import pytest

from headwater.settings import InvalidSetting, as_environment, read_settings


def test_the_command_line_wins_over_the_environment() -> None:
    settings = read_settings({"PORT": "9000", "HOST": "0.0.0.0"}, port=9001, host=None)  # noqa: S104

    assert settings.port == 9001
    assert settings.host == "0.0.0.0"  # noqa: S104


def test_source_maps_live_in_the_data_folder_unless_told_otherwise() -> None:
    default = read_settings({"HEADWATER_DATA_DIR": "/srv/headwater"})
    moved = read_settings(
        {"HEADWATER_DATA_DIR": "/srv/headwater", "SOURCEMAP_STORAGE_PATH": "/mnt/maps"}
    )

    assert default.sourcemaps == Path("/srv/headwater/sourcemaps")
    assert moved.sourcemaps == Path("/mnt/maps")


def test_the_disk_s_reserve_is_its_own_choice_unless_it_is_given() -> None:
    assert read_settings({}).min_free_disk is None
    assert read_settings({"HEADWATER_MIN_FREE_DISK": "1000"}).min_free_disk == 1000


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PORT": "http"}, "PORT must be a whole number, not 'http'"),
        ({"HEADWATER_CHUNK_SIZE": "1000000"}, "HEADWATER_CHUNK_SIZE must be a power of two"),
        ({"PORT": "70000"}, "PORT must be between 0 and 65535"),
        ({"PUBLIC_URL": "errors.example.com"}, "PUBLIC_URL must begin with http:// or https://"),
        ({"PUBLIC_URL": "https://example.com/errors"}, "PUBLIC_URL must not have a path"),
        (
            {"HEADWATER_ALERT_PRIVATE_ADDRESSES": "yes"},
            "HEADWATER_ALERT_PRIVATE_ADDRESSES must be on or off, not 'yes'",
        ),
        ({"HEADWATER_SMTP_URL_FILE": "/nowhere/smtp"}, "HEADWATER_SMTP_URL_FILE can't be read"),
        ({"HEADWATER_MAX_DATABASE": "-1"}, "HEADWATER_MAX_DATABASE must not be negative: -1"),
        ({"HEADWATER_MIN_FREE_DISK": "1 GB"}, "HEADWATER_MIN_FREE_DISK must be a whole number"),
        ({"HEADWATER_MAX_EVENT": "0"}, "HEADWATER_MAX_EVENT must be more than 0"),
        ({"HEADWATER_MAX_BUNDLE": "0"}, "HEADWATER_MAX_BUNDLE must be more than 0"),
        ({"HEADWATER_LOG": "xml"}, "HEADWATER_LOG must be text or json"),
        ({"SOURCEMAP_STORAGE_URL": "maps"}, "SOURCEMAP_STORAGE_URL must be s3://bucket"),
        ({"SOURCEMAP_STORAGE_URL": "s3://b"}, "SOURCEMAP_STORAGE_URL must be s3://bucket"),
        (
            {"SOURCEMAP_STORAGE_URL": "s3://maps/../etc"},
            "SOURCEMAP_STORAGE_URL must be s3://bucket",
        ),
        (
            {"SOURCEMAP_STORAGE_URL": "s3://maps", "HEADWATER_SOURCEMAP_CACHE": "1000"},
            "HEADWATER_SOURCEMAP_CACHE must be no less than HEADWATER_MAX_MAP",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(environment: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidSetting, match=said):
        read_settings(environment)


def test_a_child_process_gets_the_same_settings() -> None:
    settings = read_settings({"PORT": "9000", "SOURCEMAP_STORAGE_PATH": "/mnt/maps"})

    assert read_settings(as_environment(settings)) == settings


@pytest.mark.parametrize("folder", ["~/hw", "./~nobody/hw", "a b=c", "/srv/~"])
def test_a_child_gets_the_folder_that_a_command_line_gave(folder: str) -> None:
    given = read_settings({}, data_dir=Path(folder))

    inherited = read_settings(as_environment(given))

    assert inherited.data_dir == Path(folder).absolute()


def test_an_empty_word_on_a_command_line_is_none() -> None:
    assert read_settings({}, host="").host == read_settings({}).host


def test_a_secret_may_be_in_a_file_and_is_in_no_repr(tmp_path: Path) -> None:
    file = tmp_path / "smtp"
    file.write_text("smtp://user:hunter22@mail.example.com\n")

    from_file = read_settings({"HEADWATER_SMTP_URL_FILE": str(file)})
    given = read_settings(
        {"HEADWATER_SMTP_URL_FILE": str(file), "HEADWATER_SMTP_URL": "smtp://localhost"}
    )
    inherited = read_settings(as_environment(from_file))

    assert from_file.smtp_url == "smtp://user:hunter22@mail.example.com"
    assert given.smtp_url == "smtp://localhost"
    assert inherited.smtp_url == from_file.smtp_url
    assert "hunter22" not in repr(from_file)


def test_links_lead_to_the_public_address_or_to_where_the_server_was_started() -> None:
    public = read_settings({"PUBLIC_URL": "https://errors.example.com/"})

    assert public.reached_at == "https://errors.example.com"
    assert read_settings({"PORT": "9000", "HOST": "0.0.0.0"}).reached_at == "http://localhost:9000"  # noqa: S104


def test_a_key_in_the_bucket_s_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(InvalidSetting, match="AWS_SECRET_ACCESS_KEY") as raised:
        read_settings({"SOURCEMAP_STORAGE_URL": "s3://key:secret@maps"})

    assert "secret@" not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["s3://maps", "s3://my.maps-2/", "s3://maps/a/b_c.d", "s3://maps/a/"]
)
def test_buckets_are_named_with_and_without_a_prefix(url: str) -> None:
    assert read_settings({"SOURCEMAP_STORAGE_URL": url}).sourcemap_storage_url == url
