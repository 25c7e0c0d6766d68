"""Which bundles are useless, and what people are told then."""

import pytest

from headwater.artifacts.lint.useless import refuse_useless
from headwater.artifacts.members import Member
from headwater.protocol.bundle import ArtifactType, BundleRefused
from headwater.protocol.debug_id import DebugId
from headwater.protocol.manifest import Manifest
from headwater.storage.uploads.artifact import NewFile, ReleaseName

ID = DebugId("8c0b638c-7772-4580-a988-5410e42f0437")
RELEASE = ReleaseName("1.0")


def member(
    kind: ArtifactType,
    *,
    has_map: bool = False,
    debug_id: DebugId | None = None,
    fault: str | None = None,
) -> Member:
    return Member("app", NewFile(kind, "~/app", debug_id, None, "a" * 64, 1, fault), has_map)


def judge(
    *members: Member, release: ReleaseName | None = None, is_known: bool = False
) -> str | None:
    try:
        refuse_useless(Manifest(()), members, release, lambda _: is_known)
    except BundleRefused as refused:
        return str(refused)
    return None


def test_a_map_with_a_debug_id_is_enough() -> None:
    assert judge(member(ArtifactType.SOURCE_MAP, has_map=True, debug_id=ID)) is None


def test_a_map_for_a_release_is_enough() -> None:
    assert judge(member(ArtifactType.SOURCE_MAP, has_map=True), release=RELEASE) is None


def test_a_script_with_a_map_inside_is_enough() -> None:
    assert judge(member(ArtifactType.MINIFIED_SOURCE, has_map=True, debug_id=ID)) is None


def test_a_script_is_enough_if_its_map_was_uploaded_before() -> None:
    assert judge(member(ArtifactType.MINIFIED_SOURCE, debug_id=ID), is_known=True) is None


def test_one_good_map_outweighs_any_number_of_bad_ones() -> None:
    bad = [member(ArtifactType.SOURCE_MAP, fault="is broken") for _ in range(10)]

    assert judge(*bad, member(ArtifactType.SOURCE_MAP, has_map=True, debug_id=ID)) is None


def test_maps_that_nothing_can_be_matched_to_are_refused_with_the_remedy() -> None:
    said = judge(member(ArtifactType.SOURCE_MAP, has_map=True))

    assert said is not None
    assert "no debug ids" in said
    assert "npx @sentry/cli sourcemaps inject" in said


def test_scripts_alone_are_refused_with_the_remedy() -> None:
    said = judge(member(ArtifactType.MINIFIED_SOURCE, debug_id=ID), release=RELEASE)

    assert said is not None
    assert "it has 1 minified file but no source map" in said
    assert "build.sourcemap" in said


@pytest.mark.parametrize("members", [(), (member(ArtifactType.SOURCE),)])
def test_a_bundle_of_neither_is_refused(members: tuple[Member, ...]) -> None:
    said = judge(*members, release=RELEASE)

    assert said is not None
    assert "neither source maps nor minified files" in said


def test_faults_are_named_the_first_few_and_how_many_more() -> None:
    bad = [member(ArtifactType.SOURCE_MAP, fault=f"has fault {n}") for n in range(5)]

    said = judge(*bad)

    assert said is not None
    assert "app has fault 0; app has fault 1; app has fault 2; and 2 more" in said
