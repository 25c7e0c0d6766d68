"""Releases and deploys as clients announce them."""

from datetime import UTC, datetime, timedelta

import pytest

from headwater.storage.database import Database
from headwater.storage.projects import Projects
from headwater.storage.uploads.deploys import Deploy, Deploys
from headwater.storage.uploads.releases import Releases

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def releases(database: Database) -> Releases:
    Projects(database).create("web", None, NOW)
    return Releases(database)


def test_a_release_is_created_once(releases: Releases) -> None:
    first, is_new = releases.create(1, "1.0", NOW)
    second, is_new_again = releases.create(1, "1.0", NOW + timedelta(hours=1))

    assert (is_new, is_new_again) == (True, False)
    assert second == first


def test_each_home_has_releases_of_its_own(releases: Releases) -> None:
    releases.create(1, "1.0", NOW)

    assert releases.get(None, "1.0") is None
    assert releases.create(None, "1.0", NOW)[1]


def test_what_is_not_mentioned_stays(releases: Releases) -> None:
    release, _ = releases.create(1, "1.0", NOW)
    releases.change(release.id, {"url": "https://example.com", "commits": "[{}]"})

    changed = releases.change(release.id, {"released_at": NOW})

    assert changed.url == "https://example.com"
    assert changed.commits == "[{}]"
    assert changed.released_at == NOW
    assert releases.change(release.id, {}) == changed


def test_releases_are_listed_newest_first_in_pages(releases: Releases) -> None:
    for number in range(5):
        releases.create(1, f"1.{number}", NOW + timedelta(hours=number))

    page = releases.page(1, "", offset=1, limit=2)

    assert [release.version for release in page] == ["1.3", "1.2"]
    assert [release.version for release in releases.page(1, "1.4", 0, 10)] == ["1.4"]
    assert releases.page(1, "%", 0, 10) == ()
    assert releases.page(None, "", 0, 10) == ()


def test_commits_are_counted_from_the_latest_older_release_that_has_any(
    releases: Releases,
) -> None:
    oldest, _ = releases.create(1, "1.0", NOW)
    releases.create(1, "1.1", NOW)
    newest, _ = releases.create(1, "1.2", NOW)
    assert releases.before(newest) is None

    releases.change(oldest.id, {"commits": "[{}]"})

    before = releases.before(newest)
    assert before is not None
    assert before.version == "1.0"


def test_a_deleted_release_takes_its_deploys_along(releases: Releases, database: Database) -> None:
    release, _ = releases.create(1, "1.0", NOW)
    deploys = Deploys(database)
    deployed = deploys.add(release.id, Deploy(0, "production", None, None, None, NOW))
    assert deploys.of_release(release.id) == (deployed,)

    releases.delete(release.id)

    assert releases.get(1, "1.0") is None
    assert deploys.of_release(release.id) == ()
