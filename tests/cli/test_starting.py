"""Starting again, and starting together."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from headwater.cli import program
from headwater.cli.instance import ADDRESS_FILE, note_address, opened
from headwater.cli.serve import _first_admin
from headwater.settings import InvalidSetting, Settings, read_settings
from headwater.storage.files.folder import MARK
from headwater.storage.files.stores import PARTS
from headwater.storage.people.users import Users
from tests.databases import address_in
from tests.upload_side import UploadSide, pair


def test_a_server_that_starts_again_on_its_address_writes_nothing(tmp_path: Path) -> None:
    settings = read_settings({}, data_dir=tmp_path, port=8081)
    note_address(settings)
    os.utime(tmp_path / ADDRESS_FILE, (0, 0))

    address = note_address(settings)

    assert (tmp_path / ADDRESS_FILE).read_text() == address + "\n"
    assert (tmp_path / ADDRESS_FILE).stat().st_mtime == 0


def test_of_two_that_start_together_one_makes_the_administrator_and_both_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings({}, data_dir=tmp_path)
    with opened(settings) as database:
        monkeypatch.setattr(Users, "count", lambda _users: 0)  # both have looked before

        said = [_first_admin(settings, database) for _ in range(2)]

    assert "with the password" in said[0]
    assert said[1] == "with your e-mail address and password"


def test_a_folder_that_is_empty_while_uploads_are_known_is_not_taken_for_the_storage(
    side: UploadSide, tmp_path: Path
) -> None:
    side.upload(None, pair())
    settings = Settings(
        data_dir=tmp_path,
        database_url=address_in(tmp_path),
        sourcemap_storage_path=tmp_path / "mount",
    )
    (tmp_path / "mount" / PARTS[0] / "tmp").mkdir(parents=True)

    with (
        pytest.raises(InvalidSetting, match=r"is its volume mounted.*\.headwater-storage"),
        opened(settings, says_where=True),
    ):
        pass

    (tmp_path / "mount" / MARK).touch()
    with opened(settings, says_where=True):
        pass


def test_commands_that_touch_no_file_work_while_the_volume_is_away(
    side: UploadSide, tmp_path: Path
) -> None:
    side.upload(None, pair())
    mount = tmp_path / "mount"
    mount.mkdir()
    environment = {
        "HEADWATER_DATA_DIR": str(tmp_path),
        "DATABASE_URL": address_in(tmp_path),
        "SOURCEMAP_STORAGE_PATH": str(mount),
    }

    for words in (["migrate"], ["user", "create", "me@example.com"], ["token", "create", "ci"]):
        done = CliRunner().invoke(program, words, env=environment)
        assert done.exit_code == 0, done.output

    assert list(mount.iterdir()) == []
    with pytest.raises(InvalidSetting, match="is its volume mounted"):
        CliRunner().invoke(program, ["storage", "check"], env=environment, catch_exceptions=False)
