"""Uploads that lie beside what was looked for."""

from headwater.protocol.debug_id import DebugId
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.uploads.near_misses import NearMisses
from tests.upload_side import DEBUG_ID, NOW, UploadSide, pair

ID = DebugId(DEBUG_ID)


def test_files_that_are_called_alike_are_found_with_their_releases(side: UploadSide) -> None:
    side.upload(None, pair(), version="1.0", dist="a")
    side.upload(None, pair(), version="1.1")

    found = NearMisses(side.database).named(1, "app.js")
    of_release = NearMisses(side.database).named(1, "app.js", "1.0")

    assert {(each.url, each.release, each.dist) for each in found} == {
        (url, *release)
        for url in ("~/app.js", "~/app.js.map")
        for release in (("1.0", "a"), ("1.1", None))
    }
    assert {(each.debug_id, each.release) for each in of_release} == {(ID, "1.0")}


def test_another_projects_files_are_not_found_by_name(side: UploadSide) -> None:
    web, blog = side.project("Web"), side.project("Blog")
    side.upload(web.id, pair(), version="1.0")

    near = NearMisses(side.database)

    assert near.named(blog.id, "app.js") == ()
    assert near.named(blog.id, "app.js", "1.0") == ()
    assert near.dists(blog.id, "1.0") == ()


def test_which_dists_a_release_has(side: UploadSide) -> None:
    side.upload(None, pair(), version="1.0", dist="a")
    side.upload(None, pair(), version="1.0")

    assert NearMisses(side.database).dists(1, "1.0") == (None, "a")


def test_an_id_that_another_project_uploaded_is_known_by_that_project(side: UploadSide) -> None:
    web, blog = side.project("Web"), side.project("Blog")
    side.upload(web.id, pair())
    near = NearMisses(side.database)

    found = near.elsewhere(blog.id, ID)

    assert found is not None
    assert (found.project_id, found.uploaded_at) == (web.id, NOW)
    assert near.elsewhere(web.id, ID) is None


def test_what_a_deleted_project_uploaded_is_known_to_nobody(side: UploadSide) -> None:
    web, blog = side.project("Web"), side.project("Blog")
    side.upload(web.id, pair())

    DeletedProjects(side.database).delete(web.id, NOW)

    assert NearMisses(side.database).elsewhere(blog.id, ID) is None
