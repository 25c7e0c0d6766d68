from datetime import timedelta

import pytest

from headwater.storage.database import Database
from headwater.storage.issues import tag_counts
from headwater.storage.issues.tag_counts import MAX_VALUES, OTHER, Seen, Tag, TagCounts, count_one
from headwater.storage.schema import issue_tags
from tests.stored import NOW, Stored


def _add(counts: TagCounts, database: Database, issue: int, values: range) -> None:
    seen: dict[Tag, Seen] = {}
    for value in values:
        count_one(seen, Tag(issue, "user", f"u{value}"), NOW + timedelta(seconds=value))
    with database.write() as connection:
        counts.add(connection, seen)


def _issue(database: Database) -> int:
    stored = Stored(database)
    return stored.issue(project_id=stored.project())


def test_values_beyond_the_limit_are_counted_together(database: Database) -> None:
    issue, counts = _issue(database), TagCounts(database)

    for start in range(0, MAX_VALUES + 300, 100):
        _add(counts, database, issue, range(start, start + 100))
        _add(counts, database, issue, range(start, start + 100))

    found = {each.value: each.count for each in counts.of_issue(issue, 10_000)["user"]}
    assert len(found) == MAX_VALUES + 1
    assert found.pop(OTHER) == 600
    assert set(found.values()) == {2}


def test_where_values_have_left_there_is_room_again(database: Database) -> None:
    issue, counts = _issue(database), TagCounts(database)
    _add(counts, database, issue, range(MAX_VALUES + 100))
    with database.write() as connection:
        # As another process does it, that takes apart what was merged.
        connection.execute(issue_tags.delete().where(issue_tags.c.value != OTHER))

    _add(counts, database, issue, range(MAX_VALUES, MAX_VALUES + 100))

    found = {each.value: each.count for each in counts.of_issue(issue, 10_000)["user"]}
    assert len(found) == 101
    assert found[OTHER] == 100


def test_the_limit_holds_for_values_that_were_forgotten(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag_counts, "MAX_REMEMBERED", 50)
    issue, counts = _issue(database), TagCounts(database)

    for start in (*range(0, 900, 100), *range(0, 1_300, 100)):
        _add(counts, database, issue, range(start, start + 100))

    found = {each.value: each for each in counts.of_issue(issue, 10_000)["user"]}
    assert len(found) == MAX_VALUES + 1
    assert found[OTHER].count == 300
    assert found["u3"].count == 2
    assert found[OTHER].last_seen == NOW + timedelta(seconds=1_299)


def test_of_each_tag_the_commonest_are_named_and_all_others_counted_together(
    database: Database,
) -> None:
    issue, counts = _issue(database), TagCounts(database)
    came = {
        "user": {"ada": 2, "bob": 5, "eve": 2, "joe": 1, OTHER: 9},
        "level": {"error": 3},
        "os": {"iOS": 1, "Linux": 4},
    }
    with database.write() as connection:
        seen = {
            Tag(issue, key, value): Seen(count, NOW)
            for key, values in came.items()
            for value, count in values.items()
        }
        counts.add(connection, seen)

    found = counts.of_issue(issue, 2)

    assert [
        (key, [(each.value, each.count) for each in values]) for key, values in found.items()
    ] == [
        ("level", [("error", 3)]),
        ("os", [("Linux", 4), ("iOS", 1)]),
        ("user", [("bob", 5), ("ada", 2), (OTHER, 12)]),
    ]
