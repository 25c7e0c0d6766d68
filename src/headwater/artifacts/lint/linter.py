"""Looks a bundle through when it is assembled."""

import re
import time
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct, structs
from msgspec.structs import replace

from headwater.artifacts.facts.of_pair import Facts, ScriptFacts
from headwater.artifacts.inspection import Inspector
from headwater.artifacts.lint.across import Looked, reused_ids, shared_ids, stale_lists
from headwater.artifacts.lint.findings import Check, Finding, Report
from headwater.artifacts.lint.judge import judge
from headwater.artifacts.lint.pairs import Pair, pairs_of
from headwater.artifacts.members import Member
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.protocol.debug_id import DebugId
from headwater.protocol.manifest import Manifest
from headwater.storage.uploads.artifact import NewFile, UploadedMap
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.home import Home

LINT_SECONDS: Final = 60
"""For the files of one bundle together, with those that they are compared with, beside what compiling
them takes: 2,000 files. Of the rest only what needs no look into them is told."""

MAX_COMPARED: Final = 200
"""Maps of a bundle that are compared with those that had their debug ids before."""

MAX_LISTS: Final = 8
"""Service workers' lists of one bundle that are compared with its files, the first: an application has
one, and each that is kept may take a megabyte."""

MAX_BUILT_AS: Final = 250
"""Characters of what a bundler called a file: the column's width."""

_NGSW: Final = "ngsw.json"
_PLACEHOLDERS: Final = ("", "undefined", "null", "none", "nan", "[object object]")
_NAMELESS: Final = re.compile(r"/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}-\d+\.\w+$")
"""Ends an address that a bundler plugin made up of a debug id and a number."""


class Linted(Struct, frozen=True):
    """A bundle's files, with what was learned of them, and what is wrong."""

    members: Sequence[Member]
    report: Report


class Linter:
    """Foreign contents are read by the inspector's child processes."""

    def __init__(
        self, inspector: Inspector, artifacts: Artifacts, seconds: float = LINT_SECONDS
    ) -> None:
        self._inspector = inspector
        self._artifacts = artifacts
        self._seconds = seconds

    def lint(
        self,
        home: Home,
        checksum: Sha1,
        manifest: Manifest,
        members: Sequence[Member],
        release: str | None,
    ) -> Linted:
        """Everything that is wrong with a bundle that is about to be stored.

        `release`: as the client gave it. Raises DatabaseError, OSError.
        """
        deadline = time.monotonic() + self._seconds
        looked = self._look_at_all(home, members, deadline)
        known = [(pair, facts) for pair, facts in looked if facts is not None]
        findings = [*_of_entries(manifest, members), *_of_release(release)]
        for pair, facts in known:
            findings += judge(pair, facts, is_map_known=self._is_map_known(home, pair))
        findings += shared_ids(known)
        findings += self._reused(home, checksum, known, deadline)
        findings += stale_lists(known)
        findings += _of_rest([pair for pair, facts in looked if facts is None])
        return Linted(_with_names(members, known), Report.of(findings))

    def _look_at_all(
        self, home: Home, members: Sequence[Member], deadline: float
    ) -> list[tuple[Pair, Facts | None]]:
        """None: there was no time left, or nothing can be said."""
        found: list[tuple[Pair, Facts | None]] = []
        lists = 0
        for pair in (*pairs_of(members), *_service_worker_lists(members)):
            facts = None if time.monotonic() > deadline else self._look(home, pair)
            if facts is not None and facts.script is not None and facts.script.precached:
                lists += 1
                facts = facts if lists <= MAX_LISTS else _without_list(facts, facts.script)
            found.append((pair, facts))
        return found

    def _look(self, home: Home, pair: Pair) -> Facts | None:
        script = None if pair.script is None else pair.script.file
        source_map = None if pair.map is None else pair.map.file
        return self._inspector.look(home, script, source_map)

    def _is_map_known(self, home: Home, pair: Pair) -> bool:
        if pair.script is None or pair.map is not None or pair.script.file.debug_id is None:
            return False
        return self._artifacts.has_source_map(home, pair.script.file.debug_id, None)

    def _reused(
        self, home: Home, checksum: Sha1, known: Looked, deadline: float
    ) -> Iterator[Finding]:
        maps: dict[DebugId, str] = {}
        gists: dict[DebugId, str] = {}
        for pair, facts in known:
            if pair.map is not None and pair.map.file.debug_id and facts.map is not None:
                maps[pair.map.file.debug_id] = pair.map.file.sha256
                gists[pair.map.file.debug_id] = facts.map.gist
        others = self._artifacts.other_maps(home, checksum, maps)
        differing: list[UploadedMap] = []
        compared = 0
        for other in others[:MAX_COMPARED]:
            if time.monotonic() > deadline:
                break
            compared += 1
            if self._says_else(home, other, gists[other.debug_id]):
                differing.append(other)
        yield from reused_ids(known, differing)
        if compared < len(others):
            left = f"{len(others) - compared:,} maps were not compared with those that had their debug ids before."
            yield Finding(Check.NOT_LOOKED_INTO, others[compared].url, left)

    def _says_else(self, home: Home, uploaded: UploadedMap, gist: str) -> bool:
        file = NewFile(
            ArtifactType.SOURCE_MAP, uploaded.url, uploaded.debug_id, None, uploaded.sha256, 0
        )
        facts = self._inspector.look(home, None, file)
        return facts is not None and facts.map is not None and facts.map.gist != gist


def _without_list(facts: Facts, script: ScriptFacts) -> Facts:
    return structs.replace(facts, script=structs.replace(script, precached=()))


def _with_names(members: Sequence[Member], known: Looked) -> list[Member]:
    """The members, with what the bundler called those whose address is made up."""
    names: dict[int, str] = {}
    for pair, facts in known:
        if facts.map is None or facts.map.file is None:
            continue
        for member in (pair.script, pair.map):
            if member is not None and _NAMELESS.search(member.file.url.removesuffix(".map")):
                suffix = ".map" if member is pair.map else ""
                names[id(member)] = (facts.map.file + suffix)[:MAX_BUILT_AS]
    return [
        replace(each, file=replace(each.file, built_as=names[id(each)]))
        if id(each) in names
        else each
        for each in members
    ]


def _of_rest(pairs: Sequence[Pair]) -> Iterator[Finding]:
    files = [each.file.url for pair in pairs if (each := pair.script or pair.map) is not None]
    if files:
        yield Finding(Check.NOT_LOOKED_INTO, files[0], f"{len(files):,} files of the bundle.")


def _service_worker_lists(members: Sequence[Member]) -> list[Pair]:
    """Angular's is no minified file; it is there only if somebody uploads all of a folder."""
    return [
        Pair(member, None)
        for member in members
        if member.file.type is not ArtifactType.MINIFIED_SOURCE
        and member.file.sha256
        and member.file.url.endswith("/" + _NGSW)
    ]


def _of_entries(manifest: Manifest, members: Sequence[Member]) -> Iterator[Finding]:
    for member in members:
        if member.file.fault is not None:
            yield Finding(Check.UNUSABLE_FILE, member.file.url, f"It {member.file.fault}.")
    for sentence in manifest.rejected:
        yield Finding(Check.UNUSABLE_ENTRY, "manifest.json", f"{sentence}.")


def _of_release(version: str | None) -> Iterator[Finding]:
    if version is not None and version.strip().lower() in _PLACEHOLDERS:
        yield Finding(
            Check.RELEASE_IS_A_PLACEHOLDER, "manifest.json", f"It is {version.strip()!r:.50}."
        )
