"""What was uploaded beside what an event asked for: the mistakes that people make, by name.

Each sentence says what is there and how it differs, and what follows from it only where that is
certain: a file of the same name is of another build, unless it is of the same release.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from headwater.protocol.debug_id import DebugId
from headwater.protocol.file_names import name_of, stem_of
from headwater.symbolicate.addresses import fit
from headwater.symbolicate.surroundings import Alike, Surroundings

MAX_NEAR: Final = 3
"""Near misses told of one file, the most telling first."""

_SHOWN_DISTS: Final = 5


class Near(StrEnum):
    """In what an upload differs from what was asked for."""

    BUILT_TWICE = "built_twice"
    OTHER_DEBUG_ID = "other_debug_id"
    WITHOUT_DEBUG_ID = "without_debug_id"
    DIST_DIFFERS = "dist_differs"
    PREFIX_DIFFERS = "prefix_differs"
    RELEASE_DIFFERS = "release_differs"


class NearMiss(msgspec.Struct, frozen=True, omit_defaults=True):
    """An upload that nearly is the right one."""

    kind: Near
    sentence: str
    url: str | None = None
    debug_id: str | None = None
    release: str | None = None
    dist: str | None = None
    bundle: int | None = None
    uploaded_at: datetime | None = None


class NearMisses:
    """Finds those of one event's files."""

    def __init__(self, around: Surroundings, release: str | None, dist: str | None) -> None:
        self._around = around
        self._release = release
        self._dist = dist

    def of_debug_id(self, debug_id: DebugId, path: str) -> tuple[NearMiss, ...]:
        """Files of the name that carry other ids, where the event's own id is unknown."""
        alike = [each for each in self._alike(path) if each.debug_id not in (None, debug_id)]
        ours = [each for each in alike if self._is_ours(each)]
        twin = _twin(ours, path)
        if twin is not None:
            return (_built_twice(twin, debug_id, path),)
        return tuple(_other_id(each, debug_id, path) for each in alike[:1])

    def without_debug_id(self, path: str) -> tuple[NearMiss, ...]:
        """Files of the name, where nothing in the event names a debug id for it."""
        found = [each for each in self._alike(path) if each.name == name_of(path)]
        with_id = [each for each in found if each.debug_id is not None]
        return tuple(_stripped(each, path) for each in with_id[:1])

    def of_release(self, addresses: Sequence[str], path: str) -> tuple[NearMiss, ...]:
        """What differs, where the release and dist has no file at the addresses."""
        if self._release is None:
            return ()
        found = tuple(dict.fromkeys(self._of_release(self._release, addresses, path)))
        # Next to a file of the event's own release, the same address of another one says nothing.
        found = found or tuple(self._of_others(self._release, addresses, path))
        return found[:MAX_NEAR] or self.without_debug_id(path)

    def of_prefix(
        self, addresses: Sequence[str], path: str, debug_id: DebugId | None = None
    ) -> tuple[NearMiss, ...]:
        """The file of that name that the release has at another address; none that is known to be of
        another build than `debug_id`."""
        if self._release is None:
            return ()
        found = [
            each
            for each in self._here(self._release, path)
            if debug_id is None or each.debug_id in (None, debug_id)
        ]
        best = [each for each in _best(found, path) if each.url not in addresses]
        return tuple(_prefix(each, path) for each in best if not _is_nameless(each))

    def _here(self, release: str, path: str) -> list[Alike]:
        """Scripts of the stem, of the release and dist."""
        of_release = self._around.named(stem_of(path), release)
        return [each for each in of_release if _is_script(each) and each.dist == self._dist]

    def _of_release(self, release: str, addresses: Sequence[str], path: str) -> Iterator[NearMiss]:
        stem = stem_of(path)
        of_release = [each for each in self._around.named(stem, release) if _is_script(each)]
        here = [each for each in of_release if each.dist == self._dist]
        best = [each for each in _best(here, path) if each.url not in addresses]
        yield from (_stripped(each, path) for each in best if _is_nameless(each))
        yield from (_prefix(each, path) for each in best if not _is_nameless(each))
        if not here:
            yield from self._of_dists(release, of_release, path)

    def _of_others(self, release: str, addresses: Sequence[str], path: str) -> Iterator[NearMiss]:
        found = self._around.named(stem_of(path))
        elsewhere = (each for each in found if each.url in addresses)
        others = [each for each in elsewhere if each.release not in (None, release)]
        yield from (_other_release(each, release) for each in others[:1])

    def _of_dists(self, release: str, there: Sequence[Alike], path: str) -> Iterator[NearMiss]:
        """`there`: files of the stem, all for other dists."""
        dists = self._around.dists(release)
        if self._dist not in dists:
            if dists:
                yield _dists(there[0] if there else None, dists, release, self._dist)
            return
        same = [each for each in there if each.name == name_of(path)]
        if same:
            theirs = tuple(dict.fromkeys(each.dist for each in same))
            yield _near(Near.DIST_DIFFERS, _dist_sentence("this file", theirs, self._dist), same[0])

    def _alike(self, path: str) -> list[Alike]:
        stem = stem_of(path)
        found: list[Alike] = []
        if self._release is not None:
            found += self._around.named(stem, self._release)
        found += self._around.named(stem)
        return [each for each in found if _is_script(each)]

    def _is_ours(self, alike: Alike) -> bool:
        return self._release is not None and alike.release == self._release


def _is_script(alike: Alike) -> bool:
    return not alike.url.endswith(".map")


def _is_nameless(alike: Alike) -> bool:
    """Whether its address is made up of its debug id: nobody ever asks for that."""
    return name_of(alike.url) != alike.name


def _twin(ours: Sequence[Alike], path: str) -> Alike | None:
    """The file of the frame's release that certainly is the frame's, of another build.

    It has the very name, with a hash in it; or is the only one of the stem in its bundle: a build may
    have a dozen chunks called `index-*.js`, and any of them may be left out of an upload.
    """
    same = [each for each in ours if each.name == name_of(path)]
    if same and stem_of(path) != name_of(path):
        return same[0]
    in_bundle = Counter(bundle for bundle, _ in {(each.bundle, each.url) for each in ours})
    return next((each for each in (*same, *ours) if in_bundle[each.bundle] == 1), None)


def _best(found: Iterable[Alike], path: str) -> list[Alike]:
    """The one whose address fits best."""
    same = [each for each in found if each.name == name_of(path)]
    return sorted(same, key=lambda each: -fit(each.url, path))[:1]


def _near(kind: Near, sentence: str, alike: Alike) -> NearMiss:
    return NearMiss(
        kind,
        sentence,
        alike.url,
        alike.debug_id,
        alike.release,
        alike.dist,
        alike.bundle,
        alike.uploaded_at,
    )


def _built_twice(alike: Alike, debug_id: DebugId, path: str) -> NearMiss:
    sentence = (
        f"the bundle was built twice: `{alike.name}` was uploaded for this release with the "
        f"debug id `{alike.debug_id}`, and what runs is `{name_of(path)}` with `{debug_id}`"
    )
    return _near(Near.BUILT_TWICE, sentence, alike)


def _other_id(alike: Alike, debug_id: DebugId, path: str) -> NearMiss:
    of = "" if alike.release is None else f" for release {alike.release}"
    sentence = (
        f"`{alike.name}` was uploaded{of} with the debug id `{alike.debug_id}`; what runs is "
        f"`{name_of(path)}` with `{debug_id}`: it was not uploaded, or the bundle was built twice"
    )
    return _near(Near.OTHER_DEBUG_ID, sentence, alike)


def _stripped(alike: Alike, path: str) -> NearMiss:
    sentence = (
        f"`{name_of(path)}` was uploaded with the debug id `{alike.debug_id}`, but the event does not "
        "carry it: what is deployed is not the file that the id was injected into, or a later step "
        "took the injected lines out"
    )
    return _near(Near.WITHOUT_DEBUG_ID, sentence, alike)


def _dists(
    alike: Alike | None, dists: Sequence[str | None], release: str, dist: str | None
) -> NearMiss:
    sentence = _dist_sentence("the release", dists, dist)
    if alike is None:
        return NearMiss(Near.DIST_DIFFERS, sentence, release=release, dist=dists[0])
    return _near(Near.DIST_DIFFERS, sentence, alike)


def _dist_sentence(what: str, dists: Sequence[str | None], dist: str | None) -> str:
    shown = ", ".join("none" if each is None else f"`{each}`" for each in dists[:_SHOWN_DISTS])
    more = ", …" if len(dists) > _SHOWN_DISTS else ""
    ours = "has none" if dist is None else f"says `{dist}`"
    return f"dist differs: the event {ours}, {what} was uploaded with {shown}{more}"


def _prefix(alike: Alike, path: str) -> NearMiss:
    sentence = f"URL prefix differs: uploaded `{alike.url}`, frame says `{_path_of(path)}`"
    return _near(Near.PREFIX_DIFFERS, sentence, alike)


def _other_release(alike: Alike, release: str) -> NearMiss:
    sentence = (
        f"release differs: this address was uploaded for `{alike.release}`, the event says "
        f"`{release}`"
    )
    return _near(Near.RELEASE_DIFFERS, sentence, alike)


def _path_of(path: str) -> str:
    scheme, marker, rest = path.partition("://")
    if not marker or scheme not in ("http", "https"):
        return path
    _, slash, behind = rest.partition("/")
    return slash + behind
