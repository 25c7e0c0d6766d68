"""Which bundler made an event's files."""

import pytest

from headwater.symbolicate.remedies.bundlers import Bundler, bundler_of
from headwater.symbolicate.resolution import (
    Evidence,
    Resolution,
    ResolvedFrame,
    ResolvedStacktrace,
)
from headwater.symbolicate.verdicts import Verdict
from tests.symbolicate.world import event, frame

NOTHING = Resolution(1)


@pytest.mark.parametrize(
    ("path", "bundler"),
    [
        ("https://h/_next/static/chunks/4f.js", Bundler.NEXTJS),
        ("app:///main.jsbundle", Bundler.METRO),
        ("https://h/static/js/main.3f2a9c1b.chunk.js", Bundler.WEBPACK),
        ("https://h/assets/index-DkR4xzQ_.js", Bundler.VITE),
        ("https://h/assets/app-7ZK2ABCD.js", Bundler.ESBUILD),
        ("https://h/assets/app-3f2a9c1b.js", Bundler.WEBPACK),
        ("https://h/main-7ZK2ABCD.js", Bundler.ANGULAR),
        ("/srv/shop/dist/server.js", Bundler.TSC),
        ("https://h/app.js", None),
    ],
)
def test_paths_tell(path: str, bundler: Bundler | None) -> None:
    assert bundler_of(event(frame(path)), NOTHING) is bundler


def test_the_sdk_tells_first() -> None:
    given = event(frame("https://h/assets/index-DkR4xzQ_.js"), sdk="sentry.javascript.nextjs/9.1.0")

    assert bundler_of(given, NOTHING) is Bundler.NEXTJS


def test_what_was_uploaded_tells_too() -> None:
    found = ResolvedFrame(Verdict.RESOLVED, evidence=Evidence(source="webpack://shop/./src/a.ts"))
    resolution = Resolution(1, (ResolvedStacktrace((), (found,)),))

    assert bundler_of(event(frame("https://h/app.js")), resolution) is Bundler.WEBPACK
