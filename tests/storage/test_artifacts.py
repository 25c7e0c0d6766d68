"""Stored bundles: who finds which file, and that nobody finds half a bundle."""

from datetime import UTC, datetime, timedelta

import pytest

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.protocol.debug_id import DebugId
from headwater.storage.database import Database
from headwater.storage.projects import Projects
from headwater.storage.uploads.artifact import OVER_LIMIT, NewBundle, NewFile, ReleaseName
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.home import Home
from headwater.storage.uploads.releases import Releases
from headwater.storage.uploads.unnamed import BlobsMissing

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ID = DebugId("8c0b638c-7772-4580-a988-5410e42f0437")
WEB, SHOP = 1, 2


@pytest.fixture
def artifacts(database: Database) -> Artifacts:
    Projects(database).create("web", None, NOW)
    Projects(database).create("shop", None, NOW)
    return Artifacts(database)


def a_file(
    sha256: str = "a" * 64, fault: str | None = None, debug_id: DebugId | None = ID
) -> NewFile:
    return NewFile(ArtifactType.SOURCE_MAP, "~/app.js.map", debug_id, None, sha256, 10, fault=fault)


def save(
    artifacts: Artifacts,
    home: Home,
    checksum: str,
    release: ReleaseName | None = None,
    now: datetime = NOW,
    file: NewFile | None = None,
) -> int:
    bundle = NewBundle(home, Sha1(checksum * 40), None, 100, None, (file or a_file(),))
    return artifacts.save(bundle, release, now, lambda _: True)


def test_a_project_sees_its_own_files_and_the_instances_but_no_other_projects(
    artifacts: Artifacts,
) -> None:
    save(artifacts, WEB, "1")
    instance = save(artifacts, None, "2")
    shop = save(artifacts, SHOP, "3")

    found = artifacts.with_debug_id(SHOP, ID)

    assert {file.bundle for file in found} == {instance, shop}


def test_the_newest_upload_comes_first(artifacts: Artifacts) -> None:
    older = save(artifacts, WEB, "1", now=NOW)
    newer = save(artifacts, WEB, "2", now=NOW + timedelta(hours=1))

    assert [file.bundle for file in artifacts.with_debug_id(WEB, ID)] == [newer, older]


def test_uploading_an_old_bundle_again_makes_it_the_newest(artifacts: Artifacts) -> None:
    first = save(artifacts, WEB, "1", now=NOW)
    second = save(artifacts, WEB, "2", now=NOW + timedelta(hours=1))

    artifacts.associate(WEB, first, None, NOW + timedelta(hours=2))

    assert [file.bundle for file in artifacts.with_debug_id(WEB, ID)] == [first, second]


def test_a_bundle_that_is_gone_is_not_uploaded_again_by_its_name_alone(
    artifacts: Artifacts,
) -> None:
    assert artifacts.associate(WEB, 7, ReleaseName("1.0"), NOW) is False

    assert not artifacts.has_release(WEB, ReleaseName("1.0"))


def test_the_same_bundle_again_does_not_double_its_files(artifacts: Artifacts) -> None:
    save(artifacts, WEB, "1")
    save(artifacts, WEB, "1")

    assert len(artifacts.with_debug_id(WEB, ID)) == 1


def test_a_file_is_found_by_release_dist_and_address(artifacts: Artifacts) -> None:
    save(artifacts, WEB, "1", ReleaseName("1.0", "d1"))

    def found(version: str, dist: str | None) -> int:
        return len(artifacts.at_urls(WEB, ["~/x", "~/app.js.map"], ReleaseName(version, dist)))

    assert found("1.0", "d1") == 1
    assert found("1.0", None) == 0
    assert found("1.1", "d1") == 0
    assert artifacts.at_urls(WEB, ["~/other"], ReleaseName("1.0", "d1")) == ()
    assert artifacts.at_urls(SHOP, ["~/app.js.map"], ReleaseName("1.0", "d1")) == ()


def test_a_bundle_may_be_for_several_releases(artifacts: Artifacts) -> None:
    bundle = save(artifacts, WEB, "1", ReleaseName("1.0"))

    artifacts.associate(WEB, bundle, ReleaseName("1.1"), NOW)
    artifacts.associate(WEB, bundle, ReleaseName("1.1"), NOW)

    assert artifacts.has_release(WEB, ReleaseName("1.0"))
    assert artifacts.has_release(WEB, ReleaseName("1.1"))
    assert not artifacts.has_release(WEB, ReleaseName("1.1", "d1"))


def test_uploading_for_a_release_announces_it(artifacts: Artifacts, database: Database) -> None:
    save(artifacts, WEB, "1", ReleaseName("1.0"))

    assert Releases(database).get(WEB, "1.0") is not None
    assert Releases(database).get(None, "1.0") is None


def test_nothing_of_a_bundle_is_stored_if_one_of_its_files_is_gone(artifacts: Artifacts) -> None:
    files = (a_file("a" * 64), a_file("b" * 64))
    bundle = NewBundle(WEB, Sha1("1" * 40), None, 100, None, files)

    with pytest.raises(BlobsMissing):
        artifacts.save(bundle, None, NOW, lambda sha256: sha256 == "a" * 64)

    assert artifacts.find(WEB, Sha1("1" * 40)) == ()


def test_entries_without_content_are_found_only_if_a_limit_was_the_reason(
    artifacts: Artifacts,
) -> None:
    save(artifacts, WEB, "1", file=a_file("", fault="is not in the ZIP"))
    large = save(artifacts, WEB, "2", file=a_file("", fault=f"{OVER_LIMIT}it is huge"))

    found = artifacts.with_debug_id(WEB, ID)

    assert [file.bundle for file in found] == [large]
    assert artifacts.fault(found[0].id) == f"{OVER_LIMIT}it is huge"


def test_a_usable_map_is_known_by_debug_id_or_release(artifacts: Artifacts) -> None:
    save(artifacts, WEB, "1", ReleaseName("1.0"))
    save(artifacts, SHOP, "2", file=a_file(fault="can't be decoded"))

    assert artifacts.has_source_map(WEB, ID, None)
    assert artifacts.has_source_map(WEB, None, ReleaseName("1.0"))
    assert not artifacts.has_source_map(WEB, None, ReleaseName("2.0"))
    assert not artifacts.has_source_map(WEB, None, None)
    assert not artifacts.has_source_map(SHOP, ID, None)
    assert not artifacts.has_source_map(None, ID, None)


def test_only_blobs_that_no_file_names_are_dropped(artifacts: Artifacts) -> None:
    save(artifacts, WEB, "1", file=a_file("a" * 64))

    dropped: list[str] = []
    artifacts.drop_unnamed(["a" * 64, "b" * 64], lambda sha256, _: dropped.append(sha256))

    assert dropped == ["b" * 64]
