"""Versions of the algorithm, side by side."""

from dataclasses import replace

from headwater.grouping.fingerprint import hashes
from headwater.grouping.versions import CURRENT, VERSIONS, version_named
from headwater.storage.projects import Choices
from tests.grouping.builders import error, minified, original, resolved

NEXT = replace(CURRENT, name="next", counts_source=False)
EVENT = error(minified("https://h/assets/index-DCrZ1V9u.js"))
RESOLUTION = resolved(EVENT, original("src/a.ts", context="throw broke"))


def test_a_new_project_has_the_current_version() -> None:
    assert version_named(Choices().grouping) is CURRENT
    assert version_named(CURRENT.name) is VERSIONS[CURRENT.name]


def test_a_version_that_is_not_known_here_is_none() -> None:
    assert version_named("of a newer server") is None
    assert version_named(None) is None


def test_hashes_of_two_versions_have_nothing_in_common() -> None:
    one, other = hashes(EVENT, RESOLUTION), hashes(EVENT, RESOLUTION, NEXT)

    assert not {one.provisional, one.without_source, one.final} & {
        other.provisional,
        other.without_source,
        other.final,
    }


def test_a_version_is_its_differences() -> None:
    assert hashes(EVENT, RESOLUTION).final != hashes(EVENT, RESOLUTION).without_source
    found = hashes(EVENT, RESOLUTION, NEXT)
    assert found.final == found.without_source


def test_an_event_of_a_project_that_moved_has_the_earlier_hashes_as_well() -> None:
    moved = hashes(EVENT, RESOLUTION, NEXT, earlier=CURRENT)

    assert replace(moved, earlier=None) == hashes(EVENT, RESOLUTION, NEXT)
    assert moved.earlier == hashes(EVENT, RESOLUTION)
    assert hashes(EVENT, RESOLUTION, earlier=CURRENT).earlier is None
