"""The closed list of what can be wrong with a bundle, each with its sentence and its remedy."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, Self

import msgspec
from msgspec import Struct

from headwater.storage.uploads.artifact import NewReport

MAX_OF_CHECK: Final = 20
"""Findings of one kind that are kept of a bundle; a build step that is wrong is wrong for every file.
All are counted."""

MAX_EVIDENCE: Final = 500
"""Characters of what was seen that are kept with a finding, and of a file's name."""


class Level(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """Frames of this file can't be resolved, or come out wrong."""
    WARNING = "warning"
    """Frames of this file may stay minified, or lack something, or something else breaks."""
    NOTE = "note"
    """Good to know; nothing has to be done."""


class Check(StrEnum):
    """What was found."""

    UNUSABLE_FILE = "unusable_file"
    UNUSABLE_ENTRY = "unusable_entry"
    MAPPINGS_MISFIT = "mappings_misfit"
    SNIPPET_MISSING = "snippet_missing"
    DEBUG_IDS_DIFFER = "debug_ids_differ"
    SEVERAL_DEBUG_IDS = "several_debug_ids"
    DEBUG_ID_SHARED = "debug_id_shared"
    DEBUG_ID_REUSED = "debug_id_reused"
    MAP_NOT_THERE = "map_not_there"
    MAP_UNUSABLE = "map_unusable"
    MAP_EMPTY = "map_empty"
    NO_SOURCE_TEXT = "no_source_text"
    PRIVATE_PATHS = "private_paths"
    SERVICE_WORKER_STALE = "service_worker_stale"
    RELEASE_IS_A_PLACEHOLDER = "release_is_a_placeholder"
    SOME_SOURCE_TEXT_MISSING = "some_source_text_missing"
    NO_MAP_NAMED = "no_map_named"
    SCRIPT_NOT_THERE = "script_not_there"
    ABSOLUTE_PATHS = "absolute_paths"
    NOT_VALID = "not_valid"
    NOT_LOOKED_INTO = "not_looked_into"
    OF_ANOTHER_VERSION = "of_another_version"

    @classmethod
    def _missing_(cls, _value: object) -> Self:
        """A stored report may be that of a newer version: while instances are upgraded one by one."""
        return cls.OF_ANOTHER_VERSION


class Rule(Struct, frozen=True):
    """What a check means. `remedy` is empty where nothing needs doing."""

    level: Level
    cause: str
    remedy: str = ""


_INJECT_LAST: Final = (
    "Let injecting be the last step that changes files: run `npx @sentry/cli sourcemaps inject dist/` "
    "after minifying, banners and licence texts, then upload and deploy these very files."
)

RULES: Final[Mapping[Check, Rule]] = {
    Check.UNUSABLE_FILE: Rule(
        Level.ERROR,
        "The file can't be used.",
        "Open the `.map` file of the build: it must be JSON with `version`, `sources` and "
        "`mappings`. A page of HTML or an empty file is what a wrong upload folder gives.",
    ),
    Check.UNUSABLE_ENTRY: Rule(
        Level.ERROR,
        "The bundle's manifest describes a file that can't be used.",
        "Upload with a current client: `npx @sentry/cli sourcemaps upload dist/`.",
    ),
    Check.MAPPINGS_MISFIT: Rule(
        Level.ERROR,
        "The map does not belong to this minified file as it was uploaded: something changed the "
        "file after the map was made, and frames come out at wrong places.",
        "Leave out, or move before the bundler's own minifier, what changes the finished file (a "
        "banner, a second minifier, a replacement), or let that step read and write the map as well. "
        + _INJECT_LAST,
    ),
    Check.SNIPPET_MISSING: Rule(
        Level.WARNING,
        "The file has a `//# debugId=` comment, but not the lines that tell the SDK of it: events "
        "will not carry this debug id.",
        "Let Sentry's bundler plugin or `npx @sentry/cli sourcemaps inject dist/` put them in (the "
        "ids that Angular, webpack and Rollup can make themselves are a comment only), and let no later "
        "step take them out. Without, upload for the release that events name: `--release VERSION`.",
    ),
    Check.DEBUG_IDS_DIFFER: Rule(
        Level.WARNING,
        "The minified file and its map have different debug ids: they come from two builds, or one of "
        "them was injected again without the other.",
        "Empty the output folder before each build (`build: { emptyOutDir: true }` for Vite, `output: "
        "{ clean: true }` for webpack), and inject and upload once: plugin or `sentry-cli`, not both.",
    ),
    Check.SEVERAL_DEBUG_IDS: Rule(
        Level.WARNING,
        "The minified file has several debug ids: files that had one each were joined into one. Events "
        "carry only one of them.",
        "Join files before ids are injected, not after: inject into the final output only. "
        + _INJECT_LAST,
    ),
    Check.DEBUG_ID_SHARED: Rule(
        Level.WARNING,
        "One debug id belongs to files with different content: which of them an event means can't "
        "always be told.",
        "Update the tool that makes the ids (sentry-cli before 3.6 gave all empty maps the same id; "
        "plugins for esbuild give one id to several entry points), and build again.",
    ),
    Check.DEBUG_ID_REUSED: Rule(
        Level.WARNING,
        "The same debug id was uploaded before with another map: which of them an event means can't "
        "always be told.",
        "Empty the output folder before each build, and let the ids be made anew: a file that was "
        "injected once keeps its id, also when its map changes.",
    ),
    Check.MAP_NOT_THERE: Rule(
        Level.WARNING,
        "The minified file names a source map that is not in the bundle.",
        "Upload before anything deletes the `.map` files: leave the deleting to the plugin's "
        "`sourcemaps: { filesToDeleteAfterUpload: ['dist/**/*.map'] }`, and let "
        "`sourcemaps: { assets: 'dist/**' }` include them.",
    ),
    Check.MAP_UNUSABLE: Rule(
        Level.WARNING,
        "The source map of the minified file is in the bundle, but can't be used: its frames stay as they "
        "are.",
        "What is wrong with the map is said at its own finding; build and upload both again.",
    ),
    Check.MAP_EMPTY: Rule(
        Level.WARNING,
        "The source map maps nothing.",
        "If the file holds code of yours, a step of the build lost its map: let every step read the "
        "map of the one before it (`sourceMap: true` in its options).",
    ),
    Check.NO_SOURCE_TEXT: Rule(
        Level.WARNING,
        "The map holds no source text: frames get file, line and function, but no code, and names are "
        "less exact.",
        "Let the bundler put the text into its maps: `devtool: 'source-map'` and not "
        "`'nosources-source-map'` for webpack, `output: { sourcemapExcludeSources: false }` for Rollup "
        "and Vite, `sourcesContent: true` for esbuild, `inlineSources: true` in tsconfig.json for "
        "TypeScript, `sourceMap: { includeSources: true }` for terser.",
    ),
    Check.PRIVATE_PATHS: Rule(
        Level.WARNING,
        "The map tells the folder of the person who built it. If the map is deployed, everybody can "
        "read it.",
        "Make sources' paths relative: `output: { devtoolModuleFilenameTemplate: '[resource-path]' }` "
        "for webpack, `output: { sourcemapPathTransform }` for Rollup and Vite; and don't deploy the "
        "maps: `sourcemaps: { filesToDeleteAfterUpload: ['dist/**/*.map'] }` in the plugin's options.",
    ),
    Check.SERVICE_WORKER_STALE: Rule(
        Level.WARNING,
        "The service worker lists files by hashes that are not theirs: something changed them after the "
        "list was made, mostly the injecting of debug ids. Browsers refuse them, or keep old ones.",
        "Make the list last: run `npx ngsw-config dist ngsw-config.json` (Angular) or `npx workbox-cli "
        "injectManifest` (Workbox) after injecting, or use a bundler plugin that injects during the "
        "build.",
    ),
    Check.RELEASE_IS_A_PLACEHOLDER: Rule(
        Level.WARNING,
        "The release is the literal that is left when a build finds no version.",
        "Name it: `release: { name: process.env.APP_VERSION }` in the plugin's options, or `--release` "
        "for sentry-cli, and the same in `Sentry.init({ release })`.",
    ),
    Check.SOME_SOURCE_TEXT_MISSING: Rule(
        Level.NOTE,
        "The map lacks the text of some sources: their frames show no code.",
        "Most are files that a library's own map names without shipping them; nothing can be done then.",
    ),
    Check.NO_MAP_NAMED: Rule(
        Level.NOTE,
        "The minified file names no source map: its frames stay as they are.",
        "If it holds code of yours, turn source maps on: `build: { sourcemap: true }` for Vite, "
        "`devtool: 'source-map'` for webpack, `output: { sourcemap: true }` for Rollup, "
        "`sourcemap: true` for esbuild.",
    ),
    Check.SCRIPT_NOT_THERE: Rule(
        Level.NOTE,
        "The bundle has the map, but not its minified file. Frames resolve; whether the two fit can't be "
        "checked, and names are less exact.",
    ),
    Check.ABSOLUTE_PATHS: Rule(
        Level.NOTE,
        "The map names sources by paths of the machine that built it: issues are told apart by paths, "
        "and another machine gives others.",
        "Build in the same folder always, or make the paths relative, as bundlers do by themselves.",
    ),
    Check.NOT_VALID: Rule(
        Level.NOTE,
        "The map departs from the standard, ECMA-426. What can be used of it is used.",
    ),
    Check.NOT_LOOKED_INTO: Rule(
        Level.NOTE,
        "Some files were not looked into for what is listed here: there was no time left, or the process "
        "that does it ended.",
    ),
    Check.OF_ANOTHER_VERSION: Rule(
        Level.NOTE,
        "Another version of Headwater looked through this upload, and found what this one does not know.",
    ),
}
"""What each check means and what to do; what is special about one file is in its finding."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that was found. `evidence`: what was seen, a sentence or empty."""

    check: Check
    file: str
    evidence: str = ""

    @property
    def rule(self) -> Rule:
        """What it means."""
        return RULES[self.check]


class Report(msgspec.Struct, frozen=True):
    """All that was found in a bundle, what matters most first."""

    findings: tuple[Finding, ...] = ()
    totals: Mapping[Check, int] = {}
    """How many of each check there were; MAX_OF_CHECK of them are among the findings."""

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> Self:
        """In the order of the closed list, the first MAX_OF_CHECK of each check."""
        totals = Counter(finding.check for finding in findings)
        kept: list[Finding] = []
        for check in Check:
            ours = [finding for finding in findings if finding.check is check]
            kept += map(_cut, ours[:MAX_OF_CHECK])
        return cls(tuple(kept), {check: totals[check] for check in Check if totals[check]})

    def count(self, level: Level) -> int:
        """How many findings of a level there were."""
        return sum(number for check, number in self.totals.items() if RULES[check].level is level)

    def stored(self) -> NewReport:
        """As it is kept with the bundle."""
        errors, warnings, notes = (self.count(level) for level in Level)
        return NewReport(errors, warnings, notes, msgspec.json.encode(self))


def read_report(content: bytes) -> Report:
    """What `stored` made."""
    return msgspec.json.decode(content, type=Report)


def _cut(finding: Finding) -> Finding:
    return Finding(finding.check, finding.file[:MAX_EVIDENCE], finding.evidence[:MAX_EVIDENCE])
