"""The answer to 'was this uploaded?': what is there, what was there, and what nearly is it."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from headwater.protocol.file_names import name_of, stem_of
from headwater.server.release_findings import ReleaseRecords
from headwater.server.upload_question import UploadQuestion
from headwater.storage.page import Page, PageRequest
from headwater.storage.uploads.bundle_pages import Scope, ShownBundle
from headwater.storage.uploads.near_misses import Elsewhere
from headwater.storage.uploads.release_list import ListedRelease
from headwater.storage.uploads.search import FOUND, FoundFile, Naming, Removed

MAX_NEAR: Final = 10
"""Near misses that are told: the first one or two are what a person looks for."""

BUNDLES_SHOWN: Final = PageRequest(0, 10)
"""Of a release; its page has all."""

_NO_BUNDLES: Final[Page[ShownBundle]] = Page((), 0, has_next=False)


class UploadAnswer(Struct, frozen=True):
    """Everything that is known. All of it may be empty."""

    question: UploadQuestion
    release: ListedRelease | None
    """The release that is called so, and what was uploaded for it."""
    bundles: Page[ShownBundle]
    files: Page[FoundFile]
    near: Sequence[FoundFile]
    """Files that are called alike."""
    removed: Page[Removed]
    naming: Sequence[Naming]
    """Releases whose events name the debug id."""
    elsewhere: Elsewhere | None
    """Another project has the debug id."""
    releases_like: Sequence[str]

    @property
    def is_found(self) -> bool:
        """Whether anything of it is there."""
        return bool(self.files.items or self.bundles.items)


def upload_answer(records: ReleaseRecords, scope: Scope, question: UploadQuestion) -> UploadAnswer:
    """Look for it among what a project may use, or (None) on the whole server."""
    release = records.listed.get(scope, question.text)
    bundles = _NO_BUNDLES
    if release is not None:
        bundles = records.bundles.of_release(scope, release.version, BUNDLES_SHOWN)
    naming: Sequence[Naming] = ()
    elsewhere = None
    if question.debug_id is not None:
        files = records.search.with_debug_id(scope, question.debug_id)
        naming = records.search.naming(scope, question.debug_id)
        if isinstance(scope, int):
            elsewhere = records.near.elsewhere(scope, question.debug_id)
        near = [] if files.items else _called_like(records, scope, naming)
    else:
        files, near = _named(records, scope, question)
    return UploadAnswer(
        question,
        release,
        bundles,
        files,
        near[:MAX_NEAR],
        _removed(records, scope, question, release),
        naming,
        elsewhere,
        records.search.releases_like(scope, question.text),
    )


def _named(
    records: ReleaseRecords, scope: Scope, question: UploadQuestion
) -> tuple[Page[FoundFile], list[FoundFile]]:
    found = records.search.called(scope, question.urls, question.stem)
    exact = [each for each in found if _is_it(question, each)]
    return FOUND.page(exact), [each for each in found if not _is_it(question, each)]


def _is_it(question: UploadQuestion, file: FoundFile) -> bool:
    if file.url in question.urls:
        return True
    # Where plugins name a file by its debug id, there is no address but the bundler's name.
    has_no_address = question.is_bare_name or file.built_as is not None
    return has_no_address and _name(file) == question.name


def _called_like(
    records: ReleaseRecords, scope: Scope, naming: Sequence[Naming]
) -> list[FoundFile]:
    """What was uploaded in place of a file that events name by an unknown id."""
    for each in naming:
        stem = stem_of(each.code_file)
        if stem and (found := records.search.called(scope, (), stem)):
            return list(found)
    return []


def _removed(
    records: ReleaseRecords,
    scope: Scope,
    question: UploadQuestion,
    release: ListedRelease | None,
) -> Page[Removed]:
    if question.debug_id is not None:
        found = records.search.removed_with_id(scope, question.debug_id)
        if found.items or release is None:
            return found
    of_release = records.search.removed_of(scope, question.text)
    if of_release.items or question.debug_id is not None:
        return of_release
    return records.search.removed_at(scope, question.urls, question.name)


def _name(file: FoundFile) -> str:
    return name_of(file.built_as or file.url).removesuffix(".map")
