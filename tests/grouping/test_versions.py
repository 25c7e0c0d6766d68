"""Versions of the algorithm, side by side."""

from msgspec import structs
from msgspec.structs import replace

from headwater.grouping.fingerprint import hashes
from headwater.grouping.versions import CURRENT, VERSIONS, version_named
from headwater.storage.projects import Choices
from headwater.symbolicate.constructed import Constructed
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


def test_a_type_of_three_letters_is_a_minifier_s_where_the_source_says_so() -> None:
    builds = []
    for kind in ("aX9", "bQz"):
        event = error(minified("https://h/assets/index-DCrZ1V9u.js", "charge"), type=kind)
        made = structs.replace(
            original("src/pay.ts", "charge"), constructed=Constructed(kind, "PaymentError")
        )
        builds.append((event, resolved(event, made)))

    of_version = {
        name: {hashes(*build, version).final for build in builds}
        for name, version in VERSIONS.items()
    }

    assert len(of_version["1"]) == len(builds)
    assert len(of_version["2"]) == 1
    provisional = {hashes(*build, VERSIONS["2"]).without_source for build in builds}
    assert len(provisional) == len(builds)


def test_an_event_of_a_project_that_moved_has_the_earlier_hashes_as_well() -> None:
    moved = hashes(EVENT, RESOLUTION, NEXT, earlier=CURRENT)

    assert replace(moved, earlier=None) == hashes(EVENT, RESOLUTION, NEXT)
    assert moved.earlier == hashes(EVENT, RESOLUTION)
    assert hashes(EVENT, RESOLUTION, earlier=CURRENT).earlier is None
