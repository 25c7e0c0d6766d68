"""A megabyte of the worst text in every place that the grouping reads costs no more than its reading.

Nothing is timed here: a pattern that is not linear takes minutes and runs into the test's time limit.
"""

from typing import Any

import pytest

from headwater.grouping.fingerprint import hashes
from headwater.grouping.title import MAX_CULPRIT, MAX_TITLE, culprit, title
from headwater.protocol.event import Event, ExceptionValue, Frame, Stacktrace
from headwater.symbolicate.resolution import Resolution
from tests.grouping.builders import NOON, error, original, resolved

SIZE = 1024**2
PATTERNS = (
    *("a", " ", "\n", "\0", "/", "<", "(", "[as ", "{lambda", "{", "operator<", "::", ".func1", "$1"),
    *("0", "1:", "a.b@", "-", "~_0a", "../", "node_modules/", "-2-", "<a as ", "block in ", "{{ ", "$_"),
    *(".cold", "@a.cold", "@anonymous\0", "/releases/", "chunk ", "Minified React error #418 ", "`1"),
    *("Loading module from ", "html ", "\ud800", "é", "$$Lambda", "anonymous fn/1 in ", "Prop `a"),
)  # fmt: skip
PLATFORMS = ("javascript", "python", "java", "ruby", "php", "go", "csharp", "native", "elixir", "dart")  # fmt: skip


def _long(pattern: str) -> str:
    return pattern * (SIZE // len(pattern))


def _all_of(event: Event, resolution: Resolution) -> tuple[Any, ...]:
    return hashes(event, resolution), title(event, resolution), culprit(event, resolution)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_long_names_and_messages(pattern: str) -> None:
    text = _long(pattern)
    for platform in PLATFORMS:
        frames = (
            Frame(abs_path=text, filename=text, module=text, function=text, context_line=text),
            Frame(function=text, context_line=text),
            Frame(filename=text, function="f"),
        )
        event = error(*frames, platform=platform, type=text, value=text)

        found, named, where = _all_of(event, Resolution(1))

        assert len(found.final) == 32
        assert (len(named) <= MAX_TITLE, len(where) <= MAX_CULPRIT) == (True, True)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_long_originals_and_fingerprints(pattern: str) -> None:
    text = _long(pattern)
    entries = (
        text,
        f"{{{{ {text} }}}}",
        f"{{{{ tags.{text} }}}}",
        "{{ message }}",
        "{{ default }}",
    )
    event = error(Frame(abs_path="a.js"), value=text, fingerprint=entries, transaction=text)
    frame = original(text, text, context=text)

    assert len(hashes(event, resolved(event, frame)).final) == 32
    message = Event("0" * 32, "javascript", NOON, message=text, template=text)
    assert len(_all_of(message, Resolution(1))[0].final) == 32


def test_many_of_everything() -> None:
    path = ("exception", "values", 0, "stacktrace")
    frames = tuple(Frame(abs_path=f"a{n % 7}.js", function=f"call{n % 11}") for n in range(5000))
    chain = tuple(
        ExceptionValue(f"E{n}", "x", stacktrace=Stacktrace((*path, n), frames[:200]))
        for n in range(50)
    )
    event = Event(
        "0" * 32,
        "javascript",
        NOON,
        exceptions=(*chain, ExceptionValue("E", "x", stacktrace=Stacktrace(path, frames))),
        fingerprint=("{{ default }}", "{{ tags.x }}") * 100_000,
        tags=tuple((f"t{n}", "v") for n in range(10_000)),
    )

    assert len(hashes(event, Resolution(1)).final) == 32
