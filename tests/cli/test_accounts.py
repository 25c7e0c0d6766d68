"""Setting an instance up from a script."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headwater.cli import program
from headwater.settings import InvalidSetting
from headwater.storage.database import Database
from headwater.storage.people.roles import Role
from headwater.storage.people.second_factors import SecondFactors
from headwater.storage.people.sessions import Sessions
from headwater.storage.people.tokens import Scope, TokenRefused, Tokens
from headwater.storage.people.users import Users
from headwater.storage.projects import Projects


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADWATER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PUBLIC_URL", "https://errors.example.com")
    return tmp_path


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(program, words)
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.output


def run_json(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


@pytest.fixture
def database(data_folder: Path) -> Database:
    return Database(f"sqlite:///{data_folder / 'headwater.db'}")


def test_a_created_project_has_the_dsn_that_is_printed(database: Database) -> None:
    answer = run_json("project", "create", "Web shop")

    project = Projects(database).get("web-shop")
    assert project is not None
    assert answer["id"] == str(project.id)
    assert answer["dsn"] == f"https://{project.public_key}@errors.example.com/{project.id}"


def test_a_token_bound_to_a_project_works_there_and_may_only_upload(database: Database) -> None:
    run("project", "create", "Web shop")

    secret = run_json("token", "create", "CI", "--project", "web-shop")["token"]

    project = Projects(database).get("web-shop")
    token = Tokens(database).authenticate(secret, datetime.now(UTC))
    assert project is not None
    assert token.project_id == project.id
    assert token.scope is Scope.UPLOAD


def test_a_token_without_a_project_is_for_the_whole_instance(database: Database) -> None:
    secret = run_json("token", "create", "CI", "--scope", "full")["token"]

    token = Tokens(database).authenticate(secret, datetime.now(UTC))
    assert token.project_id is None
    assert token.scope is Scope.FULL


def test_a_token_for_an_unknown_project_is_refused_with_the_way_out() -> None:
    said = run("token", "create", "CI", "--project", "nowhere", code=1)

    assert "There is no project nowhere" in said
    assert "headwater project list" in said


def test_a_project_without_a_name_is_refused_in_one_sentence() -> None:
    assert "A project needs a name." in run("project", "create", "", code=1)


def test_a_created_user_can_sign_in_with_the_printed_password(database: Database) -> None:
    answer = run_json("user", "create", "alice@example.com")

    assert Users(database).authenticate(answer["email"], answer["password"]) is not None


def test_a_user_who_exists_is_not_created_again() -> None:
    run("user", "create", "alice@example.com")

    said = run("user", "create", "alice@example.com", code=1)

    assert "alice@example.com" in said


def test_a_folder_that_cannot_be_written_stops_the_command_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HEADWATER_DATA_DIR", str(tmp_path / "file" / "below"))

    result = CliRunner().invoke(program, ["project", "list"])

    assert "HEADWATER_DATA_DIR" in str(result.exception)


def test_a_forgotten_password_is_replaced_and_its_sessions_end(database: Database) -> None:
    run("user", "create", "alice@example.com", "--password", "correct horse")
    users, sessions = Users(database), Sessions(database)
    alice = users.by_email("alice@example.com")
    assert alice is not None
    session = sessions.start(alice.id, datetime.now(UTC))

    chosen = run_json("user", "password", "alice@example.com")["password"]

    assert users.authenticate("alice@example.com", chosen) is not None
    assert users.authenticate("alice@example.com", "correct horse") is None
    assert sessions.user_of(session, datetime.now(UTC)) is None


def test_a_revoked_token_is_listed_no_more_and_refused(database: Database) -> None:
    secret = run_json("token", "create", "CI")["token"]
    (listed,) = run_json("token", "list")

    run("token", "revoke", listed["prefix"])

    assert secret.startswith(listed["prefix"])
    assert run_json("token", "list") == []
    with pytest.raises(TokenRefused):
        Tokens(database).authenticate(secret, datetime.now(UTC))


def test_a_dsn_has_the_address_that_the_server_was_started_on(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PUBLIC_URL")
    (data_folder / "served-at").write_text("http://localhost:9123\n")

    answer = run_json("project", "create", "Web shop")

    assert "@localhost:9123/" in answer["dsn"]


@pytest.mark.parametrize(
    "url", ["postgres://h/d", "nonsense", "sqlite:////nowhere/at/all/headwater.db"]
)
def test_a_database_that_cannot_be_opened_is_one_sentence(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    result = CliRunner().invoke(program, ["project", "list"])

    assert isinstance(result.exception, InvalidSetting)
    assert "DATABASE_URL: the database can't be opened" in str(result.exception)


def test_what_is_stored_is_for_its_owner_only(data_folder: Path) -> None:
    run("project", "create", "Web shop")

    assert (data_folder / "headwater.db").stat().st_mode & 0o077 == 0


def test_the_version_is_an_option_too() -> None:
    assert run("--version") == run("version")


def test_a_command_that_makes_an_instance_says_where(data_folder: Path) -> None:
    first, second = (CliRunner().invoke(program, ["project", "list"]) for _ in range(2))

    assert f"new, empty instance in {data_folder}." in first.stderr
    assert "HEADWATER_DATA_DIR" in first.stderr
    assert second.stderr == ""


def test_the_first_user_is_the_owner_and_others_have_the_role_that_is_given(
    database: Database,
) -> None:
    first = run_json("user", "create", "alice@example.com")
    run("user", "create", "bob@example.com", "--admin")
    run("user", "create", "vera@example.com", "--role", "viewer")
    run("user", "create", "max@example.com")

    assert first["role"] == "owner"
    assert [(each["email"], each["role"]) for each in run_json("user", "list")] == [
        ("alice@example.com", "owner"),
        ("bob@example.com", "admin"),
        ("max@example.com", "member"),
        ("vera@example.com", "viewer"),
    ]
    assert next(user.role for user in Users(database).all()) is Role.OWNER


def test_a_role_is_changed_and_the_sessions_end(database: Database) -> None:
    for name in ("alice", "bob"):
        run("user", "create", f"{name}@example.com", "--password", "correct horse")
    bob = Users(database).by_email("bob@example.com")
    assert bob is not None
    session = Sessions(database).start(bob.id, datetime.now(UTC))

    run("user", "role", "bob@example.com", "admin")
    refused = run("user", "role", "alice@example.com", "member", code=1)

    found = Users(database).get(bob.id)
    assert found is not None
    assert found.role is Role.ADMIN
    assert Sessions(database).user_of(session, datetime.now(UTC)) is None
    assert "The last owner stays one" in refused


def test_a_user_is_removed_but_not_the_last_owner(database: Database) -> None:
    for name in ("alice", "bob"):
        run("user", "create", f"{name}@example.com")

    run("user", "remove", "bob@example.com")
    refused = run("user", "remove", "alice@example.com", code=1)
    unknown = run("user", "remove", "bob@example.com", code=1)

    assert [user.email for user in Users(database).all()] == ["alice@example.com"]
    assert "The last owner stays one" in refused
    assert "There is no user bob@example.com" in unknown


def test_a_second_factor_is_taken_away(database: Database) -> None:
    run("user", "create", "alice@example.com")
    alice = Users(database).by_email("alice@example.com")
    assert alice is not None
    SecondFactors(database).begin(alice.id, datetime.now(UTC))

    run("user", "reset-second-factor", "alice@example.com")

    assert SecondFactors(database).of(alice.id) is None


def test_a_token_of_a_command_may_have_a_last_day(database: Database) -> None:
    secret = run_json("token", "create", "CI", "--expires", "2031-05-31")["token"]

    (listed,) = run_json("token", "list")
    token = Tokens(database).authenticate(secret, datetime(2031, 5, 31, 23, 59, tzinfo=UTC))
    assert listed["expires"].startswith("2031-06-01T00:00")
    assert token.is_admins
    with pytest.raises(TokenRefused, match="expired"):
        Tokens(database).authenticate(secret, datetime(2031, 6, 1, tzinfo=UTC))


def test_a_second_project_of_a_name_is_made_and_told_of(database: Database) -> None:
    run("project", "create", "Web shop")

    again = CliRunner().invoke(program, ["project", "create", "Web shop", "--json"])

    assert "There is a project called Web shop already: web-shop." in again.stderr
    assert json.loads(again.stdout)["slug"] == "web-shop-2"
    assert len(Projects(database).all()) == 2
