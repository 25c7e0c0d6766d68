"""Which bundler made the files of an event, as far as its paths and its SDK tell."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from headwater.protocol.event import Event
from headwater.symbolicate.resolution import Resolution


class Bundler(StrEnum):
    """Those that remedies have lines for. The value is how people call it."""

    VITE = "Vite"
    WEBPACK = "webpack"
    NEXTJS = "Next.js"
    ROLLUP = "Rollup"
    ESBUILD = "esbuild"
    ANGULAR = "Angular"
    METRO = "React Native"
    TSC = "tsc, sentry-cli"


_SDKS: Final = (
    (re.compile(r"\.nextjs\b"), Bundler.NEXTJS),
    (re.compile(r"\.react-native\b"), Bundler.METRO),
    (re.compile(r"\.angular(-ivy)?\b"), Bundler.ANGULAR),
    (
        re.compile(r"\.(sveltekit|nuxt|astro|solidstart|remix|react-router|tanstackstart)"),
        Bundler.VITE,
    ),
)
_PATHS: Final = (
    (re.compile(r"/_next/|\.next/|turbopack:|\[project\]/"), Bundler.NEXTJS),
    (re.compile(r"\.(jsbundle|bundle|hbc)\b|^metro:"), Bundler.METRO),
    (re.compile(r"webpack:|webpack-internal:|/webpack/|\.chunk\.js\b"), Bundler.WEBPACK),
    (re.compile(r"/assets/[^/]+-[A-Z2-7]{8}\.js\b"), Bundler.ESBUILD),
    (re.compile(r"/assets/[^/]+-[0-9a-f]{8}\.js\b"), Bundler.WEBPACK),
    (re.compile(r"/@vite/|/\.vite/|/@fs/|/assets/[^/]+-[\w-]{8}\.js\b"), Bundler.VITE),
    (re.compile(r"/(main|polyfills|chunk)-[0-9A-Z]{8}\.js\b"), Bundler.ANGULAR),
    (re.compile(r"/(dist|build|out)/.*\.[cm]?js$"), Bundler.TSC),
)
"""From what only one of them writes to what is merely usual. In the same folder a hash tells: esbuild
writes it in 32 characters, webpack in 16, Vite in 64."""


def bundler_of(event: Event, resolution: Resolution) -> Bundler | None:
    """The most likely one; None if nothing tells."""
    sdk = event.sdk or ""
    named = next((bundler for shape, bundler in _SDKS if shape.search(sdk)), None)
    if named is not None:
        return named
    paths = tuple(dict.fromkeys(_paths(event, resolution)))
    return next(
        (bundler for shape, bundler in _PATHS if any(shape.search(each) for each in paths)), None
    )


def guess_first(guess: Bundler | None) -> tuple[Bundler, ...]:
    """All of them, beginning with the guess."""
    return tuple(sorted(Bundler, key=lambda each: each is not guess))


def _paths(event: Event, resolution: Resolution) -> Iterator[str]:
    found: Iterable[str | None]
    for trace in event.stacktraces:
        for frame in trace.frames:
            yield frame.abs_path or frame.filename or ""
    for resolved in resolution.stacktraces:
        for each in resolved.frames:
            found = (each.evidence.source, each.evidence.minified_file, each.evidence.source_map)
            yield from filter(None, found)
