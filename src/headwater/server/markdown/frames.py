"""Stack traces as Markdown: the throwing frame first, the user's own with their source."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from headwater.protocol.component_stack import is_element
from headwater.protocol.event import Frame, Stacktrace
from headwater.server.excerpt import ExcerptLine, excerpt
from headwater.server.markdown.code import block, code
from headwater.symbolicate.resolution import Original, ResolvedFrame, ResolvedStacktrace
from headwater.symbolicate.told import near_of
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict

MAX_FRAMES: Final = 50
"""Of one stack trace, from the throwing one on: as many as V8 can be asked for and people read."""

MAX_SOURCES: Final = 20
"""Frames of a trace that are shown with their source, as on the page."""

_ADDRESSES: Final = 3
"""Of the addresses that were looked for: the best ones come first."""

_LANGUAGES: Final = ("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "py")


@dataclass(slots=True)
class TraceWriter:
    """Writes traces of one event; a verdict is explained where it is met first."""

    explained: dict[Verdict, int] = field(default_factory=dict)
    _number: int = 0

    def blocks(self, trace: Stacktrace, found: ResolvedStacktrace | None) -> Iterator[str]:
        """Paragraphs, one or two for each frame."""
        resolved = found.frames if found else ()
        frames = [
            (frame, resolved[index] if index < len(resolved) else None)
            for index, frame in enumerate(trace.frames)
            if not is_element(trace, frame)
        ]
        frames.reverse()
        sources = MAX_SOURCES
        for frame, answer in frames[:MAX_FRAMES]:
            for original in _originals(answer):
                self._number += 1
                yield f"{self._number}. {_headline(frame, original)}"
                lines = _lines(frame, original) if sources and _is_own(frame, answer) else ()
                if lines:
                    sources -= 1
                    yield block(_drawn(lines), _language(original or frame))
            if answer is not None and (answer.verdict.is_failure or answer.verdict.is_doubtful):
                yield self._why_not(answer)
        left = len(frames) - MAX_FRAMES
        if left > 0:
            yield f"{left} more frames are not shown."
        if trace.omitted:
            yield f"{trace.omitted} frames in the middle were not kept."

    def _why_not(self, answer: ResolvedFrame) -> str:
        verdict = answer.verdict
        became = "Doubtful" if verdict.is_doubtful else "Not resolved"
        first = self.explained.setdefault(verdict, self._number)
        evidence = "".join(f" {each}." for each in _evidence(answer))
        if first != self._number:
            return f"{became}, `{verdict}`: as frame {first}.{evidence}"
        explanation = EXPLANATIONS[verdict]
        remedy = f"\n\nWhat to do: {explanation.remedy}" if explanation.remedy else ""
        return f"{became}, `{verdict}`: {explanation.cause}{evidence}{remedy}"


def place_of(frame: Frame, original: Original | None) -> str:
    """`src/cart.ts:12:5`, as much as is known."""
    path = original.filename if original else frame.abs_path or frame.filename or frame.module
    at = original or frame
    numbers = [str(number) for number in (at.lineno, at.colno) if number is not None]
    return ":".join([path or "unknown file", *numbers])


def _originals(answer: ResolvedFrame | None) -> tuple[Original | None, ...]:
    if answer is None or answer.original is None:
        return (None,)
    return (answer.original, *answer.inlined_into)


def _headline(frame: Frame, original: Original | None) -> str:
    function = (original.function if original else None) or frame.function or "?"
    passed = f" passed to {code(original.passed_to)}" if original and original.passed_to else ""
    return f"{code(function)}{passed} at {code(place_of(frame, original))}"


def _is_own(frame: Frame, answer: ResolvedFrame | None) -> bool:
    known = answer.in_app if answer is not None else None
    return bool(frame.in_app) if known is None else known


def _lines(frame: Frame, original: Original | None) -> tuple[ExcerptLine, ...]:
    at = original or frame
    if at.lineno is None:
        return ()
    return excerpt((at.lineno, at.colno), at.context_line, at.pre_context, at.post_context)


def _drawn(lines: tuple[ExcerptLine, ...]) -> str:
    width = len(str(lines[-1].number))
    drawn = []
    for line in lines:
        drawn.append(f"{'>' if line.lit else ' '} {line.number:>{width}} | {line.text}".rstrip())
        if line.caret is not None:
            drawn.append(f"  {'':>{width}} | {line.caret}^")
    return "\n".join(drawn)


def _language(at: Original | Frame) -> str:
    extension = (at.filename or "").partition("?")[0].rpartition(".")[2].lower()
    return extension if extension in _LANGUAGES else ""


def _evidence(answer: ResolvedFrame) -> Iterator[str]:
    evidence = answer.evidence
    if evidence.detail:
        yield f"Note: {code(evidence.detail)}"
    if evidence.removed_at:
        when = evidence.removed_at.isoformat(" ", "minutes")
        yield f"Removed: {code(f'{when} by {evidence.removed_by}')}"
    yield from (f"Near: {code(each)}" for each in near_of(evidence.near))
    if evidence.debug_id:
        yield f"Debug id: {code(evidence.debug_id)}"
    if evidence.looked_for:
        yield "Looked for: " + ", ".join(map(code, evidence.looked_for[:_ADDRESSES]))
