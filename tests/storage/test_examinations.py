"""What the doctor tries out is in a project for a moment, and leaves nothing behind."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from headwater.storage.database import Database
from headwater.storage.examinations import (
    KEPT_FOR,
    LIFETIME,
    MAX_EXAMINATIONS,
    Examinations,
    TooManyExaminations,
)
from headwater.storage.issues.announcements import Announcements, Reason
from headwater.storage.issues.issues import Issues
from headwater.storage.people.tokens import Tokens, UnknownToken
from headwater.storage.projects import Projects
from headwater.storage.schema import dead_letters, metadata, outcomes
from tests.stored import Stored

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def rows_of(database: Database, project_id: int) -> set[str]:
    """The tables that hold anything of a project."""
    with database.read() as connection:
        return {
            table.name
            for table in metadata.sorted_tables
            if "project_id" in table.c
            and connection.execute(select(table).where(table.c.project_id == project_id)).first()
        }


def test_its_project_is_in_no_list(database: Database) -> None:
    shop = Projects(database).create("Shop", None, NOW)

    examination = Examinations(database).begin(NOW)

    assert [project.id for project in Projects(database).all()] == [shop.id]
    assert Projects(database).by_public_key(examination.project.public_key) is not None
    assert (
        Tokens(database).authenticate(examination.secret, NOW).project_id == examination.project.id
    )


def test_its_end_leaves_nothing(database: Database) -> None:
    shop = Projects(database).create("Shop", None, NOW)
    Stored(database).issue(1, shop.id)
    examination = Examinations(database).begin(NOW)
    Stored(database).issue(1, examination.project.id)
    assert "events" in rows_of(database, examination.project.id)

    assert Examinations(database).end(examination.project.id, NOW)

    assert rows_of(database, examination.project.id) == {"examinations"}
    assert "events" in rows_of(database, shop.id)
    with pytest.raises(UnknownToken):
        Tokens(database).authenticate(examination.secret, NOW)


def test_what_comes_late_is_taken_away_and_the_number_is_free_after_a_day(
    database: Database,
) -> None:
    examinations = Examinations(database)
    project_id = examinations.begin(NOW).project.id
    examinations.end(project_id, NOW)
    with database.write() as connection:
        letter = {"project_id": project_id, "received_at": NOW, "failed_at": NOW, "error": "gone"}
        connection.execute(dead_letters.insert().values(**letter, envelope=b""))
        count = {"hour": NOW, "category": "error", "reason": "accepted", "count": 1}
        connection.execute(outcomes.insert().values(project_id=project_id, **count))

    examinations.tidy(NOW)
    assert rows_of(database, project_id) == {"examinations"}
    examinations.tidy(NOW + KEPT_FOR + timedelta(seconds=1))

    assert rows_of(database, project_id) == set()


def test_one_whose_doctor_was_killed_ends_by_itself(database: Database) -> None:
    examinations = Examinations(database)
    for _ in range(MAX_EXAMINATIONS):
        examinations.begin(NOW)
    with pytest.raises(TooManyExaminations, match="5 examinations are under way"):
        examinations.begin(NOW)

    later = NOW + LIFETIME + timedelta(seconds=1)

    assert examinations.begin(later).project.id


def test_a_project_of_users_can_t_be_ended(database: Database) -> None:
    shop = Projects(database).create("Headwater doctor", None, NOW)

    assert not Examinations(database).end(shop.id, NOW)

    assert Projects(database).all() == (shop,)


def test_nobody_is_told_of_its_issues(database: Database) -> None:
    shop = Projects(database).create("Shop", None, NOW)
    examination = Examinations(database).begin(NOW)
    own = Stored(database).issue(1, shop.id)
    tried = Stored(database).issue(1, examination.project.id)

    with database.write() as connection:
        due = {own: NOW, tried: NOW}
        Announcements(database).add(connection, Reason.NEW, due, NOW)

    assert [each.issue_id for each in Announcements(database).due(NOW)] == [own]
    assert [each.id for each in Issues(database).list().items] == [own]
