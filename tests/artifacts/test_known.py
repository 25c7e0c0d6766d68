"""What was found of uploads is remembered, within bounds."""

from headwater.artifacts.known import MAX_KNOWN, KnownArtifacts
from headwater.protocol.debug_id import DebugId
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.uploads.near_misses import MAX_NAMED, NamedFile, NearMisses
from tests.upload_side import DEBUG_ID, NOW, UploadSide, pair


class Alike(NearMisses):
    """Every name was uploaded often. Counts how often it is asked."""

    asked = 0

    def named(
        self, project_id: int, stem: str, release: str | None = None
    ) -> tuple[NamedFile, ...]:
        del project_id
        self.asked += 1
        file = NamedFile(f"~/{stem}", stem, DebugId(DEBUG_ID), 1, NOW, release, None)
        return (file,) * MAX_NAMED


def test_answers_with_many_files_take_the_room_of_many_answers(side: UploadSide) -> None:
    near = Alike(side.database)
    known = KnownArtifacts(side.artifacts, near, side.former)
    fitting = MAX_KNOWN // (MAX_NAMED + 1)

    for number in range(fitting + 1):
        known.named(1, f"{number}.js", None)
    known.named(1, f"{fitting}.js", None)
    before = near.asked
    known.named(1, "0.js", None)

    assert (before, near.asked) == (fitting + 1, fitting + 2)


def test_what_was_asked_is_not_asked_again_until_something_changes(side: UploadSide) -> None:
    near = Alike(side.database)
    known = KnownArtifacts(side.artifacts, near, side.former)
    known.refresh()

    for _ in range(2):
        known.named(1, "a.js", None)
    assert not known.refresh()
    known.named(1, "a.js", None)

    assert near.asked == 1


def test_what_was_uploaded_to_a_project_that_is_deleted_is_forgotten(side: UploadSide) -> None:
    shop, blog = side.project("Shop"), side.project("Blog")
    side.upload(shop.id, pair())
    known = KnownArtifacts(side.artifacts, NearMisses(side.database), side.former)
    known.refresh()
    assert known.elsewhere(blog.id, DebugId(DEBUG_ID))

    DeletedProjects(side.database).delete(shop.id, NOW)

    assert known.refresh()
    assert known.elsewhere(blog.id, DebugId(DEBUG_ID)) is None
