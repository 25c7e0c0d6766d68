"""What is wrong between what was uploaded for a release and what its events show."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final, Self

from msgspec import Struct

from headwater.protocol.file_names import name_of, stem_of
from headwater.server.seen_ids import SeenId, SeenIds, last_removal
from headwater.storage.database import Database
from headwater.storage.events.newest_resolutions import NewestResolutions
from headwater.storage.events.over_time import OverTime
from headwater.storage.uploads.bundle_pages import BundlePages, IdHolder, Scope
from headwater.storage.uploads.former_files import FormerFiles, Removal
from headwater.storage.uploads.going_uploads import Going
from headwater.storage.uploads.near_misses import NearMisses
from headwater.storage.uploads.release_list import ListedRelease, ReleaseList
from headwater.storage.uploads.search import UploadSearch
from headwater.storage.uploads.seen_releases import SeenFile, SeenRelease, SeenReleases

ENOUGH_EVENTS: Final = 5
"""Events of a release before anything is said of it: the first ones may come while it is uploaded."""

ENOUGH_FRAMES: Final = 20
"""Frames before rates are compared."""

FALL: Final = 0.3
"""How far below the release before it a rate is told of. Sound releases differ by less: by what is
third-party code or came from old browsers."""

MAX_UPLOADED_IDS: Final = 1_000
"""Debug ids of a release's uploads that are compared with those of its events."""

MAX_TWINS: Final = 5
"""Files that are shown side by side."""

COMPARED: Final = 10
"""Releases that are looked back to for one with frames enough."""


class Trouble(StrEnum):
    """The closed list."""

    BUILT_TWICE = "built_twice"
    NOTHING_UPLOADED = "nothing_uploaded"
    RATE_FELL = "rate_fell"


class Twin(Struct, frozen=True):
    """A file as events name it, and one that was uploaded in its place."""

    seen: SeenFile
    uploaded: IdHolder

    @property
    def seen_name(self) -> str:
        """What the deployed file is called."""
        return name_of(self.seen.code_file)

    @property
    def uploaded_name(self) -> str:
        """What the uploaded file is called, by the bundler if the upload doesn't say it."""
        return name_of(self.uploaded.built_as or self.uploaded.url)


class ReleaseFinding(Struct, frozen=True):
    """What is wrong, and what to do; `twins` are the evidence of a build that was made twice."""

    trouble: Trouble
    sentence: str
    remedy: str
    twins: tuple[Twin, ...] = ()


class FoundRelease(Struct, frozen=True):
    """A release, and what is wrong with it."""

    version: str
    findings: tuple[ReleaseFinding, ...]


class ReleaseRecords(Struct, frozen=True):
    """Everything that pages and the API show of releases and bundles."""

    listed: ReleaseList
    seen: SeenReleases
    bundles: BundlePages
    search: UploadSearch
    near: NearMisses
    former: FormerFiles
    going: Going
    newest_resolutions: NewestResolutions
    over_time: OverTime

    @classmethod
    def of(cls, database: Database) -> Self:
        """On one database."""
        return cls(
            ReleaseList(database),
            SeenReleases(database),
            BundlePages(database),
            UploadSearch(database),
            NearMisses(database),
            FormerFiles(database),
            Going(database),
            NewestResolutions(database),
            OverTime(database),
        )

    def seen_ids(self, project_id: int, version: str) -> list[SeenId]:
        """The debug ids that a release's events name."""
        return SeenIds(self.seen, self.bundles, self.former).of(project_id, version)

    def findings(
        self, project_id: int, release: ListedRelease, ids: Sequence[SeenId]
    ) -> list[ReleaseFinding]:
        """What is wrong with a release of a project; `ids` as `seen_ids` gives them."""
        seen = self.seen.get(project_id, release.version)
        if seen is None:
            return []
        names = {project_id: ids}
        return self._found([seen], names, release.version).get(project_id, [])

    def in_each(self, releases: Sequence[SeenRelease]) -> Mapping[int, list[ReleaseFinding]]:
        """What is wrong with one release in each of several projects, which each have it for themselves."""
        if not releases:
            return {}
        version, homes = releases[0].version, [each.project_id for each in releases]
        files = self.seen.files_in(homes, version)
        ids = [file.debug_id for of_home in files.values() for file in of_home]
        holders = self.bundles.every_holder(frozenset(homes), ids)
        named: dict[int, Sequence[SeenId]] = {}
        for home in homes:
            known = {each.debug_id: each for each in holders if each.home in (None, home)}
            of_home = files.get(home, ())
            named[home] = [SeenId(file, known.get(file.debug_id)) for file in of_home]
        return self._found(releases, named, version)

    def _found(
        self, releases: Sequence[SeenRelease], ids: Mapping[int, Sequence[SeenId]], version: str
    ) -> Mapping[int, list[ReleaseFinding]]:
        enough = [each for each in releases if each.events >= ENOUGH_EVENTS]
        homes = frozenset(each.project_id for each in enough)
        missing = frozenset(
            home for home in homes if not any(one.uploaded or one.at_address for one in ids[home])
        )
        most = MAX_UPLOADED_IDS * len(missing)
        uploaded = self.bundles.ids_of_release(missing, version, most) if missing else ()
        given = self.bundles.homes_of_release(version) if missing else ()
        without = frozenset() if None in given else missing - frozenset(given)
        wanted = [one.seen.debug_id for home in without for one in ids[home]]
        gone = self.former.gone(without, version, wanted) if without else ()
        before = self.seen.before_each(homes, version, COMPARED)
        found: dict[int, list[ReleaseFinding]] = {}
        for seen in enough:
            home = seen.project_id
            of_home = [each for each in uploaded if each.home in (None, home)]
            each = [
                _built_twice(seen, ids[home], of_home) if home in missing else None,
                _nothing_uploaded(seen, last_removal(gone, home)) if home in without else None,
                _rate_fell(seen, before.get(home, ())),
            ]
            found[home] = [finding for finding in each if finding is not None]
        return found

    def built_twice(self, scope: Scope, releases: Sequence[ListedRelease]) -> Collection[str]:
        """Versions of which `findings` says so, in any project of the scope."""
        return self.seen.strangers(scope, [each.version for each in releases], ENOUGH_EVENTS)

    def newest(self, project_id: int) -> FoundRelease | None:
        """The release whose first event came last, if anything is wrong with it."""
        for seen in self.seen.newest(project_id, 1):
            findings = self.in_each([seen]).get(project_id)
            return FoundRelease(seen.version, tuple(findings)) if findings else None
        return None


def _built_twice(
    seen: SeenRelease, ids: Sequence[SeenId], uploaded: Sequence[IdHolder]
) -> ReleaseFinding | None:
    if not ids or not uploaded:
        return None
    twins = _twins([each.seen for each in ids], uploaded)
    return ReleaseFinding(
        Trouble.BUILT_TWICE,
        f"Built twice: {_many(len(ids), 'debug id')} came with {_many(seen.events, 'event')}"
        f" of this release, and none is among the {len(uploaded):,} that were uploaded for it. What"
        " runs is another build than what was uploaded.",
        "Build once, and upload and deploy the very same files: let the stage that makes the image "
        "(`COPY --from=build /app/dist ./dist`) take them from the stage that uploads, don't run "
        "`npm run build` again, and inject before both.",
        twins,
    )


def _rate_fell(seen: SeenRelease, earlier: Sequence[SeenRelease]) -> ReleaseFinding | None:
    if seen.rate is None or seen.frames < ENOUGH_FRAMES:
        return None
    before = next((each for each in earlier if each.frames >= ENOUGH_FRAMES), None)
    if before is None or before.rate is None or seen.rate > before.rate - FALL:
        return None
    return ReleaseFinding(
        Trouble.RATE_FELL,
        f"{seen.percent} of {_many(seen.frames, 'frame')} of your own code are resolved. In"
        f" {before.version}, the release before it, it was {before.percent} of"
        f" {before.frames:,}.",
        "Look at the findings of this release's uploads and at the verdicts of its newest events: "
        "something in the build has changed.",
    )


def _nothing_uploaded(seen: SeenRelease, removal: Removal | None) -> ReleaseFinding | None:
    if not seen.failed:
        return None
    came = f"{_many(seen.events, 'event')} came from this release"
    stay = f"{_many(seen.failed, 'frame')} of your own code stay minified."
    if removal is not None:
        return ReleaseFinding(
            Trouble.NOTHING_UPLOADED,
            f"{came}, and what was uploaded for it was {removal.reason} {removal.at:%Y-%m-%d %H:%M}"
            f" UTC by {removal.by}: {stay}",
            "Upload the very files that are deployed again, if they still run.",
        )
    return ReleaseFinding(
        Trouble.NOTHING_UPLOADED,
        f"{came}, and nothing was uploaded for it or for the files that they name: {stay}",
        "Look into the output of the build for its upload, and under Refused uploads in the "
        "project's set-up: plugins don't fail a build whose upload was refused.",
    )


def _twins(seen: Sequence[SeenFile], uploaded: Sequence[IdHolder]) -> tuple[Twin, ...]:
    """Files of one stem in both builds; if there are none, the first of each."""
    by_stem = {stem_of(each.built_as or each.url): each for each in reversed(uploaded)}
    twins = [
        Twin(file, by_stem[stem])
        for file in seen
        if (stem := stem_of(file.code_file)) and stem in by_stem
    ]
    return tuple(twins[:MAX_TWINS] or [Twin(seen[0], uploaded[0])])


def _many(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"
