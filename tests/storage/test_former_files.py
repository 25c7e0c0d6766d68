"""What is remembered of uploads that were removed."""

from datetime import timedelta

import pytest

from headwater.artifacts.keeping import UploadBounds
from headwater.protocol.debug_id import DebugId
from headwater.storage.uploads import former_files
from headwater.storage.uploads.artifact import ReleaseName
from headwater.storage.uploads.former_files import FormerFile, Reason, Removal
from tests.upload_side import DEBUG_ID, NOW, REMOVAL, UploadSide, pair

ID = DebugId(DEBUG_ID)
OF_RELEASE = ("https://h/app.js", "~/app.js")


def test_a_deleted_release_is_remembered_with_when_and_by_whom(side: UploadSide) -> None:
    web = side.project("Web")
    side.upload(web.id, pair(), version="1.0", dist="42")

    side.single_files.forget_release(web.id, "1.0", REMOVAL)

    gone = side.former.with_debug_id(web.id, ID)
    assert gone is not None
    assert gone.removal == REMOVAL
    assert side.former.at_urls(web.id, OF_RELEASE, ReleaseName("1.0", "42")) == FormerFile(
        "~/app.js", REMOVAL
    )
    assert side.former.at_urls(web.id, OF_RELEASE, ReleaseName("1.0")) is None


def test_what_another_project_had_is_not_told(side: UploadSide) -> None:
    web, blog = side.project("Web"), side.project("Blog")
    side.upload(web.id, pair(), version="1.0")

    side.single_files.forget_release(web.id, "1.0", REMOVAL)

    assert side.former.with_debug_id(blog.id, ID) is None


def test_a_release_that_shared_its_bundle_is_remembered_too(side: UploadSide) -> None:
    side.upload(None, pair(), version="1.0")
    side.upload(None, pair(), version="1.1")

    side.single_files.forget_release(None, "1.0", REMOVAL)

    assert side.former.at_urls(1, OF_RELEASE, ReleaseName("1.0")) is not None
    assert side.former.at_urls(1, OF_RELEASE, ReleaseName("1.1")) is None


def test_uploads_that_are_too_old_expire_and_say_so(side: UploadSide) -> None:
    side.upload(None, pair(), version="1.0")
    bounds = UploadBounds(days=30)

    side.expire(bounds, NOW + timedelta(days=29))
    kept = side.artifacts.with_debug_id(1, ID)
    side.expire(bounds, NOW + timedelta(days=31))

    gone = side.former.with_debug_id(1, ID)
    assert len(kept) == 2
    assert side.artifacts.with_debug_id(1, ID) == ()
    assert gone is not None
    assert gone.removal == Removal(
        NOW + timedelta(days=31),
        "the setting HEADWATER_MAX_ARTIFACT_AGE_DAYS (30 days)",
        Reason.EXPIRED,
    )
    assert not any(side.files.exists(file.sha256) for file in kept)


def test_the_oldest_are_forgotten_beyond_the_limit(
    side: UploadSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(former_files, "MAX_FORMER", 2)
    other = "8c0b638c-7772-4580-a988-5410e42f0438"
    for debug_id in (DEBUG_ID, other):
        side.upload(None, pair(debug_id), version=debug_id)
        side.single_files.forget_release(None, debug_id, REMOVAL)

    side.expiry.expire(NOW)

    assert side.former.with_debug_id(1, ID) is None
    assert side.former.with_debug_id(1, DebugId(other)) is not None
