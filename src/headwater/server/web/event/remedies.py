"""What to do about the frames of an event, with the lines to paste, each verdict's once."""

from collections.abc import Iterator

from msgspec import Struct

from headwater.protocol.event import Event
from headwater.server.web.event.verdict import LABELS
from headwater.server.web.projects.snippet import Snippet
from headwater.symbolicate.remedies.bundlers import Bundler, bundler_of
from headwater.symbolicate.remedies.lines import Lines, lines_of
from headwater.symbolicate.remedies.place import Place
from headwater.symbolicate.resolution import Resolution, ResolvedFrame
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict


class Remedy(Struct, frozen=True):
    """Of one verdict. Without `snippets` the sentence is all there is to it."""

    verdict: Verdict
    label: str
    sentence: str
    guess: str
    """The bundler whose lines come first; empty where nothing tells, and of lines for any."""
    snippets: tuple[Snippet, ...]


def remedies(event: Event, resolution: Resolution, place: Place) -> tuple[Remedy, ...]:
    """One for each verdict that something can be done about, in the order of the frames."""
    guess = bundler_of(event, resolution)
    found: dict[Verdict, Remedy] = {}
    for path, frame in _frames(event, resolution):
        if frame.verdict not in found and EXPLANATIONS[frame.verdict].remedy:
            at = place.with_event(event.release, event.dist, path, frame.evidence.near)
            found[frame.verdict] = _remedy(frame.verdict, at, guess)
    return tuple(found.values())


def _frames(event: Event, resolution: Resolution) -> Iterator[tuple[str, ResolvedFrame]]:
    traces = {trace.path: trace.frames for trace in event.stacktraces}
    for resolved in reversed(resolution.stacktraces):
        raw = traces.get(resolved.path, ())
        paths = [frame.abs_path or frame.filename or "" for frame in raw]
        for index, answer in reversed(tuple(enumerate(resolved.frames))):
            yield paths[index] if index < len(paths) else "", answer


def _remedy(verdict: Verdict, place: Place, guess: Bundler | None) -> Remedy:
    lines = lines_of(verdict, place, guess)
    # Where nothing tells which bundler it was, the reader chooses.
    is_known = guess is not None or len(lines) == 1
    snippets = tuple(
        Snippet(
            _title(each, lines),
            each.file or "commands",
            each.code,
            is_open=is_known and not index,
        )
        for index, each in enumerate(lines)
    )
    first = lines[0].bundler if guess is not None and lines else ""
    return Remedy(verdict, LABELS[verdict], EXPLANATIONS[verdict].remedy, first, snippets)


def _title(one: Lines, lines: tuple[Lines, ...]) -> str:
    """The bundler's name, and which of its several pastes it is."""
    same = [each for each in lines if each.bundler == one.bundler]
    number = f", {same.index(one) + 1} of {len(same)}" if len(same) > 1 else ""
    return (one.bundler or "Anywhere") + number
