"""Whether a bundle can ever help a stack trace; if not, why, and what to change."""

from collections.abc import Callable, Sequence
from typing import Final

from headwater.artifacts.members import Member
from headwater.protocol.bundle import ArtifactType, BundleRefused
from headwater.protocol.manifest import Manifest
from headwater.storage.uploads.artifact import NewFile, ReleaseName

_SHOWN: Final = 3
"""Faults that are spelt out in one answer; it is read in a build's output."""

_SHOWN_PATH: Final = 200
"""Characters of a path that are repeated."""

_TURN_ON: Final = (
    "Turn source maps on in the bundler (Vite: build.sourcemap: true; webpack: devtool:"
    " 'source-map') and upload them together with the minified files."
)

_NAME: Final = (
    "Run 'npx @sentry/cli sourcemaps inject' before the upload, or upload with --release."
)
_NAME_BY_HAND: Final = (
    "Fill in the release that the events have, and upload again; or give the files debug ids ('npx"
    " @sentry/cli sourcemaps inject' on the folder), and upload and deploy these files."
)


def refuse_useless(
    manifest: Manifest,
    members: Sequence[Member],
    release: ReleaseName | None,
    has_map: Callable[[NewFile], bool],
    *,
    is_by_hand: bool = False,
) -> None:
    """Raise BundleRefused, with the reason and the remedy, if nothing in the bundle can be used.

    One usable file is enough: a source map, or a minified file with one inside, that has a debug
    id or is for a release; or a minified file whose source map was uploaded before, which
    `has_map` tells. Source maps alone are fine: positions resolve without the minified file.
    `is_by_hand`: it comes from the page's form, which has a field for the release.
    """
    found = [member for member in members if member.has_map]
    if any(member.file.debug_id or release for member in found):
        return
    if any(has_map(member.file) for member in _minified(members)):
        return
    faults = fault_sentences(manifest, members)
    empty = [member for member in members if member.is_empty]
    if empty and not found and not faults:
        its = "source map maps" if len(empty) == 1 else f"{len(empty)} source maps map"
        raise BundleRefused(
            f"its {its} nothing, so that no frame can be found there:"
            " a step of the build lost its map. Let every step read the map of the one before it"
            " (sourceMap: true in its options), and look whether the .map files have mappings."
        )
    if found:
        raise BundleRefused(
            "its source maps have no debug ids and it is not for a release, so that no stack trace"
            f" can be matched to them. {_NAME_BY_HAND if is_by_hand else _NAME}"
        )
    if faults:
        nothing = [f"{_shown(member)} maps nothing" for member in empty]
        raise BundleRefused(f"no source map in it is usable: {shortened([*faults, *nothing])}")
    minified = len(_minified(members))
    if minified:
        files = "file" if minified == 1 else "files"
        raise BundleRefused(f"it has {minified:,} minified {files} but no source map. {_TURN_ON}")
    raise BundleRefused(f"it has neither source maps nor minified files. {_TURN_ON}")


def fault_sentences(manifest: Manifest, members: Sequence[Member]) -> list[str]:
    """One sentence for each entry that can't be used."""
    faulty = [f"{_shown(m)} {m.file.fault}" for m in members if m.file.fault is not None]
    return [*faulty, *manifest.rejected]


def shortened(sentences: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    more = len(sentences) - _SHOWN
    return "; ".join(sentences[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _shown(member: Member) -> str:
    return member.path[:_SHOWN_PATH]


def _minified(members: Sequence[Member]) -> list[Member]:
    return [member for member in members if member.file.type is ArtifactType.MINIFIED_SOURCE]
